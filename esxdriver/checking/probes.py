"""What reading a host shows of what is assumed about hosts: each probe looks at an answer, and nothing is asked for it.

A probe says whether an answer is as assumed, or None for one that does not show it.
"""

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.vsphere.machine.machine import Machine
from esxdriver.vsphere.machine.types import numbered_as
from esxdriver.vsphere.machine.wiring import predicted_key

if TYPE_CHECKING:
    from esxdriver.driver.storage_pool import StoragePool
    from esxdriver.driver.storage_vol import StorageVol

Held = bool | None

_NEW = -1  # a key that no device of a host has
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ESCAPE = re.compile(r"%(?:2[5fF]|5[cC])")
_RUNNING = 1


def _all(each: Iterable[bool]) -> Held:
    found = list(each)
    return all(found) if found else None


def _disks(machine: Machine) -> list[tuple[DiskDef, Any]]:
    return [(each, at) for each, at in machine.devices if isinstance(each, DiskDef) and each.backing.is_hard_disk]


def _cards(machine: Machine) -> list[Any]:
    return [at for each, at in machine.devices if isinstance(each, InterfaceDef) and numbered_as(at) == "ethernet"]


def _is_key_predicted(machine: Machine, device: Any) -> bool:
    new = copy.copy(device)
    new.key = _NEW
    return predicted_key(new, machine.wiring) == int(device.key)


def _boot_keys(machine: Machine) -> Iterable[bool]:
    options = machine.config.bootOptions
    for each in (options.bootOrder if options else None) or ():
        key = getattr(each, "deviceKey", None)
        if key is not None:
            yield key in machine.wiring.devices


def _declared_mode(device: Any) -> Held:
    mode = getattr(device.backing, "diskMode", None)
    return None if mode is None else DiskMode.of("vim", mode) is not None


def _modes(machine: Machine) -> Iterable[bool]:
    devices = (each for each in machine.config.hardware.device if hasattr(each, "capacityInKB"))
    return (held for held in map(_declared_mode, devices) if held is not None)


def _is_path(text: str | None) -> bool:
    return DatastorePath.parse(text) is not None


def _runs(stats: Mapping[str, Any]) -> bool:
    return stats.get("state.state") == _RUNNING


def _has(stats: Mapping[str, Any], group: str, figure: str) -> Held:
    count = stats.get(f"{group}.count", 0)
    return any(f"{group}.{number}.{figure}" in stats for number in range(count)) if _runs(stats) and count else None


def _key(volume: "StorageVol") -> Held:
    if not volume.name().endswith(".vmdk") or volume.backend.uri.scheme != "esx":
        return None
    return bool(_UUID.fullmatch(volume.key()))


OF_MACHINE: Mapping[str, Callable[[Machine], Held]] = {
    "keys of disks": lambda it: _all(_is_key_predicted(it, at) for _, at in _disks(it)),
    "keys of cards": lambda it: _all(
        at.key // 1000 == 4
        for each, at in it.devices
        if isinstance(each, InterfaceDef) and numbered_as(at) == "ethernet"
    ),
    "keys in the boot order": lambda it: _all(_boot_keys(it)),
    "modes": lambda it: _all(_modes(it)),
    "instance UUID": lambda it: bool(_UUID.fullmatch(getattr(it.config, "instanceUuid", None) or "")),
    "change version": lambda it: bool(it.config.changeVersion),
    "path of the VMX file": lambda it: _is_path(it.config.files.vmPathName),
    "paths of disks": lambda it: _all(_is_path(disk.source) for disk, _ in _disks(it) if disk.source),
    "UUID of a disk": lambda it: _all(bool(getattr(at.backing, "uuid", None)) for _, at in _disks(it)),
    "label of a device": lambda it: _all(
        bool(at.deviceInfo and at.deviceInfo.label) for _, at in it.devices if at is not None
    ),
}
OF_STATISTICS: Mapping[str, Callable[[Mapping[str, Any]], Held]] = {
    "counters of processors": lambda it: "cpu.time" in it if _runs(it) else None,
    "counters of disks": lambda it: _has(it, "block", "rd.bytes"),
    "counters of cards": lambda it: _has(it, "net", "rx.bytes"),
}
OF_POOL: Mapping[str, Callable[["StoragePool"], Held]] = {
    "where a datastore is mounted": lambda it: (
        None if it.known.definition.type == "iscsi" else it.known.path.startswith("/vmfs/volumes/")
    ),
}
OF_VOLUME: Mapping[str, Callable[["StorageVol"], Held]] = {
    "capacity in a search": lambda it: it.file.capacity is not None if it.name().endswith(".vmdk") else None,
    "UUID of a file": _key,
}
OF_NAME: Mapping[str, Callable[[str], Held]] = {
    "escapes in names": lambda it: True if _ESCAPE.search(it) else False if set(it) & {"/", "\\"} else None,
}
