"""What vSphere would refuse, refused before it is asked, with a text that says what to do.

Sources: vSphere API, DisallowedDiskModeChange; Web Services SDK Programming Guide, "Configuring a Virtual Machine".
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import libvirt

from esxdriver.conf.devices.address import Bus
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.interface import InterfaceDef, Network
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.errors import error
from esxdriver.vsphere.machine.machine import State
from esxdriver.vsphere.machine.match import Match

_DEFINABLE = "; ".join(
    f"snapshot='{'yes' if mode.snapshot else 'no'}' persistent='{'yes' if mode.persistent else 'no'}'"
    for mode in DiskMode
    if mode.definable
)


def check(matched: Match, state: State) -> None:
    """Raise the error that vSphere's refusal of what is wanted would become, before anything is asked of it.

    Raises CONFIG_UNSUPPORTED for what ESX cannot have, OPERATION_INVALID for what it cannot have now.
    """
    for rule in _RULES:
        rule(matched, state)


def _wanted_disks(matched: Match) -> Iterator[tuple[DiskDef | None, DiskDef]]:
    return ((pair.have, pair.want) for pair in matched.of(DiskDef) if pair.want is not None)


def _modes_exist(matched: Match, _: State) -> None:
    """Only a disk that has an outdated mode already may keep it."""
    for have, disk in _wanted_disks(matched):
        if have is None or have.mode.aspects != disk.mode.aspects:
            check_definable(disk)


def check_definable(disk: DiskDef) -> None:
    """Raise CONFIG_UNSUPPORTED for a disk that nobody can have anew: its mode is outdated."""
    if not disk.mode.definable:
        raise error(
            libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
            f"{disk.label}: ESX has no disk with snapshot='yes' persistent='no'; it has {_DEFINABLE}",
        )


def _modes_change_at_rest(matched: Match, state: State) -> None:
    for have, disk in _wanted_disks(matched):
        if have is None or have.mode is disk.mode:
            continue
        change = f"{disk.label}: its mode cannot change from {have.mode.vim} to {disk.mode.vim} while the domain"
        if state.snapshots:
            raise error(
                libvirt.VIR_ERR_OPERATION_INVALID,
                f"{change} has snapshots: delete them first (snapshot-delete), then try again",
            )
        if not state.off:
            raise error(
                libvirt.VIR_ERR_OPERATION_INVALID,
                f"{change} is running or paused: shut it down, then try again",
            )


def _snapshotted_disks_stay(matched: Match, state: State) -> None:
    """Keep the disks that snapshots hold: without them the snapshots would be broken."""
    for disk in may_be_held(matched, state):
        if state.held is None or not state.held.isdisjoint((disk.source, *disk.chain)):
            raise error(
                libvirt.VIR_ERR_OPERATION_INVALID,
                f"{disk.label}: it is in the domain's snapshots and cannot be removed or replaced: "
                "delete them first (snapshot-delete), then try again",
            )


def may_be_held(matched: Match, state: State) -> list[DiskDef]:
    """Return the disks that are to go and snapshots may hold: those that have come after them are not held."""
    if not state.snapshots:
        return []
    gone = [pair.have for pair in matched.of(DiskDef) if pair.want is None]
    return [disk for disk in gone if disk.backing.is_hard_disk and disk.mode.snapshot]


def _new_cards_have_their_own_address(matched: Match, _: State) -> None:
    macs = Counter(each.mac for each in matched.want.interfaces)
    for pair in matched.of(InterfaceDef):
        if pair.have is None and pair.want.mac and macs[pair.want.mac] > 1:
            raise error(
                libvirt.VIR_ERR_XML_ERROR, f"mac/@address '{pair.want.mac}' is given {macs[pair.want.mac]} times"
            )


def _new_ports_name_their_switch(matched: Match, _: State) -> None:
    """Refuse a port group without its switch, as a VMX file may name one: vSphere wants both."""
    for pair in matched.of(InterfaceDef):
        unnamed = pair.want is not None and pair.want.network is Network.VDS and not pair.want.switch
        if unnamed and (pair.have is None or not pair.have.switch):
            raise error(libvirt.VIR_ERR_XML_ERROR, f"{pair.want.label}: source/@switchid is missing")


def _hardware_stays(matched: Match, _: State) -> None:
    have, wanted = matched.have.hardware if matched.have else None, matched.want.hardware
    if have is not None and wanted not in (None, have):
        raise error(
            libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
            f"hardwareVersion: an existing domain's cannot change from {have} to {wanted} by a definition; "
            "upgrade it with vSphere's own tools",
        )


def _hardware(matched: Match) -> int | None:
    """Return the hardware version that the domain will have, None where the host chooses it."""
    return matched.want.hardware or (matched.have.hardware if matched.have else None)


def _units_fit(matched: Match, _: State) -> None:
    """Check the units again, now that the hardware version and the controllers' models are known."""
    hardware = _hardware(matched)
    controllers = [*(matched.have.controllers if matched.have else ()), *matched.want.controllers]
    models = {(each.type, each.index): each.model.model for each in controllers if not each.model.unsaid}
    for disk in matched.want.disks:
        if hardware is None or disk.address is None or disk.bus not in (Bus.SCSI, Bus.NVME):
            continue
        units = disk.bus.units(hardware, models.get((disk.bus.xml, disk.address.controller)))
        if disk.address.unit >= units:
            raise error(
                libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
                f"{disk.label}: address/@unit {disk.address.unit} is out of range, 0 to {units - 1} "
                f"with hardware version {hardware}",
            )


# The first hardware version that has a kind of device. Source: vSphere Virtual Machine Administration, "Hardware
# Features Available with Virtual Machine Compatibility Settings".
_SINCE = {"nvme": 13, "sata": 10, "nec-xhci": 8, "vmpvscsi": 7, "lsisas1068": 7, "vmxnet3": 7, "e1000e": 8, "tpm": 14}


def _hardware_has_the_devices(matched: Match, _: State) -> None:
    """Check new devices; those that a machine has already, its host has let it have."""
    hardware = _hardware(matched)
    if hardware is None:
        return
    for kind, label in _newer_kinds(matched.have, matched.want):
        if hardware < _SINCE.get(kind, 0):
            raise error(
                libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
                f"{label}: '{kind}' needs hardware version {_SINCE[kind]}, the domain has {hardware}",
            )


def _newer_kinds(have: DomainDef | None, want: DomainDef) -> Iterator[tuple[str, str]]:
    """Yield the kind and the label of each device that a domain has and had none of its kind before."""
    known = {kind for kind, _ in _kinds(have)} if have else set()
    return (each for each in _kinds(want) if each[0] not in known)


def _kinds(definition: DomainDef) -> Iterator[tuple[str, str]]:
    yield from ((disk.bus.xml, disk.label) for disk in definition.disks)
    yield from ((each.model.model or each.type, each.label) for each in definition.controllers)
    yield from ((each.model.xml, each.label) for each in definition.interfaces if each.model)
    yield from (("tpm", each.label) for each in definition.tpms)


_RULES: Sequence[Callable[[Match, State], None]] = (
    _modes_exist, _modes_change_at_rest, _snapshotted_disks_stay, _new_cards_have_their_own_address,
    _new_ports_name_their_switch, _hardware_stays, _hardware_has_the_devices, _units_fit,
)  # fmt: skip
