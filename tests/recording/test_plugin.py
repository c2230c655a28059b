import os
import subprocess
import sys

import pytest

from esxdriver import recording
from esxdriver.recording import session as _loaded_once_for_all_runs  # noqa: F401
from esxdriver.recording.cassette import files

# The plugin is loaded by its name in case that the package is not installed here. Without looking for
# unraisable exceptions (many garbage collections), and without hypothesis, a run takes a tenth of the time.
ARGS = (
    "-p",
    "no:esxdriver",
    "-p",
    "esxdriver.recording.plugin",
    "-p",
    "no:unraisableexception",
    "-p",
    "no:hypothesispytest",
)
CONFTEST = """
import pytest
from tests.recording.fakehost import FakeHost

@pytest.fixture
def esx_connections():
    return FakeHost().connections()
"""
TEST = """
import pytest
from tests.recording.fakehost import ask, login, request

def test_time(esx_cassette):
    ask(esx_cassette.connections(), login())
    ask(esx_cassette.connections(), request("CurrentTime"))

class TestClass:
    @pytest.mark.parametrize("word", ["a/b", "c d"])
    def test_words(self, esx_cassette, word):
        ask(esx_cassette.connections(), request("Find", f"<name>{word}</name>"))

@pytest.mark.esx_cassette("lab.yaml")
def test_named(esx_cassette):
    ask(esx_cassette.connections(), request("CurrentTime"))
"""


@pytest.fixture
def project(pytester, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("ESX_RECORD_URI", raising=False)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_mine=TEST)
    return pytester


def run(project, *args):
    return project.runpytest_inprocess(*ARGS, *args)


@pytest.fixture
def recorded(project):
    run(project, "--esx-record-mode=once").assert_outcomes(passed=4)
    return project


def cassettes(project):
    return sorted(str(path.relative_to(project.path)) for path in project.path.rglob("*.yaml"))


def test_without_a_cassette_a_test_fails_and_says_how_to_record(project):
    result = run(project)
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(["*no cassette *test_time.yaml: record it with --esx-record-mode=once*"])
    assert cassettes(project) == []


def test_cassettes_are_named_after_their_tests(recorded):
    assert cassettes(recorded) == [
        "cassettes/lab.yaml",
        "cassettes/test_mine/TestClass.test_words_a_b.yaml",
        "cassettes/test_mine/TestClass.test_words_c_d.yaml",
        "cassettes/test_mine/test_time.yaml",
    ]


def test_the_directory_of_cassettes_can_be_set(project):
    project.makeini("[pytest]\nesx_cassette_dir = data/tapes\n")
    run(project, "--esx-record-mode=once", "-k", "time or named").assert_outcomes(passed=2)
    assert cassettes(project) == ["data/tapes/lab.yaml", "data/tapes/test_mine/test_time.yaml"]


def test_a_replay_is_the_default(recorded):
    recorded.makeconftest("")
    result = run(recorded)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["esx cassettes: 5 replayed, 0 recorded, 0 missed"])


def test_recording_is_summed_up(project):
    run(project, "--esx-record-mode=once").stdout.fnmatch_lines(["esx cassettes: 0 replayed, 5 recorded, 0 missed"])


def test_nothing_is_said_when_no_cassette_is_used(pytester):
    pytester.makepyfile("def test_it(): pass")
    run(pytester).stdout.no_fnmatch_line("esx*")


def test_a_miss_fails_the_test_and_is_counted(recorded):
    recorded.makepyfile(test_mine=TEST.replace('"CurrentTime"', '"QueryEvents"'))
    result = run(recorded, "-k", "time")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(["*no answer to QueryEvents*", "esx cassettes: 1 replayed, 0 recorded, 1 missed"])


def test_sockets_are_blocked_while_replaying_and_open_again_after(recorded):
    recorded.makepyfile(
        test_mine="""
        import socket, pytest
        from esxdriver import recording

        @pytest.fixture
        def listener():
            with socket.create_server(("127.0.0.1", 0)) as server:
                yield server.getsockname()

        def test_time(listener, esx_cassette):
            with pytest.raises(recording.NetworkBlockedError):
                socket.create_connection(listener, timeout=5)

        def test_other(listener):
            socket.create_connection(listener, timeout=5).close()
        """
    )
    run(recorded).assert_outcomes(passed=2)


LOOPBACK = """
import socket, pytest
from esxdriver import recording

{mark}
def test_time(esx_cassette):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
        with pytest.raises(recording.NetworkBlockedError):
            socket.create_connection(("192.0.2.1", 443), timeout=5)
"""


@pytest.mark.parametrize(
    ("mark", "option", "outcome"),
    [
        ("@pytest.mark.esx_allow_loopback", (), {"passed": 1}),
        ("", ("--esx-allow-loopback",), {"passed": 1}),
        ("", (), {"failed": 1}),
    ],
)
def test_a_test_with_a_server_of_its_own_lets_it_through(recorded, mark, option, outcome):
    recorded.makepyfile(test_mine=LOOPBACK.format(mark=mark))
    result = run(recorded, *option)
    result.assert_outcomes(**outcome)
    if "failed" in outcome:
        result.stdout.fnmatch_lines(["*wanted the network: *mark it with @pytest.mark.esx_allow_loopback"])


@pytest.mark.parametrize("ci", ["true", "1"])
def test_ci_records_nothing_and_says_so(project, monkeypatch, ci):
    monkeypatch.setenv("CI", ci)
    result = run(project, "--esx-record-mode=all")
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(["esx: CI is set, so --esx-record-mode=all becomes none"])
    assert cassettes(project) == []


def test_a_test_that_fails_leaves_no_cassette(project):
    project.makepyfile(test_mine=TEST + "\n    raise KeyError\n")
    result = run(project, "--esx-record-mode=once", "-k", "named")
    result.assert_outcomes(failed=1, deselected=3)
    assert cassettes(project) == []
    result.stdout.fnmatch_lines(["esx cassettes: 0 replayed, 0 recorded, 0 missed, 1 not kept, for their tests failed"])


def test_a_recording_that_is_refused_counts_as_not_kept(project):
    project.makepyfile(
        test_mine=TEST
        + """
def test_leak(esx_cassette):
    ask(esx_cassette.connections(), login("my-own-pass"))
    ask(esx_cassette.connections(), request("Find", "<name>my-own-pass</name>"))
"""
    )
    result = run(project, "--esx-record-mode=once", "-k", "leak")
    result.assert_outcomes(passed=1, errors=1, deselected=4)
    result.stdout.fnmatch_lines(["esx cassettes: 0 replayed, 0 recorded, 0 missed, 2 not kept, for their tests failed"])


def test_recording_needs_to_know_from_where(project):
    project.makeconftest("")
    result = run(project, "--esx-record-mode=once", "-k", "time")
    result.assert_outcomes(errors=1, deselected=3)
    result.stdout.fnmatch_lines(["*to record, say from where: --esx-record-uri=URI*"])


@pytest.mark.parametrize(
    ("option", "outcome"), [((), {"passed": 1}), (("--esx-fail-unused",), {"passed": 1, "errors": 1})]
)
def test_calls_that_are_left_unused(recorded, option, outcome):
    recorded.makepyfile(test_mine=TEST.replace('request("CurrentTime")', "login()"))
    result = run(recorded, "-k", "time", *option)
    result.assert_outcomes(deselected=3, **outcome)
    if option:
        result.stdout.fnmatch_lines(["*recorded and not asked for: CurrentTime"])


@pytest.mark.parametrize("mode", ["once", "rewrite"])
def test_tests_that_share_a_cassette_record_it_together(project, mode):
    project.makepyfile(
        test_mine="""
        import pytest
        from tests.recording.fakehost import ask, login, request
        pytestmark = pytest.mark.esx_cassette("lab.yaml")

        @pytest.mark.parametrize("name", ["CurrentTime", "QueryEvents"])
        def test_it(esx_cassette, name):
            ask(esx_cassette.connections(), login())
            ask(esx_cassette.connections(), request(name))
        """
    )
    for _ in range(2 if mode == "rewrite" else 1):
        run(project, f"--esx-record-mode={mode}").assert_outcomes(passed=2)
    assert cassettes(project) == ["cassettes/lab.yaml"]
    run(project).assert_outcomes(passed=2)


def test_stale_cassettes_are_reported(recorded):
    path = recorded.path / "cassettes/lab.yaml"
    contents = files.load(path)
    contents.head["recorded"] = "2020-01-01T00:00:00Z"
    files.save(path, files.dump(contents))
    result = run(recorded, "--esx-max-age=30")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["stale cassette: *lab.yaml is * days old; --esx-record-mode=rewrite renews it"])
    assert sum(line.startswith("stale") for line in result.outlines) == 1
    run(recorded).stdout.no_fnmatch_line("stale*")


def test_pseudonyms_are_an_option(project):
    run(project, "--esx-record-mode=once", "--esx-pseudonyms", "-k", "named")
    assert recording.describe(project.path / "cassettes/lab.yaml").head["profile"] == "pseudonyms"


def test_worker_processes_add_up(recorded, monkeypatch):
    pytest.importorskip("xdist")
    for name in [each for each in os.environ if each.startswith("PYTEST_XDIST")]:
        monkeypatch.delenv(name)  # this test may itself run in a worker
    # Workers have the path that a process begins with.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    result = recorded.runpytest_subprocess(*ARGS, "-n2", "-p", "xdist")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["esx cassettes: 5 replayed, 0 recorded, 0 missed"])


def test_the_plugin_loads_nothing_heavy():
    check = "import sys, esxdriver.recording.plugin; print([m for m in sys.modules if m.split('.')[0] in HEAVY])"
    heavy = "HEAVY = {'pyVmomi', 'libvirt', 'vcr', 'lxml', 'yaml', 'click', 'rich'}; "
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.run(
        [sys.executable, "-c", heavy + check], capture_output=True, text=True, check=True, env=environment
    )
    assert found.stdout.strip() == "[]"


def test_a_recordings_head_says_where_it_was_made(project):
    project.makeini("[pytest]\nesx_source = the lab in Graz\n")
    run(project, "--esx-record-mode=once", "-k", "named").assert_outcomes(passed=1, deselected=3)
    assert recording.describe(project.path / "cassettes/lab.yaml").head["source"] == "the lab in Graz"
