import gc
import gzip
import logging
import os
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import libvirt
import pytest
from pyVmomi import VmomiSupport, vim, vmodl

from esxdriver import errors, uri
from esxdriver.auth import Credentials
from esxdriver.vsphere.wire import faults, session, soap, stub
from esxdriver.vsphere.wire import http as wire
from esxdriver.vsphere.wire.session import Session
from tests.vsphere.fakehost import CLOSE, ENVELOPE, NOW, FakeHost, Fault, Http, content, moref, properties, serving

PASSWORD = "hunter2<&>"
EXPIRED = Fault("NotAuthenticated", "The session is not authenticated.", moref("Folder", "root", "object"))
TASK = moref("Task", "task-7")


@pytest.fixture
def host():
    with serving(FakeHost()) as server:
        yield server


def made(host, scheme="esx", credentials=lambda: Credentials("root", PASSWORD)):
    where = uri.parse(f"{scheme}://127.0.0.1:{host.port}/?transport=http")
    return Session(where, credentials, wire.live(where))


@pytest.fixture
def opened(host):
    with made(host) as session:
        yield session


def now(session):
    return vim.ServiceInstance("ServiceInstance", session.stub).CurrentTime()


def read(session):
    collector = vmodl.query.PropertyCollector
    spec = collector.FilterSpec(
        objectSet=[collector.ObjectSpec(obj=session.content.rootFolder)],
        propSet=[collector.PropertySpec(type=vim.Folder, pathSet=["name"])],
    )
    return session.content.propertyCollector.RetrievePropertiesEx([spec], collector.RetrieveOptions())


def power_on(session):
    return vim.VirtualMachine("vm-12", session.stub).PowerOn()


# --- opening and closing


def test_opening_logs_in_and_closing_logs_out_once(host):
    with made(host) as session:
        assert session.about.apiType == "HostAgent"
        assert session.content.rootFolder._GetMoId() == "root"
        assert session.is_alive()
    session.close()
    assert host.operations == ["RetrieveServiceContent", "Login", "CurrentTime", "Logout"]
    assert session.calls == dict.fromkeys(host.operations, 1)
    assert not session.is_alive()
    assert [cookie for _, cookie, *_ in host.seen] == [None, None, *['vmware_soap_session="s1"'] * 2]
    assert ">hunter2&lt;&amp;&gt;</password>" in host.seen[1][3]


def test_calls_after_closing_are_refused_without_logging_in_again(host):
    with made(host) as session:
        pass
    with pytest.raises(faults.SessionClosedError):
        now(session)
    assert host.operations[-1] == "Logout"


@pytest.mark.parametrize(
    ("api_version", "action"),
    [
        ("8.0.3.0", "8.0.3.0"),
        ("6.7.3", "6.7.3"),
        ("7.0", "7.0.0.0"),
        ("8.9", "8.0.3.1"),
        ("5.5", "5.5"),
        ("odd", "5.5"),
    ],
)
def test_the_newest_api_that_both_sides_know(api_version, action, host):
    host.answers["RetrieveServiceContent"] = [content(api_version=api_version)]
    with made(host):
        assert [action for _, _, action, _ in host.seen] == ['"urn:vim25/5.5"', f'"urn:vim25/{action}"']


def test_no_version_that_a_host_lacks_is_ever_chosen():
    numbered = [text for text in VmomiSupport.versionMap if text.startswith("vim25/") and soap._numbers(text[6:])]
    for text in numbered:
        assert VmomiSupport.GetVersionNamespace(soap.newest_version(text[6:])) == text


def refusal(session):
    with pytest.raises(libvirt.libvirtError) as caught:
        session.open()
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.err)
    assert "hunter2" not in shown
    return caught.value.get_error_code(), str(caught.value)


@pytest.mark.parametrize(
    ("scheme", "api_type", "part"),
    [
        ("esx", "VirtualCenter", "use vpx://127.0.0.1"),
        ("vpx", "HostAgent", "use esx://127.0.0.1"),
        ("esx", "Other", "neither a host nor a vCenter"),
    ],
)
def test_the_product_must_be_what_the_scheme_says(scheme, api_type, part, host):
    host.answers["RetrieveServiceContent"] = [content(api_type)]
    code, text = refusal(made(host, scheme))
    assert code == libvirt.VIR_ERR_NO_CONNECT
    assert part in text
    assert host.operations == ["RetrieveServiceContent"]


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (Http(404), "HTTP 404 Not Found"),
        (Http(503), "still starting"),
        (Http(200, "<html><p>Hello</html>"), "no SOAP"),
        (Http(500, "oops"), "no SOAP"),
        (Http(200, "<a/>"), "no SOAP"),
        (Http(200, ENVELOPE.format("")), "no ServiceContent"),
        (Http(500, ENVELOPE.format("")), "without a fault"),
        (Fault("NotSupported"), "it went wrong"),
        ("<returnval><odd/></returnval>", ""),
        (CLOSE, "broke"),
    ],
)
def test_who_is_no_vsphere_host(answer, part, host):
    host.answers["RetrieveServiceContent"] = [answer]
    code, text = refusal(made(host))
    assert code == libvirt.VIR_ERR_NO_CONNECT
    assert f"127.0.0.1:{host.port} is not a vSphere host" in text
    assert part in text


def test_nobody_is_there():
    code, text = refusal(made(type("Gone", (), {"port": 1})))
    assert code == libvirt.VIR_ERR_NO_CONNECT
    assert text == "cannot connect: 127.0.0.1:1: Connection refused"


def test_a_refused_login_says_who_and_where(host):
    host.answers["Login"] = [Fault("InvalidLogin", "Cannot complete login due to an incorrect password.")]
    code, text = refusal(made(host))
    assert code == libvirt.VIR_ERR_AUTH_FAILED
    assert f"cannot log in to 127.0.0.1:{host.port} as root: Cannot complete login" in text


def test_an_opening_that_fails_half_way_logs_out(host, monkeypatch):
    monkeypatch.setattr(stub.SessionStub, "log_in", interrupted(stub.SessionStub.log_in))
    kept = made(host)
    with pytest.raises(KeyboardInterrupt):
        kept.open()
    assert host.operations == ["RetrieveServiceContent", "Login", "Logout"]


def interrupted(original):
    def call(self):
        original(self)
        raise KeyboardInterrupt

    return call


def test_no_credentials_is_their_own_error(host):
    def none():
        raise errors.error(libvirt.VIR_ERR_AUTH_FAILED, "looked everywhere")

    assert refusal(made(host, credentials=none)) == (
        libvirt.VIR_ERR_AUTH_FAILED,
        "authentication failed: looked everywhere",
    )


def test_closing_never_raises(host):
    session = made(host).open()
    host.answers["Logout"] = [CLOSE]
    session.close()
    assert host.operations[-1] == "Logout"


def test_a_forgotten_session_is_logged_out(host):
    session = made(host).open()
    del session
    gc.collect()
    assert host.operations[-1] == "Logout"


def test_a_session_is_logged_out_at_exit(host):
    script = f"""
        from esxdriver import uri
        from esxdriver.auth import Credentials
        from esxdriver.vsphere.wire import http, session
        where = uri.parse("esx://127.0.0.1:{host.port}/?transport=http")
        kept = session.Session(where, lambda: Credentials("root", "x"), http.live(where)).open()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True)
    assert host.operations == ["RetrieveServiceContent", "Login", "Logout"]


def test_a_forked_child_leaves_the_session_to_its_parent(opened, host, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: -1)
    session._log_out(opened.stub, os.getppid())
    assert not opened.stub.closed
    assert "Logout" not in host.operations


# --- a session that has expired


def test_a_read_is_repeated_after_a_new_login(opened, host):
    host.answers["CurrentTime"] = [EXPIRED, NOW]
    assert now(opened).year == 2026
    assert host.operations[2:] == ["CurrentTime", "Login", "CurrentTime"]
    assert [cookie for _, cookie, *_ in host.seen[2:]] == ['vmware_soap_session="s1"', None, 'vmware_soap_session="s2"']


def test_a_read_is_repeated_only_once(opened, host):
    host.answers["CurrentTime"] = [EXPIRED]
    with pytest.raises(vim.fault.NotAuthenticated):
        now(opened)
    assert host.operations[2:] == ["CurrentTime", "Login", "CurrentTime"]
    assert not opened.is_alive()


def test_a_write_is_not_repeated_but_the_session_is_renewed(opened, host):
    host.answers["PowerOnVM_Task"] = [EXPIRED, TASK]
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot start web"):
        power_on(opened)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_OPERATION_FAILED
    assert "PowerOnVM_Task on VirtualMachine vm-12 and changed nothing" in str(caught.value)
    assert "ask again" in str(caught.value)
    assert host.operations[2:] == ["PowerOnVM_Task", "Login"]
    assert power_on(opened)._GetMoId() == "task-7"


def test_many_threads_log_in_once(opened, host):
    together = threading.Barrier(4, timeout=10)
    renewed = threading.Event()

    def answer(body):
        if renewed.is_set():
            return NOW
        together.wait()
        return EXPIRED

    def login(body):
        renewed.set()
        return host_login

    host_login = host.answers["Login"][0]
    host.answers["CurrentTime"] = [answer]
    host.answers["Login"] = [login]
    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(now, [opened] * 4))) == 4
    assert host.operations.count("Login") == 2


@pytest.mark.parametrize(("alive", "logins"), [(NOW, 1), (EXPIRED, 2)])
def test_an_empty_answer_after_a_long_idle_time_is_checked(alive, logins, opened, host, monkeypatch):
    monkeypatch.setattr(stub, "SUSPECT_AFTER", 0)
    host.answers["CurrentTime"] = [alive]
    host.answers["RetrievePropertiesEx"] = [properties(), properties(("Folder", "root", {"name": "x"}))][:logins]
    found = read(opened)
    assert len(found.objects) == logins - 1
    assert host.operations.count("Login") == logins


def test_an_empty_answer_is_believed_when_the_session_was_just_used(opened, host):
    host.answers["RetrievePropertiesEx"] = [properties()]
    assert not read(opened).objects
    assert host.operations[2:] == ["RetrievePropertiesEx"]


def test_a_late_cookie_does_not_replace_the_session(opened, host):
    """The answer to another thread's call may bring the cookie of a session that nobody logged in to."""
    response = type("Response", (), {"getheader": lambda self, name: 'vmware_soap_session="late"'})()
    opened.stub.adopt_cookie("CurrentTime", response)
    now(opened)
    assert host.seen[-1][1] == 'vmware_soap_session="s1"'


# --- a connection that is lost


def test_a_read_is_repeated_over_a_new_connection(opened, host):
    host.answers["CurrentTime"] = [CLOSE, NOW]
    assert now(opened)
    assert host.operations[2:] == ["CurrentTime", "CurrentTime"]


def test_a_read_survives_a_restart_of_the_host_service(opened, host):
    host.answers["CurrentTime"] = [CLOSE, EXPIRED, NOW]
    assert now(opened)


def test_a_read_that_is_lost_twice_is_an_error(opened, host):
    host.answers["CurrentTime"] = [CLOSE]
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot read the time"):
        now(opened)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_RPC
    assert host.operations[2:] == ["CurrentTime", "CurrentTime"]
    assert not opened.is_alive()


@pytest.mark.parametrize("answer", [CLOSE, Http(503), Http(200, "<html/>"), Http(200, ENVELOPE[:200])])
def test_the_outcome_of_a_lost_write_is_unknown(answer, opened, host):
    host.answers["PowerOnVM_Task"] = [answer]
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot start web"):
        power_on(opened)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_RPC
    assert "PowerOnVM_Task on VirtualMachine vm-12 was sent" in str(caught.value)
    assert "whether it was done is unknown" in str(caught.value)
    assert host.operations[2:] == ["PowerOnVM_Task"]


def test_a_write_that_was_never_sent_says_so(host):
    session = made(host).open()
    session.stub.DropConnections()
    session.stub._connections = made(type("Gone", (), {"port": 1})).stub._connections
    with pytest.raises(faults.UnreachableError):
        power_on(session)
    session.close()


def test_a_connection_that_the_host_closed_while_idle_is_not_written_to(opened, host):
    host.answers["PowerOnVM_Task"] = [TASK]
    host.hang_up()
    assert power_on(opened)._GetMoId() == "task-7"


def test_a_slow_answer_is_not_asked_for_twice(opened, host, monkeypatch):
    release = threading.Event()
    host.answers["CurrentTime"] = [lambda body: release.wait(10) and NOW]
    opened.stub.pool[0][0].sock.settimeout(0.05)
    with pytest.raises(faults.NoAnswerError):
        now(opened)
    release.set()
    assert host.operations[2:] == ["CurrentTime"]


def test_what_takes_leave_is_given_little_time_and_what_follows_is_not(opened, host, monkeypatch):
    """A view is taken back while the session goes on: the next call must not inherit the hurry."""
    monkeypatch.setattr(soap, "FAREWELL", 0.2)
    host.answers["DestroyView"] = [""]
    host.answers["CurrentTime"] = [lambda body: time.sleep(0.5) or NOW]
    vim.view.View("view-1", opened.stub).DestroyView()
    assert now(opened) is not None


def test_the_continuation_of_a_list_is_not_asked_for_twice(opened, host):
    host.answers["ContinueRetrievePropertiesEx"] = [CLOSE]
    with pytest.raises(faults.ConnectionLostError):
        opened.content.propertyCollector.ContinueRetrievePropertiesEx("token")
    assert host.operations[2:] == ["ContinueRetrievePropertiesEx"]


# --- the stub


def test_an_interrupted_call_leaves_no_half_read_connection(opened, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(soap, "_body", interrupt)
        with pytest.raises(KeyboardInterrupt):
            now(opened)
    assert not opened.stub.pool
    assert now(opened)


def test_errors_that_are_not_the_connections_stay_what_they_are(opened, monkeypatch):
    """A cassette that lacks the call is one."""

    def miss(*_):
        raise LookupError("not recorded")

    monkeypatch.setattr(soap, "_body", miss)
    with pytest.raises(LookupError) as caught:
        now(opened)
    assert caught.value.__cause__ is None


def test_an_answer_that_is_not_understood(opened, host):
    host.answers["CurrentTime"] = ["<returnval>yesterday</returnval>"]
    with pytest.raises(faults.UnreadableError, match="the answer to CurrentTime is not understood"):
        now(opened)


def test_compressed_answers():
    class Response:
        status = 200

        def read(self, _limit):
            return gzip.compress(b"text")

        def getheader(self, name):
            return "gzip"

    assert soap._body("X", Response()) == b"text"


def test_the_log_has_names_and_times_and_no_arguments(host, caplog):
    with caplog.at_level(logging.DEBUG), made(host):
        pass
    assert [record.getMessage().split(":")[0] for record in caplog.records if record.name == soap.__name__] == [
        "RetrieveServiceContent",
        "Login",
        "Logout",
    ]
    assert "hunter2" not in caplog.text


def test_what_a_uri_has_that_is_ignored_is_warned_of_once(host, caplog):
    where = uri.parse(f"esx://127.0.0.1:{host.port}/path?transport=http&colour=blue")
    uri.parse(str(where) + "&colour=blue")
    with Session(where, lambda: Credentials("root", "x"), wire.live(where)):
        pass
    assert caplog.text.count("ignored the unknown URI parameter 'colour'") == 1
    assert caplog.text.count("the path of an esx:// URI is ignored") == 1
