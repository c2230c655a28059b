"""What befalls a host or a client, and that the daemon outlives it: the rows of bad luck, before a real simulator."""

import itertools
import queue
import re
import signal
import subprocess
import threading
import time

import libvirt
import pytest

from tests.daemon.conftest import RawClient, eventually
from tests.daemon.process import VIRSH, Virtesxd, environment, needs_virsh, virsh
from tests.daemon.test_testdriver import loop  # noqa: F401 - a fixture
from tests.sim import Sim

from .conftest import credentials

pytestmark = needs_virsh


class Restarted:
    """A host that dies and starts again at its address, with the inventory of its first start."""

    def __init__(self):
        self.sim = Sim.start("esx", tls=False)
        self.where = f"{self.sim.host}:{self.sim.port}"

    def uri(self, parameters=""):
        return f"esx://{self.sim.user}@{self.where}/?transport=http&{parameters}".rstrip("&")

    def die(self):
        self.sim._process.send_signal(signal.SIGKILL)
        self.sim._process.wait()

    def start(self):
        self.sim.stop()
        self.sim = Sim.start("esx", tls=False, listen=self.where)


@pytest.fixture
def restarted():
    host = Restarted()
    yield host
    host.sim.stop()


@pytest.fixture
def served(restarted, tmp_path):
    with Virtesxd(tmp_path, "--connect", restarted.uri("timeout=5"), env=credentials(restarted.sim)) as daemon:
        yield daemon
        assert "Traceback" not in daemon.said()
        assert restarted.sim.password not in daemon.said()


def is_watched(uri, sim):
    """Wait until the daemon knows every machine."""

    def asks_nothing():
        sim.reset_calls()
        assert virsh(uri, "domstate", "db01")[2] == 0
        return "RetrievePropertiesEx" not in sim.calls()

    eventually(asks_nothing, seconds=20)


class Listener:
    """A program with a connection that stays, which hears of domains and of the connection's loss."""

    def __init__(self, uri):
        self.conn = libvirt.open(uri)
        self.heard = queue.Queue()
        self.lost = queue.Queue()
        self.conn.registerCloseCallback(lambda _conn, reason, _opaque: self.lost.put(reason), None)
        self.conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self._happened, None)

    def _happened(self, _conn, domain, event, _detail, _opaque):
        self.heard.put((domain.name(), event))


@pytest.fixture
def listening(loop, served, restarted):  # noqa: F811
    is_watched(served.uri(), restarted.sim)
    return Listener(served.uri())


def test_a_host_that_restarts_is_lost_and_comes_back_with_what_is_other(restarted, served, listening):
    """The client's connection stays: it is told of the loss, its calls fail meanwhile, and its events go on."""
    domain = listening.conn.lookupByName("web01")
    domain.create()
    assert listening.heard.get(timeout=20) == ("web01", libvirt.VIR_DOMAIN_EVENT_STARTED)
    restarted.die()
    assert listening.lost.get(timeout=20) == libvirt.VIR_CONNECT_CLOSE_REASON_EOF
    for ask in (listening.conn.listAllDomains, domain.state, domain.XMLDesc):
        with pytest.raises(libvirt.libvirtError) as caught:
            ask()
        assert caught.value.get_error_domain() == libvirt.VIR_FROM_ESX
        assert restarted.where in str(caught.value)
    assert served.process.poll() is None
    restarted.start()
    assert listening.heard.get(timeout=40) == ("web01", libvirt.VIR_DOMAIN_EVENT_STOPPED)
    assert listening.heard.empty()
    assert domain.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF
    assert "db01" in virsh(served.uri(), "list")[0]
    assert listening.lost.empty(), "it is told once"
    domain.create()
    assert listening.heard.get(timeout=20) == ("web01", libvirt.VIR_DOMAIN_EVENT_STARTED)
    listening.conn.close()


def test_virsh_says_that_it_was_disconnected_and_goes_on(restarted, served):
    is_watched(served.uri(), restarted.sim)
    with subprocess.Popen(
        [VIRSH, "-c", served.uri()],
        env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as shell:  # fmt: skip
        said = []
        reader = threading.Thread(target=lambda: said.extend(shell.stdout))
        reader.start()
        shell.stdin.write("list\n")
        shell.stdin.flush()
        eventually(lambda: "db01" in "".join(said), seconds=10)
        restarted.die()
        eventually(lambda: "Disconnected from" in "".join(said), seconds=20)
        restarted.start()
        eventually(lambda: "db01" in virsh(served.uri(), "list")[0], seconds=40)
        before = len(said)
        shell.stdin.write("domstate db01\n")
        shell.stdin.close()
        assert shell.wait(20) == 0
        reader.join(10)
    assert "running" in "".join(said[before:])


def test_a_session_that_the_host_drops_is_renewed_without_a_word(restarted, served, listening):
    restarted.sim.reset_calls()
    assert restarted.sim.expire_sessions() >= 1
    listening.conn.getCapabilities()
    listening.conn.lookupByName("web01").create()
    assert listening.heard.get(timeout=20) == ("web01", libvirt.VIR_DOMAIN_EVENT_STARTED)
    assert restarted.sim.calls().count("Login") == 1
    assert listening.lost.empty()
    listening.conn.close()


def test_a_login_that_the_host_refuses_is_tried_again_when_the_daemon_is_told_to(restarted, served, listening):
    other = Listener(served.uri())
    restarted.sim.reset_calls()
    restarted.sim.fault("Login", "fault", fault="InvalidLogin")
    restarted.sim.expire_sessions()
    for each in (listening, other):
        assert each.lost.get(timeout=20) == libvirt.VIR_CONNECT_CLOSE_REASON_ERROR
    for _ in range(10):
        with pytest.raises(libvirt.libvirtError, match="tried again in 60 seconds") as caught:
            listening.conn.listAllDomains()
        assert caught.value.get_error_code() == libvirt.VIR_ERR_AUTH_FAILED
    assert restarted.sim.calls().count("Login") == 1, "hosts lock out who tries too often"
    served.process.send_signal(signal.SIGHUP)
    eventually(lambda: virsh(served.uri(), "list")[2] == 0)
    assert restarted.sim.calls().count("Login") == 2
    listening.conn.lookupByName("web01").create()
    for each in (listening, other):
        assert each.heard.get(timeout=40) == ("web01", libvirt.VIR_DOMAIN_EVENT_STARTED)
        each.conn.close()


def test_a_host_that_hangs_holds_up_no_other_and_no_ping(restarted, tmp_path):
    with Restarted().sim as other:
        hosts = f'default = "one"\n[hosts]\none = "{restarted.uri("timeout=3")}"\n' + (
            f'two = "esx://{other.user}@{other.host}:{other.port}/?transport=http"\n'
        )
        with Virtesxd(tmp_path, config=hosts, env=credentials_of_both(restarted.sim, tmp_path)) as daemon:
            is_watched(daemon.uri("two"), other)
            is_watched(daemon.uri("one"), restarted.sim)
            with RawClient(tmp_path / "virtesxd-sock") as stuck, RawClient(tmp_path / "virtesxd-sock") as steady:
                restarted.sim._process.send_signal(signal.SIGSTOP)
                try:
                    stuck.send("connect_get_capabilities")
                    stuck.ping()
                    started = time.monotonic()
                    assert stuck.receive()[0].procedure == 2  # the pong
                    assert virsh(daemon.uri("two"), "hostname")[2] == 0
                    assert steady.call("connect_get_type").type == "ESX"
                    assert time.monotonic() - started < 3
                    _, (code, text) = stuck.reply()
                    assert code == libvirt.VIR_ERR_OPERATION_TIMEOUT, text
                finally:
                    restarted.sim._process.send_signal(signal.SIGCONT)
            eventually(lambda: virsh(daemon.uri("one"), "hostname")[2] == 0, seconds=30)


def credentials_of_both(sim, tmp_path):
    """Return what lets the daemon log in to every simulator: libvirt's auth.conf."""
    path = tmp_path / "auth.conf"
    path.write_text(
        f"[credentials-all]\nusername={sim.user}\npassword={sim.password}\n[auth-esx-{sim.host}]\ncredentials=all\n"
    )
    path.chmod(0o600)
    return {"LIBVIRT_AUTH_FILE": str(path)}


def test_a_hangup_under_load_disturbs_nobody(restarted, served):
    conns = [libvirt.open(served.uri()) for _ in range(4)]
    done, failed, stop = itertools.count(), [], threading.Event()

    def ask(conn):
        try:
            while not stop.is_set():
                conn.lookupByName("db01").XMLDesc()
                conn.getCapabilities()
                next(done)
        except libvirt.libvirtError as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(conn,)) for conn in conns]
    for each in threads:
        each.start()
    for turn in range(20):
        served.file.write_text(f'unix_sock_dir = "{served.directory}"\n[hosts]\nnew{turn} = "{restarted.uri()}"\n')
        served.process.send_signal(signal.SIGHUP)
        time.sleep(0.05)
    eventually(lambda: virsh(served.uri("new19"), "list")[2] == 0)
    stop.set()
    for each in threads:
        each.join(20)
    assert failed == []
    assert next(done) > 40
    assert re.findall("read again", served.said())


def test_a_client_that_dies_with_callbacks_leaves_the_others_theirs(restarted, served, listening):
    off = "web01"
    with subprocess.Popen(
        [VIRSH, "-c", served.uri(), "event", "--all", "--loop"], env=environment(), stdout=subprocess.DEVNULL
    ) as dying:
        time.sleep(1)
        dying.kill()
    listening.conn.lookupByName(off).create()
    assert listening.heard.get(timeout=20) == (off, libvirt.VIR_DOMAIN_EVENT_STARTED)
    listening.conn.close()
