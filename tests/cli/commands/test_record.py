"""``record``, ``cassette`` and ``--replay``, with the demo's cassette in the place of a host."""

import shutil

import libvirt
import pytest
from click.testing import CliRunner

from esxdriver import recording
from esxdriver.cli import cli
from esxdriver.driver.connect import Connect
from esxdriver.driver.domain import Domain
from esxdriver.errors import error
from tests import demo
from tests.recording.imported import saved


@pytest.fixture
def cassette(tmp_path):
    """A copy of the demo's cassette."""
    return shutil.copy(demo.CASSETTE, tmp_path / "copy.yaml")


@pytest.fixture
def host(monkeypatch):
    """The recorded host stands for a live one."""
    monkeypatch.setattr(recording, "live", lambda _: recording.replay(demo.CASSETTE).connections())
    monkeypatch.setenv("GOVC_USERNAME", "root")
    monkeypatch.setenv("GOVC_PASSWORD", "a secret")


def run(*words, stdin=None):
    return CliRunner().invoke(cli, [str(word) for word in words], input=stdin)


def record(file, *words):
    return run("record", "-c", "esx://root@esx1/", "--cassette", file, *words)


def test_the_demo_plays(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["demo"])
    demo.main()
    shown = capsys.readouterr().out
    assert "$ esxdriver define edited.xml\nDomain 'web01' defined from edited.xml\n" in shown
    assert "\n-    <disk type='file' device='disk' snapshot='yes' persistent='yes'>\n" in shown
    assert "\n+    <disk type='file' device='disk' snapshot='no' persistent='yes'>\n" in shown


def test_replays_every_domain():
    listed = run("--replay", demo.CASSETTE, "list", "--all", "--name").stdout.split()
    assert listed == ["db01", "susp01", "old01", "snap01", "web01"]
    for name in listed:
        assert f"<name>{name}</name>" in run("--replay", demo.CASSETTE, "dumpxml", name).stdout
        assert f"Name:           {name}\n" in run("--replay", demo.CASSETTE, "dominfo", name).stdout


def test_a_replay_refuses_what_was_not_recorded():
    result = run("--replay", demo.CASSETTE, "start", "web01")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: Failed to start domain 'web01'\nerror: RPC error: cassette ")


def test_records_a_command(host, tmp_path):
    file = tmp_path / "lab.yaml"
    recorded = record(file, "--", "dumpxml", "web01")
    assert (recorded.exit_code, recorded.stderr) == (0, f"{file}: 5 calls recorded\n")
    assert run("--replay", file, "dumpxml", "web01").stdout == recorded.stdout
    assert "a secret" not in file.read_text()


def test_records_more_into_the_same_file(host, tmp_path):
    file = tmp_path / "lab.yaml"
    for command in (["list"], ["dominfo", "db01"]):
        assert record(file, "--", *command).exit_code == 0
    for command in (["list"], ["dominfo", "db01"]):
        assert run("--replay", file, *command).exit_code == 0


def test_rewrite_forgets(host, tmp_path):
    file = tmp_path / "lab.yaml"
    record(file, "--", "dominfo", "db01")
    record(file, "--rewrite", "--", "uri")
    assert run("--replay", file, "dominfo", "db01").exit_code == 1


def test_records_the_inventory(host, tmp_path):
    file = tmp_path / "lab.yaml"
    assert record(file, "--inventory").exit_code == 0
    for name in run("--replay", file, "list", "--all", "--name").stdout.split():
        for verb in ("dumpxml", "dominfo", "domstate", "domblklist"):
            assert run("--replay", file, verb, name).exit_code == 0, (verb, name)
        for verb in ("snapshot-list", "diskmodes"):
            assert run("--replay", file, verb, name).exit_code == 0, (verb, name)
    for words in (
        "nodeinfo",
        "diskmodes --all",
        "dumpxml --all",
        "domstats",
        "snapshot-current snap01",
        "snapshot-info snap01 --current",
    ):
        assert run("--replay", file, *words.split()).exit_code == 0, words


REFUSED = error(libvirt.VIR_ERR_ACCESS_DENIED, "no privilege System.Read")


@pytest.mark.parametrize(
    ("kind", "method", "said"),
    [
        (Connect, "getHostname", "the host's name"),
        (Connect, "getMaxVcpus", "the most vCPUs"),
        (Connect, "getAllDomainStats", "the statistics"),
        (Domain, "XMLDesc", "domain 'web01': its definition"),
        (Domain, "listAllSnapshots", "domain 'web01': its snapshots"),
    ],
)
def test_one_property_that_a_host_lacks_keeps_nothing_else_out(host, tmp_path, monkeypatch, kind, method, said):
    def refuse(*_):
        raise REFUSED

    monkeypatch.setattr(kind, method, refuse)
    file = tmp_path / "lab.yaml"
    recorded = record(file, "--inventory")
    monkeypatch.undo()
    assert recorded.exit_code == 0
    assert f"warning: {said}: access denied: no privilege System.Read\n" in recorded.stderr
    assert run("--replay", file, "dominfo", "db01").exit_code == 0


def test_a_host_that_is_gone_ends_the_recording(host, tmp_path, monkeypatch):
    def lost(*_):
        raise error(libvirt.VIR_ERR_RPC, "the host is gone")

    monkeypatch.setattr(Connect, "getMaxVcpus", lost)
    file = tmp_path / "lab.yaml"
    recorded = record(file, "--inventory")
    assert (recorded.exit_code, file.exists()) == (1, False)
    assert "the host is gone" in recorded.stderr


def test_a_command_that_ends_with_a_status_of_its_own_says_that_nothing_is_recorded(host, tmp_path):
    file = tmp_path / "lab.yaml"
    result = record(file, "--", "diskmodes", "--all", "--fail-on", "any")
    assert (result.exit_code != 0, file.exists()) == (True, False)
    assert f"{file}: nothing is recorded\n" in result.stderr


def test_what_fails_is_not_recorded(host, tmp_path):
    file = tmp_path / "lab.yaml"
    result = record(file, "--", "dumpxml", "nope")
    assert (result.exit_code, file.exists()) == (1, False)
    assert f"{file}: nothing is recorded\n" in result.stderr


def test_a_known_word_must_not_be_left(host, tmp_path):
    file = tmp_path / "lab.yaml"
    (tmp_path / "words").write_text("web01\n")
    result = record(file, "--secrets", tmp_path / "words", "--", "list")
    assert (result.exit_code, file.exists()) == (1, False)
    assert "is not written: a secret is left" in result.stderr
    assert "calls recorded" not in result.stderr


def test_show(cassette):
    shown = run("cassette", "show", cassette).stdout
    for line in ("Host:           HostAgent 8.0.2", "Calls:          ", " ReconfigVM_Task"):
        assert line in shown


def test_check_of_a_clean_one(cassette):
    result = run("cassette", "check", cassette)
    assert (result.exit_code, result.stdout) == (0, f"{cassette}: no secret is left, and every call can be replayed\n")


def test_check_for_known_words(cassette):
    result = run("cassette", "check", cassette, "--secrets", "-", stdin="web01\n")
    assert result.exit_code == 1
    assert "a given secret" in result.stdout
    assert result.stderr.startswith(f"error: {cassette}: ")


def test_check_warns_of_age(cassette):
    assert "days old" in run("cassette", "check", cassette, "--max-age", "0").stderr
    assert run("cassette", "check", cassette, "--max-age", "100000").stderr == ""


def test_scrub(cassette):
    assert run("cassette", "scrub", cassette).stdout == f"{cassette}: 0 calls changed\n"


def test_scrub_with_pseudonyms(cassette):
    assert not run("cassette", "scrub", cassette, "--pseudonyms").stdout.endswith(": 0 calls changed\n")
    assert "web01" not in run("--replay", cassette, "list", "--all").stdout


@pytest.mark.parametrize(
    "words", [["--replay", "FILE", "list"], ["cassette", "show", "FILE"], ["cassette", "check", "FILE"]]
)
@pytest.mark.parametrize("text", [None, "a: [", "!!python/object:os.system {}", ""])
def test_a_file_that_is_none_is_refused(tmp_path, words, text):
    file = tmp_path / "lab.yaml"
    if text is not None:
        file.write_text(text)
    result = run(*[file if word == "FILE" else word for word in words])
    assert result.exit_code == 1
    assert str(file) in result.stderr
    assert "Traceback" not in result.stderr


def test_what_somebody_has_saved_becomes_a_test(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests/hosts").mkdir(parents=True)
    (tmp_path / "sent.tgz").write_bytes(saved.tar({"dump/0.xml": saved.content().encode(), "dump/1.xml": saved.machine().encode()}, "w:gz"))  # fmt: skip
    result = run("cassette", "import", "sent.tgz")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "tests/hosts/esxi-8.0.2-22380479.yaml: 1 domains of esxi-8.0.2-22380479, 8 objects\n"
    assert "warning: answered as unset, for they were saved of no VirtualMachine: " in result.stderr
    assert "secret-web" not in (tmp_path / "tests/hosts/esxi-8.0.2-22380479.yaml").read_text()
    again = run("cassette", "import", "sent.tgz")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "is there: name it with --output to replace it" in again.stderr
    named = "tests/hosts/esxi-8.0.2-22380479.yaml"
    assert run("cassette", "import", named, "-o", named).exit_code == 0


@pytest.mark.parametrize("source", ["nothing", "empty.xml", "bomb.xml"])
def test_what_cannot_be_imported_is_said_in_a_sentence(tmp_path, monkeypatch, esxdriver, source):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.xml").write_text("<a/>")
    (tmp_path / "bomb.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    result = run("cassette", "import", source)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"error: Failed to import {source}" in result.stderr
    assert "Traceback" not in result.stderr
