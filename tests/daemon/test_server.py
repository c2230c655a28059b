"""The server: who waits for whom, how much is taken, and how it ends."""

import contextlib
import os
import random
import resource
import struct
import threading
import time
from pathlib import Path

import libvirt
import pytest

from esxdriver import errors, waiting
from esxdriver.daemon import doors
from esxdriver.rpc import messages, protocol
from esxdriver.rpc.messages import Header, Status, Type

from .conftest import eventually

PONG = (messages.PONG_HEADER, b"")


class Driver:
    """A host on which getHostname waits until it is let go, and getType does not wait."""

    def __init__(self):
        self.go = threading.Event()
        self.waiting = threading.Semaphore(0)
        self.under_way = 0
        self.most = 0
        self.closed = 0
        self._lock = threading.Lock()

    def getURI(self):  # noqa: N802
        return "esx://esx1/"

    def getType(self):  # noqa: N802
        return "ESX"

    def getCapabilities(self):  # noqa: N802
        return "x" * 4000000

    def getVersion(self):  # noqa: N802
        raise errors.error(libvirt.VIR_ERR_OPERATION_FAILED, "no")

    def getLibVersion(self):  # noqa: N802
        raise KeyError("a bug, with a secret in it")

    def getHostname(self):  # noqa: N802
        with self._lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        self.waiting.release()
        assert self.go.wait(30)
        with self._lock:
            self.under_way -= 1
        return "esx1"

    def close(self):
        self.closed += 1


@pytest.fixture
def driver():
    driver = Driver()
    yield driver
    driver.go.set()


@pytest.fixture
def serve(daemon, driver):
    return lambda **settings: daemon(lambda _uri, _login: driver, **settings)


def test_a_quick_call_overtakes_a_slow_one(serve, driver):
    with serve().client() as client:
        slow = client.send("connect_get_hostname")
        driver.waiting.acquire()
        assert client.call("connect_get_type").type == "ESX"
        driver.go.set()
        assert client.reply() == (slow, ("esx1",))


def test_a_ping_is_answered_while_calls_wait(serve, driver):
    with serve(max_workers=1, prio_workers=1).client() as client:
        for _ in range(20):
            client.send("connect_get_hostname")
        driver.waiting.acquire()
        client.ping()
        assert client.receive() == PONG


def test_a_ping_is_answered_before_anything_else_is_known(serve):
    with serve(auth_unix="sasl").client(opened=False) as client:
        client.ping()
        assert client.receive() == PONG


def test_a_slow_client_holds_up_nobody_else(serve, driver):
    running = serve(max_workers=2, prio_workers=1, max_client_requests=2)
    with running.client() as slow, running.client() as other:
        for _ in range(10):
            slow.send("connect_get_hostname")
        for _ in range(2):
            driver.waiting.acquire()
        assert other.call("connect_get_type").type == "ESX"


def test_a_client_has_so_many_calls_under_way_and_no_more(serve, driver):
    with serve(max_client_requests=3).client() as client:
        sent = [client.send("connect_get_hostname") for _ in range(30)]
        for _ in range(3):
            driver.waiting.acquire()
        time.sleep(0.1)
        assert driver.under_way == 3
        driver.go.set()
        assert sorted(client.reply()[0] for _ in sent) == sent
    assert driver.most == 3


def test_more_clients_than_allowed_wait_at_the_door(serve):
    running = serve(max_clients=2)
    with running.client() as one, running.client(), running.client(opened=False) as third:
        third.socket.settimeout(0.3)
        third.send("auth_list")
        with pytest.raises(TimeoutError):
            third.receive()
        one.socket.close()
        third.socket.settimeout(10)
        assert third.reply()[1].types == [0]


def test_clients_that_do_not_say_who_they_are_wait_earlier(serve):
    running = serve(auth_unix="sasl", max_anonymous_clients=1)
    with running.client(opened=False) as one, running.client(opened=False) as other:
        other.socket.settimeout(0.3)
        other.send("auth_list")
        with pytest.raises(TimeoutError):
            other.receive()
        one.call("auth_sasl_start", "PLAIN", 0, b"\0root\0secret")
        other.socket.settimeout(10)
        assert other.reply()[1].types == [1]


# -- what is known already


class Knowing(Driver):
    """A host whose name is known after it was asked once."""

    def __init__(self):
        super().__init__()
        self.known = None
        self.threads = []

    def getHostname(self):  # noqa: N802
        self.threads.append(threading.current_thread().name)
        if self.known is None:
            waiting.require_may_wait()
            self.known = "esx1"
        return self.known


def test_what_is_known_is_answered_in_the_loop_and_the_rest_by_a_worker(daemon):
    driver = Knowing()
    running = daemon(lambda _uri, _login: driver, quick=frozenset({"connect_get_hostname"}))
    with running.client() as client:
        for _ in range(3):
            assert client.call("connect_get_hostname").hostname == "esx1"
    loop = running.thread.name
    first, second, *others = driver.threads
    assert first == loop
    assert second != loop
    assert others == [loop, loop]


def test_what_is_known_comes_from_the_loop_while_all_workers_wait(daemon):
    driver = Knowing()
    driver.known = "esx1"
    stuck = threading.Event()
    driver.getType = lambda: stuck.wait(20) and "ESX"
    running = daemon(
        lambda _uri, _login: driver, max_workers=1, prio_workers=1, quick=frozenset({"connect_get_hostname"})
    )
    with running.client() as client:
        for _ in range(5):
            client.send("connect_get_type")
        serial = client.send("connect_get_hostname")
        assert client.reply() == (serial, ("esx1",))
        stuck.set()


def test_a_client_that_sends_thousands_of_calls_takes_turns_with_others(daemon):
    driver = Knowing()
    order = []
    driver.getHostname = lambda: order.append("many") or "esx1"
    driver.getType = lambda: order.append("one") or "ESX"
    quick = frozenset({"connect_get_hostname", "connect_get_type"})
    running = daemon(lambda _uri, _login: driver, quick=quick)
    number = protocol.named("connect_get_hostname").number
    call = messages.message(Header(protocol.PROGRAM, 1, number, Type.CALL, 9, Status.OK))
    with running.client() as many, running.client() as one:
        many.socket.sendall(call * 3000)
        one.call("connect_get_type")
        for _ in range(3000):
            many.receive()
    assert order.index("one") < 2900


# -- bad input


def test_a_drivers_error_is_the_reply(serve):
    with serve().client() as client:
        assert client.call("connect_get_version") == (libvirt.VIR_ERR_OPERATION_FAILED, "operation failed: no")


def test_a_text_that_is_not_utf8_is_an_invalid_argument(serve, driver):
    driver.defineXML = lambda xml: xml.encode()
    with serve().client() as client:
        assert client.call("domain_define_xml", "<domain>\udcff") == (
            libvirt.VIR_ERR_INVALID_ARG,
            "invalid argument: a text is not UTF-8",
        )


def test_a_bug_is_an_internal_error_without_its_text(serve, caplog):
    with serve().client() as client:
        code, text = client.call("connect_get_lib_version")
        assert code == libvirt.VIR_ERR_INTERNAL_ERROR
        assert "secret" not in text
        assert client.call("connect_get_type").type == "ESX"


def test_an_unknown_procedure_and_a_wrong_body_are_errors_and_no_end(serve):
    with serve().client() as client:
        client.socket.sendall(messages.message(Header(0x20008087, 1, 3, Type.CALL, 5, Status.OK)))
        serial, (code, text) = client.reply()
        assert (serial, code) == (5, libvirt.VIR_ERR_RPC)
        assert text.startswith("unknown procedure: 3")
        client.send("domain_lookup_by_name", body=b"\xff\xff\xff\xff")
        assert client.reply()[1][0] == libvirt.VIR_ERR_RPC
        assert client.call("connect_get_type").type == "ESX"


@pytest.mark.parametrize("length", [0, 27, 33554437, 2**32 - 1])
def test_a_length_that_cannot_be_ends_the_connection_and_no_other(serve, length):
    running = serve()
    with running.client() as client, running.client() as other:
        client.socket.sendall(struct.pack(">I", length) + bytes(64))
        assert client.receive() is None
        assert other.call("connect_get_type").type == "ESX"


def test_a_long_message_is_not_taken_from_somebody_unknown(serve):
    with serve(auth_unix="sasl").client(opened=False) as client:
        client.socket.sendall(struct.pack(">I", 65537))
        assert client.receive() is None


@pytest.mark.parametrize("kind", [Type.REPLY, Type.MESSAGE, 4, 5, Type.STREAM_HOLE, 99, -1])
def test_a_message_that_no_client_sends_ends_the_connection(serve, kind):
    with serve().client() as client:
        client.send("connect_get_type", kind=kind)
        assert client.receive() is None


def test_a_packet_of_no_stream_is_nobodys(serve):
    with serve().client() as client:
        client.send("storage_vol_upload", kind=Type.STREAM, status=Status.CONTINUE, body=b"data")
        assert client.call("connect_get_type").type == "ESX"


def test_random_bytes_end_one_connection_at_most(serve):
    running = serve()
    chance = random.Random(13)
    with running.client() as other:
        for _ in range(200):
            with running.client(opened=False) as client:
                body = chance.randbytes(chance.randrange(200))
                header = struct.pack(">IIIiiIi", len(body) + 28, protocol.PROGRAM, 1, chance.randrange(460), 0, 7, 0)
                client.socket.sendall(chance.choice([body, header + body]))
        assert other.call("connect_get_type").type == "ESX"
    eventually(lambda: not running.server._clients)


def resident():
    """Return the bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def sent_until_full(client, name):
    """Send calls until the daemon takes no more, and return how many those were; a million at most."""
    client.socket.settimeout(0.5)
    sent = 0
    with contextlib.suppress(TimeoutError):
        while sent < 1000000:
            sent = client.send(name)
    client.socket.settimeout(10)
    return sent


def test_a_client_that_reads_nothing_is_not_read_from(serve):
    """Its replies would be many gigabytes."""
    running = serve()
    before = resident()
    with running.client() as client, running.client() as other:
        assert sent_until_full(client, "connect_get_capabilities") < 100000
        assert resident() - before < 200 * 2**20
        assert other.call("connect_get_type").type == "ESX"


def test_a_client_that_sends_ahead_without_end_is_not_read_from(serve, driver):
    with serve().client() as client:
        assert sent_until_full(client, "connect_get_hostname") < 1000000
        driver.go.set()
        assert client.reply()[1] == ("esx1",)


@pytest.fixture
def many_files():
    """Let this process have both ends of many connections."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_thousand_idle_clients_hold_up_nobody(serve, many_files):
    running = serve()
    clients = [running.client(opened=False) for _ in range(1000)]
    with running.client() as client:
        assert client.call("connect_get_type").type == "ESX"
    for each in clients:
        each.socket.close()


# -- the end


def test_a_client_that_dies_in_a_call_leaves_nothing(serve, driver):
    running = serve()
    with running.client() as client:
        client.send("connect_get_hostname")
        driver.waiting.acquire()
    driver.go.set()
    eventually(lambda: not running.server._clients)
    with running.client() as client:
        assert client.call("connect_get_type").type == "ESX"


class Eventful(Driver):
    """A host with events, which remembers who waits for them."""

    def __init__(self):
        super().__init__()
        self.waits = {}

    def domainEventRegisterAny(self, _domain, event, callback, _opaque):  # noqa: N802
        number = len(self.waits)
        self.waits[number] = event, callback
        return number

    def domainEventDeregisterAny(self, number):  # noqa: N802
        del self.waits[number]


def test_a_client_that_dies_leaves_no_callback(daemon):
    driver = Eventful()
    running = daemon(lambda _uri, _login: driver)
    with running.client() as client:
        for event in (0, 1, 23):
            client.call("connect_domain_event_callback_register_any", event, None)
        assert len(driver.waits) == 3
        _, happened = driver.waits[0]
    eventually(lambda: driver.waits == {})
    happened(driver, Named(1), 0, 0, None)  # it was under way; nobody is there to take it
    with running.client() as client:
        assert client.call("connect_get_type").type == "ESX"


class Many(Driver):
    """A host with more domains than a list of the protocol takes."""

    def __init__(self, count):
        super().__init__()
        self.count = count

    def listAllDomains(self, _flags):  # noqa: N802
        return [Named(number) for number in range(self.count)]


class Named:
    """A domain with a name of its own."""

    def __init__(self, number):
        self.number = number

    def name(self):
        return f"vm{self.number}"

    def UUID(self):  # noqa: N802
        return self.number.to_bytes(16, "big")

    def ID(self):  # noqa: N802
        return -1


@pytest.mark.parametrize("count", [16384, 16385])
def test_more_domains_than_a_list_takes_are_libvirts_own_error(daemon, count):
    running = daemon(lambda _uri, _login: Many(count))
    conn = libvirt.open(f"esx+unix:///system?socket={running.directory / doors.NAME}")
    try:
        if count == 16384:
            assert len(conn.listAllDomains()) == count
        else:
            with pytest.raises(libvirt.libvirtError, match="Too many domains '16385' for limit '16384'"):
                conn.listAllDomains()
            assert conn.getType() == "ESX", "the connection goes on"
    finally:
        conn.close()


def test_the_end_waits_for_what_runs_and_refuses_what_waits(serve, driver):
    running = serve(max_client_requests=1)
    with running.client() as client:
        client.call("connect_register_close_callback")
        slow, waiting = client.send("connect_get_hostname"), client.send("connect_get_hostname")
        driver.waiting.acquire()
        running.server.loop.call_soon_threadsafe(running.server.stop)
        serial, (code, text) = client.reply()
        assert (serial, code) == (waiting, libvirt.VIR_ERR_OPERATION_ABORTED)
        assert "nothing was done" in text
        driver.go.set()
        assert client.reply() == (slow, ("esx1",))
        header, body = client.receive()
        row = protocol.procedures()[header.procedure]
        assert row.name == "connect_event_connection_closed"
        assert messages.parse(row.arguments, body).reason == libvirt.VIR_CONNECT_CLOSE_REASON_EOF
        assert client.receive() is None
    running.thread.join(5)
    assert driver.closed == 1
    assert list(running.directory.iterdir()) == []


def test_clients_share_a_connection_which_outlives_them(daemon, driver):
    opened = []
    running = daemon(lambda uri, login: opened.append((uri, login)) or driver)
    for _ in range(3):
        with running.client(), running.client():
            pass
    assert opened == [("esx://esx1/", None)]
    eventually(lambda: not running.server._clients)
    running.server.hosts.close_unused(after=0)
    assert driver.closed == 1
    with running.client():
        assert len(opened) == 2


def test_different_logins_never_share_a_connection(daemon):
    opened = []
    running = daemon(lambda _uri, login: opened.append(login) or Driver(), auth_unix="sasl")
    for data in (b"\0root\0one", b"\0root\0two", b"\0user\0one", b"\0root\0one"):
        with running.client(opened=False) as client:
            client.call("auth_sasl_start", "PLAIN", 0, data)
            client.call("connect_open", "", 0)
    assert [(login.username, login.password) for login in opened] == [("root", "one"), ("root", "two"), ("user", "one")]


def test_a_login_that_the_host_refuses_is_the_openings_error(daemon):
    def refuse(_uri, _login):
        raise errors.error(libvirt.VIR_ERR_AUTH_FAILED, "cannot log in")

    with daemon(refuse).client(opened=False) as client:
        assert client.call("connect_open", "", 0) == (
            libvirt.VIR_ERR_AUTH_FAILED,
            "authentication failed: cannot log in",
        )
        assert client.call("connect_get_type")[1] == "connection not open"


def test_the_socket_for_reading_changes_nothing(serve):
    with serve().client(doors.READ_ONLY_NAME) as client:
        assert client.call("connect_get_type").type == "ESX"
        code, _ = client.call("domain_destroy", ("x", bytes(16), 1))
        assert code == libvirt.VIR_ERR_OPERATION_DENIED
