"""What is written on a domain's label: its description, its title, and other applications' metadata.

Reference: https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainSetMetadata
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.xml.metadata import foreign_of, is_own, with_foreign
from esxdriver.driver.domain_devices import DeviceMethods
from esxdriver.driver.domain_info import AFFECT
from esxdriver.errors import check_flags, error

if TYPE_CHECKING:
    from esxdriver.conf.domain.domain import DomainDef

_FIELDS = {libvirt.VIR_DOMAIN_METADATA_DESCRIPTION: "description", libvirt.VIR_DOMAIN_METADATA_TITLE: "title"}


class MetadataMethods(DeviceMethods):
    """The methods of a domain for its description, its title and its metadata."""

    def metadata(self, type: int, uri: str | None, flags: int = 0) -> str:  # noqa: A002
        """Return the description, the title, or the element of the namespace ``uri``, by VIR_DOMAIN_METADATA_*.

        Raises NO_DOMAIN_METADATA when there is none.
        """
        check_flags(flags, AFFECT, "virDomainGetMetadata")
        _check_type(type, uri, "virDomainGetMetadata")
        machine, _ = self.read_machine()
        found: str | None = (
            getattr(machine.definition, _FIELDS[type])
            if type in _FIELDS
            else foreign_of(machine.definition.foreign, uri or "")
        )
        if not found:
            what = _FIELDS.get(type, "metadata element")
            raise error(libvirt.VIR_ERR_NO_DOMAIN_METADATA, f"Requested {what} is not present")
        return found

    def setMetadata(self, type: int, metadata: str | None, key: str | None, uri: str | None, flags: int = 0) -> int:  # noqa: A002
        """Set the description, the title, or the element of the namespace ``uri`` with the prefix ``key``.

        None removes it. Raises INVALID_ARG for a title of several lines, for an element without key and namespace, and
        for the namespace of this project, whose element is a part of the definition; XML_ERROR for what is no element.
        """
        check_flags(flags, AFFECT, "virDomainSetMetadata")
        self.backend.require_writable("virDomainSetMetadata")
        _check_type(type, uri, "virDomainSetMetadata")
        if type in _FIELDS and key is not None:
            raise error(libvirt.VIR_ERR_INVALID_ARG, "key in virDomainSetMetadata must be NULL")
        if type == libvirt.VIR_DOMAIN_METADATA_TITLE and "\n" in (metadata or ""):
            raise error(libvirt.VIR_ERR_INVALID_ARG, "metadata title can't contain newlines")
        if type == libvirt.VIR_DOMAIN_METADATA_ELEMENT and metadata is not None and not key:
            raise error(libvirt.VIR_ERR_INVALID_ARG, "an element needs a key: the prefix of its namespace")

        def changed(have: "DomainDef", _: Any) -> "DomainDef":
            changes: dict[str, Any] = (
                {_FIELDS[type]: metadata or ""}
                if type in _FIELDS
                else {"foreign": with_foreign(have.foreign, uri or "", key or "", metadata)}
            )
            return replace(have, **changes)

        self._edit(f"cannot set the metadata of domain '{self.title}'", changed, flags)
        return 0


def _check_type(type_: int, uri: str | None, function: str) -> None:
    if type_ not in (*_FIELDS, libvirt.VIR_DOMAIN_METADATA_ELEMENT):
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"unknown metadata type {type_}")
    if type_ in _FIELDS and uri is not None:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"uri in {function} must be NULL")
    if type_ == libvirt.VIR_DOMAIN_METADATA_ELEMENT and not uri:
        raise error(libvirt.VIR_ERR_INVALID_ARG, "an element is known by its namespace: give its uri")
    if uri and is_own(uri):
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"{uri}: this element is a part of the definition, use defineXML")
