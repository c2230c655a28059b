"""What an XPath expression finds in a document, as text."""

import copy
from typing import Any

from lxml import etree

# XPath's names of the numbers that are none, by Python's.
_NUMBERS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


class ExpressionError(ValueError):
    """It is no XPath expression, or one that finds no parts of a document."""


def found(document: str, expression: str) -> list[str]:
    """Return the text of each part that ``expression`` finds: elements as XML, attributes and texts as they are.

    Prefixes are those that the document's root declares. The document is one of this package's own. Raises
    ExpressionError.
    """
    root = etree.fromstring(document.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        result = etree.ElementTree(root).xpath(expression, namespaces=prefixes)
    except (etree.XPathError, ValueError) as error:
        raise ExpressionError(str(error)) from error
    return [_text(part) for part in result] if isinstance(result, list) else [_value(result)]


def _text(part: Any) -> str:
    if isinstance(part, etree._Element):
        alone = copy.deepcopy(part)
        etree.cleanup_namespaces(alone)  # those of the root that it does not use
        return etree.tostring(alone, encoding="unicode", with_tail=False)
    return str(part)


def _value(result: Any) -> str:
    """Return a number, a truth value or a string, which an expression may also be, as XPath's ``string()`` does."""
    if isinstance(result, bool):
        return str(result).lower()
    if isinstance(result, float) and result.is_integer():
        return str(int(result))
    return _NUMBERS.get(str(result), str(result))
