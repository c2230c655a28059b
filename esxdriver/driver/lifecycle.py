"""The lifecycle of what is there by itself, as pools and networks are: the events between one look and the next.

Their events have the same numbers: DEFINED, UNDEFINED, STARTED, STOPPED. Sources:
https://libvirt.org/html/libvirt-libvirt-storage.html#virStoragePoolEventLifecycleType and libvirt-libvirt-network.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import libvirt

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

_DEFINED, _UNDEFINED = libvirt.VIR_STORAGE_POOL_EVENT_DEFINED, libvirt.VIR_STORAGE_POOL_EVENT_UNDEFINED
_STARTED, _STOPPED = libvirt.VIR_STORAGE_POOL_EVENT_STARTED, libvirt.VIR_STORAGE_POOL_EVENT_STOPPED


@dataclass(frozen=True)
class Seen(Generic[T]):
    """A look at an object: what clients know it by, how it is defined, and whether it is active."""

    about: T
    identity: tuple[str, ...]
    definition: Any
    is_active: bool


def lifecycle(before: Seen[T] | None, after: Seen[T] | None) -> Iterator[tuple[int, T]]:
    """Yield the events that lead from one look to another; None stands for what was not there. Each has its object."""
    if before is not None and after is not None and before.identity == after.identity:
        if before.definition != after.definition:
            yield _DEFINED, after.about
        if before.is_active != after.is_active:
            yield (_STARTED if after.is_active else _STOPPED), after.about
        return
    if before is not None:
        if before.is_active:
            yield _STOPPED, before.about
        yield _UNDEFINED, before.about
    if after is not None:
        yield _DEFINED, after.about
        if after.is_active:
            yield _STARTED, after.about
