"""Defining a domain: find the machine that is meant, check the rules, plan, ask once, look at what came of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libvirt
from pyVmomi import vim

from esxdriver.conf.devices.interface import Network
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.conf.mapping.identity import file_name
from esxdriver.errors import error
from esxdriver.vsphere.change import rules
from esxdriver.vsphere.change.blank import hinting, settled
from esxdriver.vsphere.change.host_options import check_host_has
from esxdriver.vsphere.change.made import check_edited, made
from esxdriver.vsphere.change.plan import plan_creation, plan_edit
from esxdriver.vsphere.change.register import is_there, kept_only_if_done, register, require_unregistered
from esxdriver.vsphere.machine.machine import State, read_machine
from esxdriver.vsphere.machine.match import match
from esxdriver.vsphere.machine.snapshot_tree import held_files
from esxdriver.vsphere.machine.transient import MARK
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found, properties
from esxdriver.vsphere.query.task import wait
from esxdriver.vsphere.wire.faults import translated
from esxdriver.vsphere.wire.session import Session

if TYPE_CHECKING:
    from esxdriver.conf.devices.disk import DiskDef


def meant(found: Iterable[Found], want: DomainDef, *, legacy_uuid: bool) -> Found | None:
    """Return the machine that ``want`` means, or None for a new one.

    A UUID decides; without one, the name does. Raises DOM_EXIST when another domain has the name, OPERATION_FAILED
    when the UUID's domain has another name or the name is not unique.
    """
    uuid, path = (want.hwuuid, "config.uuid") if legacy_uuid else (want.uuid, "config.instanceUuid")
    everything = list(found)
    named = [each for each in everything if each.name == want.name]
    same = [each for each in everything if uuid is not None and each[path] == uuid]
    if uuid is None:
        same = named
    elif named and not same:
        raise error(
            libvirt.VIR_ERR_DOM_EXIST,
            f"'{want.name}' has the UUID {named[0][path]}: edit it by that <uuid>, or name the new domain otherwise",
        )
    if len(same) > 1:
        listed = ", ".join(f"{each['config.instanceUuid']} ({each.title})" for each in same)
        raise error(
            libvirt.VIR_ERR_OPERATION_FAILED, f"'{want.name}' means several domains: {listed}; say which by <uuid>"
        )
    if same and same not in [[each] for each in named]:
        raise error(
            libvirt.VIR_ERR_OPERATION_FAILED,
            f"domain '{same[0].title}' has the UUID {uuid}: use domrename to call it '{want.name}'",
        )
    return same[0] if same else None


def define(
    session: Session,
    scope: Scope,
    want: DomainDef,
    *,
    legacy_uuid: bool,
    auto_answer: bool,
    off: bool = False,
    new: bool = False,
) -> tuple[Found, bool]:
    """Create or edit the domain ``want``; return its machine with what tells it from others, and whether it is new.

    With ``off``, one that exists has to be off, and stays transient if it is; with ``new``, none may exist.

    Where the configuration of a new domain lies already, the machine of that file is made known again, and edited.
    Nothing is asked of the host when the machine is so already. Raises what vSphere refuses, with the device's
    name; then nothing has changed.
    """
    with translated(f"cannot define domain '{want.name}'"):
        found = meant(inventory.machines(session, scope, *inventory.IDENTITY), want, legacy_uuid=legacy_uuid)
        if found is None:
            _check_unknown(session, want, legacy_uuid=legacy_uuid)
            return _create(session, scope, want, auto_answer=auto_answer), True
        if new:
            text = f"domain '{want.name}' exists already: give the new one another name"
            raise error(libvirt.VIR_ERR_DOM_EXIST, text)
        edit(
            session,
            scope,
            found.ref,
            lambda _, state: _if_off(want, state) if off else want,
            f"cannot define domain '{want.name}'",
            auto_answer=auto_answer,
            dropped=() if off else (MARK,),
        )
        return found, False


def _if_off(want: DomainDef, state: State) -> DomainDef:
    if not state.off:
        raise error(libvirt.VIR_ERR_OPERATION_INVALID, f"domain '{want.name}' is already active")
    return want


def _check_unknown(session: Session, want: DomainDef, *, legacy_uuid: bool) -> None:
    """Raise DOM_EXIST for a UUID that a domain has which this connection does not see."""
    uuid = want.hwuuid if legacy_uuid else want.uuid
    if uuid is None:
        return
    found = session.content.searchIndex.FindByUuid(None, uuid, vmSearch=True, instanceUuid=not legacy_uuid)
    if found is not None:
        raise error(
            libvirt.VIR_ERR_DOM_EXIST,
            f"a domain outside of what the URI names ({found._moId}) has the UUID {uuid}: connect to where it is",
        )


def _create(session: Session, scope: Scope, want: DomainDef, *, auto_answer: bool) -> Found:
    matched = match(None, want)
    rules.check(matched, State(off=True, snapshots=False))
    datastore, vmx_path = _home(want)
    site = inventory.site_for(session, scope, datastore)
    _check_networks(want, site.networks)
    check_host_has(session, site.computer, want)
    new = settled(session, scope, matched)
    plan = plan_creation(new.match, vmx_path)
    try:
        with hinting(matched), translated(f"cannot define domain '{want.name}'", plan.labels), new.directories():
            task = site.folder.CreateVM_Task(plan.spec, site.pool, site.host)
            ref = wait(session, task, auto_answer=auto_answer, result=vim.VirtualMachine)
    except libvirt.libvirtError as error:
        if not (isinstance(error.__cause__, vim.fault.FileAlreadyExists) and is_there(session, scope, vmx_path)):
            raise
        return _known_again(session, scope, want, vmx_path, auto_answer=auto_answer)
    return made(session, ref, want, new)


def _known_again(session: Session, scope: Scope, want: DomainDef, vmx_path: str, *, auto_answer: bool) -> Found:
    """Register the machine whose configuration lies where that of ``want`` would be, and make it as wanted.

    One that cannot become so is unregistered again.
    """
    failure = f"cannot define domain '{want.name}'"
    require_unregistered(session, scope, vmx_path, failure)
    found = register(session, scope, vmx_path, auto_answer=auto_answer)
    with kept_only_if_done(found.ref, f"'{vmx_path}'"):
        edit(session, scope, found.ref, lambda *_: want, failure, auto_answer=auto_answer, dropped=(MARK,))
    return properties(session, found.ref, *inventory.IDENTITY)


def edit(
    session: Session,
    scope: Scope,
    ref: Any,
    wanted: Callable[[DomainDef, State], DomainDef],
    failure: str,
    *,
    auto_answer: bool,
    unlock: bool = False,
    dropped: Sequence[str] = (),
) -> None:
    """Make a machine what ``wanted`` says that its definition, in its state, is to become: one change, or none.

    ``failure`` says in errors what could not be done; ``unlock`` opens drives that the guest has
    locked; ``dropped`` are options that it has no longer. Raises what :func:`define` raises; then nothing has changed.
    """
    have, state = read_machine(session, ref)
    want = wanted(have.definition, state)
    matched = match(have, want)
    if rules.may_be_held(matched, state):
        state = replace(state, held=held_files(session, ref))
    rules.check(matched, state)
    new = settled(session, scope, matched)
    plan = plan_edit(new.match, dropped)
    if plan is None:
        return
    if _network_names(want) - _network_names(have.definition):
        _check_networks(want, inventory.network_names(session, scope))
    check_host_has(session, ref, want, have.definition)
    with hinting(matched), translated(failure, plan.labels), new.directories():
        wait(session, ref.ReconfigVM_Task(plan.spec), ref, auto_answer=auto_answer, unlock=unlock)
    if plan.spec.deviceChange:
        check_edited(session, ref, want)


def _home(want: DomainDef) -> tuple[str, str]:
    """Return the datastore of a new domain and the path of its configuration: beside its first disk."""
    disk: DiskDef | None = next((each for each in want.disks if each.backing.is_hard_disk), None)
    file = DatastorePath.parse(disk.source) if disk else None
    named = file is not None and file.datastore and file.path
    home = file.beside(f"{file_name(want.name)}.vmx") if file and named else None
    if home is None:
        raise error(
            libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
            "a new domain's files go next to its first hard disk: give it one with "
            "<source file='[datastore] directory/disk.vmdk'/>",
        )
    return home.datastore, str(home)


def _network_names(definition: DomainDef) -> set[str]:
    return {each.source for each in definition.interfaces if each.network is Network.BRIDGE and each.source}


def _check_networks(want: DomainDef, known: frozenset[str]) -> None:
    """Raise NO_NETWORK for a network that does not exist: a host would leave such a card unconnected."""
    missing = sorted(_network_names(want) - known)
    if missing:
        # vSphere calls it so where a card that it has is connected to nothing; it makes no such card.
        unnamed = " (a card that is connected to nothing: name a network, or leave the card out)"
        why = unnamed if missing[0] == "none" else ""
        has = ", ".join(sorted(known)) or "no network"
        raise error(libvirt.VIR_ERR_NO_NETWORK, f"'{missing[0]}'{why}; the host has: {has}")
