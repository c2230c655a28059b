"""The line in which virsh tells of each kind of event: a table, a row a kind, in the order of libvirt's numbers.

Kinds that vSphere has nothing of have no line of their own: they never come.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_UNKNOWN, _UNSUPPORTED = "unknown", "unsupported value"

# What happened, and its details, each by its number. Source: virDomainEventType.
_LIFECYCLE: Sequence[tuple[str, Sequence[str]]] = (
    ("Defined", ("Added", "Updated", "Renamed", "Snapshot")),
    ("Undefined", ("Removed", "Renamed")),
    ("Started", ("Booted", "Migrated", "Restored", "Snapshot", "Event wakeup")),
    ("Suspended", ("Paused", "Migrated", "I/O Error", "Watchdog", "Restored", "Snapshot", "API error", "Post-copy",
                   "Post-copy Error")),
    ("Resumed", ("Unpaused", "Migrated", "Snapshot", "Post-copy", "Post-copy Error")),
    ("Stopped", ("Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "Snapshot")),
    ("Shutdown", ("Finished", "Finished after guest request", "Finished after host request")),
    ("PMSuspended", ("Memory", "Disk")),
    ("Crashed", ("Panicked", "Crashloaded")),
)  # fmt: skip
_POOL_LIFECYCLE = ("Defined", "Undefined", "Started", "Stopped", "Created", "Deleted")
_TRAY = ("opened", "closed")
_AGENT = (_UNKNOWN, "connected", "disconnected")
_AGENT_REASON = (_UNKNOWN, "domain started", "channel event")
_METADATA = ("description", "title", "element")

Text = Callable[..., str]


def _named(names: Sequence[str], number: int, otherwise: str = _UNKNOWN) -> str:
    return names[number] if 0 <= number < len(names) else otherwise


def _lifecycle(event: int, detail: int) -> str:
    known = 0 <= event < len(_LIFECYCLE)
    what, details = _LIFECYCLE[event] if known else (_UNKNOWN, ())
    return f": {what} {_named(details, detail)}"


def _agent(state: int, reason: int) -> str:
    known = _named(_AGENT, state, _UNSUPPORTED), _named(_AGENT_REASON, reason, _UNSUPPORTED)
    return ": state: '{}' reason: '{}'".format(*known)


def _metadata(kind: int, uri: str | None) -> str:
    return f": type {_named(_METADATA, kind, _UNSUPPORTED)}, uri {uri if uri is not None else '<null>'}"


def _tray(device: str, reason: int) -> str:
    return f" disk {device}: {_named(_TRAY, reason)}"


def _colon(value: Any) -> str:
    return f": {value}"


def _plain(*_: Any) -> str:
    return ""


# What stands behind "event 'KIND' for domain 'NAME'", made of what a callback gets between domain and opaque.
KINDS: Mapping[str, Text] = {
    "lifecycle": _lifecycle,
    "reboot": _plain,
    "rtc-change": _plain,
    "watchdog": _plain,
    "io-error": _plain,
    "graphics": _plain,
    "io-error-reason": _plain,
    "control-error": _plain,
    "block-job": _plain,
    "disk-change": _plain,
    "tray-change": _tray,
    "pm-wakeup": _plain,
    "pm-suspend": _plain,
    "balloon-change": lambda actual: f": {actual}KiB",
    "pm-suspend-disk": _plain,
    "device-removed": _colon,
    "block-job-2": _plain,
    "tunable": _plain,
    "agent-lifecycle": _agent,
    "device-added": _colon,
    "migration-iteration": _plain,
    "job-completed": _plain,
    "device-removal-failed": _colon,
    "metadata-change": _metadata,
    "block-threshold": _plain,
    "memory-failure": _plain,
    "memory-device-size-change": _plain,
    "nic-mac-change": lambda device, old, new: f":\nalias: {device}\noldMAC: {old}\nnewMAC: {new}",
    "vcpu-removed": _plain,
    "channel-lifecycle": _plain,
}


# The same behind "event 'KIND' for storage pool NAME" and "event 'KIND' for network NAME".
POOL_KINDS: Mapping[str, Text] = {
    "lifecycle": lambda event, _detail: f": {_named(_POOL_LIFECYCLE, event)}",
    "refresh": _plain,
}
NETWORK_KINDS: Mapping[str, Text] = {
    "lifecycle": lambda event, _detail: f": {_named(_POOL_LIFECYCLE[:4], event)}",
    "metadata-change": _metadata,
}


def timestamp() -> str:
    """Return the time of day as virsh writes it: UTC, in milliseconds."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "+0000"
