"""What to ask of vSphere: (a machine matched with the domain that is wanted) -> a ConfigSpec, or nothing. Pure.

An existing machine's own device objects are edited, so that what libvirt has no words for survives; one
reconfiguration holds all changes, and ``changeVersion`` makes it fail if somebody else was faster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from esxdriver.conf.devices.controller import ControllerDef
from esxdriver.conf.devices.kinds import KINDS
from esxdriver.conf.mapping.fields import differing, dump
from esxdriver.vsphere.change.devices import DeviceChanges
from esxdriver.vsphere.change.options import option_changes, option_values
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.machine.match import Match
from esxdriver.vsphere.machine.surface import SpecSurface
from esxdriver.vsphere.machine.types import class_of, vim_type
from esxdriver.vsphere.machine.wiring import Wiring

# The definitions of vSphere's devices, controllers apart; those of the other kinds are options.
_DEVICES = tuple(kind.definition for kind in KINDS if kind.vim and kind.definition is not ControllerDef)


@dataclass(frozen=True)
class Plan:
    """A specification, and what each of its device changes is about, for errors to name."""

    spec: Any
    labels: Sequence[str]


def plan_edit(matched: Match, dropped: Sequence[str] = ()) -> Plan | None:
    """Return what makes the machine as wanted, without these options, or None when it is so already."""
    assert matched.machine is not None
    config = matched.machine.config
    names = differing(matched.machine.definition, matched.want, "vim")
    plan = _plan(matched, names, config.files.vmPathName if config.files else "")
    plan.spec.extraConfig += option_values(dict.fromkeys(dropped), matched.machine.options)
    if all(getattr(plan.spec, each.name) in (None, []) for each in plan.spec._GetPropertyList()):
        return None
    plan.spec.changeVersion = config.changeVersion
    return plan


def plan_creation(matched: Match, vmx_path: str) -> Plan:
    """Return what creates a domain that there is no machine of, its configuration in the file ``vmx_path``.

    Without a hardware version in the document the host gives it its newest.
    """
    plan = _plan(matched, None, vmx_path)
    plan.spec.guestId = matched.want.guest_id or _GUESTS.get(matched.want.arch or "", "otherGuest64")
    plan.spec.files = vim_type("VirtualMachineFileInfo")(vmPathName=vmx_path)
    return plan


# The guest of a document that names none, by architecture.
_GUESTS = {"i686": "otherGuest"}


def _plan(matched: Match, names: Sequence[str] | None, vmx_path: str) -> Plan:
    machine, want = matched.machine, matched.want
    surface = SpecSurface(vim_type("VirtualMachineConfigSpec")(), want.vcpus, vmx_path)
    dump(want, surface, names)
    changes = DeviceChanges(machine.wiring if machine else Wiring(()))
    changes.controllers(matched.of(ControllerDef))
    changes.devices(matched.of(*_DEVICES))
    surface.spec.deviceChange = [change.spec for change in changes.ordered]
    options = surface.options | changes.options | option_changes(matched)
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
