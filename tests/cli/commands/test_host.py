"""``certificate``: what to put into a URI after a host's certificate was refused."""

import pytest
from click.testing import CliRunner

from esxdriver.cli import cli
from tests.vsphere.fakehost import Certificate, FakeHost, serving


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path)


@pytest.fixture
def host(certificate):
    with serving(FakeHost(certificate.server())) as server:
        yield server


def run(uri, *words):
    return CliRunner().invoke(cli, ["-c", uri, "certificate", *words])


@pytest.mark.parametrize("parameters", ["", "?thumbprint=" + "00" * 32, "?cacert=/nonexistent"])
def test_shows_what_the_host_shows_and_sends_it_nothing(host, certificate, parameters):
    result = run(f"esx://localhost:{host.port}/{parameters}")
    assert (result.exit_code, result.stdout) == (0, certificate.sha256 + "\n")
    assert not host.seen


def test_shows_the_certificate_itself(host):
    shown = run(f"esx://localhost:{host.port}/", "--pem").stdout
    assert shown.startswith("-----BEGIN CERTIFICATE-----\n")
    assert shown.endswith("-----END CERTIFICATE-----\n")


REFUSED = [
    ("esx://localhost:1/", "cannot connect: localhost:1: Connection refused"),
    ("esx://localhost:1/?transport=http", "plain HTTP (transport=http) shows none"),
    ("ssh://localhost/", "no driver for 'ssh' URIs here"),
]


@pytest.mark.parametrize(("uri", "said"), REFUSED)
def test_says_why_there_is_none(uri, said):
    result = run(uri)
    assert (result.exit_code, result.stdout) == (1, "")
    first, second = result.stderr.splitlines()
    assert first == "error: failed to get the certificate"
    assert said in second
