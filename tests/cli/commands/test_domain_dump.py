"""``dumpxml`` of all domains, and ``domstats``."""

import libvirt
import pytest

from tests.cli.conftest import XML, a_domain, uuid_of


@pytest.fixture
def everything(conn):
    """Let the connection dump its domains, each as its own name."""
    conn.getAllXMLDesc.side_effect = lambda _flags, progress: iter(
        [(each, f"<{each.name()}/>\n") for each in conn.domains]
    )
    return conn


def test_all_domains_one_after_another(esxdriver, everything):
    result = esxdriver("dumpxml", "--all", "--inactive")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "<web01/>\n<db01/>\n<Lab/>\n", "")
    everything.getAllXMLDesc.assert_called_once_with(libvirt.VIR_DOMAIN_XML_INACTIVE, progress=None)


def test_a_file_of_each(esxdriver, everything, tmp_path):
    result = esxdriver("dumpxml", "--all", "--output-dir", tmp_path / "new" / "one")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert {each.name: each.read_text() for each in (tmp_path / "new" / "one").iterdir()} == {
        "web01.xml": "<web01/>\n", "db01.xml": "<db01/>\n", "Lab.xml": "<Lab/>\n",
    }  # fmt: skip


def test_names_that_are_no_file_names(esxdriver, conn, tmp_path):
    names = ["../../evil", ".hidden", "..", "a\\b", "twin", "twin", "TWIN"]
    domains = [a_domain(conn, name, number) for number, name in enumerate(names)]
    conn.getAllXMLDesc.side_effect = lambda _flags, progress: iter([(each, XML) for each in domains])
    assert esxdriver("dumpxml", "--all", "--output-dir", tmp_path).exit_code == 0
    assert {each.name for each in tmp_path.iterdir()} == {
        "%2e.%2f..%2fevil.xml", "%2ehidden.xml", "%2e..xml", "a%5cb.xml", "twin.xml", f"twin.{uuid_of(5)}.xml",
        f"TWIN.{uuid_of(6)}.xml",
    }  # fmt: skip


def test_a_directory_that_cannot_be_made(esxdriver, everything, tmp_path):
    (tmp_path / "file").touch()
    result = esxdriver("dumpxml", "--all", "--output-dir", tmp_path / "file" / "below")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: Failed to write to '")


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
    conn.getAllDomainStats.return_value = [(each, {"state.state": 1, "block.count": 0}) for each in conn.domains]
    result = esxdriver("domstats", "db01", "--state", "--block", "--list", "running", "--enforce")
    assert (result.exit_code, result.stdout) == (0, "Domain: 'db01'\n  state.state=1\n  block.count=0\n\n")
    groups = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BLOCK
    flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS
    conn.getAllDomainStats.assert_called_once_with(groups, flags, progress=None)


def test_statistics_of_all(esxdriver, conn):
    conn.getAllDomainStats.return_value = [(each, {}) for each in conn.domains]
    assert esxdriver("domstats").stdout == "Domain: 'web01'\n\nDomain: 'db01'\n\nDomain: 'Lab'\n\n"
    conn.getAllDomainStats.assert_called_once_with(0, 0, progress=None)
