"""What a command connects to, whom it asks for a password, and which domain a word means."""

import libvirt
import pytest
from click.testing import CliRunner

import esxdriver as driver
from esxdriver import recording
from esxdriver.cli import cli, target, terminal
from esxdriver.errors import error
from tests.cli.conftest import a_domain, uuid_of


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path):
    """No credentials and no URI come from where the tests run."""
    for name in ("GOVC_USERNAME", "GOVC_PASSWORD", "GOVC_URL", "LIBVIRT_AUTH_FILE", "LIBVIRT_DEFAULT_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.fixture
def opened(monkeypatch, conn):
    """Collect the arguments of openAuth."""
    calls = []

    def open_auth(uri, auth, flags):
        calls.append((uri, auth, flags))
        return conn

    monkeypatch.setattr(driver, "openAuth", open_auth, raising=False)
    return calls


@pytest.fixture(autouse=True)
def _nobody_is_there(monkeypatch):
    monkeypatch.setattr(terminal, "is_there", lambda: False)


def sit_down(monkeypatch):
    monkeypatch.setattr(terminal, "is_there", lambda: True)


def test_connects_to_the_uri_of_the_option(opened):
    CliRunner().invoke(cli, ["-c", "esx://a/", "hostname"])
    assert opened == [("esx://a/", None, 0)]


def test_connects_to_libvirts_default_uri(opened, monkeypatch):
    monkeypatch.setenv("LIBVIRT_DEFAULT_URI", "esx://b/")
    CliRunner().invoke(cli, ["hostname"])
    assert opened[0][0] == "esx://b/"


def test_readonly(opened):
    CliRunner().invoke(cli, ["-c", "esx://a/", "-r", "hostname"])
    assert opened[0][2] == libvirt.VIR_CONNECT_RO


def test_without_a_uri_says_what_to_do():
    result = CliRunner().invoke(cli, ["hostname"])
    assert result.exit_code == 1
    assert result.stderr.startswith("error: failed to connect to the hypervisor\nerror: cannot connect: no URI")


def test_without_a_terminal_nobody_is_asked():
    assert target._auth("esx://root@a/") is None


def test_on_a_terminal_who_is_known_is_not_asked(monkeypatch):
    sit_down(monkeypatch)
    monkeypatch.setenv("GOVC_USERNAME", "root")
    monkeypatch.setenv("GOVC_PASSWORD", "pw")
    assert target._auth("esx://root@a/") is None


def test_on_a_terminal_asks_for_what_is_missing(monkeypatch):
    sit_down(monkeypatch)
    asked = []

    def ask(text, default, *, hidden):
        asked.append((text, default, hidden))
        return "pw" if hidden else "root"

    monkeypatch.setattr(terminal, "ask", ask)
    found = driver.auth.find(driver.uri.parse("esx://a/"), target._auth("esx://a/"))
    assert (found.username, found.password) == ("root", "pw")
    assert asked == [("User name for a [root]", "root", False), ("Password of root on a", None, True)]


def test_replays_without_asking_for_anything(monkeypatch, conn):
    seen = []
    monkeypatch.setattr(recording, "replay", lambda _: type("Replay", (), {"asks": False, "path": "x.yaml"})())
    monkeypatch.setattr(recording, "recorded_uri", lambda _: "vpx://host/DC")
    monkeypatch.setattr(recording, "connect", lambda uri, _c, auth, flags: seen.append((uri, auth, flags)) or conn)
    CliRunner().invoke(cli, ["--replay", "x.yaml", "hostname"])
    CliRunner().invoke(cli, ["--replay", "x.yaml", "-c", "esx://a/?disk_mode=libvirt", "-r", "hostname"])
    assert seen == [("vpx://host/DC", None, 0), ("esx://a/?disk_mode=libvirt", None, libvirt.VIR_CONNECT_RO)]


LOOKUPS = [
    ("web01", "web01"),
    ("2", "db01"),
    (uuid_of(1), "web01"),
    (uuid_of(1).upper().lower(), "web01"),
    ("1", "1"),  # the ID of none that is active, but a name
    (uuid_of(9), uuid_of(9)),
]


@pytest.mark.parametrize(("word", "name"), LOOKUPS)
def test_finds_by_id_then_uuid_then_name(conn, word, name):
    conn.domains += [a_domain(conn, "1", 6), a_domain(conn, uuid_of(9), 7)]
    assert target.find(conn, word).name() == name


def test_an_id_goes_before_a_name(conn):
    conn.domains.append(a_domain(conn, "2", 6))
    assert target.find(conn, "2").name() == "db01"


def test_two_of_a_name_are_reported_with_their_uuids(esxdriver, conn):
    conn.lookupByName.side_effect = error(libvirt.VIR_ERR_OPERATION_FAILED, "2 domains are called 'twin': use ...")
    result = esxdriver("dumpxml", "twin")
    assert (
        result.stderr
        == "error: failed to get domain 'twin'\nerror: operation failed: 2 domains are called 'twin': use ...\n"
    )


def test_another_error_of_a_lookup_ends_it(conn):
    conn.lookupByID.side_effect = error(libvirt.VIR_ERR_RPC, "gone")
    with pytest.raises(libvirt.libvirtError, match="gone"):
        target.find(conn, "2")
