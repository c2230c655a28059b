"""Which of libvirt's events a change of a machine is: the table, and nothing else.

What vSphere does not report is no event: a machine that is on and then off was destroyed, unless its guest was seen
shutting down. Source: https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainEventID
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.mapping.states import PowerState
from esxdriver.vsphere.machine.device_list import DEVICES, HARDWARE, aliases
from esxdriver.vsphere.machine.guest import TOOLS, TOOLS_RUN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from esxdriver.vsphere.query.known import Change

LIFECYCLE = libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE

KINDS = 30  # of events that libvirt 12.8 has: VIR_DOMAIN_EVENT_ID_LAST, which its Python binding keeps to itself

# Kinds for which a machine's devices have to be known.
OF_DEVICES = frozenset(
    (
        libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
        libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
        libvirt.VIR_DOMAIN_EVENT_ID_TRAY_CHANGE,
    )
)

_ON, _OFF, _SUSPENDED = PowerState.RUNNING.vim, PowerState.SHUTOFF.vim, PowerState.PAUSED.vim

_BOOTED = libvirt.VIR_DOMAIN_EVENT_STARTED, libvirt.VIR_DOMAIN_EVENT_STARTED_BOOTED
_DESTROYED = libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_DESTROYED
_SHUT_DOWN = libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN
_MIGRATED = libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_MIGRATED
_PAUSED = libvirt.VIR_DOMAIN_EVENT_SUSPENDED, libvirt.VIR_DOMAIN_EVENT_SUSPENDED_PAUSED

# The power state before and after, and the event that this is.
_POWER: dict[tuple[str, str], tuple[int, int] | None] = {
    (_OFF, _ON): _BOOTED,
    (_SUSPENDED, _ON): (libvirt.VIR_DOMAIN_EVENT_RESUMED, libvirt.VIR_DOMAIN_EVENT_RESUMED_UNPAUSED),
    (_ON, _SUSPENDED): _PAUSED,
    (_OFF, _SUSPENDED): _PAUSED,
    (_ON, _OFF): _DESTROYED,
    (_SUSPENDED, _OFF): _DESTROYED,
}

# The same where a suspension is a managed save. To lose its image is no event of libvirt's.
_SAVED: dict[tuple[str, str], tuple[int, int] | None] = {
    (_OFF, _ON): _BOOTED,
    (_SUSPENDED, _ON): (libvirt.VIR_DOMAIN_EVENT_STARTED, libvirt.VIR_DOMAIN_EVENT_STARTED_RESTORED),
    (_ON, _SUSPENDED): (libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_SAVED),
    (_ON, _OFF): _DESTROYED,
}

# The same when the machine has gone back to a snapshot.
_REVERTED = {
    _ON: (libvirt.VIR_DOMAIN_EVENT_STARTED, libvirt.VIR_DOMAIN_EVENT_STARTED_FROM_SNAPSHOT),
    _OFF: (libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_FROM_SNAPSHOT),
    _SUSPENDED: (libvirt.VIR_DOMAIN_EVENT_SUSPENDED, libvirt.VIR_DOMAIN_EVENT_SUSPENDED_FROM_SNAPSHOT),
}


_TRAY = {
    False: libvirt.VIR_DOMAIN_EVENT_TRAY_CHANGE_OPEN,
    True: libvirt.VIR_DOMAIN_EVENT_TRAY_CHANGE_CLOSE,
}


@dataclass(frozen=True)
class Event:
    """An event of a domain: its VIR_DOMAIN_EVENT_ID_*, what a callback gets between domain and opaque, and the name.

    ``name`` is the domain's, in vSphere's writing, at the time of the event.
    """

    kind: int
    arguments: tuple[Any, ...]
    name: str | None = None


def events_of(change: Change, *, managed_save: bool = False) -> Iterator[Event]:
    """Yield what has happened to a domain, in the order in which it is reported.

    With ``managed_save``, a suspension is one.
    """
    if change.before is None:
        yield from _come(change.after or {})
    elif change.after is None:
        yield from _gone(change.before)
    else:
        yield from _renamed_or_redefined(change)
        yield from _power(change, _SAVED if managed_save else _POWER)
        yield from _reboot(change)
        yield from _others(change)
        yield from _devices(change)


def _lifecycle(what: tuple[int, int], name: str | None = None) -> Event:
    return Event(LIFECYCLE, what, name)


def _come(now: Any) -> Iterator[Event]:
    yield _lifecycle((libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_DEFINED_ADDED))
    if now.get("runtime.powerState") == _ON:
        yield _lifecycle(_BOOTED)


def _gone(before: Any) -> Iterator[Event]:
    if before.get("runtime.powerState") == _ON:  # nothing that runs can be undefined: it runs elsewhere
        yield _lifecycle(_MIGRATED)
    yield _lifecycle((libvirt.VIR_DOMAIN_EVENT_UNDEFINED, libvirt.VIR_DOMAIN_EVENT_UNDEFINED_REMOVED))


def _renamed_or_redefined(change: Change) -> Iterator[Event]:
    if names := change.of("name"):
        yield _lifecycle((libvirt.VIR_DOMAIN_EVENT_UNDEFINED, libvirt.VIR_DOMAIN_EVENT_UNDEFINED_RENAMED), names[0])
        yield _lifecycle((libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_DEFINED_RENAMED), names[1])
    elif change.of("config.changeVersion"):
        yield _lifecycle((libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_DEFINED_UPDATED))


def _power(change: Change, rules: Mapping[tuple[str, str], tuple[int, int] | None]) -> Iterator[Event]:
    states = change.of("runtime.powerState")
    if states is None:
        return
    before, after = states
    if _is_back_at_a_snapshot(change) and after in _REVERTED:
        yield _lifecycle(_REVERTED[_OFF if rules is _SAVED and after == _SUSPENDED else after])
    elif (before, after) == (_ON, _OFF) and (change.before or {}).get("guest.guestState") == "shuttingDown":
        yield _lifecycle(_SHUT_DOWN)
    elif what := rules.get((before, after)):
        yield _lifecycle(what)


def _is_back_at_a_snapshot(change: Change) -> bool:
    """Whether another snapshot is the current one, and none has come or gone."""
    trees = change.of("snapshot")
    if trees is None or None in trees:
        return False
    before, after = trees
    return before.currentSnapshot != after.currentSnapshot and _keys(before.rootSnapshotList) == _keys(
        after.rootSnapshotList
    )


def _keys(trees: Sequence[Any]) -> list[str]:
    return sorted(key for tree in trees for key in (tree.snapshot._moId, *_keys(tree.childSnapshotList or ())))


def _reboot(change: Change) -> Iterator[Event]:
    booted = change.of("runtime.bootTime")
    if booted and None not in booted and change.of("runtime.powerState") is None:
        yield Event(libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, ())


def _others(change: Change) -> Iterator[Event]:
    if tools := change.of(TOOLS):
        before, after = (state in TOOLS_RUN for state in tools)
        if before != after:
            state = (
                libvirt.VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED
                if after
                else libvirt.VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_DISCONNECTED
            )
            reason = libvirt.VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_REASON_CHANNEL
            yield Event(libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, (state, reason))
    if change.of("config.annotation"):
        yield Event(libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, (libvirt.VIR_DOMAIN_METADATA_DESCRIPTION, None))


def _devices(change: Change) -> Iterator[Event]:
    """Yield which devices have gone, have come, and which trays were opened and closed.

    Another device may have the key of one that is gone. Trays count while a machine runs: with its power their state
    is another one anyway.
    """
    lists = change.of(DEVICES)
    if lists is None or None in lists or change.before is None or change.after is None:
        return
    old, new = lists
    called = aliases(old, change.before.get(HARDWARE))
    for key, device in old.items():
        if key not in new or new[key].kind != device.kind:
            yield Event(libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, (called[key],))
    called = aliases(new, change.after.get(HARDWARE))
    for key, device in new.items():
        if key not in old or old[key].kind != device.kind:
            yield Event(libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, (called[key],))
        elif old[key].closed != device.closed and _runs_on(change):
            yield Event(libvirt.VIR_DOMAIN_EVENT_ID_TRAY_CHANGE, (called[key], _TRAY[bool(device.closed)]))


def _runs_on(change: Change) -> bool:
    return all((state or {}).get("runtime.powerState") == _ON for state in (change.before, change.after))
