"""What govc itself saves of a host becomes a test of the driver's: ``govc object.save``, then ``cassette import``."""

import os
import subprocess

import pytest
from click.testing import CliRunner

import esxdriver
from esxdriver import recording
from esxdriver.checking.reading import Limits, read_host
from esxdriver.cli import cli
from esxdriver.driver import diskmodes
from tests.conftest import password_auth, sim_uri

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("GOVC" not in os.environ, reason="needs govc, which $GOVC names: tox run -e live builds it"),
]


def modes(conn):
    """Return the modes of each domain's disks; domains have other names in what was imported."""
    return sorted([mode.mode.vim for mode in diskmodes.of_domain(each)] for each in conn.listAllDomains())


@pytest.mark.parametrize(
    ("model", "name"),
    [
        pytest.param("esx", "esxi-8.0.2-22380479", marks=pytest.mark.esx(model="esx")),
        pytest.param("vpx", "vcenter-8.0.2-22385739", marks=pytest.mark.esx(model="vpx")),
    ],
)
def test_what_govc_saves_is_imported_and_the_driver_reads_it(sim, tmp_path, model, name):
    dump, file = tmp_path / "dump", tmp_path / "host.yaml"
    env = {"GOVC_URL": sim.url, "GOVC_USERNAME": sim.user, "GOVC_PASSWORD": sim.password, "GOVC_INSECURE": "1"}
    subprocess.run([os.environ["GOVC"], "object.save", "-d", dump], env={**os.environ, **env}, check=True, timeout=60)
    result = CliRunner().invoke(cli, ["cassette", "import", str(dump), "-o", str(file)])
    assert result.exit_code == 0, result.output
    assert f"domains of {name}" in result.stdout
    with recording.connect(recording.recorded_uri(file), recording.replay(file)) as conn:
        report = read_host(conn, Limits(domains=2, unanswered=10**6))
        read = modes(conn)
    assert report.failed == ()
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
        assert read == modes(conn)
