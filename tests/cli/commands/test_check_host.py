"""``check-host`` against esxsim: what it shows and leaves, its page, and its recording, which replays the whole run."""

import json
import re
import shlex

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyVmomi import vim

import esxdriver
from esxdriver.checking.own import PREFIX, Called, Own
from esxdriver.checking.scene import Scene
from esxdriver.checking.steps import STEPS
from esxdriver.cli import cli
from esxdriver.recording import check, describe
from tests.conftest import password_auth, sim_uri
from tests.faults.judge import inventory, is_change
from tests.live.rig import Rig, finish

pytestmark = pytest.mark.live

BOTH = pytest.mark.parametrize(
    "model", [pytest.param(each, marks=pytest.mark.esx(model=each)) for each in ("esx", "vpx")]
)


@pytest.fixture
def run(sim, monkeypatch, tmp_path):
    """Run the command on the simulator, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GOVC_USERNAME", sim.user)
    monkeypatch.setenv("GOVC_PASSWORD", sim.password)
    uri = sim_uri(sim).replace("/Lab/DC%201", "/Lab/DC%201/cluster1")
    return lambda *arguments: CliRunner().invoke(cli, ["check-host", "-c", uri, *arguments])


def written(tmp_path, name):
    return (tmp_path / name).read_text()


@pytest.mark.timeout(600)  # some 600 calls, each asked, scrubbed, checked and replayed
@BOTH
def test_a_check_that_writes_is_recorded_and_its_recording_replays_the_whole_run(run, sim, tmp_path, model):
    before = inventory(sim)
    live = run(
        "--write",
        "--datastore",
        "datastore1",
        "--max-domains",
        "2",
        "--cassette",
        "c.yaml",
        "--report",
        "live.html",
        "--json",
    )
    assert live.exit_code == 0, live.output
    assert inventory(sim) == before
    assert check(tmp_path / "c.yaml") == []
    assert describe(tmp_path / "c.yaml").head["profile"] == "pseudonyms"
    assert PREFIX not in written(tmp_path, "c.yaml")
    replayed = CliRunner().invoke(
        cli, ["--replay", "c.yaml", "check-host", "--report", "replayed.html", "--json"], catch_exceptions=False
    )
    assert replayed.exit_code == 0, replayed.output
    assert told(replayed) == told(live)
    assert "all is as expected" in written(tmp_path, "live.html")
    assert "all is as expected" in written(tmp_path, "replayed.html")


def told(result):
    """Return what a report says, without how long it took and how often a task was asked for."""
    report = json.loads(result.stdout)
    return {key: report[key] for key in ("host", "findings", "steps", "probes", "unread", "privileges", "left")} | {
        "changes": {name: calls for name, (calls, _) in report["operations"].items() if is_change(name)}
    }


def test_a_check_that_reads_changes_nothing_and_says_what_it_could_not_try(run, sim):
    before = inventory(sim)
    result = run()
    assert result.exit_code == 0, result.output
    assert "All is as expected." in result.stdout
    assert re.search(r"Assumptions: +\d+ held, 0 did not hold, \d+ could not be tried", result.stdout)
    assert "G22" in result.stdout
    assert "G01" not in result.stdout
    assert inventory(sim) == before


def test_a_host_that_behaves_otherwise_shows_the_assumption_as_not_held(run, sim):
    sim.fault("CreateSnapshot_Task", fault="SnapshotFault", skip=1, times=1)
    result = run("--write", "--datastore", "datastore1", "--max-domains", "0", "--json")
    assert result.exit_code == 1
    assert "1 assumption did not hold: G16" in result.stderr
    assert "Traceback" not in result.output


def test_what_is_left_is_named_with_the_command_that_removes_it(run, sim):
    before = inventory(sim)
    sim.fault(
        "UnregisterVM", fault="NoPermission", fields={"privilegeId": "VirtualMachine.Inventory.Unregister"}, times=9
    )
    result = run("--write", "--datastore", "datastore1", "--max-domains", "0")
    assert result.exit_code == 1
    command = re.search(r"esxdriver check-host -c \S+ --datastore datastore1 --remove (\S+)", result.stderr)
    assert command, result.stderr
    sim.reset_faults()
    assert inventory(sim) != before
    removed = run("--datastore", "datastore1", "--remove", command[1])
    assert (removed.exit_code, removed.stdout) == (0, f"{command[1]} is removed\n")
    assert inventory(sim) == before


@pytest.mark.parametrize("step", ["disks", "create"])
def test_the_next_check_names_what_a_killed_one_has_left_and_touches_it_not(run, sim, step):
    before = inventory(sim)
    killed = Called.new("datastore1", "esxdriver-check-0123abcd")
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
        own = Own(conn.backend, killed)
        own.claim()
        for each in STEPS[: [each.id for each in STEPS].index(step) + 1]:
            each.action(Scene(conn, own))
    left = inventory(sim)
    said = [run("--max-domains", "0"), run("--write", "--datastore", "datastore1", "--max-domains", "0")]
    assert [each.exit_code for each in said] == [0, 0]
    assert inventory(sim) == left
    command = re.compile(r"If no check is under way, remove it with: esxdriver (check-host -c \S+ (.*))")
    found = [command.search(each.stderr) for each in said]
    assert bool(found[0]) is (step == "create")  # a folder without a machine is looked for where folders are made
    removed = run(*shlex.split(found[1][2]))
    assert (removed.exit_code, removed.stdout) == (0, "esxdriver-check-0123abcd is removed\n")
    assert inventory(sim) == before


def test_what_is_going_to_be_made_is_said_before(run):
    said = run("--write", "--datastore", "datastore1", "--max-domains", "0").stderr
    assert re.search(r"All that is made is in the folder esxdriver-check-\w{8} on the datastore datastore1\.", said)
    assert "remove it with" not in said


@pytest.mark.parametrize("name", ["web01", "esxdriver-check-", "esxdriver-check-00000000/../web01", "*"])
def test_nothing_but_a_checks_remains_is_removed(run, sim, name):
    before = inventory(sim)
    result = run("--datastore", "datastore1", "--remove", name)
    assert result.exit_code == 1
    assert "no name of a check" in result.stderr
    assert inventory(sim) == before


def test_where_to_write_has_to_be_said(run):
    result = run("--write")
    assert result.exit_code == 2
    assert "--datastore" in result.stderr


def test_a_recording_of_something_else_is_refused(run, sim, tmp_path):
    (tmp_path / "other.yaml").write_text("metadata: {uri: 'esx://host/'}\nversion: 1\ninteractions: []\n")
    result = CliRunner().invoke(cli, ["--replay", "other.yaml", "check-host"])
    assert result.exit_code == 1
    assert "none of a check" in result.stderr


PLANTED = st.lists(st.from_regex(r"zq[a-z]{3,9}[0-9]{2,5}", fullmatch=True), min_size=9, max_size=9, unique=True)


@settings(
    max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PLANTED)
def test_no_name_of_the_site_is_in_text_page_or_recording(run, sim, tmp_path, planted):
    sim.restore()
    vm, note, guest_info, snapshot, about, other, folder, host, domain = planted
    with Rig(sim) as rig:
        info = [vim.option.OptionValue(key="guestinfo.note", value=guest_info)]
        rig.reconfigure("web01", name=vm, annotation=note, extraConfig=info)
        finish(rig.vm("snap01").CreateSnapshot_Task(snapshot, about, memory=False, quiesce=False))
        rig.create(name=other, files=vim.vm.FileInfo(vmPathName=f"[datastore1] {folder}/{other}.vmx"))
    sim.guest("db01", data={"hostName": f"{host}.{domain}.example"})
    sim.fault("SearchDatastoreSubFolders_Task", fault="FileLocked", fields={"file": f"[datastore1] {folder}/x.vmdk"},
              message=f"cannot lock {folder} of {vm}")  # fmt: skip
    result = run("--report", "r.html", "--cassette", "c.yaml")
    assert result.exit_code == 0, result.output
    shown = {"text": result.stdout, "page": written(tmp_path, "r.html"), "recording": written(tmp_path, "c.yaml")}
    names = {*planted, "datastore1", "nfs store", "old01", "susp01"}
    found = {(where, name) for where, text in shown.items() for name in names if name in text}
    assert not found
