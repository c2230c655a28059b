"""How a session is renewed and ends, and what becomes of calls and changes meanwhile."""

import gzip
import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import libvirt
import pytest
from pyVmomi import vim

from esxdriver import outcome, uri
from esxdriver.auth import Credentials
from esxdriver.vsphere.wire import faults, soap
from esxdriver.vsphere.wire import http as wire
from esxdriver.vsphere.wire import stub as stubs
from esxdriver.vsphere.wire.session import Session
from tests.vsphere.fakehost import CLOSE, ENVELOPE, NOW, USER_SESSION, Fault, Http, moref

PASSWORD = "hunter2<&>"
EXPIRED = Fault("NotAuthenticated", "The session is not authenticated.", moref("Folder", "root", "object"))
REFUSED = Fault("InvalidLogin", "Cannot complete login due to an incorrect user name or password.")
TASK = moref("Task", "task-7")


def made(host, password=PASSWORD):
    where = uri.parse(f"esx://127.0.0.1:{host.port}/?transport=http")
    return Session(where, lambda: Credentials("root", password), wire.live(where))


def now(session):
    return vim.ServiceInstance("ServiceInstance", session.stub).CurrentTime()


def power_on(session):
    return vim.VirtualMachine("vm-12", session.stub).PowerOn()


def left_open(host):
    """Return the sessions that the host opened and that nobody logged out."""
    closed = [cookie for operation, cookie, *_ in host.seen if operation == "Logout"]
    return [n for n in range(1, host.sessions + 1) if f'vmware_soap_session="s{n}"' not in closed]


class Gate:
    """An answer that is held back until it is let go."""

    def __init__(self, answer):
        self.answer = answer
        self.asked, self.open = threading.Event(), threading.Event()

    def __call__(self, _body):
        self.asked.set()
        self.open.wait(10)
        return self.answer


# --- a session never outlives its end


def test_a_read_in_flight_does_not_log_in_after_the_end(host):
    for _ in range(5):
        session = made(host).open()
        expired = Gate(EXPIRED)
        host.answers["CurrentTime"] = [expired]
        with ThreadPoolExecutor(4) as pool:
            reads = [pool.submit(now, session) for _ in range(4)]
            expired.asked.wait(10)
            session.close()
            expired.open.set()
            assert {type(read.exception()) for read in reads} == {faults.SessionClosedError}
    assert left_open(host) == []
    assert host.operations.count("Login") == 5


def test_a_renewal_that_is_on_its_way_is_logged_out(host):
    session = made(host).open()
    login = Gate(USER_SESSION)
    host.answers |= {"CurrentTime": [EXPIRED], "Login": [login]}
    with ThreadPoolExecutor(2) as pool:
        read = pool.submit(now, session)
        login.asked.wait(10)
        closing = pool.submit(session.close)
        time.sleep(0.05)
        login.open.set()
        closing.result()
        assert isinstance(read.exception(), faults.SessionClosedError)
    assert left_open(host) == [1], "the host had ended the first itself"
    assert host.operations[-1] == "Logout"


def test_a_renewal_that_takes_longer_than_the_end_is_logged_out_when_it_comes(host, monkeypatch):
    monkeypatch.setattr(soap, "FAREWELL", 0.05)
    session = made(host).open()
    login = Gate(USER_SESSION)
    host.answers |= {"CurrentTime": [EXPIRED], "Login": [login]}
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(now, session)
        login.asked.wait(10)
        session.close()
        login.open.set()
        assert read.exception() is not None
    deadline = time.monotonic() + 5
    while left_open(host) != [1] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert left_open(host) == [1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_login_leaves_no_session(number, host):
    login = Gate(USER_SESSION)
    host.answers["Login"] = [login]
    script = f"""
        import signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        from esxdriver import uri
        from esxdriver.auth import Credentials
        from esxdriver.vsphere.wire import http, session
        where = uri.parse("esx://127.0.0.1:{host.port}/?transport=http")
        session.Session(where, lambda: Credentials("root", "x"), http.live(where)).open()
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stderr=subprocess.DEVNULL)
    assert login.asked.wait(20)
    child.send_signal(number)
    time.sleep(0.2)
    login.open.set()
    assert child.wait(20) != 0
    assert host.sessions == 1
    assert left_open(host) == []


@pytest.mark.parametrize("connected", [True, False], ids=["over an open connection", "over a new one"])
def test_a_hung_host_is_not_said_farewell_to_for_long(connected, host, monkeypatch):
    monkeypatch.setattr(soap, "FAREWELL", 0.1)
    session = made(host).open()
    if not connected:
        session.stub.DropConnections()
    host.answers["Logout"] = [silent := Gate("")]
    started = time.monotonic()
    session.close()
    assert time.monotonic() - started < 2
    silent.open.set()


@pytest.mark.parametrize("lost", [CLOSE, Http(503)], ids=["closed", "503"])
def test_a_logout_that_was_lost_is_asked_for_once_more(lost, host):
    host.answers["Logout"] = [lost, ""]
    made(host).open().close()
    assert host.operations.count("Logout") == 2


def test_a_login_whose_answer_cannot_be_read_is_logged_out(host, monkeypatch):
    login = soap.Exchange.result

    def result(exchange):
        if exchange._operation == "Login":
            login(exchange)
            raise faults.UnreadableError("spoilt")
        return login(exchange)

    monkeypatch.setattr(soap.Exchange, "result", result)
    with pytest.raises(libvirt.libvirtError):
        made(host).open()
    assert left_open(host) == []


# --- logins do not repeat


def test_one_failed_renewal_ends_the_session_for_all(host):
    session = made(host).open()
    host.answers |= {"CurrentTime": [EXPIRED], "Login": [REFUSED]}
    with ThreadPoolExecutor(20) as pool:
        failures = [read.exception() for read in [pool.submit(now, session) for _ in range(20)]]
    assert host.operations.count("Login") == 2, "the first, and one more"
    with pytest.raises(libvirt.libvirtError) as later, faults.translated("cannot read the time"):
        now(session)
    assert host.operations.count("Login") == 2
    assert {str(each) for each in failures} == {str(later.value.__cause__)}
    assert later.value.get_error_code() == libvirt.VIR_ERR_AUTH_FAILED
    assert "logging in again failed: Cannot complete login" in str(later.value)
    assert "open the connection again" in str(later.value)
    session.close()


def test_a_host_that_was_not_reached_may_be_tried_later(host, monkeypatch):
    def unreachable(*_):
        raise faults.UnreachableError("nobody is there")

    with made(host) as session:
        host.answers["CurrentTime"] = [EXPIRED, EXPIRED, NOW]
        with monkeypatch.context() as patch:
            patch.setattr(session.stub, "log_in", unreachable)
            with pytest.raises(faults.UnreachableError):
                now(session)
        assert now(session)


# --- nothing shows a secret


@pytest.mark.parametrize("password", ["hunter2\udcff", "hunter2\x00", "hunter2\x1b"])
def test_a_password_that_cannot_be_sent_leaves_no_trace(password, host):
    with pytest.raises(libvirt.libvirtError) as caught:
        made(host, password).open()
    assert caught.value.get_error_code() == libvirt.VIR_ERR_INVALID_ARG
    error, shown = caught.value, "".join(traceback.format_exception(caught.value))
    while error is not None:
        shown += repr(error) + repr(error.args) + repr(vars(error))
        error = error.__cause__ or error.__context__
    assert "hunter2" not in shown
    assert "Login" not in host.operations


@pytest.mark.parametrize("name", ["a\x01b", "a\udcffb", "a\ufffe"])
def test_a_text_that_cannot_be_sent_is_an_argument_that_is_none(name, host):
    with made(host) as session, pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot rename a"):
        vim.VirtualMachine("vm-12", session.stub).Rename(name)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_INVALID_ARG
    assert "unknown" not in str(caught.value), "nothing was sent"
    assert "Rename_Task" not in host.operations


@pytest.mark.parametrize("cookie", ["a\\012b", "a;b", "é"])
def test_a_cookie_that_no_header_can_hold_is_not_kept(cookie, host):
    with made(host) as session:
        kept = session.stub.cookie
        answer = type("Response", (), {"getheader": lambda self, name: f'vmware_soap_session="{cookie}"'})()
        session.stub.adopt_cookie("Login", answer)
        assert now(session)
        assert "\n" not in session.stub.cookie
        session.stub.cookie = kept


# --- what became of a change is always said


def failure(session, change=power_on):
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot start web"):
        change(session)
    return caught.value.get_error_code(), str(caught.value)


WITH_DTD = ENVELOPE.format("").replace("?>", "?><!DOCTYPE a []>", 1)
UNREADABLE = {
    "closed": CLOSE,
    "a document type": Http(200, WITH_DTD),
    "empty": "",
    "no body": Http(200, ENVELOPE.format("")),
    "nothing at all": Http(200, ""),
    "no SOAP": Http(200, "<html/>"),
    "a fault that is none": Http(500, ENVELOPE.format("")),
    "503": Http(503),
    "another type": '<returnval xsi:type="HostDnsConfig"><dhcp>true</dhcp></returnval>',
    "another object": moref("VirtualMachine", "vm-1"),
    "a task without a name": moref("Task", ""),
    "a cut": Http(200, ENVELOPE[:200]),
}


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_answer_to_a_change_is_an_unknown_outcome(answer, host):
    host.answers["PowerOnVM_Task"] = [answer]
    with made(host) as session:
        code, text = failure(session)
    assert code == libvirt.VIR_ERR_RPC
    assert text.count("PowerOnVM_Task on VirtualMachine vm-12 was sent: whether it was done is unknown") == 1
    assert "report this" not in text
    assert host.operations.count("PowerOnVM_Task") == 1


@pytest.mark.parametrize("answer", [Http(200, ENVELOPE.format("")), '<returnval xsi:type="xsd:string">x</returnval>'])
def test_so_is_one_to_a_change_without_a_result(answer, host):
    host.answers["UnregisterVM"] = [answer]
    with made(host) as session:
        code, text = failure(session, lambda opened: vim.VirtualMachine("vm-12", opened.stub).Unregister())
    assert code == libvirt.VIR_ERR_RPC
    assert "UnregisterVM on VirtualMachine vm-12 was sent: whether it was done is unknown" in text


@pytest.mark.parametrize("body", [gzip.compress(b"x" * 100)[:-9], gzip.compress(bytes(2**20))], ids=["cut", "large"])
def test_a_damaged_or_too_large_answer_to_a_change_is_an_unknown_outcome(body, host, monkeypatch):
    monkeypatch.setattr(soap, "LARGEST_ANSWER", 2**18)
    with made(host) as session:
        host.answers["PowerOnVM_Task"] = [TASK]
        monkeypatch.setattr(soap, "_body", lambda operation, response: body_of(operation, response, body))
        code, text = failure(session)
        monkeypatch.undo()
    assert code == libvirt.VIR_ERR_RPC
    assert "whether it was done is unknown" in text


def body_of(operation, response, body):
    response.read()
    if len(soap._unpacked(body)) > soap.LARGEST_ANSWER:
        raise faults.UnreadableError(f"the answer to {operation} is refused: it is larger than the limit")
    raise AssertionError


@pytest.mark.parametrize("answer", [Fault("InvalidPowerState"), EXPIRED], ids=["refused", "expired"])
def test_a_refusal_is_no_unknown_outcome(answer, host):
    host.answers["PowerOnVM_Task"] = [answer]
    with made(host) as session:
        _, text = failure(session)
    assert "unknown" not in text


def test_what_was_never_sent_is_no_unknown_outcome(host):
    session = made(host).open()
    session.stub.DropConnections()
    session.stub._connections = made(type("Gone", (), {"port": 1})).stub._connections
    code, text = failure(session)
    session.close()
    assert code == libvirt.VIR_ERR_NO_CONNECT
    assert "unknown" not in text


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit(143)])
def test_an_interruption_after_a_change_was_sent_says_so(interruption, host, monkeypatch):
    def interrupt(*_):
        raise interruption

    host.answers["PowerOnVM_Task"] = [TASK]
    with made(host) as session:
        monkeypatch.setattr(soap, "_body", interrupt)
        with pytest.raises((KeyboardInterrupt, SystemExit)) as caught, faults.translated("cannot start web"):
            power_on(session)
        monkeypatch.undo()
    [note] = caught.value.__notes__
    assert note.startswith("PowerOnVM_Task on VirtualMachine vm-12 was sent: whether it was done is unknown")


def test_an_interruption_without_a_change_says_nothing(host, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with made(host) as session:
        monkeypatch.setattr(soap, "_body", interrupt)
        with pytest.raises(KeyboardInterrupt) as caught, faults.translated("cannot read"):
            now(session)
        monkeypatch.undo()
    assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize(
    ("lost", "said"),
    [(CLOSE, "the connection broke"), (EXPIRED, "not authenticated"), (Fault("NoPermission"), "wrong")],
)
def test_a_read_that_fails_after_a_change_says_that_the_change_was_done(lost, said, host):
    host.answers |= {"UnregisterVM": [""], "CurrentTime": [lost]}

    def change(session):
        vim.VirtualMachine("vm-12", session.stub).Unregister()
        now(session)

    with made(host) as session:
        _, text = failure(session, change)
    assert said in text
    assert text.endswith("; UnregisterVM on VirtualMachine vm-12 was done")


def watched_failure(session, raised, change):
    """Return what leaves a block in which another one makes a change, and ``raised`` comes after it."""
    with pytest.raises(BaseException) as caught, outcome.watched():  # noqa: PT011, PT012 - the order is the point
        with faults.translated("cannot change web"):
            change(session)
        raise raised
    return caught.value


def test_a_block_says_nothing_twice(host):
    host.answers["PowerOnVM_Task"] = [CLOSE]
    with made(host) as session:
        error = watched_failure(session, AssertionError(), power_on)
    assert str(error).count("unknown") == 1


def test_what_a_block_has_left_open_is_said_by_the_one_around_it(host):
    host.answers["UnregisterVM"] = [""]
    with made(host) as session:
        error = watched_failure(
            session, KeyboardInterrupt(), lambda opened: vim.VirtualMachine("vm-12", opened.stub).Unregister()
        )
    assert error.__notes__ == ["UnregisterVM on VirtualMachine vm-12 was done"]


# --- waiting


def test_a_timeout_ends_the_waiting_for_an_answer(host):
    where = uri.parse(f"esx://127.0.0.1:{host.port}/?transport=http&timeout=1")
    silent = Gate(NOW)
    with Session(where, lambda: Credentials("root", "x"), wire.live(where)) as session:
        host.answers["CurrentTime"] = [silent]
        with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot read the time"):
            now(session)
        silent.open.set()
    assert caught.value.get_error_code() == libvirt.VIR_ERR_OPERATION_TIMEOUT


# --- a session that comes back


@pytest.fixture
def clock(monkeypatch):
    """Give a clock that the test turns."""
    now = [time.monotonic()]
    monkeypatch.setattr(stubs.time, "monotonic", lambda: now[0])

    def turn(seconds):
        now[0] += seconds

    return turn


def test_a_refused_login_is_tried_again_after_pauses_that_grow(host, clock):
    """Hosts lock out whoever tries too often: between the tries nothing is sent."""
    session = made(host).open()
    session.keep_trying()
    for pause in (60, 300, 900, 900):
        host.answers |= {"CurrentTime": [EXPIRED], "Login": [REFUSED]}
        with pytest.raises(faults.SessionEndedError, match=f"tried again in {pause} seconds"):
            now(session)
        sent = len(host.operations)
        clock(pause - 1)
        with pytest.raises(faults.SessionEndedError):
            now(session)
        assert len(host.operations) == sent
        clock(1)
    host.answers |= {"CurrentTime": [EXPIRED, NOW], "Login": [USER_SESSION]}
    assert now(session) is not None
    host.answers |= {"CurrentTime": [EXPIRED], "Login": [REFUSED]}
    with pytest.raises(faults.SessionEndedError, match="tried again in 60 seconds"):
        now(session)


def test_a_login_that_the_host_did_not_answer_is_tried_again_soon(host, clock):
    session = made(host).open()
    session.keep_trying()
    host.answers |= {"CurrentTime": [EXPIRED], "Login": [Http(503, "starting")]}
    with pytest.raises(faults.SessionEndedError, match="tried again in 5 seconds"):
        now(session)
    host.answers |= {"CurrentTime": [EXPIRED, NOW], "Login": [USER_SESSION]}
    clock(5)
    assert now(session) is not None


def test_a_login_is_tried_at_once_with_the_new_password_when_somebody_says_so(host):
    passwords = ["old", "new"]
    where = uri.parse(f"esx://127.0.0.1:{host.port}/?transport=http")
    session = Session(where, lambda: Credentials("root", passwords.pop(0)), wire.live(where)).open()
    session.keep_trying()
    host.answers |= {"CurrentTime": [EXPIRED], "Login": [REFUSED]}
    with pytest.raises(faults.SessionEndedError):
        now(session)
    host.answers |= {"CurrentTime": [EXPIRED, NOW], "Login": [USER_SESSION]}
    session.try_again()
    assert now(session) is not None
    assert passwords == []


def test_without_that_it_has_ended_for_good(host, clock):
    session = made(host).open()
    host.answers |= {"CurrentTime": [EXPIRED], "Login": [REFUSED]}
    with pytest.raises(faults.SessionEndedError, match="open the connection again"):
        now(session)
    clock(100000)
    session.try_again()
    with pytest.raises(faults.SessionEndedError):
        now(session)
    assert host.operations.count("Login") == 2
