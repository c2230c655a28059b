"""libvirt's ``<sysinfo>`` document: what a host's firmware says of it.

Source: https://libvirt.org/formatdomain.html#smbios-system-information .
"""

from collections.abc import Mapping, Sequence

from esxdriver.conf.xml import surface as xml

Entries = Mapping[str, str | None]


def sysinfo_xml(blocks: Sequence[tuple[str, Entries]], oem_strings: Sequence[str] = ()) -> str:
    """Return the document. A block is an element's name with its entries; entries without a value are left out."""
    root = xml.new("sysinfo")
    root.put("@type", "smbios")
    for name, entries in blocks:
        known = {entry: value for entry, value in entries.items() if value}
        if known:
            block = root.added(name)
            for entry, value in known.items():
                written = block.added("entry")
                written.put("@name", entry)
                written.put(".", value)
    if oem_strings:
        block = root.added("oemStrings")
        for text in oem_strings:
            block.added("entry").put(".", text)
    return xml.text_of(root)
