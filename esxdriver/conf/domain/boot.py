"""Boot order: ``<boot order='N'/>`` on devices, or ``<os><boot dev='hd'/>`` for kinds of device."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.errors import unsupported, xml_error

_KINDS = {
    "hd": ("disks", "disk"),
    "cdrom": ("disks", "cdrom"),
    "fd": ("disks", "floppy"),
    "network": ("interfaces", None),
}


def with_boot_devices(definition: DomainDef, kinds: Sequence[str]) -> DomainDef:
    """Return the definition with each kind of ``<os><boot dev=...>`` given to the first device of that kind.

    Raises XML_ERROR for an unknown kind, CONFIG_UNSUPPORTED when devices have an order of their own, too.
    """
    if not kinds:
        return definition
    if definition.boot_orders():
        raise unsupported(
            "per-device boot elements cannot be used together with os/boot elements",
        )
    for order, kind in enumerate(kinds, start=1):
        if kind not in _KINDS:
            raise xml_error(f"os/boot/@dev '{kind}'; accepted: {', '.join(sorted(_KINDS))}")
        definition = _ordered(definition, *_KINDS[kind], order)
    return definition


def _ordered(definition: DomainDef, field: str, device: str | None, order: int) -> DomainDef:
    devices: list[Any] = list(getattr(definition, field))
    for position, each in enumerate(devices):
        if (device is None or each.backing.device == device) and each.boot_order is None:
            devices[position] = replace(each, boot_order=order)
            break
    changed: dict[str, Any] = {field: tuple(devices)}
    return replace(definition, **changed)
