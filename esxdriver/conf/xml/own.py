"""The project's own elements, put into the ``<metadata>`` of a document that somebody else has written."""

from collections.abc import Mapping

from lxml import etree

from esxdriver.conf.xml import surface as xml

_OWN = {"esxdriver": xml.METADATA}


def with_own(text: str, name: str, key: str, devices: Mapping[str, Mapping[str, str]]) -> str:
    """Return a domain's document that says more of its devices: attributes of their elements ``name``.

    ``devices`` has them by the value of the attribute ``key``, as ``target="sda"``. Raises XML_ERROR for what is no
    such document.
    """
    domain = xml.parse(text, "domain").element
    root = _child(_child(domain, "metadata"), f"{{{xml.METADATA}}}domain")
    for identity, attributes in devices.items():
        tag = f"{{{xml.METADATA}}}{name}"
        found = next((each for each in root.iterchildren(tag) if each.get(key) == identity), None)
        element = etree.SubElement(root, tag, {key: identity}, _OWN) if found is None else found
        for attribute, value in attributes.items():
            element.set(attribute, value)
    return etree.tostring(domain, encoding="unicode")


def _child(parent: etree._Element, tag: str) -> etree._Element:
    found = next(parent.iterchildren(tag), None)
    return etree.SubElement(parent, tag, {}, _OWN if tag.startswith("{") else None) if found is None else found
