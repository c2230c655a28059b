"""Documents for tables of cases: a domain round what the case is about."""

import libvirt
import pytest

from esxdriver.conf.domain import xml as domain_xml


def domain(devices="", head="", os="<type>hvm</type>", **attributes):
    """Return a domain document with these devices."""
    words = "".join(f" {name}='{word}'" for name, word in {"type": "vmware", **attributes}.items())
    return (
        f"<domain{words}><name>web01</name><memory unit='KiB'>4096</memory>{head}"
        f"<os>{os}</os><devices>{devices}</devices></domain>"
    )


def failing(text, code):
    """Return the text of the error with ``code`` that the document is refused with."""
    with pytest.raises(libvirt.libvirtError) as caught:
        domain_xml.parse(text)
    assert caught.value.get_error_code() == code, str(caught.value)
    assert caught.value.get_error_domain() == libvirt.VIR_FROM_ESX
    return str(caught.value)
