"""``dumpxml`` of all domains, and ``domstats``."""

import errno
import os
from unittest.mock import ANY

import libvirt
import pytest

from tests.cli.conftest import XML, a_domain, uuid_of


@pytest.fixture
def everything(conn):
    """Let the connection dump its domains, each as its own name."""
    conn.getAllXMLDesc.side_effect = lambda _flags, progress, left_out: iter(
        [(each, f"<{each.name()}/>\n") for each in conn.domains]
    )
    return conn


def test_all_domains_one_after_another(esxdriver, everything):
    result = esxdriver("dumpxml", "--all", "--inactive")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "<web01/>\n<db01/>\n<Lab/>\n", "")
    everything.getAllXMLDesc.assert_called_once_with(libvirt.VIR_DOMAIN_XML_INACTIVE, progress=None, left_out=ANY)


def test_a_file_of_each(esxdriver, everything, tmp_path):
    result = esxdriver("dumpxml", "--all", "--output-dir", tmp_path / "new" / "one")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert {each.name: each.read_text() for each in (tmp_path / "new" / "one").iterdir()} == {
        "web01.xml": "<web01/>\n", "db01.xml": "<db01/>\n", "Lab.xml": "<Lab/>\n",
    }  # fmt: skip


NAMES = [
    # a domain's name, its file's name
    ("web01", "web01.xml"),
    ("../../evil", "%2e.%2f..%2fevil.xml"),
    (".hidden", "%2ehidden.xml"),
    ("..", "%2e..xml"),
    ("a\\b", "a%5cb.xml"),
    ("line\nfeed", "line%0afeed.xml"),
    ("a/b", f"a%2fb.{uuid_of(6)}.xml"),
    ("a%2fb", f"a%2fb.{uuid_of(7)}.xml"),
    ("twin", f"twin.{uuid_of(8)}.xml"),
    ("TWIN", f"TWIN.{uuid_of(9)}.xml"),
    ("x" * 300, f"{'x' * 180}.{uuid_of(10)}.xml"),
    ("\u00e9" * 200, "\u00e9" * 90 + f".{uuid_of(11)}.xml"),
]


@pytest.mark.parametrize("turned", [False, True])
def test_every_domain_has_a_file_of_its_own_in_the_directory_whatever_the_order(esxdriver, conn, tmp_path, turned):
    domains = [a_domain(conn, name, number) for number, (name, _) in enumerate(NAMES)]
    dumped(conn, domains[:: -1 if turned else 1])
    result = esxdriver("dumpxml", "--all", "--output-dir", tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert {each.name for each in tmp_path.iterdir()} == {file for _, file in NAMES}


def test_domains_of_one_name_and_one_uuid_have_files_of_their_own(esxdriver, conn, tmp_path):
    twins = [a_domain(conn, "twin", 1), a_domain(conn, "twin", 1)]
    twins[1].number = 77
    dumped(conn, twins)
    assert esxdriver("dumpxml", "--all", "--output-dir", tmp_path).exit_code == 0
    assert {each.name for each in tmp_path.iterdir()} == {f"twin.{uuid_of(1)}.{number}.xml" for number in (1, 77)}


def dumped(conn, domains):
    conn.listAllDomains.side_effect = lambda _flags=0: list(domains)
    conn.getAllXMLDesc.side_effect = lambda _flags, progress, left_out: iter([(each, XML) for each in domains])


@pytest.mark.parametrize("secret", [True, False])
def test_only_the_owner_may_read_files_with_secrets(esxdriver, everything, tmp_path, secret):
    (tmp_path / "web01.xml").touch(0o666)
    os.umask(0o022)
    assert esxdriver("dumpxml", "--all", "--output-dir", tmp_path, *["--security-info"] * secret).exit_code == 0
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600 if secret else 0o644}


def test_a_link_in_the_directory_is_replaced_and_not_followed(esxdriver, everything, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("precious")
    backup = tmp_path / "backup"
    backup.mkdir()
    (backup / "web01.xml").symlink_to(outside)
    (backup / "db01.xml").symlink_to(tmp_path / "nowhere")
    assert esxdriver("dumpxml", "--all", "--output-dir", backup).exit_code == 0
    assert outside.read_text() == "precious"
    assert {each.name: (each.is_symlink(), each.read_text()) for each in backup.iterdir()} == {
        f"{name}.xml": (False, f"<{name}/>\n") for name in ("web01", "db01", "Lab")
    }


def test_a_full_disk_leaves_the_good_files_of_before_and_the_others_go_on(esxdriver, everything, tmp_path, monkeypatch):
    (tmp_path / "db01.xml").write_text("of yesterday")
    written = os.fsync

    def full(number):
        if os.pread(number, 100, 0) == b"<db01/>\n":
            raise OSError(errno.ENOSPC, "No space left on device")
        written(number)

    monkeypatch.setattr("os.fsync", full)
    result = esxdriver("dumpxml", "--all", "--output-dir", tmp_path)
    assert result.exit_code == 1
    assert f"Failed to write '{tmp_path}/db01.xml': No space left on device" in result.stderr.replace("\n", " ")
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        "web01.xml": "<web01/>\n", "db01.xml": "of yesterday", "Lab.xml": "<Lab/>\n",
    }  # fmt: skip


@pytest.mark.parametrize("words", [["dumpxml", "--all"], ["dumpxml", "--all", "--output-dir", "."], ["domstats"]])
def test_what_could_not_be_read_is_named_and_the_exit_status_says_so(esxdriver, conn, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read(*_, progress, left_out):
        left_out("db01", "the host cannot read its configuration now")
        return iter([])

    conn.getAllXMLDesc.side_effect = conn.getAllDomainStats.side_effect = read
    result = esxdriver(*words)
    assert result.exit_code == 1
    assert result.stderr == (
        "error: domain 'db01': the host cannot read its configuration now\nerror: 1 domain is missing in the output\n"
    )


def test_a_directory_that_cannot_be_made(esxdriver, everything, tmp_path):
    (tmp_path / "file").touch()
    result = esxdriver("dumpxml", "--all", "--output-dir", tmp_path / "file" / "below")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: Failed to make the directory '")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--all", "web01"], "DOMAIN and --all exclude each other"),
        (["web01", "--output-dir", "."], "--output-dir goes with --all"),
        ([], "Missing argument 'DOMAIN'."),
    ],
)
def test_options_that_do_not_go_together(esxdriver, words, said):
    result = esxdriver("dumpxml", *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_statistics(esxdriver, conn):
    conn.domainListGetStats.return_value = [(conn.domains[1], {"state.state": 1, "block.count": 0})]
    result = esxdriver("domstats", "db01", "--state", "--block", "--list-running", "--enforce")
    assert (result.exit_code, result.stdout) == (0, "Domain: 'db01'\n  state.state=1\n  block.count=0\n\n")
    groups = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BLOCK
    flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS
    conn.domainListGetStats.assert_called_once_with([conn.domains[1]], groups, flags, progress=None, left_out=ANY)
    assert not conn.getAllDomainStats.called


def test_statistics_of_all(esxdriver, conn):
    conn.getAllDomainStats.return_value = [(each, {}) for each in conn.domains]
    assert esxdriver("domstats").stdout == "Domain: 'web01'\n\nDomain: 'db01'\n\nDomain: 'Lab'\n\n"
    conn.getAllDomainStats.assert_called_once_with(0, 0, progress=None, left_out=ANY)
