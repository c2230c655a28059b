"""Taking away what a check has made: what of it is left is said, with the commands that remove it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.checking.own import Own, guarded
from esxdriver.checking.reasons import reason
from esxdriver.conf.mapping.states import PowerState
from esxdriver.errors import MALFORMED
from esxdriver.vsphere.query.task import wait
from esxdriver.vsphere.storage import disks
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
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
    disks.delete_file(own.backend.session, own.backend.scope, own.folder)
    own.is_claimed = own.is_asked = False


def commands(own: Own, uri: str) -> Iterator[str]:
    """Yield the commands that remove what is left."""
    called = own.called
    yield f"esxdriver check-host -c '{uri}' --datastore '{called.datastore}' --remove {called.name}"
