"""Hardware versions and guests that a host can run: asked only where a document may want what not every host has.

Sources: vSphere API, EnvironmentBrowser, QueryConfigOptionDescriptor, QueryConfigOption.
"""

from typing import Any

import libvirt

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.guest import GUESTS
from esxdriver.errors import error
from esxdriver.vsphere.query.retrieve import properties
from esxdriver.vsphere.wire.session import Session

# Hardware versions that every host has which this project supports (vSphere 6.5 and later).
_EVERYWHERE = frozenset({7, 8, 9, 10, 11, 13})
_KNOWN_GUESTS = frozenset(GUESTS.values())


def check_host_has(session: Session, owner: Any, want: DomainDef, have: DomainDef | None = None) -> None:
    """Raise CONFIG_UNSUPPORTED for a hardware version or guest that the host does not have, and say what it has.

    ``owner`` is the machine ``have``, or the computing resource where a new one is to be. Nothing is asked for what
    stays as it is, nor for what every host has; otherwise two or three round trips.
    """
    hardware = want.hardware if have is None and want.hardware not in _EVERYWHERE else None
    guest = want.guest_id if want.guest_id not in _KNOWN_GUESTS else None
    if have is not None and have.guest_id == guest:
        guest = None
    if hardware is None and guest is None:
        return
    browser = properties(session, owner, "environmentBrowser")["environmentBrowser"]
    if browser is None:
        return  # this user may not see it: the host itself will refuse
    if hardware is not None:
        _check_hardware(browser, hardware)
    if guest is not None:
        _check_guest(browser, guest, want.hardware or (have.hardware if have else None))


def _check_hardware(browser: Any, wanted: int) -> None:
    offered = {each.key: each.createSupported for each in browser.QueryConfigOptionDescriptor() or ()}
    keys = [key.removeprefix("vmx-") for key, able in offered.items() if key.startswith("vmx-") and able is not False]
    numbers = sorted(int(each) for each in keys if each.isdecimal())
    if numbers and wanted not in numbers:
        listed = ", ".join(map(str, numbers))
        raise error(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, f"hardwareVersion {wanted}: this host has {listed}")


def _check_guest(browser: Any, wanted: str, hardware: int | None) -> None:
    option = browser.QueryConfigOption(f"vmx-{hardware:02}" if hardware else None, None)
    known = {each.id for each in option.guestOSDescriptor or ()} if option is not None else set()
    if known and wanted not in known:
        alike = sorted(known, key=lambda each: (not each.startswith(wanted[:4]), each))[:8]
        raise error(
            libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
            f"guestId '{wanted}': this host has no such guest; among its {len(known)} are {', '.join(alike)}",
        )
