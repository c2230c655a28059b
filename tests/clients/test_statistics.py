"""Programs that poll statistics, unmodified."""

import shutil
import socket
import subprocess
import urllib.error
import urllib.request

import pytest

from tests.daemon.conftest import eventually
from tests.daemon.process import environment

EXPORTER = shutil.which("prometheus-libvirt-exporter")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def fetched(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=20) as answer:
        return answer.read().decode()


@pytest.fixture
def exporter(host):
    """Return the address of an exporter of the host's figures."""
    address = f"127.0.0.1:{free_port()}"
    with subprocess.Popen(
        [EXPORTER, "--libvirt.uri", host.uri(), "--web.listen-address", address],
        env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as running:  # fmt: skip

        def answers():
            try:
                return fetched(f"http://{address}/")
            except urllib.error.URLError:
                return None

        eventually(answers, seconds=20)
        yield f"http://{address}/metrics"
        running.terminate()


def figures(text, domain):
    """Return the series of a domain: the name of each, and its value."""
    lines = [line for line in text.splitlines() if f'domain="{domain}"' in line]
    return {line.partition("{")[0]: float(line.rpartition(" ")[2]) for line in lines}


@pytest.mark.skipif(EXPORTER is None, reason="needs the exporter: apt install prometheus-libvirt-exporter")
def test_an_exporter_shows_figures_that_rise(host, exporter):
    first = figures(fetched(exporter), "db01")
    assert first["libvirt_domain_info_virtual_cpus"] == 4
    assert first["libvirt_domain_info_memory_usage_bytes"] == 8 * 2**30
    assert "libvirt_domain_block_stats_read_bytes_total" in first
    assert "libvirt_domain_interface_stats_receive_bytes_total" in first
    host.sim.advance(60)

    def has_risen():
        now = figures(fetched(exporter), "db01")["libvirt_domain_info_cpu_time_seconds_total"]
        return now > first["libvirt_domain_info_cpu_time_seconds_total"]

    eventually(has_risen, seconds=40)
    assert host.writes() == []
