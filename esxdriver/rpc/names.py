"""The name of libvirt's function that a procedure stands for: what the texts of errors call it."""

import re

# Parts of a procedure's name that libvirt writes in another way in the function's name.
_SPELLINGS = {
    "cpu": "CPU", "dhcp": "DHCP", "fd": "FD", "fsfreeze": "FSFreeze", "fsinfo": "FSInfo", "fsthaw": "FSThaw",
    "fstrim": "FSTrim", "id": "ID", "iothread": "IOThread", "mac": "MAC", "nmi": "NMI", "nwfilter": "NWFilter",
    "nwfilters": "NWFilters", "os": "OS", "pm": "PM", "scsi": "SCSI", "sev": "SEV", "uri": "URI", "uuid": "UUID",
    "wwn": "WWN", "xml": "XML",
}  # fmt: skip


def function(procedure: str) -> str:
    """Return the public name: ``virDomainGetXMLDesc`` for ``domain_get_xml_desc``."""
    parts = re.sub("_ssh_", "_SSH_", procedure).split("_")
    return "vir" + "".join(_SPELLINGS.get(part, part[:1].upper() + part[1:]) for part in parts)
