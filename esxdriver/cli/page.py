r"""A report as one HTML page that asks for nothing else: no scripts, no files, no network.

1. :func:`page` puts sections between a head and a foot, with the one style sheet, ``page.css``: for wide and narrow
   windows, light and dark, paper and screen. A policy in the page forbids it to load or run anything.
2. Elements are made by :func:`element`; a text among its content is escaped and what would steer a screen is written
   as ``\xNN``. Text of others goes through :func:`foreign`, too, which keeps it from reordering what is around it.
3. What can be long is in a :func:`fold`, which the keyboard opens, a search in the page finds and a printer shows;
   many of them are in folds of their own (:func:`grouped`).
4. A colour never says anything by itself: :func:`badge` has a text.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from copy import deepcopy
from importlib.resources import files

from lxml import etree

from esxdriver.cli.terminal import printable

Element = etree._Element
Content = Element | str
"""What an element is made of."""

_DOCTYPE = "<!DOCTYPE html>"
_LONG = 300  # characters of a text of others that are shown: vSphere's names have 80, paths up to 255
_AT_ONCE = 40  # folds that may stand side by side; the Tab key stops at each


def element(tag: str, *content: Content, **attributes: str) -> etree._Element:
    """Return an element with its content; the attribute ``class`` is ``cls``, and ``aria_label`` is ``aria-label``."""
    made = etree.Element(tag, {_attribute(name): printable(value) for name, value in attributes.items()})
    for each in content:
        if isinstance(each, str):
            _add_text(made, printable(each))
        else:
            made.append(each if each.getparent() is None else deepcopy(each))  # lxml would move it
    return made


def _attribute(name: str) -> str:
    return "class" if name == "cls" else name.replace("_", "-")


def _add_text(parent: etree._Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def foreign(text: str) -> etree._Element:
    """Return the text of somebody else, which may be in any script and of any length."""
    shown = text if len(text) <= _LONG else text[:_LONG] + "…"
    return element("bdi", shown if shown.strip() else "(empty)")


def badge(kind: str, text: str) -> etree._Element:
    """Return a short text that stands out: ``kind`` is ``good``, ``bad``, ``warn`` or ``plain``."""
    return element("span", text, cls=f"badge {kind}")


def fold(summary: Sequence[Content], *content: Content, **attributes: str) -> etree._Element:
    """Return content that is shown when its ``summary`` is opened; ``id=`` makes it the goal of a link."""
    return element("details", element("summary", *summary), *content, **attributes)


def grouped(folds: Sequence[tuple[str, etree._Element]]) -> list[etree._Element]:
    """Return folds, each with its name; many of them in folds that tell the first name and the last."""
    if len(folds) <= _AT_ONCE:
        return [each for _, each in folds]
    parts = [folds[start : start + _AT_ONCE] for start in range(0, len(folds), _AT_ONCE)]
    return [
        fold(
            [foreign(part[0][0]), " to ", foreign(part[-1][0]), f" ({len(part)})"],
            *(each for _, each in part),
            cls="group",
        )
        for part in parts
    ]


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Content]]) -> etree._Element:
    """Return a table; where a window is narrow, each row becomes a list of its cells with their heads.

    The roles say that it is a table even then, as browsers forget it with the layout. The first cell names its row.
    """
    head = element("tr", *(element("th", each, scope="col", role="columnheader") for each in heads), role="row")
    body = (element("tr", *_cells(heads, row), role="row") for row in rows)
    return element(
        "table",
        element("caption", caption),
        element("thead", head, role="rowgroup"),
        element("tbody", *body, role="rowgroup"),
        role="table",
    )


def _cells(heads: Sequence[str], row: Sequence[Content]) -> list[etree._Element]:
    first, *others = row
    named = element("th", first, scope="row", role="rowheader", data_head=heads[0])
    return [
        named,
        *(element("td", cell, role="cell", data_head=head) for head, cell in zip(heads[1:], others, strict=True)),
    ]


def section(key: str, heading: str, *content: Content) -> etree._Element:
    """Return a part of a page, which its contents lead to by the ``key``."""
    return element("section", element("h2", heading, id=f"{key}-h"), *content, id=key, aria_labelledby=f"{key}-h")


def page(title: str, lead: Sequence[etree._Element], sections: Sequence[etree._Element], foot: str) -> bytes:
    """Return the page: UTF-8, with ``lead`` below its heading and a list of its sections."""
    body = element(
        "body",
        element("a", "Skip to the content", href="#content", cls="skip"),
        element("header", element("h1", title), *lead),
        element("nav", element("ul", *map(_link_to, sections)), aria_label="Contents"),
        element("main", *sections, id="content", tabindex="-1"),
        element("footer", element("p", foot)),
    )
    document = element("html", _head(title), body, lang="en")
    return etree.tostring(document, method="html", encoding="utf-8", doctype=_DOCTYPE) + b"\n"


def _link_to(part: etree._Element) -> etree._Element:
    return element("li", element("a", part[0].text or "", href=f"#{part.get('id')}"))


def _head(title: str) -> etree._Element:
    style = files("esxdriver.cli").joinpath("page.css").read_text(encoding="utf-8")
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{known}'; base-uri 'none'; form-action 'none'"
    sheet = etree.Element("style")
    sheet.text = style
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        sheet,
    )
