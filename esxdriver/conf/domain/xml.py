"""``<domain type='vmware'>``: text to a :class:`DomainDef` and back.

Reading goes in three steps, as libvirt's own does: what the text says, what follows from it (addresses from
names, boot order from ``<os><boot>``), and whether it makes sense (:mod:`esxdriver.conf.domain.validate`).
"""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from typing import Any

from esxdriver.conf.devices.address import derived_address
from esxdriver.conf.devices.chardev import ChardevDef
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.graphics import GraphicsDef, VideoDef
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.devices.kinds import KIND_OF_ELEMENT, KINDS, DeviceKind
from esxdriver.conf.domain.boot import with_boot_devices
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.guest import arch_of
from esxdriver.conf.domain.legacy_driver import with_driver_models
from esxdriver.conf.domain.style import DEFAULT, Style
from esxdriver.conf.domain.validate import validate
from esxdriver.conf.mapping.enums import Firmware
from esxdriver.conf.mapping.fields import InvalidValueError, UnsupportedValueError, altered, dump, load
from esxdriver.conf.mapping.option_secrets import is_secret
from esxdriver.conf.xml import surface as xml
from esxdriver.conf.xml.metadata import Metadata
from esxdriver.errors import unsupported, xml_error

# Devices that libvirt's tools write and that every vSphere machine has, or that only repeat another.
_IGNORED = {"emulator", "console", "input", "memballoon"}

# The fields that stand before <metadata>, between that and the devices, and after them.
_HEAD = frozenset({"name", "uuid", "hwuuid", "genid", "title", "description", "guest_id", "hardware", "vmx_path"})
_LAST = frozenset({"datacenter_path", "moref"})
_MIDDLE = frozenset(each.name for each in fields(DomainDef)) - _HEAD - _LAST

# What stands in every domain: ESX knows no other.
_CONSTANTS = (
    ("clock/@offset", "utc"),
    ("on_poweroff", "destroy"),
    ("on_reboot", "restart"),
    ("on_crash", "destroy"),
)


Resolve = Callable[[DomainDef], DomainDef]
"""What makes of the names of a host's networks in a definition what they stand for."""


def _as_it_is(definition: DomainDef) -> DomainDef:
    return definition


def parse(text: str, *, legacy_uuid: bool = False, resolve: Resolve = _as_it_is) -> DomainDef:
    """Return the definition that the document ``text`` holds.

    ``resolve`` is given it before it is checked. Raises XML_ERROR for what is not well formed or has no meaning,
    CONFIG_UNSUPPORTED for what ESX cannot do; the text names the element.
    """
    root = xml.parse(text, "domain")
    if root.get("@type") != "vmware":
        raise unsupported(f"domain/@type '{root.get('@type')}': esxdriver defines domains of type 'vmware'")
    if root.get("os/type") not in (None, "", "hvm"):
        raise unsupported(f"os/type '{root.get('os/type')}': ESX runs 'hvm' guests")
    definition = _loaded(root)
    definition = with_driver_models(with_boot_devices(definition, _boot_devices(root)))
    if legacy_uuid:
        definition = replace(definition, uuid=None, hwuuid=definition.uuid)
    definition = resolve(definition)
    validate(definition)
    return definition


def parse_device(text: str) -> Any:
    """Return the definition of the one device that ``text`` holds, ``<disk>`` or another; what it leaves out is None.

    A disk's address and a port's number follow from the domain, so they are not filled in. What stands in a domain's
    ``<metadata>`` about a device is here an element of its own: ``<esxdriver:disk capacity=.../>``. Raises as
    :func:`parse`.
    """
    root = xml.parse(text, *KIND_OF_ELEMENT)
    own = next((each for each in root.children() if each.name == f"esxdriver:{root.name}"), None)
    surface = xml.ElementSurface(root.element, lambda _: own)
    device = _translated(_label(root), partial(load, KIND_OF_ELEMENT[root.name].definition, surface))
    if isinstance(device, InterfaceDef) and device.target is None:
        return replace(device, name=root.get("target/@dev"))  # what a running domain's card is called
    return device


def _loaded(root: xml.ElementSurface) -> DomainDef:
    metadata = Metadata(root)
    surface = xml.ElementSurface(root.element, metadata.root)
    devices = _devices(root, metadata)
    definition: DomainDef = _translated(
        "domain",
        lambda: load(DomainDef, surface, options=metadata.options, foreign=metadata.foreign, **devices),
    )
    limit = definition.current_memory
    return replace(definition, current_memory=None if limit is None or limit >= definition.memory else limit)


def _devices(root: xml.ElementSurface, metadata: Metadata) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {kind.name: [] for kind in KINDS}
    for element in root.children("devices"):
        if element.name in _IGNORED or _says_nothing(element):
            continue
        kind = KIND_OF_ELEMENT.get(element.name)
        if kind is None:
            raise unsupported(
                f"<{element.name}>: ESX has no such device, or libvirt's words do not reach it; remove it"
            )
        device = _translated(_label(element), partial(_device, element, metadata, kind))
        found[kind.name].append(_completed(device, len(found[kind.name])))
    return {name: tuple(devices) for name, devices in found.items()}


def _device(element: xml.ElementSurface, metadata: Metadata, kind: DeviceKind) -> Any:
    return load(kind.definition, _with_companion(element, metadata, kind))


def _says_nothing(element: xml.ElementSurface) -> bool:
    return element.name in ("controller", "video") and "none" in (
        element.get("@model"),
        element.get("model/@type"),
    )


def _completed(device: Any, ordinal: int) -> Any:
    """Fill in what libvirt derives from the rest: a disk's address, a port's number."""
    if isinstance(device, DiskDef) and device.address is None:
        address = derived_address(device.target, device.bus)
        if address is None:
            raise xml_error(f"{device.label}: no address follows from the target's name; write an <address>")
        return replace(device, address=address)
    if isinstance(device, ChardevDef) and device.port is None:
        return replace(device, port=ordinal)
    return device


def _with_companion(element: xml.ElementSurface, metadata: Metadata, kind: DeviceKind) -> xml.ElementSurface:
    """Return the surface of a device's element that leads to what ``<metadata>`` says of it, too."""
    found = kind.companion
    if found is None:
        return element
    return xml.ElementSurface(element.element, metadata.device(kind.element, found.key, found.of_element(element)))


def _label(element: xml.ElementSurface) -> str:
    paths = ("target/@dev", "source/@file", "mac/@address", "source/@bridge", "target/@port", "@index")
    named = next((value for path in paths if (value := element.get(path))), None)
    return f"{element.name} '{named}'" if named else f"<{element.name}>"


def _boot_devices(root: xml.ElementSurface) -> list[str]:
    return [each.get("@dev") or "" for each in root.children("os") if each.name == "boot"]


def _translated(label: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except InvalidValueError as cause:
        raise xml_error(f"{label}: {cause}") from None
    except UnsupportedValueError as cause:
        raise unsupported(f"{label}: {cause}") from None


def format(definition: DomainDef, style: Style = DEFAULT) -> str:  # noqa: A001
    """Return the document of ``definition``, as libvirt lays it out."""
    declared = ["vmware"] if definition.moref or definition.datacenter_path else []
    return xml.text_of(element(definition, style), *declared)


def element(definition: DomainDef, style: Style) -> xml.ElementSurface:
    """Return the ``<domain>`` of ``definition``, to be printed or put into another document."""
    root = xml.new("domain")
    root.put("@type", "vmware")
    if style.domain_id is not None:
        root.put("@id", str(style.domain_id))
    shown = _shown(definition, style)
    metadata = Metadata(root)
    surface = xml.ElementSurface(root.element, metadata.root)
    dump(shown, surface, _HEAD)
    holder = root.added("metadata")
    if shown.options is not None:
        metadata.put_options(shown.options)
    metadata.put_foreign(shown.foreign)
    dump(shown, surface, _MIDDLE)
    root.put("os/type", "hvm")
    for path, value in _CONSTANTS:
        root.put(path, value)
    _put_devices(shown, root, metadata, style)
    dump(shown, surface, _LAST)
    root.drop_if_empty(holder)
    return root


def _shown(definition: DomainDef, style: Style) -> DomainDef:
    """Return the definition as this style shows it."""
    options = definition.options
    if options is not None and not style.secure:
        options = {key: value for key, value in options.items() if not is_secret(key, value)}
    return altered(
        definition,
        arch=arch_of(definition.guest_id) if definition.guest_id else definition.arch,
        current_memory=definition.memory if definition.current_memory is None else definition.current_memory,
        secure_boot=definition.secure_boot if definition.firmware is Firmware.EFI else None,
        uuid=definition.hwuuid if style.legacy_uuid else definition.uuid,
        hwuuid=None if style.legacy_uuid else definition.hwuuid,
        options=options,
        graphics=tuple(each if style.secure else replace(each, password=None) for each in definition.graphics),
    )


def _put_devices(definition: DomainDef, root: xml.ElementSurface, metadata: Metadata, style: Style) -> None:
    devices = root.added("devices")
    for kind in KINDS:
        for device in getattr(definition, kind.name):
            _put_device(device, kind, devices, metadata, style)
        if kind.name == "parallels" and definition.serials:
            _put_console(definition, devices)


def _put_device(device: Any, kind: DeviceKind, devices: xml.ElementSurface, metadata: Metadata, style: Style) -> None:
    found = kind.companion
    companion = metadata.device(kind.element, found.key, found.of_device(device)) if found else None
    surface = xml.ElementSurface(devices.added(kind.element).element, companion, disk_mode=style.disk_mode)
    if isinstance(device, InterfaceDef) and device.name is not None and style.domain_id is not None:
        device = replace(device, target=device.name)
    dump(device, surface)
    _put_constants(device, surface)


def _put_constants(device: Any, element: xml.ElementSurface) -> None:
    """Write what every device of the kind has."""
    if isinstance(device, DiskDef) and device.backing.device in ("cdrom", "lun"):
        element.put("readonly", "")
    elif isinstance(device, VideoDef):
        element.put("model/@primary", "yes")
    elif isinstance(device, GraphicsDef):
        if device.port is None:
            element.put("@port", "-1")
            element.put("@autoport", "yes")
        element.put("listen/@type", "address")
        element.put("listen/@address", device.listen)


def _put_console(definition: DomainDef, devices: xml.ElementSurface) -> None:
    """Write the console, which libvirt makes of the first serial port."""
    console = devices.added("console")
    dump(replace(definition.serials[0], port=None, proxy=None, pipe_end=None), console)
    console.put("target/@type", "serial")
    console.put("target/@port", str(definition.serials[0].port or 0))
