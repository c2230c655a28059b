"""The daemon for long: threads, connections that come and go, and memory that stays. ``--soak=100`` makes it longer."""

import threading
import time

import libvirt
import pytest

from tests.daemon import fuzz
from tests.daemon.conftest import RawClient

CALLS, CONNECTIONS, THREADS = 20000, 200, 8
ALLOWED = 24 * 2**20  # bytes that a daemon may gain: buffers, threads, and what its allocator keeps


class Soak:
    """Threads that call and connect, each as many times as its share is."""

    def __init__(self, uri, calls, connections):
        self.uri = uri
        self.done, self.failed = 0, []
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(calls // THREADS, connections // THREADS)) for _ in range(THREADS)
        ]

    def run(self):
        for each in self._threads:
            each.start()
        for each in self._threads:
            each.join(600)
            assert not each.is_alive()
        assert self.failed == []

    def _run(self, calls, connections):
        try:
            for _ in range(connections):
                conn = libvirt.open(self.uri)
                domain = conn.lookupByName("test")
                for _ in range(calls // connections):
                    assert domain.info()[0] == libvirt.VIR_DOMAIN_RUNNING
                    with self._lock:
                        self.done += 1
                conn.close()
        except (libvirt.libvirtError, AssertionError) as error:
            self.failed.append(error)


@pytest.fixture
def uri(testdriver):
    return f"esx+unix:///system?socket={testdriver / 'virtesxd-sock'}"


@pytest.mark.timeout(3600)
def test_calls_and_connections_without_end_keep_memory_bounded(testdriver, uri, request):
    times = request.config.getoption("--soak")
    with RawClient(testdriver / "virtesxd-sock") as steady:
        process = fuzz.process_of(steady)
        Soak(uri, CALLS // 10, CONNECTIONS // 10).run()  # threads are there and caches are full
        before, started = fuzz.memory(process), time.monotonic()
        soak = Soak(uri, CALLS * times, CONNECTIONS * times)
        soak.run()
        gained = fuzz.memory(process) - before
        seconds = time.monotonic() - started
        print(f"{soak.done} calls in {seconds:.0f} s, {gained / 2**20:.1f} MiB gained")  # noqa: T201 - with -s or -rP
        assert soak.done == CALLS * times
        assert gained < ALLOWED
        assert steady.call("connect_get_type").type


@pytest.mark.timeout(3600)
def test_what_no_client_would_send_keeps_memory_bounded(testdriver, request, capsys):
    """A short run of tests/daemon/fuzz.py, which has an end of its own."""
    seconds = 5 * request.config.getoption("--soak")
    assert fuzz.main(testdriver / "virtesxd-sock", str(seconds), "7") == 0
    print(capsys.readouterr().out)  # noqa: T201 - with -s or -rP
