"""When two calls are the same call: the canonical form of a SOAP request.

The form has the operation, ``_this`` and the arguments in the schema's names and order. Left out is what
differs between two runs that ask for the same thing: host name, cookies, the negotiated version
(``versionId``, namespaces), SOAP headers (``operationID``), the collector's version tokens, time stamps and
whatever ``secrets`` names. An id that the session owns (a view, a filter, a page token) is called after the
call that made it; a collector, of which a session may make several alike, after what it was given to collect.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from esxdriver.recording.scrub.secrets import XSI_TYPE, kind_of, local
from esxdriver.recording.xml import parse
from esxdriver.vsphere.wire.operations import is_change

_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
# Each reads a text once, however often it begins in it: texts come from files of others.
_SESSION_OWNED = re.compile(r"session\[[^\[\]<]{0,200}\][\w-]+")
_PAGE_TOKEN = re.compile(r"<(?:\w{1,40}:)?token(?:\s[^<>]*+)?>([^<]+)</")
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$")

# Matched by their name alone: their arguments are secrets, or differ with every session.
LOGINS = {
    "Login", "LoginByToken", "LoginBySSPI", "LoginExtensionByCertificate", "LoginExtensionBySubjectName",
    "CloneSession",
}  # fmt: skip
_BY_NAME = LOGINS | {"Logout", "SessionIsActive", "TerminateSession", "SetLocale"}
# Their answer does not depend on what was changed before.
_TIMELESS = _BY_NAME | {"RetrieveServiceContent", "GET /sdk/vimServiceVersions.xml"}
_SESSION_THINGS = re.compile(r"(Create|Destroy)(?=\w*+$)(\w*(View|Filter)$|\w*Collector)")
_COLLECTING = "CreateFilter"
_UNORDERED = {"pathSet"}
_OF_A_WAIT = {"version", "maxWaitSeconds"}  # where it goes on from, and for how long: not what is asked for
_READING_METHODS = ("GET ", "HEAD ")  # of HTTP, where a call is no SOAP


class Role(Enum):
    """How a call bears on those after it."""

    TIMELESS = "timeless"
    READ = "read"
    CHANGE = "change"


@dataclass(frozen=True)
class Call:
    """A request in canonical form: ``lines`` show one argument each, indented by its depth.

    ``collector`` is the id of the collector that is given something to collect, as the host calls it.
    """

    operation: str
    lines: tuple[str, ...]
    collector: str = field(default="", compare=False)

    @cached_property
    def key(self) -> str:
        """Equal for equal calls, short, and the same on every machine and Python."""
        text = "\n".join((self.operation, *self.lines))
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()

    @cached_property
    def role(self) -> Role:
        """Whether the call changes the host, reads it, or asks for what never changes."""
        if self.operation in _TIMELESS:
            return Role.TIMELESS
        if self.operation.startswith(_READING_METHODS) or not is_change(self.operation):
            return Role.READ
        return Role.CHANGE

    @property
    def is_session(self) -> bool:
        """Whether the call makes or ends something that lives no longer than the session, or the session."""
        return self.operation in _BY_NAME or _SESSION_THINGS.match(self.operation) is not None


class Ids:
    """The names of the ids that a session owns, learnt from the answers that gave them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def learn(self, call: Call, answer: bytes) -> None:
        """Note which ids an answer gives for the first time, and which page token it ends with."""
        if b"session[" in answer:
            for owned in _SESSION_OWNED.findall(answer.decode(errors="replace")):
                self._names.setdefault(owned, f"made by {call.key}")
        if b"token" in answer and call.operation.endswith("RetrievePropertiesEx"):
            for token in _PAGE_TOKEN.findall(answer.decode(errors="replace")):
                self._names[f"token {token}"] = f"page after {call.key}"
        if call.collector in self._names:
            self._names[call.collector] = f"collects for {call.key}"

    def rename(self, text: str) -> str:
        """Return the text with each id that the session owns replaced by its name."""
        if "session[" not in text:
            return text
        return _SESSION_OWNED.sub(lambda found: self._names.get(found[0], "made by an unknown call"), text)

    def page(self, token: str) -> str:
        """Return the name of a page token."""
        return self._names.get(f"token {token}", token)


def soap_call(root: etree._Element | None) -> etree._Element | None:
    """Return the element in the SOAP body, or None when this is not SOAP."""
    body = None if root is None else root.find(f"{_ENVELOPE}Body")
    return body[0] if body is not None and len(body) else None


def canonical(method: str, url: str, body: bytes, ids: Ids) -> Call:
    """Return the call that a request makes; what is not SOAP is known by method, path, query and content."""
    call = soap_call(parse(body)) if body else None
    if call is None:
        return _plain(method, url, body)
    operation = local(call)
    lines = () if operation in _BY_NAME else tuple(_lines(call, "", operation, ids))
    return Call(operation, lines, call.findtext("{*}_this", "") if operation == _COLLECTING else "")


def _plain(method: str, url: str, body: bytes) -> Call:
    parts = urlsplit(url)
    lines = [f"{name} = {json.dumps(value)}" for name, value in sorted(parse_qsl(parts.query))]
    if body:
        lines.append(f"content = {hashlib.sha256(body).hexdigest()}")
    return Call(f"{method} {parts.path}", tuple(lines))


def _lines(parent: etree._Element, indent: str, operation: str, ids: Ids) -> Iterator[str]:
    unordered: list[str] = []
    for element in parent:
        name = local(element)
        if name in _UNORDERED:
            unordered.append(_line(element, name, indent, ids))
            continue
        if not (name in _OF_A_WAIT and operation.startswith("WaitForUpdates")):
            yield _line(element, name, indent, ids)
        yield from _lines(element, indent + "  ", operation, ids)
    yield from sorted(unordered)


def _line(element: etree._Element, name: str, indent: str, ids: Ids) -> str:
    kind = element.get(XSI_TYPE) or element.get("type") or ""
    start = f"{indent}{name} ({kind.rpartition(':')[2]})" if kind else f"{indent}{name}"
    return start if len(element) else f"{start} = {_value(element, name, ids)}"


def _value(element: etree._Element, name: str, ids: Ids) -> str:
    text = element.text or ""
    if kind_of(element):
        return "(scrubbed)"
    if _TIME.match(text):
        return "(a time)"
    return json.dumps(ids.page(text) if name == "token" else ids.rename(text), ensure_ascii=False)
