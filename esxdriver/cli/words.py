"""virsh's words for what the face gives as numbers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

# By the number of a VIR_DOMAIN_*: https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainState
STATES = ("no state", "running", "idle", "paused", "in shutdown", "shut off", "crashed", "pmsuspended")

_POWER = {"poweredOn": "running", "poweredOff": "shut off", "suspended": "paused"}


def state(number: int) -> str:
    """Return virsh's word for a domain's state."""
    return STATES[number] if 0 <= number < len(STATES) else STATES[0]


def state_when_listed(domain: "Domain") -> str:
    """Return the state that a list came with: to ask each domain again would take a call for each."""
    return _POWER.get(domain.known_power, STATES[0])


def shown_id(domain: "Domain") -> str:
    """Return the ID, or the dash of a domain that has none."""
    number = domain.ID()
    return str(number) if number >= 0 else "-"


def yes_no(value: object) -> str:
    """Return ``yes`` or ``no``."""
    return "yes" if value else "no"
