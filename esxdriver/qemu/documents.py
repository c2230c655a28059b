"""Which documents carry disks, and where: each disk is translated in place, all else stays byte for byte.

| document                          | its disks                                             |
|-----------------------------------|-------------------------------------------------------|
| ``<domain>``                      | ``devices/disk``                                      |
| ``<disk>``                        | the root                                              |
| ``<domainsnapshot>``              | those of the domain in it; ``disks/disk``, see below  |
| ``<domaincheckpoint>``            | those of the domain in it                             |

A disk listed in a ``<domainsnapshot>`` keeps libvirt's value of ``snapshot=``, which names where the snapshot is;
``persistent=`` is shown beside it, from the domain in the document.
"""

from collections.abc import Mapping

from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.conf.xml import surface as xml
from esxdriver.conf.xml.edit import Change, edited
from esxdriver.conf.xml.surface import ElementSurface
from esxdriver.qemu import disks
from esxdriver.qemu.disks import Disk

_OF_DOMAIN = ("devices", "disk")
_DISKS = {
    ("disk",),
    ("domain", *_OF_DOMAIN),
    *((root, domain, *_OF_DOMAIN) for root in ("domainsnapshot", "domaincheckpoint")
      for domain in ("domain", "inactiveDomain")),
}  # fmt: skip
_LISTED = {("domainsnapshot", "disks", "disk")}


def shown(text: str, style: DiskModeXML = DiskModeXML.ATTRIBUTES) -> str:
    """Return a document of libvirt's with its disks' modes in this project's words."""
    kept = _kept(text) if style is DiskModeXML.ATTRIBUTES else {}
    text = edited(text, _DISKS, lambda element: disks.shown(element, style))
    return edited(text, _LISTED, lambda element: _with_kept(element, kept))


def _kept(text: str) -> dict[str, bool]:
    """Return whether each disk of the domain in a ``<domainsnapshot>`` is kept, by its target."""
    root = xml.parse(text)
    if root.name != "domainsnapshot":
        return {}
    return {disk.target: disk.mode.persistent for disk in _disks(root, "domain/devices") if disk.is_hard_disk}


def _with_kept(element: ElementSurface, kept: dict[str, bool]) -> Change:
    persistent = kept.get(element.get("@name") or "")
    return Change() if persistent is None else Change({"persistent": "yes" if persistent else "no"})


def stored(text: str) -> str:
    """Return a document with its disks' modes in libvirt's words; one without disks is returned as it is.

    Raises XML_ERROR for what is not well formed or contradicts itself, CONFIG_UNSUPPORTED for what QEMU has not. Where
    no disk can be in it, whether it is well formed is libvirt's to say.
    """
    if "disk" not in text and "<!" not in text:
        return text
    text = edited(text, _DISKS, disks.stored)
    return edited(text, _LISTED, lambda _: Change({"persistent": None}))


def read(text: str) -> list[Disk]:
    """Return the disks of a ``<domain>`` that libvirt wrote."""
    return _disks(xml.parse(text, "domain"), "devices")


def read_snapshot(text: str) -> list[Disk]:
    """Return the disks of the domain in a ``<domainsnapshot>`` that libvirt wrote."""
    return _disks(xml.parse(text, "domainsnapshot"), "domain/devices")


def _disks(root: ElementSurface, path: str) -> list[Disk]:
    return [disks.read(child) for child in root.children(path) if child.name == "disk"]


def changed(text: str, changes: Mapping[str, Change]) -> str:
    """Return a ``<domain>`` with the disks of these targets changed."""
    return edited(text, {("domain", *_OF_DOMAIN)}, lambda disk: changes.get(disk.get("target/@dev") or "", Change()))
