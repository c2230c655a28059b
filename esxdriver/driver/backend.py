"""What the objects of a connection share: its session, what it sees of the inventory, and how it writes XML.

Connect, Domain and DomainSnapshot each hold the same :class:`Backend` and look into none of each other. It does not
know them, so that a connection that nobody refers to any more is collected, and its session logged out.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import libvirt

from esxdriver.conf.domain.xml import Style
from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.driver.native import paths_of
from esxdriver.errors import error
from esxdriver.uri import ConnectURI
from esxdriver.vmx import Paths
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.task import Progress, wait
from esxdriver.vsphere.wire.faults import translated
from esxdriver.vsphere.wire.session import Session

if TYPE_CHECKING:
    from esxdriver.vsphere.bulk.machines import Batch


class Backend:
    """The one value that the objects of a connection have in common.

    ``scope`` is the part of the inventory that the URI names; ``batch`` holds definitions that were read ahead, within
    :func:`esxdriver.prefetch`.
    """

    def __init__(self, session: Session, uri: ConnectURI, *, readonly: bool = False) -> None:
        self.session = session
        self.uri = uri
        self.readonly = readonly
        self.batch: Batch | None = None
        with translated("cannot look around on the host"):
            self.scope = inventory.scope_of(session, uri.path)

    @property
    def uuid_path(self) -> str:
        """The property of a machine that is its domain's UUID."""
        return "config.uuid" if self.uri.legacy_uuid else "config.instanceUuid"

    def style(self, *, secure: bool = False, function: str = "virDomainGetXMLDesc") -> Style:
        """Return how the connection writes XML; ``secure`` shows secrets, which ``function`` may not if read only.

        Raises OPERATION_DENIED.
        """
        if secure:
            self.require_writable(f"{function} with VIR_DOMAIN_XML_SECURE")
        return Style(disk_mode=DiskModeXML[self.uri.disk_mode.upper()], secure=secure, legacy_uuid=self.uri.legacy_uuid)

    def require_writable(self, function: str) -> None:
        """Raise OPERATION_DENIED when the connection is read only."""
        if self.readonly:
            raise error(libvirt.VIR_ERR_OPERATION_DENIED, f"read only access prevents {function}")

    def machines(self, *paths: str) -> Sequence[Found]:
        """Return every machine of the scope with these properties, in one round trip a page."""
        return inventory.machines(self.session, self.scope, *paths)

    def by_uuid(self, uuid: UUID) -> Sequence[Any]:
        """Return the machines of the scope with this UUID, in one round trip where the scope is a datacenter."""
        return inventory.machines_by_uuid(self.session, self.scope, uuid, instance=not self.uri.legacy_uuid)

    def paths(self) -> Paths:
        """Return how the file names of VMX files are translated for the datastores here, in one round trip."""
        with translated("cannot read the datastores"):
            return paths_of(inventory.datastore_urls(self.session, self.scope))

    def wait(self, task: Any, ref: Any, progress: Progress = None) -> Any:
        """Wait for a task that works on a machine, and return its result."""
        return wait(self.session, task, ref, auto_answer=self.uri.auto_answer, progress=progress)
