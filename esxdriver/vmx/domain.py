"""A whole domain: the keys of a VMX file to a :class:`DomainDef` and back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import libvirt

from esxdriver.conf.devices.kinds import KINDS
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.guest import arch_of, vim_guest
from esxdriver.conf.domain.invalid import without_invalid
from esxdriver.conf.domain.sayable import sayable
from esxdriver.conf.mapping.codecs import in_steps
from esxdriver.conf.mapping.fields import InvalidValueError, dump, load
from esxdriver.conf.mapping.hardware import HIGHEST_HARDWARE, OLDEST_HARDWARE
from esxdriver.errors import unsupported, xml_error
from esxdriver.vmx.boot import put_order, with_order
from esxdriver.vmx.device_writer import DeviceWriter, bridges
from esxdriver.vmx.devices import Devices, Warn, named
from esxdriver.vmx.numbering import CARDS, left, numbers_of, remembered
from esxdriver.vmx.paths import Paths
from esxdriver.vmx.surface import VmxSurface
from esxdriver.vmx.text import Keys

CONFIG_VERSION = "8"

_DEFAULT_MEMORY = 32 * 1024  # KiB; VMware's own
_ENCRYPTED = "encryption.data"  # holds all the other keys, but for those of a partly encrypted file
# Keys that a domain cannot do without, or that say which domain it is: what they say is not guessed.
_ESSENTIAL = ("memsize", "numvcpus", "uuid.bios", "vc.uuid")


def read(keys: Keys, paths: Paths, warn: Warn) -> DomainDef:
    """Return the definition that the keys hold; its options are only the numbers of devices that leave gaps.

    What is left out is reported to ``warn``. Raises XML_ERROR with the line when a key that a domain cannot be without
    is missing or has no meaning, CONFIG_UNSUPPORTED for a file that is encrypted, and
    :class:`~esxdriver.vmx.paths.Missing` for a hard disk's file on a datastore that is not there.
    """
    hardware = _hardware(keys)
    known: dict[str, Any] = {"hardware": hardware, "vmx_path": paths.vmx_path}
    if not keys.values.get("displayname"):
        known["name"] = paths.stem or "unnamed"
    if not keys.values.get("memsize"):
        known["memory"] = _DEFAULT_MEMORY
    devices = Devices(keys, paths, hardware, warn)
    surface = VmxSurface(keys, paths)
    try:
        definition = load(DomainDef, surface, _unread(keys, warn), **known, **devices.read())
    except InvalidValueError:  # it is the one field without a default that has not been looked at above
        raise _malformed(f"{keys.where('memsize')} is '{keys.values['memsize']}', must be 1 or more") from None
    if definition.memory <= 0:
        raise _malformed(f"{keys.where('memsize')} is '{keys.values['memsize']}', must be 1 or more")
    definition = replace(definition, arch=arch_of(definition.guest_id or keys.values.get("guestos")))
    definition, numbers = _without_invalid(_as_in_xml(definition), devices.numbers, warn)
    definition = with_order(definition, keys, numbers["ethernet"])
    return replace(definition, options=remembered(numbers))


def _without_invalid(
    definition: DomainDef, numbers: Mapping[str, list[int]], warn: Warn
) -> tuple[DomainDef, Mapping[str, list[int]]]:
    """Return the definition without the devices that make it invalid, and the numbers of those that are left."""
    valid, stays = without_invalid(
        definition, lambda device, _, why: warn(f"{device.label}: left out, kept as options: {why}")
    )
    if valid is definition:
        return definition, numbers
    kept = {
        kind.name: {index for index, each in enumerate(getattr(definition, kind.name)) if stays[id(each)] is not None}
        for kind in KINDS
    }
    return replace(valid, disks=named(valid.disks, definition.hardware or 0)), left(definition, numbers, kept)


def _unread(keys: Keys, warn: Warn) -> Callable[[InvalidValueError], None]:
    def log_unread(error: InvalidValueError) -> None:
        if error.path in _ESSENTIAL:
            raise _malformed(f"{keys.where(error.path)}: {error}")
        warn(f"{keys.where(error.path)}: {error}; kept as an option")

    return log_unread


def _hardware(keys: Keys) -> int:
    config = _required(keys, "config.version")
    if config != CONFIG_VERSION:
        raise _malformed(f"{keys.where('config.version')} is '{config}', must be {CONFIG_VERSION}")
    value = _required(keys, "virtualHW.version")
    number = int(value) if value.isascii() and value.isdigit() and len(value) <= len(str(HIGHEST_HARDWARE)) else 0
    if number < OLDEST_HARDWARE:
        raise _malformed(f"{keys.where('virtualHW.version')} is '{value}', must be {OLDEST_HARDWARE} or more")
    return number


def _required(keys: Keys, name: str) -> str:
    value = keys.values.get(name.lower())
    if value is None and _ENCRYPTED in keys.values:
        raise unsupported(
            f"VMX: the file is encrypted, by {keys.where(_ENCRYPTED)}: decrypt it in the product that made it",
        )
    if value is None:
        last = max(keys.lines.values(), default=1)
        raise _malformed(f"{name} is not in lines 1 to {last}: not a VMX file, or a broken one")
    return value.strip()


def _as_in_xml(definition: DomainDef) -> DomainDef:
    """Return the definition as its XML will say it: what XML cannot hold must stay among the options."""
    return replace(sayable(definition), uuid=definition.uuid or definition.hwuuid)


def write(definition: DomainDef, hardware: int, paths: Paths) -> Keys:
    """Return the keys of a definition, without its options.

    One that has options came from a host or a VMX file: its switches are spelled as ESX does, and nothing is added
    that such a file has of its own accord.
    """
    plain = definition.options is None
    keys = Keys(lower=plain)
    keys.put(".encoding", "UTF-8")
    keys.put("config.version", CONFIG_VERSION)
    keys.put("virtualHW.version", str(hardware))
    if plain:
        keys.put("guestOS", "other-64" if "64" in (definition.arch or "") else "other")
    elif definition.guest_id is None:
        keys.put("guestOS", _unknown_guest(definition))
    native = _native(definition, hardware)
    if plain and native.hwuuid is None:
        keys.put("uuid.action", "create")
    dump(native, VmxSurface(keys, paths))
    DeviceWriter(keys, paths).put(definition)
    put_order(definition, keys, numbers_of(CARDS, definition, ()))
    for name, value in bridges(definition, hardware).items() if plain else ():
        keys.put(name, value)
    return keys


def _option(definition: DomainDef, name: str) -> str | None:
    """Return the value of an option, whatever the case of its name."""
    return next((value for key, value in (definition.options or {}).items() if key.lower() == name), None)


def _unknown_guest(definition: DomainDef) -> str | None:
    """Return a VMX file's value for a guest that vSphere has no ID of, unless the architecture is no longer its own."""
    guest = _option(definition, "guestos")
    unknown = guest is not None and vim_guest(guest) is None and arch_of(guest) == definition.arch
    return guest if unknown else None


def _uuids(definition: DomainDef) -> tuple[str | None, str | None]:
    """Return ``vc.uuid`` and ``uuid.bios``: a document's only UUID is the BIOS', unless a file had no such key."""
    uuid, hwuuid = definition.uuid, definition.hwuuid
    if hwuuid is not None:
        return None if uuid == hwuuid else uuid, hwuuid
    vcenters = re.sub("[ -]", "", _option(definition, "vc.uuid") or "").lower()
    return (uuid, None) if uuid is not None and uuid.replace("-", "") == vcenters else (None, uuid)


def _native(definition: DomainDef, hardware: int) -> DomainDef:
    """Return the definition with VMX's rules applied to it: one UUID is the BIOS', memory comes in steps."""
    uuid, hwuuid = _uuids(definition)
    memory = definition.memory
    kept = _option(definition, "memsize")
    rounded = memory if kept == str(memory // 1024) else in_steps(memory)
    return replace(
        definition,
        hardware=hardware,
        uuid=uuid,
        hwuuid=hwuuid,
        memory=rounded,
        # What rounding gave is taken back by a limit.
        current_memory=definition.current_memory or (memory if rounded != memory else None),
    )


def _malformed(why: str) -> libvirt.libvirtError:
    return xml_error(f"VMX: {why}")
