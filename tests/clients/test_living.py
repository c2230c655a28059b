"""The living inventory: one watch for all clients, which need not ask the host, and hear of what happens there."""

import subprocess
import threading

import libvirt
import pytest

from tests.daemon.conftest import eventually
from tests.daemon.process import VIRSH, environment, needs_virsh

pytestmark = needs_virsh


@pytest.fixture
def watched(host):
    """Return the host once its daemon knows every machine: a list asks for nothing then."""
    host.virsh("dominfo", "db01")  # which also learns what counters the host has

    def is_known():
        host.sim.reset_calls()
        host.virsh("domstate", "db01")
        return host.asked() == []

    eventually(is_known, seconds=20)
    return host


def test_a_hundred_times_dominfo_of_unchanged_domains_asks_for_cpu_time_alone(watched):
    """The time a running domain has used is no property of which the host tells; one that is off has none."""
    off, *_ = watched.virsh("list", "--name", "--state-shutoff").split()
    watched.sim.reset_calls()
    assert watched.virsh("; ".join([f"dominfo {off}"] * 100)).count("Used memory") == 100
    assert watched.asked() == []
    watched.virsh("; ".join(["dominfo db01"] * 100))
    assert set(watched.asked()) == {"QueryPerf"}


def test_a_definition_is_read_once_for_all_clients(watched):
    first = watched.virsh("dumpxml", "db01")
    watched.sim.reset_calls()
    assert [watched.virsh("dumpxml", "db01") for _ in range(3)] == [first] * 3
    assert "db01" in watched.virsh("list", "--all")
    assert watched.asked() == []


def test_what_a_client_wrote_every_client_reads_back(watched):
    watched.virsh("dumpxml", "db01")
    other = libvirt.open(watched.uri())
    changed = other.lookupByName("db01").XMLDesc().replace("<description>", "<description>other words ")
    for turn, document in enumerate((changed, changed.replace("other words", "third words"))):
        other.defineXML(document)
        assert ("other words", "third words")[turn] in watched.virsh("dumpxml", "db01")
    other.close()


def test_virsh_hears_of_what_another_client_does(watched):
    """The event comes through an unmodified ``virsh event --all --loop``."""
    off = watched.virsh("list", "--name", "--state-shutoff").split()[0]
    heard = f"event 'lifecycle' for domain '{off}': "
    with subprocess.Popen(
        [VIRSH, "-c", watched.uri(), "event", "--all", "--loop", "--timeout", "20"],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as listening:  # fmt: skip
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(listening.stdout))
        reader.start()

        def turned():
            watched.virsh("start", off)
            watched.virsh("destroy", off)
            return heard + "Started" in "".join(lines)

        eventually(turned, seconds=15)
        eventually(lambda: heard + "Stopped" in "".join(lines), seconds=10)
        listening.terminate()
        reader.join(10)
