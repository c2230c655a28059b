"""Machines whose files lie on a datastore and that no host knows: the way back from undefining them.

Source: vSphere API, Folder.RegisterVM_Task.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import libvirt
from pyVmomi import vim

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.errors import error, extend
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found, below, properties
from esxdriver.vsphere.query.task import wait
from esxdriver.vsphere.storage.datastores import datastores
from esxdriver.vsphere.storage.search import exists
from esxdriver.vsphere.wire.faults import CALL_FAILURES, OutcomeUnknownError, describe, translated
from esxdriver.vsphere.wire.session import Session

_CONFIGURATION = (".vmx", ".vmtx")


def register(session: Session, scope: Scope, path: str, *, auto_answer: bool) -> Found:
    """Make the machine whose configuration is the file ``path`` known, and return it with what tells it from others.

    Its disks have the modes that stand in the file. Raises INVALID_ARG for what is no configuration file,
    NO_STORAGE_POOL, NO_STORAGE_VOL and the codes of the host's faults; then nothing has changed.
    """
    file = DatastorePath.parse(path) or DatastorePath.of_volume(path)
    if file is None or not file.datastore or not file.path.endswith(_CONFIGURATION):
        raise error(
            libvirt.VIR_ERR_INVALID_ARG,
            f"'{path}' is no configuration file: write it as '[datastore] directory/file.vmx'",
        )
    with translated(f"cannot register '{path}'"):
        site = inventory.site_for(session, scope, file.datastore)
        task = site.folder.RegisterVM_Task(path=str(file), asTemplate=False, pool=site.pool, host=site.host)
        try:
            ref = wait(session, task, auto_answer=auto_answer, result=vim.VirtualMachine)
        except vim.fault.NotFound:
            raise error(libvirt.VIR_ERR_NO_STORAGE_VOL, f"cannot register '{path}': there is no such file") from None
        return properties(session, ref, *inventory.IDENTITY)


def is_there(session: Session, scope: Scope, path: str) -> bool:
    """Whether there is a file at ``path``, ``[datastore] directory/file.vmx``."""
    file = DatastorePath.parse(path)
    with translated(f"cannot look for '{path}'"):
        stores = {each.name: each for each in datastores(session, scope)}
        return file is not None and file.datastore in stores and exists(session, stores[file.datastore], file.path)


def require_unregistered(session: Session, scope: Scope, path: str, failure: str) -> None:
    """Raise DOM_EXIST, with its name, when a machine with this configuration is registered, wherever in the inventory.

    ``failure`` says in the error what could not be done.
    """
    with translated(failure):
        datacenter = _datacenter(session, scope)
        index = session.content.searchIndex
        # Where no datacenter is to be seen, registering is refused without the name.
        owner = index.FindByDatastorePath(datacenter, path) if datacenter is not None else None
        if owner is not None:
            name = properties(session, owner, "name").name
            raise error(
                libvirt.VIR_ERR_DOM_EXIST,
                f"{failure}: its configuration would be '{path}', which is that of domain '{name}': "
                "edit that one, or have the new domain's first disk in a directory of its own",
            )


def _datacenter(session: Session, scope: Scope) -> Any:
    """Return the datacenter of the scope; ESX has one."""
    if scope.datacenter is not None:
        return scope.datacenter
    found = below(session, session.content.rootFolder, {vim.Datacenter: ("name",)})
    return next((each.ref for each in found), None)


@contextlib.contextmanager
def kept_only_if_done(ref: Any, what: str) -> Iterator[None]:
    """Unregister a machine that was registered for what the block does, unless that is done, or may be.

    The error says what became of it.
    """
    try:
        yield
    except libvirt.libvirtError as error:
        if isinstance(error.__cause__, OutcomeUnknownError):
            extend(error, f"{what}, which was there, was registered and stays so")
        else:
            extend(error, f"{what}, which was there, was registered and {_unregistered(ref)}")
        raise
    except BaseException as error:
        error.add_note(f"{what}, which was there, was registered: look whether it is to stay so")
        raise


def _unregistered(ref: Any) -> str:
    try:
        ref.UnregisterVM()
    except CALL_FAILURES as error:
        return f"stays so: it cannot be unregistered ({describe(error)})"
    return "is so no longer"
