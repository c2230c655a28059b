"""What of a machine has no word in a definition: whole devices, values without meaning, properties that nobody reads.

Paths and classes alone, no values: those may be anybody's names.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from pyVmomi.VmomiSupport import DataObject

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.fields import InvalidValueError, facts
from esxdriver.vsphere.machine.machine import Machine, is_idle, kind_of
from esxdriver.vsphere.machine.surface import ConfigSurface, DeviceSurface
from esxdriver.vsphere.machine.types import class_of

NO_KIND, LEFT_OUT, INVALID, NOT_READ = "no such device", "left out", "a value without meaning", "not read"

# What the driver reads of devices past the tables: where they hang, and what a disk is a delta of.
_WIRING = {"key", "controllerKey", "unitNumber", "busNumber", "device", "deviceInfo", "backing.parent"}
# The same of a configuration.
_CONFIG = {"hardware.device", "bootOptions.bootOrder", "extraConfig", "files", "name", "changeVersion"}

Row = tuple[str, str, str]
"""vSphere's class, the path of a property in it or nothing, and why it is named."""


def unread(machine: Machine) -> Iterator[Row]:
    """Yield what of a machine a definition does not hold."""
    read = {id(device): definition for definition, device in machine.devices}
    used = {device.controllerKey for device in machine.config.hardware.device}
    options = machine.options
    for device in machine.config.hardware.device:
        kind, name = kind_of(device.__class__), _called(device)
        if kind is None:
            yield name, "", NO_KIND
        elif id(device) in read:
            yield from ((_at(device, path), path, NOT_READ) for path in _unknown(device, type(read[id(device)])))
        elif not is_idle(device, used):
            surface = DeviceSurface(device, machine.wiring, options)
            invalid = list(_invalid(kind.definition, surface))
            yield from ((_at(device, path), path, INVALID) for path in invalid)
            if not invalid:
                yield name, "", LEFT_OUT
    config = ConfigSurface(machine.config)
    yield from ((class_of(machine.config) or "", path, INVALID) for path in _invalid(DomainDef, config))
    yield from ((class_of(machine.config) or "", path, NOT_READ) for path in _unknown(machine.config, DomainDef))


def _called(device: Any) -> str:
    """Return the classes of a device and its backing."""
    backing = class_of(getattr(device, "backing", None))
    return f"{class_of(device)} ({backing})" if backing else str(class_of(device))


def _at(device: Any, path: str) -> str:
    return _called(device) if path.startswith("backing.") else str(class_of(device))


def _invalid(definition: Any, surface: Any) -> Iterator[str]:
    """Yield the paths whose values a definition cannot hold."""
    for _, each in facts(definition, "vim"):
        for at in each.columns["vim"]:
            if at.where is not None:
                continue
            try:
                (at.codec or each.codec).read(surface, at.path)
            except InvalidValueError:
                yield at.path


def _unknown(data: Any, definition: Any) -> list[str]:
    known = _known(definition)
    return [path for path in _set_paths(data, known) if path not in known]


def _set_paths(data: Any, known: frozenset[str], above: str = "") -> Iterator[str]:
    """Yield the path of each property that is set, of objects those of their properties."""
    for name in (each.name for each in data._GetPropertyList()):
        value, path = getattr(data, name, None), f"{above}{name}"
        if value is None or (isinstance(value, (str, list, bool)) and not value) or name in _DYNAMIC:
            continue
        if path not in known and isinstance(value, DataObject) and above.count(".") < _DEEPEST:
            yield from _set_paths(value, known, f"{path}.")
        else:
            yield path


_DEEPEST = 4
_DYNAMIC = ("dynamicType", "dynamicProperty")


@cache
def _known(definition: Any) -> frozenset[str]:
    paths = {at.path for _, each in facts(definition, "vim") for at in each.columns["vim"]}
    return frozenset(paths | (_CONFIG if definition is DomainDef else _WIRING))


def changed_paths(spec: Any) -> list[str]:
    """Return the paths that a specification sets, and for each device what is done to which class of them."""
    changes = [f"{change.operation} {class_of(change.device)}" for change in spec.deviceChange or ()]
    return [path for path in _set_paths(spec, frozenset({"deviceChange"})) if path != "deviceChange"] + changes
