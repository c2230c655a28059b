"""A connection to an ESX host or a vCenter, with the face of libvirt-python's ``virConnect``.

Reference: https://libvirt.org/html/libvirt-libvirt-host.html and libvirt-libvirt-domain.html
"""

import weakref
from collections.abc import Callable
from typing import Any, Self, cast

import libvirt

from esxdriver.auth import Credentials
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.driver.backend import Backend, Closed
from esxdriver.driver.boundary import bounded
from esxdriver.driver.close_callback import CloseMethods
from esxdriver.driver.domain import Domain
from esxdriver.driver.domain_lookup import LookupMethods
from esxdriver.driver.events import EventMethods
from esxdriver.driver.host import HostMethods
from esxdriver.driver.network_lookup import NetworkMethods
from esxdriver.driver.node_device_lookup import NodeDeviceMethods
from esxdriver.driver.other_events import OtherEventMethods
from esxdriver.driver.storage_lookup import StorageMethods
from esxdriver.driver.unsupported import complete
from esxdriver.errors import check_flags, error, extend
from esxdriver.uri import ConnectURI
from esxdriver.vsphere.query.retrieve import Found, properties
from esxdriver.vsphere.wire.faults import is_refusal, translated
from esxdriver.vsphere.wire.http import Connections
from esxdriver.vsphere.wire.session import Session

# Of libvirt 8.10 and later.
_START_VALIDATE = getattr(libvirt, "VIR_DOMAIN_START_VALIDATE", 0)


@complete("virConnect")
@bounded
class Connect(
    HostMethods,
    LookupMethods,
    EventMethods,
    OtherEventMethods,
    CloseMethods,
    StorageMethods,
    NetworkMethods,
    NodeDeviceMethods,
):
    """An open connection. Get one from :func:`esxdriver.open`, ``openReadOnly`` or ``openAuth``.

    It can be used as a context manager, which logs out.
    """

    def __init__(self, session: Session, uri: ConnectURI, flags: int = 0) -> None:
        self._session = session
        self.backend = Backend(session, uri, readonly=bool(flags & libvirt.VIR_CONNECT_RO))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.logout()

    # -- the connection itself

    def close(self) -> int:
        """Call no callback any more, and log out unless objects of the connection are still referred to.

        Return 0 when it has logged out, and 1 while domains, pools or other objects are there: they answer as before,
        and with the last of them the session ends. The connection itself raises INVALID_CONN from then on; it may be
        closed again. Leaving a ``with`` block logs out in any case, as :meth:`logout` does. A host that does not answer
        is waited for three seconds or so; its session ends by itself then.
        """
        if self._closed:
            return 0
        self._quiet()
        backend, self.backend, self._closed = self.backend, cast("Backend", Closed()), True
        backend.stop()
        session, left = self._session, weakref.ref(backend)
        # Who refers to it still are the objects of this connection: the backend knows none of them.
        del backend
        still = left()
        if still is None:
            session.close()
            return 0
        weakref.finalize(still, session.close)
        return 1

    def logout(self) -> None:
        """Log out whatever refers to the connection still; no function of libvirt's."""
        self.close()
        self._session.close()

    def _quiet(self) -> None:
        events, self._events = self._events, None
        if events is not None:
            events.close()
        self._quiet_others()
        self._end()

    def isEncrypted(self) -> int:
        """Return 1 for a connection over TLS."""
        return int(self.backend.uri.transport == "https")

    def isSecure(self) -> int:
        """Return 1 for a connection that nobody can listen to."""
        return self.isEncrypted()

    def getType(self) -> str:
        """Return the driver's name, ``ESX``."""
        return "ESX"

    def getURI(self) -> str:
        """Return the URI of the connection; it holds no password."""
        return str(self.backend.uri)

    def getVersion(self) -> int:
        """Return the product's version as major * 1000000 + minor * 1000 + update."""
        parts = [int(part) for part in self.backend.session.about.version.split(".")[:3]]
        major, minor, update = [*parts, 0, 0][:3]
        return major * 1000000 + minor * 1000 + update

    def getLibVersion(self) -> int:
        """Return the version of the libvirt library in use, in the form of :meth:`getVersion`."""
        return int(libvirt.getVersion())

    # -- definitions

    def defineXML(self, xml: str) -> Domain:
        """Create the domain that ``xml`` describes, or make the existing one so; see :meth:`defineXMLFlags`."""
        return self.defineXMLFlags(xml, 0)

    def defineXMLFlags(self, xml: str, flags: int = 0) -> Domain:
        """Create the domain that ``xml`` describes, or make the existing one so, and return it.

        An existing domain is edited in place by one reconfiguration; what the document does not speak of stays, and
        when nothing differs nothing is asked. VIR_DOMAIN_DEFINE_VALIDATE checks it against libvirt's schema first.
        A refusal leaves the host as it was. Raises XML_ERROR, CONFIG_UNSUPPORTED, OPERATION_INVALID and the codes
        of vSphere's faults.
        """
        self.backend.require_writable("virDomainDefineXMLFlags")
        check_flags(flags, libvirt.VIR_DOMAIN_DEFINE_VALIDATE, "virDomainDefineXMLFlags")
        found, _ = self._defined(xml, validate=bool(flags & libvirt.VIR_DOMAIN_DEFINE_VALIDATE))
        return self._domain(found)

    def createXML(self, xmlDesc: str, flags: int = 0) -> Domain:
        """Make the domain that ``xmlDesc`` describes, as :meth:`defineXMLFlags` does, start it, and return it.

        A new one is transient until it is defined: ``destroy`` forgets it and leaves its files, and so does virtesxd
        when it stops by itself. vSphere has none such: where nobody watches when it stops, it stays, shut off, until
        it is undefined. One that exists is edited, stays what it is, and has to be shut off. A new one that its host
        refuses to start is undefined again. VIR_DOMAIN_START_VALIDATE is the only flag. Raises OPERATION_INVALID for
        a domain that is active, and what defining and starting raise.
        """
        self.backend.require_writable("virDomainCreateXML")
        check_flags(flags, _START_VALIDATE, "virDomainCreateXML")
        found, is_new = self._defined(xmlDesc, validate=bool(flags & _START_VALIDATE), off=True)
        domain = self._domain(found)
        try:
            if is_new:
                self._make_transient(found)
            domain.create()
        except libvirt.libvirtError as cause:
            if not (is_new and is_refusal(cause) and _is_forgotten(domain)):
                extend(cause, f"domain '{domain.name()}' stays defined")
            raise
        self.backend.transients.note(found.ref)
        return domain

    def _make_transient(self, found: Found) -> None:
        from esxdriver.vsphere.machine.transient import mark_of

        failure = f"cannot make domain '{found.title}' transient"
        with translated(failure):
            uuid = found["config.instanceUuid"] or self._instance_uuid(found.ref)
            if not uuid:
                raise error(libvirt.VIR_ERR_ACCESS_DENIED, f"{failure}: this user may not see its instance UUID")
            self.backend.wait(found.ref.ReconfigVM_Task(mark_of(found.ref, uuid)), found.ref)

    def _instance_uuid(self, ref: Any) -> str | None:
        """Return the instance UUID of a new machine that could not be looked at."""
        path = "config.instanceUuid"
        return cast("str | None", properties(self.backend.session, ref, path)[path])

    def createLinux(self, xmlDesc: str, flags: int = 0) -> Domain:
        """Do what :meth:`createXML` does: libvirt's old name of it."""
        return self.createXML(xmlDesc, flags)

    def registerDomain(self, path: str) -> Domain:
        """Make known the domain whose VMX file is ``path``, ``[datastore] directory/file.vmx``, and return it.

        Undefining a domain leaves its files: this is the way back, and no function of libvirt's. Its definition, with
        each disk's mode, is the file's. Raises INVALID_ARG for what is no such file, DOM_EXIST for a domain that is
        known, and the codes of vSphere's faults.
        """
        from esxdriver.vsphere.change.register import register

        self.backend.require_writable("registerDomain")
        backend = self.backend
        return self._domain(register(backend.session, backend.scope, path, auto_answer=backend.uri.auto_answer))

    def _defined(self, xml: str, *, validate: bool, off: bool = False) -> tuple[Found, bool]:
        """Define a domain; return its machine, and whether it is new."""
        from esxdriver.driver.network_sources import with_networks
        from esxdriver.driver.storage_sources import with_datastores
        from esxdriver.vsphere.change.define import define

        if validate:
            from esxdriver.conf.xml.schema import check_schema

            check_schema(xml, "domain")
        legacy_uuid = self.backend.uri.legacy_uuid
        parsed = domain_xml.parse(xml, legacy_uuid=legacy_uuid, resolve=lambda want: with_networks(self, want))
        want = with_datastores(self, parsed)
        return define(
            self.backend.session,
            self.backend.scope,
            want,
            legacy_uuid=legacy_uuid,
            auto_answer=self.backend.uri.auto_answer,
            off=off,
        )

    # -- native configurations

    def domainXMLFromNative(self, nativeFormat: str, nativeConfig: str, flags: int = 0) -> str:
        """Return the domain XML of a VMX file; ``nativeFormat`` is ``vmware-vmx``.

        Volumes in it become the names of this host's datastores, in one round trip. Raises INVALID_ARG for another
        format or what is no text, XML_ERROR with the line for what is no VMX.
        """
        self.backend.require_writable("virConnectDomainXMLFromNative")
        check_flags(flags, 0, "virConnectDomainXMLFromNative")
        from esxdriver.driver.native import xml_from_native

        return xml_from_native(nativeFormat, nativeConfig, self.backend.style(), self.backend.paths())

    def domainXMLToNative(self, nativeFormat: str, domainXml: str, flags: int = 0) -> str:
        """Return the VMX text of a domain document; ``nativeFormat`` is ``vmware-vmx``.

        Raises INVALID_ARG for another format, XML_ERROR and CONFIG_UNSUPPORTED as :meth:`defineXML` does.
        """
        self.backend.require_writable("virConnectDomainXMLToNative")
        check_flags(flags, 0, "virConnectDomainXMLToNative")
        from esxdriver.driver.native import native_from_xml

        return native_from_xml(nativeFormat, domainXml, self.backend.style(), self.backend.paths())


def _is_forgotten(domain: Domain) -> bool:
    """Undefine a domain that was just made; return whether that was possible."""
    try:
        domain.undefine()
    except libvirt.libvirtError:
        return False
    return True


def connected(
    uri: ConnectURI, connections: Connections, credentials: Callable[[], Credentials], flags: int = 0
) -> Connect:
    """Return an open connection over ``connections``, live or recorded; when anything fails, it is logged out."""
    session = Session(uri, credentials, connections).open()
    try:
        return Connect(session, uri, flags)
    except BaseException:
        session.close()
        raise
