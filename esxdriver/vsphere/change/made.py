"""What has come of a definition: whether a machine's disks have the modes that were asked for.

A host that accepts a mode and makes another of it would have data discarded, or kept: each change is looked at. A new
machine with a wrong mode is unregistered again; where that fails, and for a machine that was there before, the error
says that it has that mode. A machine that cannot be looked at stays: a new one is logged, of a changed one the error
says so.
"""

import logging
from typing import Any

import libvirt

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.identity import escaped
from esxdriver.conf.mapping.states import PowerState
from esxdriver.errors import error
from esxdriver.vsphere.change.blank import Settled
from esxdriver.vsphere.machine.machine import read_machine
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import Found, properties
from esxdriver.vsphere.wire.faults import CALL_FAILURES, HOST_FAULTS, describe, translated
from esxdriver.vsphere.wire.session import Session

log = logging.getLogger(__name__)


class WrongModeError(Exception):
    """A host has accepted a disk's mode and made another of it."""


def made(session: Session, ref: Any, want: DomainDef, new: Settled) -> Found:
    """Return a machine that was just made, with the properties of its identity, if its disks have the right modes.

    Where this user may not look, it is returned with what is known of it, and logged. Raises INTERNAL_ERROR for a wrong
    mode: the machine is unregistered then, unless the error says that it stays.
    """
    try:
        _check_modes(session, ref, want)
    except WrongModeError as cause:
        raise _forgotten(ref, want, cause, new) from None
    except (libvirt.libvirtError, *HOST_FAULTS) as cause:
        log.warning("domain '%s' was made and cannot be looked at: %s", want.name, cause)
        known = {"name": escaped(want.name), "config.instanceUuid": want.uuid, "config.uuid": want.hwuuid}
        return Found(ref, {**known, "runtime.powerState": PowerState.SHUTOFF.vim})
    return properties(session, ref, *inventory.IDENTITY)


def _forgotten(ref: Any, want: DomainDef, wrong: WrongModeError, new: Settled) -> libvirt.libvirtError:
    """Unregister a machine that was made with a wrong mode, and return the error that names both.

    Blank disks that were made with it are deleted.
    """
    domain = f"domain '{want.name}' ({ref._moId})"
    try:
        ref.UnregisterVM()
    except CALL_FAILURES as cause:
        stays = f"it cannot be unregistered ({describe(cause)}), so it stays with that mode: correct it before use"
        return error(libvirt.VIR_ERR_INTERNAL_ERROR, f"{domain}: {wrong}; {stays}")
    except BaseException as cause:
        cause.add_note(f"{domain}: {wrong}; it was to be unregistered: look whether it is there before use")
        raise
    return error(libvirt.VIR_ERR_INTERNAL_ERROR, f"{domain}: {wrong}; the domain is not kept, {_left(new)}")


def _left(new: Settled) -> str:
    """Delete the blank disks of a machine that is not kept, and say which of its files are there still."""
    try:
        new.delete()
    except CALL_FAILURES as cause:
        return f"its files are, and of its new disks some may be: {describe(cause)}"
    return "its new disks are deleted, its other files stay" if new.files else "its files are"


def check_edited(session: Session, ref: Any, want: DomainDef) -> None:
    """Raise INTERNAL_ERROR when a changed machine has a disk of another mode than was asked for.

    Where it cannot be looked at, what that raises says that it is changed.
    """
    domain = f"domain '{want.name}' ({ref._moId})"
    try:
        with translated(f"{domain} is changed, but its disks' modes could not be looked at"):
            _check_modes(session, ref, want)
    except WrongModeError as cause:
        text = f"{domain} is changed, but {cause}: correct it before use"
        raise error(libvirt.VIR_ERR_INTERNAL_ERROR, text) from None


def _check_modes(session: Session, ref: Any, want: DomainDef) -> None:
    """Look whether each disk has the mode that was asked for. Raises WrongModeError, and what a read can raise.

    Disks are compared by address: what matters is what the host made at the one that was asked for.
    """
    have, _ = read_machine(session, ref)
    modes = {(disk.bus, disk.address): disk.mode for disk in have.definition.disks}
    for disk in want.disks:
        mode = modes.get((disk.bus, disk.address), disk.mode)
        if mode.aspects != disk.mode.aspects:
            raise WrongModeError(f"{disk.label}: the host accepted mode {disk.mode.vim} and made it {mode.vim}")
