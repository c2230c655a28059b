"""Which machines are transient in libvirt's sense: known only as long as they run. vSphere has no such machines.

One that was made so has a mark among its options. It names the machine itself, by instance UUID and managed object: a
clone that has inherited the mark is not meant by it, nor the same files when they are registered again.
"""

import contextlib
from typing import Any

from pyVmomi import vim, vmodl

from esxdriver.conf.mapping.states import PowerState
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found, in_passing
from esxdriver.vsphere.wire.session import Session

MARK = "esxdriver.transient"

# What it takes to tell.
PATHS = ("config.extraConfig", "config.instanceUuid")


def mark_of(ref: Any, uuid: str) -> Any:
    """Return the reconfiguration that makes the machine ``ref`` with this instance UUID a transient one."""
    return vim.vm.ConfigSpec(extraConfig=[vim.option.OptionValue(key=MARK, value=_mark(ref, uuid))])


def _mark(ref: Any, uuid: str) -> str:
    return f"{uuid} {ref._moId}"


def is_transient(found: Found) -> bool:
    """Whether a machine, of which ``PATHS`` were read, has a mark that means it; none when they are withheld."""
    return is_marked(found.ref, found["config.instanceUuid"], found["config.extraConfig"])


def is_marked(ref: Any, uuid: str | None, options: Any) -> bool:
    """Whether among the ``extraConfig`` of a machine is a mark that means it."""
    expected = _mark(ref, uuid) if uuid else None
    return any(each.key == MARK and each.value == expected for each in options or ())


def transient_machines(session: Session, scope: Scope) -> frozenset[Any]:
    """Return the transient machines of a scope, in one round trip; none without a mark is decoded."""
    found = inventory.machines(session, scope, *PATHS, text=MARK)
    return frozenset(each.ref for each in found if is_transient(each))


def has_stopped(session: Session, ref: Any) -> bool:
    """Whether a machine is transient and shut off now; one that is gone is not."""
    found = in_passing(session, ref, *PATHS, "runtime.powerState")
    return found is not None and PowerState.of_machine(found) is PowerState.SHUTOFF and is_transient(found)


def unregister(ref: Any) -> None:
    """Unregister a machine, unless somebody has already; its files stay. Raises the host's refusal."""
    with contextlib.suppress(vmodl.fault.ManagedObjectNotFound):
        ref.UnregisterVM()
