"""Sizes as virsh reads and shows them: ``2G``, ``512MiB``, ``2000MB``; ``8.00 GiB``."""

import re

import click

_AMOUNT = re.compile(r"(?P<number>\d+)(?P<suffix>[A-Za-z]*)")
_LARGEST = 2**63
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def kib(value: str) -> int:
    """Return an amount of memory in KiB, rounded up; without a suffix it is in KiB. Raises BadParameter."""
    return -(-_size(value, "kib") // 1024)


def in_bytes(value: str) -> int:
    """Return the size of a file in bytes; without a suffix it is in bytes. Raises BadParameter."""
    return _size(value, "b")


def _size(value: str, unit: str) -> int:
    amount = _AMOUNT.fullmatch(value)
    scale = _scale(amount["suffix"].lower() or unit) if amount else None
    if not amount or not scale or (size := int(amount["number"]) * scale) >= _LARGEST:
        raise click.BadParameter(f"'{value}' is malformed or out of range: write a number and K, M, G or T")
    return size


def _scale(suffix: str) -> int | None:
    """Return the bytes in a unit: a bare letter and ``iB`` go by 1024, ``B`` by 1000."""
    if suffix in ("b", "byte", "bytes"):
        return 1
    power = "_kmgtpe".find(suffix[0])
    bases = {"": 1024, "ib": 1024, "b": 1000}
    return bases[suffix[1:]] ** power if power > 0 and suffix[1:] in bases else None


def shown(size: int, digits: int = 2, *, exact: bool = False) -> str:
    """Return a number of bytes as virsh shows it: ``8.00 GiB``; ``exact``, the number itself."""
    if exact:
        return str(size)
    power = min(max(size.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    return f"{size / 1024**power:.{digits}f} {_UNITS[power]}"
