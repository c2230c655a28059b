"""A virtual machine as vSphere has it, and the definition that is read off it.

What libvirt has no words for stays in the machine: it is left out of the definition, logged, and survives.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import libvirt

from esxdriver.conf.devices.address import Bus, names
from esxdriver.conf.devices.chardev import ParallelDef, SerialDef
from esxdriver.conf.devices.controller import ControllerDef, ControllerModel
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.interface import InterfaceDef, Network
from esxdriver.conf.devices.kinds import KINDS, DeviceKind
from esxdriver.conf.domain.domain import HARDWARE, DomainDef
from esxdriver.conf.domain.guest import arch_of
from esxdriver.conf.domain.invalid import without_invalid
from esxdriver.conf.domain.sayable import sayable
from esxdriver.conf.mapping.fields import InvalidValueError, UnsupportedValueError, altered, load
from esxdriver.conf.mapping.identity import unescaped
from esxdriver.conf.mapping.keys import NUMBERS
from esxdriver.conf.mapping.states import PowerState
from esxdriver.errors import error
from esxdriver.vsphere.machine.extra_config import filesystems, foreign, graphics, shown_options
from esxdriver.vsphere.machine.guest import card_name
from esxdriver.vsphere.machine.surface import ConfigSurface, DeviceSurface
from esxdriver.vsphere.machine.types import class_of, numbered_as, vim_type
from esxdriver.vsphere.machine.wiring import Wiring
from esxdriver.vsphere.query.retrieve import Found, properties
from esxdriver.vsphere.wire.session import Session

_log = logging.getLogger(__name__)

# All that a definition is made of, and the state that limits its changes.
_MACHINE = ("name", "config", "runtime.powerState", "snapshot")


@dataclass(frozen=True)
class Machine:
    """A machine's configuration, its definition, and which device each definition of one was read from."""

    config: Any
    wiring: Wiring
    definition: DomainDef
    devices: tuple[tuple[Any, Any], ...]

    @property
    def options(self) -> Mapping[str, str]:
        """All of ``extraConfig``, by lower-case key."""
        return ConfigSurface(self.config).options


@dataclass(frozen=True)
class State:
    """What a machine is doing, as far as it limits changes: whether it is off or suspended, whether it has snapshots.

    ``held`` are the files of the disks that the snapshots hold, None as long as nobody has looked: then any may be.
    """

    off: bool
    snapshots: bool
    held: frozenset[str] | None = None
    suspended: bool = False


def read_machine(session: Session, ref: Any, datacenter_path: str | None = None) -> tuple[Machine, State]:
    """Return a machine and its state, in one round trip.

    Raises OPERATION_FAILED for a machine whose configuration the host cannot read now.
    """
    found = reachable(properties(session, ref, *_MACHINE))
    power = PowerState.of_machine(found)
    state = State(
        off=power is PowerState.SHUTOFF,
        snapshots=found["snapshot"] is not None,
        suspended=power is PowerState.PAUSED,
    )
    return read(found["config"], moref=ref._moId, datacenter_path=datacenter_path), state


def reachable(found: Found) -> Found:
    """Return what was found of a machine. Raises OPERATION_FAILED when the host cannot read its ``config`` now."""
    if found["config"] is None:
        raise error(
            libvirt.VIR_ERR_OPERATION_FAILED,
            f"the configuration of domain '{found.title}' cannot be read: its host or datastore is out of reach",
        )
    return found


def read(config: Any, **known: Any) -> Machine:
    """Return the machine of a ``VirtualMachineConfigInfo``; ``known`` are fields that it does not hold.

    It never fails because of one device. Raises OPERATION_FAILED for a configuration that lacks what every
    machine has: a host may withhold properties from a user.
    """
    try:
        return _machine(config, known)
    except (InvalidValueError, UnsupportedValueError, AttributeError, TypeError, ValueError) as cause:
        name = _name_of(config) or known.get("moref") or ""
        raise error(
            libvirt.VIR_ERR_OPERATION_FAILED, f"the configuration of domain '{name}' cannot be understood: {cause}"
        ) from cause


def _name_of(config: Any) -> str:
    """Return what messages call a machine."""
    return unescaped(getattr(config, "name", None) or "")


def _machine(config: Any, known: Mapping[str, Any]) -> Machine:
    surface = ConfigSurface(config)
    boot_order = config.bootOptions.bootOrder if config.bootOptions else ()
    wiring = Wiring(config.hardware.device, boot_order)
    devices = _devices(config, wiring, surface)
    found: dict[str, list[Any]] = {}
    for name, definition, _ in devices:
        found.setdefault(name, []).append(definition)
    definition = load(
        DomainDef,
        surface,
        lambda error: _log.warning("%s: %s is left out", _name_of(config), error),
        options=shown_options(config) | _numbers(devices, wiring),
        foreign=foreign(surface.options),
        filesystems=filesystems(surface.options, _name_of(config)),
        graphics=graphics(surface.options, _name_of(config)),
        **{name: tuple(definitions) for name, definitions in found.items()},
        **known,
    )
    definition = _completed(definition)
    read_off = tuple((each, device) for _, each, device in devices)
    definition, read_off = _without_invalid(definition, read_off)
    return Machine(config, wiring, definition, read_off)


def _without_invalid(
    definition: DomainDef, devices: tuple[tuple[Any, Any], ...]
) -> tuple[DomainDef, tuple[tuple[Any, Any], ...]]:
    """Leave out the devices that no definition may have: a dump that is refused is none. The machine keeps them."""

    def warn(device: Any, kept: Any, why: str) -> None:
        what = "left out, kept on the machine" if kept is None else "its place in the boot order is left out"
        _log.warning("%s: %s: %s (%s)", definition.name, device.label, what, why)

    valid, stays = without_invalid(definition, warn)
    kept = ((stays.get(id(each), each), device) for each, device in devices)
    return valid, tuple(pair for pair in kept if pair[0] is not None)


def _completed(definition: DomainDef) -> DomainDef:
    """Return the definition with its architecture, and as its document will say it."""
    return altered(sayable(definition), arch=arch_of(definition.guest_id))


def _connected(nic: InterfaceDef) -> InterfaceDef:
    """Return a card on a network without a name, which libvirt cannot say, as one on no network."""
    nameless = nic.network is Network.BRIDGE and nic.source is None
    return altered(nic, network=Network.NULL) if nameless else nic


def _devices(config: Any, wiring: Wiring, surface: ConfigSurface) -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = []
    counts: Counter[str] = Counter()
    domain = _name_of(config)
    used = {device.controllerKey for device in config.hardware.device}
    for device in config.hardware.device:
        kind = kind_of(device.__class__)
        if kind is None or is_idle(device, used):
            continue
        known = _counted(kind.definition, device, counts)
        definition = _read(kind.definition, DeviceSurface(device, wiring, surface.options), known, domain)
        if definition is not None:
            is_nic = isinstance(definition, InterfaceDef)
            found.append((kind.name, _connected(definition) if is_nic else definition, device))
    return _named(found, _hardware(surface))


def _counted(kind: type, device: Any, counts: Counter[str]) -> dict[str, Any]:
    """Return what follows from the devices of its kind before it, and of a disk, the files it is a delta of."""
    if kind in (SerialDef, ParallelDef):
        counts[kind.__name__] += 1
        return {"port": counts[kind.__name__] - 1}
    if kind is DiskDef:
        return {"chain": tuple(_chain(device.backing))}
    if kind is InterfaceDef:
        return {"name": card_name(device.key)}
    model = ControllerModel.of("vim", class_of(device)) if kind is ControllerDef else None
    if model is not None and model.type == "usb":
        counts["usb"] += 1
        return {"index": counts["usb"] - 1}
    return {}


def _chain(backing: Any) -> Iterator[str]:
    while (backing := getattr(backing, "parent", None)) is not None:
        yield backing.fileName


@cache
def kind_of(devices: Any) -> DeviceKind | None:
    """Return the kind that devices of a class are read as, or None for what libvirt does not speak of."""
    return next((kind for kind in KINDS if any(issubclass(devices, vim_type(name)) for name in kind.vim)), None)


def is_idle(device: Any, used: set[int]) -> bool:
    """Whether a controller is one that every machine has, with nothing on it: libvirt does not speak of those."""
    return _built_in(device.__class__) and device.key not in used


@cache
def _built_in(devices: Any) -> bool:
    model = ControllerModel.of("vim", devices._wsdlName)
    return model is not None and model.built_in


def _read(kind: Any, surface: DeviceSurface, known: dict[str, Any], domain: str) -> Any:
    try:
        return load(kind, surface, **known)
    except (InvalidValueError, UnsupportedValueError, KeyError) as cause:
        label = surface.get("deviceInfo.label") or class_of(surface.device)
        _log.warning("%s: %s is left out: libvirt has no words for it (%s)", domain, label, cause)
        return None


def _hardware(surface: ConfigSurface) -> int:
    """Return the hardware version that the definition will have, 0 for none."""
    try:
        return HARDWARE.read(surface, "version") or 0
    except InvalidValueError:
        return 0


def _named(found: list[tuple[str, Any, Any]], hardware: int) -> list[tuple[str, Any, Any]]:
    """Give the disks their target names, and libvirt's order: by bus, then by address."""
    order = list(Bus)
    disks = sorted(
        (each for each in found if each[0] == "disks"),
        key=lambda each: (order.index(each[1].bus), each[1].address),
    )
    targets = names([(disk.bus, disk.address) for _, disk, _ in disks], hardware)
    named = [
        (name, altered(disk, target=target), device)
        for (name, disk, device), target in zip(disks, targets, strict=True)
    ]
    return named + [each for each in found if each[0] != "disks"]


def _numbers(devices: Iterable[tuple[str, Any, Any]], wiring: Wiring) -> dict[str, str]:
    """Return the option that holds the cards' numbers where these leave gaps: other options may name them by it."""
    nics = [device for _, each, device in devices if isinstance(each, InterfaceDef) and device.key > 0]
    numbers = [wiring.number(device) for device in nics if numbered_as(device) == "ethernet"]
    return {} if numbers == list(range(len(numbers))) else {f"{NUMBERS}ethernet": ",".join(map(str, numbers))}
