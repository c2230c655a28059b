"""A disk that is to be made with its domain: how large it is, and when it takes its space.

libvirt's XML has no words for it, so they stand in ``<metadata>``, and are those of a ``<volume>``::

    <esxdriver:disk target="sda" capacity="8" unit="GiB" allocation="0"/>

| `allocation`           | `preallocation` | the disk takes its space | and zeroes it   |
|------------------------|-----------------|--------------------------|-----------------|
| less than the capacity | none            | when it is written to    | then            |
| none, or the capacity  | none            | when it is made          | when it is used |
| none, or the capacity  | metadata        | when it is made          | when it is made |

No dump shows them: what a domain has, is there.
"""

from dataclasses import dataclass

from esxdriver.conf.mapping.codecs import in_bytes
from esxdriver.conf.mapping.fields import InvalidValueError, Surface

_ALLOCATION, _UNIT, _PREALLOCATION = "meta:@allocation", "meta:@unit", "meta:@preallocation"
_AT_ONCE = "metadata"  # as libvirt's VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA


@dataclass(frozen=True)
class Blank:
    """A blank disk of ``capacity`` bytes: ``thin``, or all of it allocated, and then ``zeroed`` at once or later."""

    capacity: int
    thin: bool = False
    zeroed: bool = False

    @property
    def kib(self) -> int:
        """The capacity in KiB, rounded up: what a host counts in."""
        return -(-self.capacity // 1024)


class _BlankXML:
    """The attributes of a disk's element in ``<metadata>``."""

    def read(self, surface: Surface, path: str) -> Blank | None:
        text = surface.get(path)
        if text is None:
            return None
        unit, said, how = (surface.get(each) for each in (_UNIT, _ALLOCATION, _PREALLOCATION))
        capacity = in_bytes("@capacity", text, unit or "bytes")
        if capacity == 0:
            raise InvalidValueError("@capacity", text)
        thin = said is not None and in_bytes("@allocation", said, unit or "bytes") < capacity
        if how not in ((None,) if thin else (None, _AT_ONCE)):
            raise InvalidValueError("@preallocation", how, () if thin else (_AT_ONCE,))
        return Blank(capacity, thin, how is not None)

    def write(self, surface: Surface, path: str, value: Blank) -> None:
        surface.put(path, str(value.capacity))
        surface.put(_UNIT, "bytes")
        surface.put(_ALLOCATION, "0" if value.thin else None)
        surface.put(_PREALLOCATION, _AT_ONCE if value.zeroed else None)


BLANK_XML = _BlankXML()
