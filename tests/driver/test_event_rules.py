"""Which of libvirt's events a change of a machine is."""

from types import SimpleNamespace

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.driver.event_rules import events_of
from esxdriver.driver.transients import Transients
from esxdriver.vsphere.machine.device_list import DEVICES, HARDWARE, Device
from esxdriver.vsphere.query.known import Change

VM = vim.VirtualMachine("vm-7")

ON, OFF, SUSPENDED = ({"runtime.powerState": state} for state in ("poweredOn", "poweredOff", "suspended"))
LEAVING = ON | {"guest.guestState": "shuttingDown"}


def tree(current, *names):
    return {
        "snapshot": SimpleNamespace(
            currentSnapshot=vim.vm.Snapshot(current),
            rootSnapshotList=[SimpleNamespace(snapshot=vim.vm.Snapshot(name), childSnapshotList=[]) for name in names],
        )
    }


OLD, NEW = tree("one", "one", "two"), tree("two", "one", "two")
GROWN = tree("three", "one", "two", "three")

LIFECYCLE = [
    # before, after, the events and their details
    (None, OFF, [("DEFINED", "ADDED")]),
    (None, ON, [("DEFINED", "ADDED"), ("STARTED", "BOOTED")]),
    (OFF, None, [("UNDEFINED", "REMOVED")]),
    (ON, None, [("STOPPED", "MIGRATED"), ("UNDEFINED", "REMOVED")]),
    (OFF, ON, [("STARTED", "BOOTED")]),
    (SUSPENDED, ON, [("RESUMED", "UNPAUSED")]),
    (ON, SUSPENDED, [("SUSPENDED", "PAUSED")]),
    (ON, OFF, [("STOPPED", "DESTROYED")]),
    (LEAVING, OFF, [("STOPPED", "SHUTDOWN")]),
    (SUSPENDED, OFF, [("STOPPED", "DESTROYED")]),
    (ON | OLD, OFF | NEW, [("STOPPED", "FROM_SNAPSHOT")]),
    (OFF | OLD, ON | NEW, [("STARTED", "FROM_SNAPSHOT")]),
    (ON | OLD, SUSPENDED | NEW, [("SUSPENDED", "FROM_SNAPSHOT")]),
    (ON | OLD, OFF | GROWN, [("STOPPED", "DESTROYED")]),
    ({"name": "a"}, {"name": "b"}, [("UNDEFINED", "RENAMED"), ("DEFINED", "RENAMED")]),
    ({"config.changeVersion": "1"}, {"config.changeVersion": "2"}, [("DEFINED", "UPDATED")]),
    (ON | {"runtime.bootTime": 1}, OFF | {"runtime.bootTime": None}, [("STOPPED", "DESTROYED")]),
    (ON, ON, []),
]


@pytest.mark.parametrize(("before", "after", "expected"), LIFECYCLE)
def test_lifecycle(before, after, expected):
    reported = [event.arguments for event in events_of(Change(VM, before, after))]
    assert reported == _events(expected)


FORGOTTEN = [
    # before, and what is reported when it is gone
    (ON, [("STOPPED", "DESTROYED"), ("UNDEFINED", "REMOVED")]),
    (LEAVING, [("STOPPED", "SHUTDOWN"), ("UNDEFINED", "REMOVED")]),
    (SUSPENDED, [("STOPPED", "DESTROYED"), ("UNDEFINED", "REMOVED")]),
    (OFF, [("UNDEFINED", "REMOVED")]),
]


@pytest.mark.parametrize(("before", "expected"), FORGOTTEN)
def test_a_transient_domain_has_stopped_when_it_is_forgotten(before, expected):
    """The host may tell of both at once: then it has not gone to another host."""
    transients, ref = Transients(None, may_write=True), SimpleNamespace(_moId="vm-7", UnregisterVM=lambda: None)
    transients.forget(ref)
    steps = transients.steps(Change(ref, before, None))
    assert [event.arguments for step in steps for event in events_of(step)] == _events(expected)


def _events(expected):
    return [
        (getattr(libvirt, f"VIR_DOMAIN_EVENT_{event}"), getattr(libvirt, f"VIR_DOMAIN_EVENT_{event}_{detail}"))
        for event, detail in expected
    ]


# The same with managed_save=1.
MANAGED_SAVE = [
    (OFF, ON, [("STARTED", "BOOTED")]),
    (SUSPENDED, ON, [("STARTED", "RESTORED")]),
    (ON, SUSPENDED, [("STOPPED", "SAVED")]),
    (ON, OFF, [("STOPPED", "DESTROYED")]),
    (LEAVING, OFF, [("STOPPED", "SHUTDOWN")]),
    (SUSPENDED, OFF, []),
    (OFF, SUSPENDED, []),
    (ON | OLD, SUSPENDED | NEW, [("STOPPED", "FROM_SNAPSHOT")]),
    (SUSPENDED | OLD, ON | NEW, [("STARTED", "FROM_SNAPSHOT")]),
]


@pytest.mark.parametrize(("before", "after", "expected"), MANAGED_SAVE)
def test_a_suspension_may_be_a_managed_save(before, after, expected):
    reported = [event.arguments for event in events_of(Change(VM, before, after), managed_save=True)]
    assert reported == _events(expected)


RUNNING, NOT_RUNNING = ({"guest.toolsRunningStatus": f"guestTools{state}"} for state in ("Running", "NotRunning"))
SCRIPTS = {"guest.toolsRunningStatus": "guestToolsExecutingScripts"}

OTHERS = [
    # before, after, the kind of event, what the callback gets
    (ON | {"runtime.bootTime": 1}, ON | {"runtime.bootTime": 2}, "REBOOT", ()),
    (NOT_RUNNING, RUNNING, "AGENT_LIFECYCLE", (1, 2)),
    (RUNNING, NOT_RUNNING, "AGENT_LIFECYCLE", (2, 2)),
    ({"config.annotation": "a"}, {"config.annotation": "b"}, "METADATA_CHANGE", (0, None)),
]


@pytest.mark.parametrize(("before", "after", "kind", "arguments"), OTHERS)
def test_others(before, after, kind, arguments):
    (event,) = events_of(Change(VM, before, after))
    assert (event.kind, event.arguments) == (getattr(libvirt, f"VIR_DOMAIN_EVENT_ID_{kind}"), arguments)


def test_tools_that_run_a_script_run():
    assert list(events_of(Change(VM, RUNNING, SCRIPTS))) == []


def test_a_renamed_domain_goes_by_its_old_name_and_comes_by_its_new():
    assert [event.name for event in events_of(Change(VM, {"name": "a"}, {"name": "b"}))] == ["a", "b"]


DISK = Device("VirtualDisk")
NIC, OTHER_NIC = Device("VirtualVmxnet3", is_card=True), Device("VirtualE1000", is_card=True)
OPEN, CLOSED = (Device("VirtualCdrom", closed=closed) for closed in (False, True))


def having(power=ON, **devices):
    return power | {HARDWARE: "vmx-19", DEVICES: {int(key[1:]): each for key, each in devices.items()}}


DEVICE_EVENTS = [
    # before, after, kinds with what the callback gets
    (having(), having(d2000=DISK), [("DEVICE_ADDED", "ua-2000")]),
    (having(d4001=NIC), having(), [("DEVICE_REMOVED", "nic1")]),
    (having(d4001=NIC), having(d4001=OTHER_NIC), [("DEVICE_REMOVED", "nic1"), ("DEVICE_ADDED", "nic1")]),
    (having(d4000=NIC, d2000=DISK), having(d4001=NIC, d2000=DISK), [("DEVICE_REMOVED", "nic0"), ("DEVICE_ADDED", "nic1")]),
    (having(d3000=CLOSED), having(d3000=OPEN), [("TRAY_CHANGE", "ua-3000", 0)]),
    (having(d3000=OPEN), having(d3000=CLOSED), [("TRAY_CHANGE", "ua-3000", 1)]),
    (having(OFF, d3000=CLOSED), having(OFF, d3000=OPEN), []),
    (having(d3000=CLOSED), having(OFF, d3000=OPEN), [("LIFECYCLE", 5, 1)]),
    (ON, having(d2000=DISK), []),  # the first that is known of them
    (having(d2000=DISK), ON | {DEVICES: None}, []),  # withheld now
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), DEVICE_EVENTS)
def test_devices(before, after, expected):
    told = [(event.kind, *event.arguments) for event in events_of(Change(VM, before, after))]
    assert told == [(getattr(libvirt, f"VIR_DOMAIN_EVENT_ID_{kind}"), *others) for kind, *others in expected]
