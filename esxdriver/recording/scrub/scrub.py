"""Take out of a recording what must not be kept, and keep everything joined up.

Two walks over the parsed bodies of all calls: the first collects what the tables in ``secrets`` name, the
second replaces it, there and wherever else an identity stands. What is a placeholder already is left alone, so
that scrubbing twice is scrubbing once.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import libvirt
from lxml import etree

from esxdriver.errors import error
from esxdriver.recording.interactions import Headers, Interaction
from esxdriver.recording.scrub.placeholders import LONG, Placeholders
from esxdriver.recording.scrub.pseudonyms import Pseudonyms
from esxdriver.recording.scrub.scan import Secret
from esxdriver.recording.scrub.searched import Searched, how_searched, names_of
from esxdriver.recording.scrub.secrets import (
    FETCHED,
    PATTERNS,
    XSI_TYPE,
    Kind,
    kind_of,
    kind_of_option,
    local,
    title,
    type_of,
)
from esxdriver.recording.xml import parse

_NUMBERS = {"int", "long", "short", "byte", "float", "double", "decimal"}
_COOKIE = re.compile(r"(?P<start>^\s*[\w.-]+=\"?)(?P<value>[^\";]*)")
_VMX_LINE = re.compile(r"^(?P<start>[ \t]*+(?P<key>[\w.:-]++)[ \t]*+=[ \t]*+\")(?P<value>[^\"]*)(?=\")", re.MULTILINE)
_HAS_ASIDES = re.compile(rb"<!|(?<!\A)<\?")  # comments and the like, which are not kept
_KEPT_REQUEST_HEADERS = {"content-type", "soapaction"}
_KEPT_HEADERS = {"content-type", "set-cookie"}
_ENVELOPE_HEADER = "{http://schemas.xmlsoap.org/soap/envelope/}Header"


@dataclass(frozen=True)
class _Parsed:
    """An interaction and its bodies: a tree where it is XML, else text."""

    interaction: Interaction
    request: etree._Element | str
    answer: etree._Element | str


class Scrubber:
    """Scrubs the interactions of one recording; afterwards ``wanted`` has the secrets that it met."""

    def __init__(self, names: Pseudonyms | None = None) -> None:
        self._placeholders = Placeholders()
        self._names = names
        self._vocabulary: set[str] = set()

    @property
    def wanted(self) -> set[str]:
        """The secrets that were found and are searched for in what is written."""
        return {secret.text for secret in self.secrets}

    @property
    def secrets(self) -> list[Secret]:
        """The same with what each is called and how it is searched for."""
        found = (
            Secret(text, how_searched(text, self._vocabulary), where)
            for text, where in self._placeholders.wanted.items()
        )
        return [secret for secret in found if secret.searched is not Searched.NOT]

    def scrub(self, interactions: Iterable[Interaction]) -> list[Interaction]:
        """Return the interactions without secrets. Raises OPERATION_DENIED for a body that no rule reads."""
        recorded = list(interactions)
        # Parsed anew for each walk: the trees of all calls at once take ten times the memory of the file.
        for number, one in enumerate(map(_parsed, recorded), 1):
            self._note(one, number)
        self._placeholders.assign_numbers()
        return [self._replaced(one) for one in map(_parsed, recorded)]

    def _note(self, one: _Parsed, number: int) -> None:
        call = f"call {number}, {_operation(one)}"
        for body in (one.request, one.answer):
            for kind, text, name in _findings(body):
                self._placeholders.note(kind, text, f"{name} of {call}")
            if not isinstance(body, str):
                self._vocabulary.update(*map(names_of, _names(body)))
            if self._names and not isinstance(body, str):
                for element in _leaves(body):
                    self._names.note(element)
        for kind, text in _in_headers(one.interaction):
            self._placeholders.note(kind, text, f"a header of {call}")

    def _replaced(self, one: _Parsed) -> Interaction:
        return replace(
            one.interaction,
            url=self._url(one.interaction.url),
            body=self._body(one.request),
            answer=self._body(one.answer),
            request_headers=_kept(one.interaction.request_headers, _KEPT_REQUEST_HEADERS),
            headers=self._headers(_kept(one.interaction.headers, _KEPT_HEADERS)),
        )

    def _url(self, url: str) -> str:
        """Return a URL that tells neither where the host is nor who asks; its parts are unescaped, then scrubbed."""
        parts = urlsplit(url)
        path = quote(self._free(unquote(parts.path)))
        query = [(name, self._free(value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
        return urlunsplit(("https", "host", path, urlencode(query, quote_via=quote), ""))

    def _body(self, body: etree._Element | str) -> bytes:
        if isinstance(body, str):
            return self._free(_VMX_LINE.sub(self._vmx_line, body)).encode()
        for header in body.findall(_ENVELOPE_HEADER):
            body.remove(header)
        for fetched in body.iterfind(f".//*[@{FETCHED}]"):
            del fetched.attrib[FETCHED]
        for element in _leaves(body):
            element.text = self._leaf(element)
        _tidy(body)
        return etree.tostring(body, encoding="unicode").encode()

    def _leaf(self, element: etree._Element) -> str:
        text = element.text or ""
        kind = kind_of(element)
        if kind is None:
            text = self._placeholders.within(text)
            return self._names.of(element, text) if self._names else text
        placeholder = self._placeholders.of(kind, text)
        if type_of(element) in _NUMBERS and not placeholder.isdigit():
            return "0"
        return text if type_of(element) == "boolean" else placeholder

    def _free(self, text: str) -> str:
        text = self._placeholders.within(text)
        return self._names.within(text) if self._names else text

    def _vmx_line(self, found: re.Match[str]) -> str:
        kind = kind_of_option(found["key"])
        return found["start"] + (self._placeholders.of(kind, found["value"]) if kind else found["value"])

    def _headers(self, headers: Headers) -> Headers:
        def cookie(found: re.Match[str]) -> str:
            return found["start"] + self._placeholders.of(Kind.SESSION, found["value"])

        return {
            name: [_COOKIE.sub(cookie, value) if name.lower() == "set-cookie" else value for value in values]
            for name, values in headers.items()
        }


def _parsed(one: Interaction) -> _Parsed:
    parsed = _Parsed(one, _open(one, one.body), _open(one, one.answer))
    _name_fetched(parsed)
    return parsed


def _open(interaction: Interaction, body: bytes) -> etree._Element | str:
    tree = parse(body) if body else None
    if tree is not None:
        return tree
    try:
        return body.decode()
    except UnicodeDecodeError as cause:
        raise error(
            libvirt.VIR_ERR_OPERATION_DENIED,
            f"{interaction.method} {interaction.url} has a body that no rule can scrub: nothing is written",
        ) from cause


def _name_fetched(one: _Parsed) -> None:
    """Note on the answer to Fetch the property that the request asks for."""
    if isinstance(one.request, str) or isinstance(one.answer, str):
        return
    prop = one.request.find(".//{*}Fetch/{*}prop")
    if prop is not None:
        for value in one.answer.iterfind(".//{*}FetchResponse/{*}returnval"):
            value.set(FETCHED, prop.text or "")


def laid_out(body: bytes) -> bytes:
    """Return a body in the layout that scrubbing gives it; as it is when that would take anything out of it."""
    tree = parse(body) if body and not _HAS_ASIDES.search(body) else None
    if tree is None:
        return body
    _tidy(tree)
    return etree.tostring(tree, encoding="unicode").encode()


def _tidy(root: etree._Element) -> None:
    """Lay the document out in lines, its namespaces declared once; prefixes in ``xsi:type`` need theirs."""
    types = (element.get(XSI_TYPE, "") for element in root.iter(etree.Element))
    prefixes = {name.partition(":")[0] for name in types if ":" in name}
    namespace = XSI_TYPE[1:].partition("}")[0]
    etree.cleanup_namespaces(root, top_nsmap={"xsi": namespace}, keep_ns_prefixes=sorted(prefixes))
    etree.indent(root, space=" ")


def _leaves(root: etree._Element) -> Iterator[etree._Element]:
    return (element for element in root.iter(etree.Element) if not len(element) and element.text)


def _operation(one: _Parsed) -> str:
    body = None if isinstance(one.request, str) else one.request.find("{*}Body")
    return (
        local(body[0])
        if body is not None and len(body)
        else f"{one.interaction.method} {urlsplit(one.interaction.url).path}"
    )


def _names(body: etree._Element) -> set[str]:
    """Return the names that the API gives to things: elements, and the paths of properties."""
    names = {str(tag).rpartition("}")[2] for tag in {element.tag for element in body.iter(etree.Element)}}
    names.update((element.text or "").rpartition(".")[2] for element in body.iter("{*}name", "{*}pathSet"))
    return names


def _findings(body: etree._Element | str) -> Iterator[tuple[Kind, str, str]]:
    """Everything in a body that the tables name, and what it is called."""
    if isinstance(body, str):
        for line in _VMX_LINE.finditer(body):
            if kind := kind_of_option(line["key"]):
                yield kind, line["value"], f"option {line['key']}"
        yield from _patterns(body)
        return
    for header in body.findall(_ENVELOPE_HEADER):
        yield from ((Kind.SECRET, str(text), "the header") for text in header.itertext() if len(str(text)) >= LONG)
    for element in _leaves(body):
        text = element.text or ""
        if kind := kind_of(element):
            yield kind, text, title(element)
        yield from _patterns(text)


def _patterns(text: str) -> Iterator[tuple[Kind, str, str]]:
    return ((kind, found, "a text") for pattern, kind in PATTERNS for found in pattern.findall(text))


def _in_headers(interaction: Interaction) -> Iterator[tuple[Kind, str]]:
    """Yield every cookie and credential in the headers of both directions."""
    for headers in (interaction.request_headers, interaction.headers):
        for name, values in headers.items():
            for value in values:
                found = _COOKIE.match(value) if name.lower() in ("cookie", "set-cookie") else None
                if found and len(found["value"]) >= LONG:
                    yield Kind.SESSION, found["value"]
                elif name.lower() == "authorization":
                    yield Kind.SECRET, value.rpartition(" ")[2]


def _kept(headers: Headers, names: set[str]) -> Headers:
    return {name: values for name, values in headers.items() if name.lower() in names}
