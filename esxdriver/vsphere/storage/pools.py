"""Everything that is a pool: datastores, and where the scope is one host, the targets of its iSCSI adapters.

Of several hosts each has targets of its own, whose devices it alone names: then there are datastores only.
"""

from typing import Any

from pyVmomi import vim

from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import below
from esxdriver.vsphere.storage.datastores import PATHS, Datastore, datastores, shown_datastore
from esxdriver.vsphere.storage.iscsi import PATHS as OF_TARGETS
from esxdriver.vsphere.storage.iscsi import Target, targets_of
from esxdriver.vsphere.wire.session import Session


def pools(session: Session, scope: Scope) -> list[Datastore]:
    """Return the datastores, then the targets, in one round trip."""
    host = _one_host(scope)
    if host is None:
        return datastores(session, scope)
    found = below(session, host, {vim.Datastore: PATHS, vim.HostSystem: OF_TARGETS})
    stores = (shown_datastore(each, scope) for each in found if isinstance(each.ref, vim.Datastore))
    hosts = (each for each in found if isinstance(each.ref, vim.HostSystem))
    return [*(each for each in stores if each is not None), *(target for each in hosts for target in targets_of(each))]


def targets(session: Session, scope: Scope) -> list[Target]:
    """Return the targets, in one round trip, or where the scope is not one host none, without any."""
    host = _one_host(scope)
    found = below(session, host, {vim.HostSystem: OF_TARGETS}) if host is not None else ()
    return [target for each in found for target in targets_of(each)]


def _one_host(scope: Scope) -> Any:
    """Return what leads to the scope's only host: itself, or an ESX host's root; None where there may be several."""
    return scope.host or (scope.root if scope.datacenter is None else None)
