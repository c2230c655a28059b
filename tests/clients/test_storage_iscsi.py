"""iSCSI targets as pools through virsh, unmodified."""

import pytest

from tests.daemon.process import Virtesxd, needs_virsh
from tests.sim import Sim

from .conftest import Host, address, credentials
from .test_virsh import plain

pytestmark = needs_virsh

TARGET = "iqn.2001-05.com.example:array1.prod"
LUN = "/vmfs/devices/disks/naa.60003ff44dc75adc8f3a6b1e00000001"
KEY = "5f893dbd-f33c-9407-62c4-db131cfa527a"


@pytest.fixture(scope="module")
def iscsi(tmp_path_factory):
    """Give one daemon and one simulator for all: nothing is changed here."""
    with (
        Sim.start("esx-iscsi") as sim,
        Virtesxd(tmp_path_factory.mktemp("iscsi"), "--connect", address(sim), "-v", env=credentials(sim)) as daemon,
    ):
        yield Host(sim, daemon)


SHOWS = [
    ("pool-list --type iscsi", [f"{TARGET} active yes"]),
    (f"pool-info {TARGET}", ["State: running", "Capacity: 350.00 GiB", "Available: 0.00 B"]),
    (f"pool-dumpxml {TARGET}", ["<pool type='iscsi'>", f"<device path='{TARGET}'/>"]),
    (f"vol-list --details {TARGET}", [f"{LUN} {LUN} block 100.00 GiB 100.00 GiB"]),
    (f"vol-info {LUN}", ["Type: block", "Capacity: 100.00 GiB"]),
    (f"vol-dumpxml --pool {TARGET} {LUN}", ["<volume type='block'>", f"<key>{KEY}</key>"]),
    (f"vol-key {LUN}", [KEY]),
    (f"vol-path {KEY}", [LUN]),
    (f"vol-pool {LUN}", [TARGET]),
]


@pytest.mark.parametrize(("line", "shown"), SHOWS, ids=[line.split()[0] for line, _ in SHOWS])
def test_virsh_shows(iscsi, line, shown):
    out = plain(iscsi.virsh(*line.split()))
    assert [each for each in shown if each not in out] == []


def test_a_refresh_reaches_the_host(iscsi):
    iscsi.sim.reset_calls()
    iscsi.virsh("pool-refresh", TARGET)
    assert iscsi.asked().count("RescanHba") == 1


@pytest.mark.parametrize("line", [f"vol-delete {LUN}", f"vol-create-as {TARGET} a/a.vmdk 1G", f"vol-resize {LUN} 200G"])
def test_what_would_change_it_is_refused(iscsi, line):
    iscsi.sim.reset_calls()
    assert "on the storage array, then refresh the pool" in iscsi.refused(*line.split())
    assert iscsi.writes() == []
