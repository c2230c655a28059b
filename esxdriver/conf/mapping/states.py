"""What a domain is doing: one row a state, with its name and number on every side.

| libvirt's XML, `state=` | virsh   | libvirt's number | vSphere (`runtime.powerState`) |
|-------------------------|---------|------------------|--------------------------------|
| running                 | running | 1                | poweredOn                      |
| paused                  | paused  | 3                | suspended                      |
| shutoff                 | shut off| 5                | poweredOff                     |

vSphere's suspension to disk is libvirt's "paused": users read that word everywhere. With the URI's ``managed_save=1``
it is a managed save instead: the domain is shut off, and has an image. Sources: vSphere API,
VirtualMachinePowerState; https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainState
"""

from typing import Any, Protocol, Self

import libvirt

from esxdriver.conf.mapping.enums import MappedEnum

_NO_STATE = "no state"


class _Properties(Protocol):
    """What is known of a machine, by the path of each property."""

    def __getitem__(self, path: str, /) -> Any: ...


class PowerState(MappedEnum):
    """What a domain is doing, or was doing when a snapshot was taken; ``label`` is virsh's text for it."""

    RUNNING = "running", "poweredOn", libvirt.VIR_DOMAIN_RUNNING, "running"
    PAUSED = "paused", "suspended", libvirt.VIR_DOMAIN_PAUSED, "paused"
    SHUTOFF = "shutoff", "poweredOff", libvirt.VIR_DOMAIN_SHUTOFF, "shut off"

    def __init__(self, xml: str, vim: str, number: int, label: str) -> None:
        self.xml = xml
        self.vim = vim
        self.number = number
        self.label = label

    @property
    def active(self) -> bool:
        """Whether there is memory: whether libvirt calls the domain active."""
        return self is not PowerState.SHUTOFF

    @classmethod
    def of_machine(cls, found: _Properties) -> Self | None:
        """Return the state in a machine's properties; None when the host withholds it."""
        return cls.of("vim", found["runtime.powerState"] or "")


def shown_state(state: PowerState | None, *, managed_save: bool) -> PowerState | None:
    """Return the state that is reported to libvirt: with ``managed_save``, a suspended machine is shut off."""
    return PowerState.SHUTOFF if managed_save and state is PowerState.PAUSED else state


def number_of(state: PowerState | None) -> int:
    """Return the VIR_DOMAIN_* of a state, NOSTATE of one that is not known."""
    return state.number if state else int(libvirt.VIR_DOMAIN_NOSTATE)


def label_of(state: PowerState | None) -> str:
    """Return virsh's text for a state, as messages and tables have it."""
    return state.label if state else _NO_STATE


def label_of_number(number: int) -> str:
    """Return virsh's text for a VIR_DOMAIN_*."""
    return label_of(next((state for state in PowerState if state.number == number), None))
