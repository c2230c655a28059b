"""What to ask of vSphere: (the machine as it is, the domain as it is wanted) -> a ConfigSpec, or nothing. Pure.

An existing machine's own device objects are edited, so that what libvirt has no words for survives; one
reconfiguration holds all changes, and ``changeVersion`` makes it fail if somebody else was faster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from esxdriver.conf.devices.controller import ControllerDef
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.fields import differing, dump
from esxdriver.vsphere.change.devices import DeviceChanges
from esxdriver.vsphere.change.options import option_changes, option_values
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.machine.surface import SpecSurface
from esxdriver.vsphere.machine.types import class_of, vim_type
from esxdriver.vsphere.machine.wiring import Wiring


@dataclass(frozen=True)
class Plan:
    """A specification, and what each of its device changes is about, for errors to name."""

    spec: Any
    labels: Sequence[str]


def plan_edit(machine: Machine, want: DomainDef) -> Plan | None:
    """Return what makes ``machine`` as wanted, or None when it is so already."""
    vmx_path = machine.config.files.vmPathName if machine.config.files else ""
    plan = _plan(machine, want, differing(machine.definition, want, "vim"), vmx_path)
    if not any(getattr(plan.spec, each.name) for each in plan.spec._GetPropertyList()):
        return None
    plan.spec.changeVersion = machine.config.changeVersion
    return plan


def plan_creation(want: DomainDef, vmx_path: str) -> Plan:
    """Return what creates the wanted domain, its configuration in the file ``vmx_path``.

    Without a hardware version in the document the host gives it its newest.
    """
    plan = _plan(None, want, None, vmx_path)
    plan.spec.guestId = want.guest_id or _GUESTS.get(want.arch or "", "otherGuest64")
    plan.spec.files = vim_type("VirtualMachineFileInfo")(vmPathName=vmx_path)
    return plan


# The guest of a document that names none, by architecture.
_GUESTS = {"i686": "otherGuest"}


def _plan(machine: Machine | None, want: DomainDef, names: Sequence[str] | None, vmx_path: str) -> Plan:
    surface = SpecSurface(vim_type("VirtualMachineConfigSpec")(), want.vcpus, vmx_path)
    dump(want, surface, names)
    changes = DeviceChanges(machine.wiring if machine else Wiring(()))
    devices = machine.devices if machine else ()
    changes.controllers([each for each in devices if isinstance(each[0], ControllerDef)], want)
    changes.devices([each for each in devices if not isinstance(each[0], ControllerDef)], want)
    surface.spec.deviceChange = [change.spec for change in changes.ordered]
    options = surface.options | changes.options | option_changes(machine, want)
    surface.spec.extraConfig = option_values(options, machine.options if machine else {})
    order = _boot_order(changes, machine)
    if order:
        if surface.spec.bootOptions is None:
            surface.spec.bootOptions = vim_type("VirtualMachineBootOptions")()
        surface.spec.bootOptions.bootOrder = order
    return Plan(surface.spec, [change.label for change in changes.ordered])


def _boot_order(changes: DeviceChanges, machine: Machine | None) -> list[Any]:
    """Return vSphere's boot order, or nothing when it is so already or the document does not speak of it."""
    ordered = [device for _, device in sorted(changes.boot, key=lambda each: each[0])]
    have = sorted(machine.wiring.boot, key=machine.wiring.boot.__getitem__) if machine else []
    seen = {device.key for each, device in machine.devices if getattr(each, "boot_order", None)} if machine else set()
    # A device that goes takes its entry with it, though what is added in its place may have its key.
    added = {id(change.device) for change in changes.ordered if change.operation == "add"}
    all_stay = not any(id(device) in added for device in ordered)
    if not ordered or (all_stay and [device.key for device in ordered] == [key for key in have if key in seen]):
        return []
    unseen = (
        [machine.wiring.devices[key] for key in have if key in machine.wiring.devices.keys() - seen] if machine else []
    )
    return [_bootable(device) for device in (*ordered, *unseen)]


def _bootable(device: Any) -> Any:
    by_kind = {
        "VirtualCdrom": "VirtualMachineBootOptionsBootableCdromDevice",
        "VirtualFloppy": "VirtualMachineBootOptionsBootableFloppyDevice",
    }
    kind = by_kind.get(class_of(device) or "")
    if kind is not None:
        return vim_type(kind)()
    name = "Disk" if class_of(device) == "VirtualDisk" else "Ethernet"
    return vim_type(f"VirtualMachineBootOptionsBootable{name}Device")(deviceKey=device.key)
