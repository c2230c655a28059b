"""Taking away what a check has made: what is left is named, with the command that removes it."""

from collections.abc import Callable
from functools import partial
from shlex import quote
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.checking.own import NAME, PREFIX, Called, Own, guarded
from esxdriver.checking.reasons import reason
from esxdriver.conf.mapping.states import PowerState
from esxdriver.errors import MALFORMED, invalid_arg
from esxdriver.vsphere.query.task import wait
from esxdriver.vsphere.storage import disks
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.driver.backend import Backend
    from esxdriver.vsphere.query.retrieve import Found

_FAILURES = (libvirt.libvirtError, *MALFORMED)


def remove(own: Own) -> tuple[str, ...]:
    """Take away the machines of a check and its folder, and return a line for each thing that may be left.

    What cannot be removed does not keep the rest from being tried.
    """
    if not own.is_claimed:
        return (f"folder {own.called.name}: it may have been made",) if own.is_asked else ()
    left: list[str] = []
    with guarded(own):
        found = _tried(left, "the machines in the folder cannot be listed", own.machines)
        for each in found or ():
            _tried(left, f"machine {each.ref._moId} in the folder", partial(_forget, own, each))
        if not left:
            _tried(left, f"folder {own.called.name}", partial(_delete_folder, own))
    return tuple(left)


def _tried(left: list[str], what: str, action: Callable[[], Any]) -> Any:
    try:
        with translated(""):
            return action()
    except _FAILURES as error:
        left.append(f"{what}: {reason(error).text}")
    return None


def _forget(own: Own, found: "Found") -> None:
    """Stop a machine and unregister it."""
    if PowerState.of_machine(found) is not PowerState.SHUTOFF:
        wait(own.backend.session, found.ref.PowerOffVM_Task(), found.ref, auto_answer=True)
    found.ref.UnregisterVM()


def _delete_folder(own: Own) -> None:
    try:
        with translated(""):
            disks.delete_file(own.backend.session, own.backend.scope, own.folder)
    except libvirt.libvirtError as error:
        if reason(error).fault != "FileNotFound":
            raise
    own.is_claimed = own.is_asked = False


def remove_remains(backend: "Backend", called: Called) -> tuple[str, ...]:
    """Take away what an earlier check has left, and return what is left still.

    Raises INVALID_ARG for a name that no check gives, OPERATION_DENIED on a connection that is read only.
    """
    backend.require_writable("check-host --remove")
    if not NAME.fullmatch(called.name):
        raise invalid_arg(f"'{called.name}' is no name of a check: those are {PREFIX} and eight hexadecimal digits")
    own = Own(backend, called)
    own.is_asked = own.is_claimed = True
    return remove(own)


def command(called: Called, uri: str) -> str:
    """Return the command that removes what is left."""
    return f"esxdriver check-host -c {quote(uri)} --datastore {quote(called.datastore)} --remove {called.name}"
