import threading
from dataclasses import replace

import libvirt
import pytest
from pyVmomi import SoapStubAdapter, vim
from vcr.persisters.filesystem import FilesystemPersister
from vcr.serializers import yamlserializer

from esxdriver import recording
from esxdriver.recording.cassette import files
from esxdriver.recording.cassette.states import entries
from esxdriver.recording.interactions import Contents, Interaction
from tests.recording.fakehost import FakeHost, answer, ask, login, properties, read, request, value


def names(body):
    machine = body.split('"VirtualMachine">')[-1].split("<")[0]
    return properties(machine, name=f"name of {machine}")


def task_info(state):
    return properties("task-1", info__state=state)


CHANGE = request("PowerOnVM_Task", "", "<_this type='VirtualMachine'>vm-1</_this>")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lab.yaml"


def record(path, host, *bodies, **options):
    with recording.record(path, host.connections(), **options) as cassette:
        return [ask(cassette.connections(), body) for body in bodies], cassette.counts


def replay(path, *bodies):
    cassette = recording.replay(path)
    return [value(ask(cassette.connections(), body)) for body in bodies]


def refused(code, function, *args, **options):
    with pytest.raises(libvirt.libvirtError) as raised:
        function(*args, **options)
    assert raised.value.get_error_code() == code
    return str(raised.value)


def test_reads_replay_in_another_order(path):
    record(path, FakeHost(RetrievePropertiesEx=names), *(read(f"vm-{n}", "name") for n in (1, 2, 3)))
    assert replay(path, *(read(f"vm-{n}", "name") for n in (3, 1, 2))) == [
        "name of vm-3",
        "name of vm-1",
        "name of vm-2",
    ]


def test_equal_reads_replay_in_recorded_order_and_repeat_the_last(path):
    states = [task_info(state) for state in ("queued", "running", "success")]
    record(path, FakeHost(RetrievePropertiesEx=states), *[read("task-1", "info.state")] * 3)
    assert replay(path, *[read("task-1", "info.state")] * 5) == [
        "queued", "running", "success", "success", "success",
    ]  # fmt: skip


def test_a_read_is_answered_from_the_state_it_was_recorded_in(path):
    host = FakeHost(RetrievePropertiesEx=[task_info("off"), task_info("on")])
    record(path, host, read("vm-1", "power"), CHANGE, read("vm-1", "power"))
    power = read("vm-1", "power")
    assert replay(path, power, power, CHANGE, power, power) == ["off", "off", None, "on", "on"]


def test_what_was_read_only_before_a_change_is_a_miss_after_it(path):
    record(path, FakeHost(RetrievePropertiesEx=names), read("vm-1", "name"), CHANGE)
    said = refused(libvirt.VIR_ERR_RPC, replay, path, CHANGE, read("vm-1", "name"))
    assert "recorded as call 1, before any change" in said


def test_what_was_read_only_after_a_change_is_a_miss_before_it(path):
    record(path, FakeHost(RetrievePropertiesEx=names), CHANGE, read("vm-1", "name"))
    said = refused(libvirt.VIR_ERR_RPC, replay, path, read("vm-1", "name"))
    assert "recorded as call 2, after call 1 (PowerOnVM_Task)" in said


def test_a_change_that_was_made_once_replays_once(path):
    record(path, FakeHost(), CHANGE)
    cassette = recording.replay(path)
    ask(cassette.connections(), CHANGE)
    refused(libvirt.VIR_ERR_RPC, ask, cassette.connections(), CHANGE)
    assert (cassette.counts.replayed, cassette.counts.missed) == (1, 1)


def test_login_and_service_content_replay_in_any_state(path):
    host = FakeHost()
    record(path, host, request("RetrieveServiceContent"), login(), CHANGE)
    cassette = recording.replay(path)
    for body in (CHANGE, login("another"), request("RetrieveServiceContent")):
        ask(cassette.connections(), body)
    assert cassette.counts.missed == 0


def test_a_miss_shows_the_closest_call_and_what_differs(path):
    record(path, FakeHost(), read("vm-1", "name", "config.uuid"), request("CurrentTime"))
    said = refused(libvirt.VIR_ERR_RPC, replay, path, read("vm-1", "name", "config.hardware"))
    assert "no answer to RetrievePropertiesEx: the closest is call 1" in said
    assert '-    pathSet = "config.uuid"' in said
    assert '+    pathSet = "config.hardware"' in said
    assert 'pathSet = "name"' in said


def test_a_miss_of_an_operation_that_was_never_recorded_says_so(path):
    record(path, FakeHost(), request("CurrentTime"))
    said = refused(libvirt.VIR_ERR_RPC, replay, path, request("QueryEvents"))
    assert "this operation was not recorded at all, only CurrentTime" in said


def test_a_miss_does_not_show_secrets(path):
    record(path, FakeHost(), request("ChangePassword", "<newPassword>a</newPassword><id>1</id>"))
    said = refused(
        libvirt.VIR_ERR_RPC, replay, path, request("ChangePassword", "<newPassword>hush</newPassword><id>2</id>")
    )
    assert "hush" not in said
    assert '+id = "2"' in said


def test_a_replay_never_asks_for_a_connection(path):
    host = FakeHost()
    record(path, host, request("CurrentTime"))
    asked = list(host.asked)
    replay_cassette = recording.replay(path)
    with recording.no_network():
        ask(replay_cassette.connections(), request("CurrentTime"))
    assert host.asked == asked


@pytest.mark.parametrize(
    ("mode", "asked", "kept"),
    [
        ("once", [], ["Login", "CurrentTime", "QueryMemoryOverhead"]),
        (
            "new_episodes",
            ["Login", "QueryEvents"],
            ["Login", "CurrentTime", "QueryMemoryOverhead", "Login", "QueryEvents"],
        ),
        (
            "all",
            ["Login", "CurrentTime", "QueryEvents"],
            ["Login", "CurrentTime", "QueryEvents", "QueryMemoryOverhead"],
        ),
        ("rewrite", ["Login", "CurrentTime", "QueryEvents"], ["Login", "CurrentTime", "QueryEvents"]),
    ],
)
def test_what_each_mode_asks_and_keeps(path, mode, asked, kept):
    record(path, FakeHost(), login(), request("CurrentTime"), request("QueryMemoryOverhead"))
    host = FakeHost()
    new = [] if mode == "once" else [request("QueryEvents")]
    record(path, host, login(), request("CurrentTime"), *new, mode=mode)
    assert host.asked == asked
    assert [entry.call.operation for entry in entries(files.load(path))] == kept


def test_new_episodes_without_anything_new_leaves_the_file_as_it_was(path):
    record(path, FakeHost(), login(), request("CurrentTime"), request("Logout"))
    before = path.read_bytes()
    _, counts = record(path, FakeHost(), login(), request("CurrentTime"), request("Logout"), mode="new_episodes")
    assert counts.recorded == 0
    assert path.read_bytes() == before


def test_new_episodes_with_views_of_two_sessions_replay(path):
    def view(session, kind):
        made = answer("CreateContainerView", f"<returnval type='ContainerView'>session[{session}]v</returnval>")
        host = FakeHost(CreateContainerView=made, RetrievePropertiesEx=properties("x", name=kind))
        create = request("CreateContainerView", "<type>VirtualMachine</type>")
        this = f"<_this type='ContainerView'>session[{session}]v</_this>"
        record(
            path, host, login(), create, request("RetrievePropertiesEx", f"<p>{kind}</p>", this), mode="new_episodes"
        )

    view("52-one", "first")
    view("52-two", "second")
    cassette = recording.replay(path)
    for kind in ("second", "first"):
        created = ask(cassette.connections(), request("CreateContainerView", "<type>VirtualMachine</type>"))
        this = f"<_this type='ContainerView'>{value(created)}</_this>"
        assert value(ask(cassette.connections(), request("RetrievePropertiesEx", f"<p>{kind}</p>", this))) == kind


def test_nothing_new_is_recorded_after_a_change_that_was_replayed(path):
    record(path, FakeHost(), CHANGE)
    host = FakeHost()
    said = refused(libvirt.VIR_ERR_RPC, record, path, host, CHANGE, read("vm-1", "name"), mode="new_episodes")
    assert "PowerOnVM_Task before it was replayed" in said
    assert host.asked == []


def test_once_does_not_ask_what_the_file_lacks(path):
    record(path, FakeHost(), login())
    refused(libvirt.VIR_ERR_RPC, record, path, FakeHost(), request("QueryEvents"), mode="once")


def test_a_mode_that_is_none_is_an_error(path):
    with pytest.raises(ValueError, match="sometimes"):
        recording.record(path, FakeHost().connections(), mode="sometimes")


def test_takes_of_different_sessions_stay_apart_in_one_file(path):
    takes = {"one": CHANGE, "two": CHANGE.replace(b"vm-1", b"vm-2")}
    for state, change in takes.items():
        host = FakeHost(RetrievePropertiesEx=task_info(state))
        record(path, host, change, read("vm-1", "power"), mode="new_episodes")
    for state, change in takes.items():
        assert replay(path, change, read("vm-1", "power")) == [None, state]


def test_a_session_that_fails_is_not_written(path):
    def fails():
        with recording.record(path, FakeHost().connections()) as cassette:
            ask(cassette.connections(), login())
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert not path.exists()


def test_replaying_in_mode_once_leaves_the_file_as_it_was(path):
    record(path, FakeHost(), request("CurrentTime"))
    before = path.read_bytes(), path.stat().st_mtime_ns
    record(path, FakeHost(), request("CurrentTime"))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_compressed_answers_are_kept_in_clear(path):
    record(path, FakeHost(compressed=True, RetrievePropertiesEx=names), read("vm-1", "name"))
    assert "name of vm-1" in path.read_text()
    assert replay(path, read("vm-1", "name")) == ["name of vm-1"]


def test_counts_and_unused(path):
    record(path, FakeHost(), login(), *[request("CurrentTime")] * 2)
    cassette = recording.replay(path)
    ask(cassette.connections(), request("CurrentTime"))
    assert (cassette.counts.replayed, cassette.counts.unused) == (1, 2)
    assert cassette.unused == ["Login", "CurrentTime"]


def test_threads_share_a_cassette(path):
    bodies = [read(f"vm-{n}", "name") for n in range(40)]
    record(path, FakeHost(RetrievePropertiesEx=names), *bodies)
    cassette, found = recording.replay(path), {}

    def work(start):
        for n in range(start, 40, 4):
            found[n] = value(ask(cassette.connections(), bodies[n]))

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: f"name of vm-{n}" for n in range(40)}
    assert cassette.counts.replayed == 40


def test_a_lookup_does_not_depend_on_the_size(path):
    record(path, FakeHost(RetrievePropertiesEx=names), *(read(f"vm-{n}", "name") for n in range(300)))
    cassette = recording.replay(path)
    cassette._entries = None  # a scan would need them
    assert value(ask(cassette.connections(), read("vm-299", "name"))) == "name of vm-299"


def test_plain_pyvmomi_replays_over_the_connections(path):
    class Stub(SoapStubAdapter):
        def __init__(self, connections):
            super().__init__(host="anything", port=443, version="vim.version.version9")
            self.GetConnection, self.ReturnConnection = connections, lambda connection: connection.close()

    def session(connections):
        content = vim.ServiceInstance("ServiceInstance", Stub(connections)).RetrieveContent()
        content.sessionManager.Login("root", "secret-word-of-mine")
        return content.about.apiVersion

    with recording.record(path, FakeHost(compressed=True).connections()) as cassette:
        assert session(cassette.connections()) == "8.0.2.0"
    with recording.no_network():
        assert session(recording.replay(path).connections()) == "8.0.2.0"
    assert "secret-word-of-mine" not in path.read_text()


def test_stock_vcrpy_reads_the_file(path):
    record(path, FakeHost(), request("CurrentTime"))
    requests, responses, *_ = FilesystemPersister.load_cassette(str(path), yamlserializer)
    assert b"CurrentTime" in requests[0].body
    assert answer("CurrentTime").split("<soapenv:Body>")[1][:12].encode() in responses[0]["body"]["string"]


POWER = read("vm-1", "power")


@pytest.mark.parametrize("mode", ["all", "new_episodes"])
@pytest.mark.parametrize("asked", [POWER, read("vm-2", "power")])
def test_an_answer_of_a_host_that_has_moved_on_joins_no_file(path, mode, asked):
    host = FakeHost(RetrievePropertiesEx=[task_info("off"), task_info("on")])
    record(path, host, login(), POWER, CHANGE, request("Logout"))
    before = path.read_bytes()
    if mode == "all" or asked != POWER:
        said = refused(libvirt.VIR_ERR_OPERATION_INVALID, record, path, host, login(), asked, mode=mode)
        assert "it holds PowerOnVM_Task" in said
        assert "--rewrite" in said
    else:
        record(path, host, login(), asked, mode=mode)  # answered from the file
    assert path.read_bytes() == before
    assert replay(path, POWER, CHANGE) == ["off", None]


def test_a_session_that_makes_its_changes_again_is_recorded_again(path):
    for power in ("off", "suspended"):
        host = FakeHost(RetrievePropertiesEx=[task_info(power), task_info("on")])
        record(path, host, login(), POWER, CHANGE, POWER, mode="all")
        assert replay(path, POWER, CHANGE, POWER) == [power, None, "on"]
    assert recording.check(path) == []


def test_readings_before_a_change_and_the_change_may_come_in_two_sessions(path):
    host = FakeHost(RetrievePropertiesEx=task_info("off"))
    record(path, host, login(), POWER)
    record(path, host, login(), POWER, CHANGE, mode="all")
    assert replay(path, POWER, CHANGE) == ["off", None]


def moved_on(*sessions):
    """The file that recording these sessions made before such answers were refused."""
    calls = [body for session in sessions for body in session]
    return [Interaction("POST", "https://host/sdk", body, 200, "OK", task_info("on").encode()) for body in calls]


LOGOUT = request("Logout")
FILES = {
    "one session": ([login(), POWER, CHANGE, POWER, LOGOUT], {}, []),
    "no login is recorded": ([POWER, CHANGE, POWER], {}, []),
    "two connections": ([login(), login(), POWER, LOGOUT, CHANGE, LOGOUT], {}, []),
    "the reading has been replaced": ([login(), POWER, LOGOUT, CHANGE, POWER], {}, [4]),
    "a reading was added": ([login(), POWER, CHANGE, LOGOUT, login(), read("vm-2", "power")], {5: 0}, [6]),
    "two takes": ([login(), CHANGE, POWER, LOGOUT, login(), CHANGE.replace(b"vm-1", b"vm-2"), POWER], {5: 0}, []),
}


@pytest.mark.parametrize(("calls", "after", "found"), FILES.values(), ids=FILES)
def test_check_finds_answers_of_another_state(path, calls, after, found):
    interactions = [replace(one, after=after.get(number)) for number, one in enumerate(moved_on(calls))]
    files.save(path, files.dump(Contents({}, interactions)))
    wrong = [finding.where for finding in recording.check(path) if "may answer wrongly" in finding.what]
    assert [int(where.split()[1].strip(",")) for where in wrong] == found
