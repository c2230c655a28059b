"""How tables and messages show what the driver returns: as virsh does."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain


def state(number: int) -> str:
    """Return what virsh calls a domain's state, a VIR_DOMAIN_*."""
    from esxdriver.conf.mapping.states import label_of_number

    return label_of_number(number)


def state_when_listed(domain: "Domain") -> str:
    """Return the state that a list came with: to ask each domain again would take a call for each."""
    from esxdriver.conf.mapping.states import label_of

    return label_of(domain.known_power)


def shown_id(domain: "Domain") -> str:
    """Return the ID, or the dash of a domain that has none."""
    number = domain.ID()
    return str(number) if number >= 0 else "-"


def yes_no(value: object) -> str:
    """Return ``yes`` or ``no``."""
    return "yes" if value else "no"
