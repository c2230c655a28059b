"""Migration within a vCenter: a domain goes to another of its hosts, its disks stay.

Reference: https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainMigrate3, https://libvirt.org/drvesx.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.driver.domain_base import DomainBase
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain
    from esxdriver.vsphere.query.task import Progress

# None of them makes a difference: vMotion is live, and a domain is on its new host alone then.
_FLAGS = (
    libvirt.VIR_MIGRATE_LIVE
    | libvirt.VIR_MIGRATE_PERSIST_DEST
    | libvirt.VIR_MIGRATE_UNDEFINE_SOURCE
    | libvirt.VIR_MIGRATE_OFFLINE
)
# What has libvirt move the disks, too.
_WITH_DISKS = libvirt.VIR_MIGRATE_NON_SHARED_DISK | libvirt.VIR_MIGRATE_NON_SHARED_INC
_PARAMETERS = {
    libvirt.VIR_MIGRATE_PARAM_URI: "uri",
    libvirt.VIR_MIGRATE_PARAM_DEST_NAME: "dname",
    libvirt.VIR_MIGRATE_PARAM_BANDWIDTH: "bandwidth",
    libvirt.VIR_MIGRATE_PARAM_DEST_XML: "dxml",
}


class MigrateMethods(DomainBase):
    """The methods of a domain that move it to another host."""

    def migrate(
        self, dconn: Connect, flags: int = 0, dname: str | None = None, uri: str | None = None, bandwidth: int = 0
    ) -> Domain:
        """Move the domain to the host that ``dconn`` is connected to, by the same vCenter, and return it as of there.

        ``uri`` is ``vpxmigr://VCENTER/POOL/HOST`` instead, the references of a resource pool and a host. The flags
        LIVE, OFFLINE, PERSIST_DEST and UNDEFINE_SOURCE are taken. Another name, a bandwidth, and the flags that move
        disks, which stay where they are, are refused with ARGUMENT_UNSUPPORTED. vCenter is asked first whether it can
        be: its rules for disks hold. Raises INVALID_ARG for a connection to another vCenter or to several hosts, and
        what vCenter has against it.
        """
        return self._migrated("virDomainMigrate", dconn, flags, {"dname": dname, "uri": uri, "bandwidth": bandwidth})

    def migrate2(
        self,
        dconn: Connect,
        dxml: str | None = None,
        flags: int = 0,
        dname: str | None = None,
        uri: str | None = None,
        bandwidth: int = 0,
    ) -> Domain:
        """Move the domain as :meth:`migrate` does; another document, ``dxml``, raises ARGUMENT_UNSUPPORTED."""
        given = {"dxml": dxml, "dname": dname, "uri": uri, "bandwidth": bandwidth}
        return self._migrated("virDomainMigrate2", dconn, flags, given)

    def migrate3(self, dconn: Connect, params: Mapping[str, Any], flags: int = 0) -> Domain:
        """Move the domain as :meth:`migrate` does; of ``params``, VIR_MIGRATE_PARAM_*, migrate_uri is taken."""
        return self._migrated("virDomainMigrate3", dconn, flags, _known(params))

    def migrateToURI(
        self, duri: str, flags: int = 0, dname: str | None = None, bandwidth: int = 0, *, progress: Progress = None
    ) -> int:
        """Move the domain to ``vpxmigr://VCENTER/POOL/HOST``, see :meth:`migrate`. Return 0.

        ``progress`` is given percentages.
        """
        return self._move(
            "virDomainMigrateToURI", flags, {"uri": duri, "dname": dname, "bandwidth": bandwidth}, progress
        )

    def migrateToURI2(
        self,
        dconnuri: str | None = None,
        miguri: str | None = None,
        dxml: str | None = None,
        flags: int = 0,
        dname: str | None = None,
        bandwidth: int = 0,
    ) -> int:
        """Move the domain to the URI ``miguri``, or ``dconnuri``; see :meth:`migrateToURI`."""
        given = {"uri": miguri or dconnuri, "dxml": dxml, "dname": dname, "bandwidth": bandwidth}
        return self._move("virDomainMigrateToURI2", flags, given)

    def migrateToURI3(self, dconnuri: str | None, params: Mapping[str, Any], flags: int = 0) -> int:
        """Move the domain to the URI migrate_uri of ``params``, or ``dconnuri``; see :meth:`migrateToURI`."""
        return self._move("virDomainMigrateToURI3", flags, {"uri": dconnuri, **_known(params)})

    def migrationURI(self, host: str) -> str:
        """Return the URI of a host of the vCenter for :meth:`migrateToURI`, by the host's name or its first part.

        libvirt has no such method. Raises INVALID_ARG for a name that no host has, or several.
        """
        from esxdriver.vsphere.change.migrate import destination_named

        with translated(f"cannot look for host '{host}'"):
            return destination_named(self.backend.session, host).uri(self.backend.uri.host)

    def _migrated(self, function: str, dconn: Connect, flags: int, given: Mapping[str, Any]) -> Domain:
        from esxdriver.vsphere.change.migrate import destination_of, require_vcenter

        there = dconn.backend
        require_vcenter(self.backend.session)
        if there.session.about.instanceUuid != self.backend.session.about.instanceUuid:
            raise error(libvirt.VIR_ERR_INVALID_ARG, "the destination is another vCenter: a domain moves within one")
        uri = given.get("uri")
        if uri is None:
            with translated("cannot look for the host to migrate to"):
                uri = destination_of(there.session, there.scope).uri(there.uri.host)
        self._move(function, flags, {**given, "uri": uri})
        return dconn.lookupByUUIDString(self.UUIDString())

    def _move(self, function: str, flags: int, given: Mapping[str, Any], progress: Progress = None) -> int:
        from esxdriver.vsphere.change.migrate import Destination, move, require_vcenter

        _require_disks_stay(flags)
        check_flags(flags, _FLAGS, function)
        self.backend.require_writable(function)
        for name in ("dname", "dxml", "bandwidth"):
            if given.get(name):
                text = f"{function}: vSphere keeps a domain as it is when it moves: leave {name} out"
                raise error(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, text)
        require_vcenter(self.backend.session)
        to = Destination.parse(given.get("uri") or "")
        failure = f"cannot migrate domain '{self.title}'"
        with translated(failure):
            auto_answer = self.backend.uri.auto_answer
            move(self.backend.session, self.ref, to, failure, auto_answer=auto_answer, progress=progress)
        return 0


def _require_disks_stay(flags: int) -> None:
    if flags & _WITH_DISKS:
        text = "a domain's disks stay on their datastores when it migrates: leave out the flags that copy its storage"
        raise error(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, text)


def _known(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return typed parameters by their names as arguments. Raises ARGUMENT_UNSUPPORTED for one of another driver."""
    for name in params:
        if name not in _PARAMETERS:
            text = f"migration parameter '{name}': ESX takes {libvirt.VIR_MIGRATE_PARAM_URI}"
            raise error(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, text)
    return {_PARAMETERS[name]: value for name, value in params.items()}
