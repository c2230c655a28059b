"""Clones: another domain like one that there is, with disks of its own.

::

    copy = esxdriver.clone(conn.lookupByName("web01"), "web02")

libvirt has no such call; its programs copy volumes and define a domain, as is done here on a host alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.driver.domain import Domain
from esxdriver.errors import error
from esxdriver.vsphere.change import clone as by_vcenter
from esxdriver.vsphere.change.duplicate import duplicate
from esxdriver.vsphere.storage.datastores import Datastore, find_datastore
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esxdriver.driver.backend import Backend
    from esxdriver.vsphere.machine.machine import Machine, State
    from esxdriver.vsphere.query.task import Progress


_MAC = re.compile("[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")


def clone(
    domain: Domain,
    name: str,
    *,
    macs: Sequence[str | None] = (),
    datastore: str | None = None,
    snapshot: str | None = None,
    linked: bool = False,
    progress: Progress = None,
) -> Domain:
    """Make a domain ``name`` with copies of the disks of ``domain``, each with its mode, and return it, shut off.

    It has UUIDs and MAC addresses of its own; ``macs`` are those of its cards, in their order, with None for a new one.
    Its files go to ``datastore``, by default to where the domain's are. A vCenter clones it, also while it runs if no
    disk is independent; from ``snapshot``, as it was then; ``linked`` lets it stand on the disks of that snapshot, or
    of the current one. A host alone copies the disks of a domain that is shut off. ``progress`` is given percentages.
    When it fails what was made is removed; what cannot be, or may be there, the error names. Raises DOM_EXIST for a
    name that is taken, INVALID_ARG for a name or MAC addresses that cannot be, NO_DOMAIN_SNAPSHOT, NO_STORAGE_POOL,
    OPERATION_INVALID, OPERATION_UNSUPPORTED with the disks that are why, and the codes of vSphere's faults.
    """
    backend, failure = domain.backend, f"cannot clone domain '{domain.title}'"
    backend.require_writable("clone")
    _check_name(backend, name)
    machine, state = domain.read_machine()
    _check_macs(macs, len(machine.definition.interfaces))
    with translated(failure):
        store = _store(backend, datastore, machine)
        if backend.uri.scheme == "vpx":
            from_ = _snapshot_of(domain, snapshot, linked=linked)
            options = by_vcenter.CloneOptions(name, tuple(macs), store.ref if datastore else None, from_, linked)
            by_vcenter.check_clone(machine, state, options)
            found = by_vcenter.clone(
                backend.session, domain.ref, machine, options, failure,
                auto_answer=backend.uri.auto_answer, progress=progress,
            )  # fmt: skip
        else:
            _check_copy(state, failure, of_snapshot=bool(linked or snapshot))
            found = duplicate(
                backend.session, backend.scope, machine, name, store, macs, failure,
                legacy_uuid=backend.uri.legacy_uuid, auto_answer=backend.uri.auto_answer, progress=progress,
            )  # fmt: skip
    return Domain(domain.connect(), backend, found.ref, found.properties)


def _check_copy(state: State, failure: str, *, of_snapshot: bool) -> None:
    """Raise for what a host alone does not clone: it copies disks that nothing writes to."""
    if of_snapshot:
        text = f"{failure}: a host alone clones neither from snapshots nor linked: connect to its vCenter"
        raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, text)
    if not state.off:
        text = f"{failure}: it is not shut off, and its disks are copied: shut it off first"
        raise error(libvirt.VIR_ERR_OPERATION_INVALID, text)


def _check_name(backend: Backend, name: str) -> None:
    if not name:
        raise error(libvirt.VIR_ERR_INVALID_ARG, "the clone's name is empty")
    with translated("cannot look up the domain"):
        if backend.named(name):
            raise error(libvirt.VIR_ERR_DOM_EXIST, f"domain '{name}' exists already: give the clone another name")


def _check_macs(macs: Sequence[str | None], cards: int) -> None:
    for mac in macs:
        if mac is not None and not _MAC.fullmatch(mac):
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"'{mac}' is no MAC address: write it as 00:50:56:00:00:01")
    if len(macs) > cards:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"{len(macs)} MAC addresses for {cards} network cards")


def _store(backend: Backend, name: str | None, machine: Machine) -> Datastore:
    """Return the datastore of this name, or the one that the domain's configuration is on."""
    home = DatastorePath.parse(machine.config.files.vmPathName if machine.config.files else None)
    wanted = name or (home.datastore if home else "")
    return find_datastore(backend.session, backend.scope, lambda each: each.name == wanted, f"name '{wanted}'")


def _snapshot_of(domain: Domain, name: str | None, *, linked: bool) -> Any:
    """Return the snapshot that a clone is made from; None for the domain as it is."""
    if name is not None:
        return domain.snapshotLookupByName(name).ref
    return domain.snapshotCurrent().ref if linked else None
