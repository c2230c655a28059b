"""Messages of libvirt's clients, a character for each byte: every procedure with small arguments, then edited."""

import re
from functools import cache
from types import SimpleNamespace

from esxdriver.recording.cassette import files
from esxdriver.recording.cassette.cassette import Cassette, Mode
from esxdriver.recording.session import connect, recorded_uri
from esxdriver.rpc import dispatch, messages, protocol
from esxdriver.rpc.messages import Header, ProtocolError, Splitter, Type
from esxdriver.rpc.references import References
from esxdriver.rpc.session import Session
from tests.fuzz.recorded import CASSETTES, LOOKUPS

_PLAIN = {"str": "web01", "uuid": bytes(range(16)), "f64": 0.0, "typed_param_value": (1, 0)}


def _small(expression):
    """Return a small value of a type of the protocol's table."""
    of, limit, size, optional = re.fullmatch(r"(\w+)(?:<(\d+)>|\[(\d+)\]|(\?))?", expression).groups()
    if of in {"i8w", "bytes"} and (limit or size):
        return b"\0" * int(size or 3)
    if optional:
        return None
    value = _PLAIN.get(of, 0) if of in _PLAIN or (of[0] in "iu" and of[1:].rstrip("w").isdigit()) else _filled(of)
    return [value] if limit else value


def _filled(structure):
    return _arguments(protocol.fields_of(structure))


def _arguments(fields):
    return tuple(_small(field.split(":", 1)[1]) for field in fields.split())


def _is_tried(row) -> bool:
    """Streams need a door, and an event a thread: the daemon's own tests have those."""
    return row.kind == "call" and not row.streams and "event_register" not in row.name


@cache
def seeds() -> list[str]:
    """Return a message for each procedure."""
    found = []
    for row in filter(_is_tried, protocol.procedures().values()):
        body = b"" if row.arguments is None else messages.write(row.arguments, _arguments(row.argument_fields))
        header = Header(protocol.PROGRAM, protocol.VERSION, row.number, Type.CALL, 1, 0)
        found.append(messages.message(header, body).decode("latin-1"))
    return found


@cache
def _recording():
    return files.load(CASSETTES / f"{LOOKUPS}.yaml")


def feed(text) -> None:
    """Give the bytes to a session whose host is a recording, message by message."""
    path = CASSETTES / f"{LOOKUPS}.yaml"
    with connect(recorded_uri(path), Cassette(path, Mode.NONE, _recording())) as conn:
        host = SimpleNamespace(uri="esx://host/", conn=conn, references=References(conn), release=lambda: None)
        session = Session(lambda _name, _login: host, lambda _message: None)
        session.perform(protocol.named("connect_open"), SimpleNamespace(name="esx://host/", flags=0))
        try:
            for header, body in Splitter().feed(text.encode("latin-1", "replace")):
                procedure = dispatch.find(header.program, header.version, header.procedure)
                if _is_tried(procedure):
                    session.perform(procedure, dispatch.parse(procedure, body))
        except ProtocolError:
            pass
        finally:
            session.end()
