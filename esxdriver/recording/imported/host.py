"""A host that answers from saved objects, behind a connection without a socket.

It answers what a reading session asks. What was not saved is unset in an answer, and noted; a call for which nothing
was saved is refused as a host refuses what it cannot do. Source: vSphere API, PropertyCollector, SearchIndex.
"""

import email.message
import io
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from lxml import etree

from esxdriver.recording.cassette.connection import Connections
from esxdriver.recording.cassette.match import soap_call
from esxdriver.recording.imported.objects import VIM, Objects, Ref, class_named, is_a, made, reference
from esxdriver.recording.imported.site import SERVICE
from esxdriver.recording.scrub.secrets import XSI_TYPE, local
from esxdriver.recording.xml import parse
from esxdriver.vsphere.wire.declared import declared_type

if TYPE_CHECKING:
    from http.client import HTTPConnection

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_NAMESPACES = {
    "soapenv": _SOAP,
    "xsd": "http://www.w3.org/2001/XMLSchema",
    "xsi": XSI_TYPE[1:].partition("}")[0],
}
# Where nothing was saved there is nothing to list.
_OF_NOTHING = frozenset(("QueryPerf",))
_EPOCH = "1970-01-01T00:00:00Z"

Replay = Callable[[str, bytes], bytes | None]
"""Returns the recorded answer to a call, by its operation and body, or None."""


class RefusedError(Exception):
    """The host refuses a call: with the name of the fault, what it says, and its members."""

    def __init__(self, fault: str, text: str, *members: etree._Element) -> None:
        super().__init__(text)
        self.fault = fault
        self.members = members


class SavedHost:
    """Answers calls from objects; ``lacking`` are the properties that were asked for and saved of no object.

    ``replay`` answers what is not about properties, where a recording was saved; ``unanswered`` are other operations.
    """

    def __init__(self, objects: Objects, replay: Replay = lambda _operation, _body: None) -> None:
        self.lacking: set[str] = set()
        self.unanswered: set[str] = set()
        self._objects = objects
        self._replay = replay
        self._answers: Mapping[str, Callable[[etree._Element], list[etree._Element]]] = {
            "RetrieveServiceContent": lambda _: [_as(objects.value(SERVICE, "content"), "returnval")],
            "Login": lambda _: [made("returnval", *_session())],
            "Logout": lambda _: [],
            "RetrieveProperties": lambda call: self._contents(call, "returnval"),
            "RetrievePropertiesEx": lambda call: _result(self._contents(call, "objects")),
            "FindByUuid": lambda call: self._by_uuid(call)[:1],
            "FindAllByUuid": self._by_uuid,
        }

    def connections(self) -> Connections:
        """Return what a stub asks for connections."""
        return lambda: cast("HTTPConnection", _Connection(self))

    def reply(self, body: bytes) -> tuple[int, bytes]:
        """Return the HTTP status and the answer to a call."""
        call = soap_call(parse(body))
        operation = local(call) if call is not None else ""
        try:
            if call is None or operation not in self._answers:
                return 200, self._recorded(operation, body)
            return 200, _envelope(made(f"{operation}Response", *self._answers[operation](call)))
        except RefusedError as error:
            return 500, _envelope(_fault(error))

    def _recorded(self, operation: str, body: bytes) -> bytes:
        answer = self._replay(operation, body)
        if answer is not None:
            return answer
        self.unanswered.add(operation)
        if operation in _OF_NOTHING:
            return _envelope(made(f"{operation}Response"))
        raise RefusedError("NotSupported", "nothing was saved that answers this")

    def _contents(self, call: etree._Element, name: str) -> list[etree._Element]:
        return [content for spec in call if local(spec) == "specSet" for content in self._of_spec(spec, name)]

    def _of_spec(self, spec: etree._Element, name: str) -> Iterator[etree._Element]:
        wanted = [(_text(each, "type"), _texts(each, "pathSet")) for each in spec if local(each) == "propSet"]
        reached: dict[Ref, None] = {}
        for start in spec:
            if local(start) == "objectSet":
                reached.update(dict.fromkeys(_Traversal(self._objects, start).reached()))
        for ref in reached:
            paths = [path for kind, paths in wanted if is_a(ref[0], kind) for path in paths]
            if any(is_a(ref[0], kind) for kind, _ in wanted):
                yield made(name, reference("obj", ref), *self._properties(ref, dict.fromkeys(paths)))

    def _properties(self, ref: Ref, paths: Mapping[str, None]) -> Iterator[etree._Element]:
        missing: list[etree._Element] = []
        for path in paths:
            value, fault = self._objects.value(ref, path), self._objects.fault(ref, path)
            if fault is not None:
                missing.append(made("missingSet", made("path", path), _as(fault, "fault")))
            elif value is not None:
                yield made("propSet", made("name", path), _as(value, "val"))
            else:
                self._note(ref, path)
        yield from missing

    def _note(self, ref: Ref, path: str) -> None:
        """Note a property of which nothing was saved of any such object: whether it is unset is not known."""
        top = path.partition(".")[0]
        if declared_type(class_named(ref[0]), top) is None:
            raise RefusedError("InvalidProperty", path, made("name", path))
        others = (name for each in self._objects.of_kind(ref[0]) for name in self._objects.saved[each])
        if not any(name.partition(".")[0] == top for name in others):
            self.lacking.add(f"{ref[0]}.{path}")

    def _by_uuid(self, call: etree._Element) -> list[etree._Element]:
        instance = _text(call, "instanceUuid") == "true"
        path = "config.instanceUuid" if instance else "config.uuid"
        kind, path = (
            ("VirtualMachine", path)
            if _text(call, "vmSearch") == "true"
            else ("HostSystem", "hardware.systemInfo.uuid")
        )
        wanted = _text(call, "uuid").lower()
        found = [ref for ref in self._objects.of_kind(kind) if self._objects.text(ref, path).lower() == wanted]
        return [reference("returnval", ref) for ref in found]


class _Traversal:
    """The way that an ``ObjectSpec`` describes, from one object to others."""

    def __init__(self, objects: Objects, spec: etree._Element) -> None:
        self._objects = objects
        self._start: Ref = next((each.get("type") or "", each.text or "") for each in spec if local(each) == "obj")
        self._first = [each for each in spec if local(each) == "selectSet"]
        self._skips = _text(spec, "skip") == "true"
        self._named = {_text(each, "name"): each for each in spec.iter() if _text(each, "path") and _text(each, "name")}

    def reached(self) -> Iterator[Ref]:
        """Yield each object that is not skipped. Raises RefusedError for a start that does not exist."""
        if self._start not in self._objects:
            raise RefusedError("ManagedObjectNotFound", "it was not saved", reference("obj", self._start))
        if not self._skips:
            yield self._start
        waiting = [(self._start, each) for each in self._first]
        seen: set[tuple[Ref, etree._Element]] = set()
        while waiting:
            here, step = waiting.pop(0)
            step = step if _text(step, "path") else self._named.get(_text(step, "name"), step)
            if (here, step) in seen or not is_a(here[0], _text(step, "type")):
                continue
            seen.add((here, step))
            nexts = [each for each in step if local(each) == "selectSet"]
            for ref in self._objects.refs(here, _text(step, "path")):
                if _text(step, "skip") != "true":
                    yield ref
                waiting += [(ref, each) for each in nexts]


def _text(element: etree._Element, name: str) -> str:
    return next((child.text or "" for child in element if local(child) == name), "")


def _texts(element: etree._Element, name: str) -> list[str]:
    return [child.text or "" for child in element if local(child) == name]


def _as(element: etree._Element | None, name: str) -> etree._Element:
    """Return a copy of a value under another name."""
    assert element is not None
    copied = etree.fromstring(etree.tostring(element))
    copied.tag = f"{{{VIM}}}{name}"
    if name == "returnval" and XSI_TYPE in copied.attrib:
        del copied.attrib[XSI_TYPE]
    return copied


def _result(contents: list[etree._Element]) -> list[etree._Element]:
    return [made("returnval", *contents)] if contents else []


def _session() -> list[etree._Element]:
    key = str(uuid.uuid4())  # a secret by the rules, which must be found nowhere else
    times = {"loginTime": _EPOCH, "lastActiveTime": _EPOCH}
    texts = {"key": key, "userName": "root", "fullName": "root", **times, "locale": "en", "messageLocale": "en"}
    return [made(name, text) for name, text in texts.items()]


def _fault(refused: RefusedError) -> etree._Element:
    detail = made(f"{refused.fault}Fault", *refused.members, kind=refused.fault)
    fault = etree.Element(f"{{{_SOAP}}}Fault")
    for name, content in (("faultcode", "ServerFaultCode"), ("faultstring", str(refused))):
        etree.SubElement(fault, name).text = content
    etree.SubElement(fault, "detail").append(detail)
    return fault


def _envelope(content: etree._Element) -> bytes:
    envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap=_NAMESPACES)
    etree.SubElement(envelope, f"{{{_SOAP}}}Body").append(content)
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)


class _Connection:
    """What a cassette uses of a connection."""

    sock = None
    timeout: float | None = None

    def __init__(self, host: SavedHost) -> None:
        self._host = host
        self._body = b""

    def request(self, _method: str, _url: str, body: bytes, _headers: Mapping[str, str]) -> None:
        """Keep a request."""
        self._body = body or b""

    def getresponse(self) -> Any:
        """Return the answer."""
        return _Response(*self._host.reply(self._body))

    def close(self) -> None:
        """Close nothing."""


class _Response:
    def __init__(self, status: int, content: bytes) -> None:
        self.status = status
        self.reason = "OK" if status == 200 else "Internal Server Error"
        self.headers = self.msg = email.message.Message()
        self.headers["Content-Type"] = "text/xml; charset=utf-8"
        self.read = io.BytesIO(content).read
