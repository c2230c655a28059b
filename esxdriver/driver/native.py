"""Native configurations: VMX text to domain XML and back, with or without a connection.

Source: https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainXMLFromNative ; of libvirt's names of
formats, ``vmware-vmx`` is VMware's.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import libvirt

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.errors import error
from esxdriver.vmx import Paths, from_native, to_file, to_native

FORMAT = "vmware-vmx"

_VOLUME = re.compile(r"(?:ds://)?/?(?:/vmfs/volumes/)?(?P<volume>[^/]+)/*")


def xml_from_native(native_format: str, text: str | bytes, style: Style, paths: Paths) -> str:
    """Return the domain XML of a VMX file, with its passwords, as libvirt shows them here.

    Raises INVALID_ARG for another format, and what :func:`esxdriver.vmx.from_native` raises.
    """
    _check_format(native_format)
    definition = from_native(text, paths=paths, legacy_uuid=style.legacy_uuid)
    return domain_xml.format(definition, replace(style, secure=True))


def native_from_xml(native_format: str, xml: str, style: Style, paths: Paths, hardware: int | None = None) -> str:
    """Return the VMX text of a domain document, for a hardware version where the document names none.

    Raises INVALID_ARG for another format, and what :func:`esxdriver.vmx.to_native` raises.
    """
    _check_format(native_format)
    return to_native(domain_xml.parse(xml, legacy_uuid=style.legacy_uuid), hardware=hardware, paths=paths)


def file_from_xml(native_format: str, xml: str, style: Style, paths: Paths, hardware: int | None = None) -> bytes:
    """Return the VMX file of a domain document, as :func:`native_from_xml`, in the encoding that the file names."""
    _check_format(native_format)
    return to_file(domain_xml.parse(xml, legacy_uuid=style.legacy_uuid), hardware=hardware, paths=paths)


def paths_of(volumes: Mapping[str, str], vmx_path: str | None = None) -> Paths:
    """Return how file names are translated where datastores (by name) have these URLs."""
    ids = {name: _volume(url) for name, url in volumes.items()}
    names = {volume: name for name, volume in ids.items()} | {name: name for name in ids}
    return Paths(vmx_path, datastore=names.get, volume=lambda name: ids.get(name, name))


def _volume(url: str) -> str:
    match = _VOLUME.fullmatch(url)
    return match["volume"] if match else url


def _check_format(native_format: str) -> None:
    if native_format != FORMAT:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"unsupported config format '{native_format}'; there is {FORMAT}")
