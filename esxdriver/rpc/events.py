"""Events: the callbacks of libvirt-python's registrations become messages.

Source: https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainEventID and libvirt-python's callbacks.
"""

from collections.abc import Callable, Sequence
from typing import Any

from esxdriver.rpc import messages, protocol, typed_params
from esxdriver.rpc.references import describe
from esxdriver.rpc.replies import fields

# The message of each kind of event that a vSphere host can have. Others are registered and never come.
_DOMAIN = {
    0: "lifecycle",
    1: "reboot",
    9: "disk_change",
    10: "tray_change",
    13: "balloon_change",
    15: "device_removed",
    18: "agent_lifecycle",
    19: "device_added",
    21: "job_completed",
    23: "metadata_change",
}
DOMAIN_EVENTS = 30  # ids from 0 that libvirt 12.8 knows

Callback = Callable[..., None]


class Family:
    """A kind of object that has events: how libvirt-python registers for them and which messages they become."""

    def __init__(self, prefix: str, kind: str, messages_by_id: dict[int, str], known: int) -> None:
        self.kind = kind
        self.register = f"{prefix}EventRegisterAny"
        self.deregister = f"{prefix}EventDeregisterAny"
        self.messages = messages_by_id
        self.known = range(known)


# By what the names of the procedures call them.
FAMILIES = {
    "domain_event_callback": Family(
        "domain",
        "nonnull_domain",
        {number: f"domain_event_callback_{name}" for number, name in _DOMAIN.items()},
        DOMAIN_EVENTS,
    ),
    "network_event": Family("network", "nonnull_network", {0: "network_event_lifecycle"}, 2),
    "storage_pool_event": Family(
        "storagePool", "nonnull_storage_pool", {0: "storage_pool_event_lifecycle", 1: "storage_pool_event_refresh"}, 2
    ),
    "node_device_event": Family("nodeDevice", "nonnull_node_device", {}, 2),
    "secret_event": Family("secret", "nonnull_secret", {}, 2),
}


def callback(family: Family, event: int, number: int, send: Callable[[bytes], None]) -> Callback:
    """Return libvirt-python's callback for a registration, whose number the messages carry.

    It takes the connection, the object, the event's details, and the opaque value of the registration.
    """
    name = family.messages[event]

    def happened(_conn: Any, found: Any, *details: Any) -> None:
        send(message(name, family.kind, number, found, details[:-1]))

    return happened


def message(name: str, kind: str, number: int, found: Any, details: Sequence[Any]) -> bytes:
    """Return the message of an event."""
    row = protocol.named(name)
    values = [describe(kind, found), *map(_on_wire, details)]
    nested = fields(row.argument_fields)[1][0] == "msg"
    return messages.event(name, messages.write(row.arguments, [number, values] if nested else [number, *values]))


def closed(reason: int) -> bytes:
    """Return the message that a connection to the host has ended; ``reason`` is a ``VIR_CONNECT_CLOSE_REASON_*``."""
    row = protocol.named("connect_event_connection_closed")
    return messages.event(row.name, messages.write(row.arguments, [reason]))


def _on_wire(detail: Any) -> Any:
    return typed_params.to_wire(detail) if isinstance(detail, dict) else detail
