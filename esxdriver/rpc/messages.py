"""Messages: a length, a header of six words and a body.

Source: https://libvirt.org/kbase/internals/rpc.html
"""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NamedTuple

import libvirt

from esxdriver.rpc import protocol
from esxdriver.rpc.xdr import XDRError

HEADER = struct.Struct(">IIIiiIi")  # with the length in front, which counts itself
LENGTH_MAX = 33554436
STREAM_MAX = 262120  # bytes in one packet of a stream, which the oldest clients still take
KEEPALIVE = 0x6B656570
PING, PONG = 1, 2


class ProtocolError(Exception):
    """What arrives is not the protocol: nothing that follows can be understood."""


class Type(IntEnum):
    """What a message is. The two with file descriptors are never agreed on."""

    CALL = 0
    REPLY = 1
    MESSAGE = 2
    STREAM = 3
    STREAM_HOLE = 6


class Status(IntEnum):
    """How a call went; a stream goes on while it is CONTINUE."""

    OK = 0
    ERROR = 1
    CONTINUE = 2


class Header(NamedTuple):
    """The six words; a reply and a stream's packets repeat the serial of their call."""

    program: int
    version: int
    procedure: int
    type: int
    serial: int
    status: int

    def reply(self, status: Status = Status.OK) -> "Header":
        """Return the header of the answer to the call with this one."""
        return Header(self.program, self.version, self.procedure, Type.REPLY, self.serial, status)

    def stream(self, status: Status) -> "Header":
        """Return the header of a packet of the stream that belongs to the call with this one."""
        return self._replace(type=Type.STREAM, status=status)


PONG_HEADER = Header(KEEPALIVE, 1, PONG, Type.MESSAGE, 0, Status.OK)


def message(header: Header, body: bytes = b"") -> bytes:
    """Return the bytes of a message."""
    return HEADER.pack(HEADER.size + len(body), *header) + body


def event(name: str, body: bytes) -> bytes:
    """Return the message of the event of that name."""
    number = protocol.named(name).number
    return message(Header(protocol.PROGRAM, protocol.VERSION, number, Type.MESSAGE, 0, Status.OK), body)


def is_error(data: bytes) -> bool:
    """Whether a message says that a call has failed."""
    return bool(HEADER.unpack_from(data)[-1] == Status.ERROR)


class Splitter:
    """Collects bytes as they arrive, and returns messages when they are complete.

    ``limit`` is the longest message in bytes: raise it once the client has authenticated.
    """

    def __init__(self, limit: int = LENGTH_MAX) -> None:
        self.limit = limit
        self._rest = bytearray()

    def __len__(self) -> int:
        """Bytes that are not yet a message."""
        return len(self._rest)

    def add(self, data: bytes | memoryview) -> None:
        """Take what has arrived."""
        self._rest += data

    def next(self) -> tuple[Header, bytes] | None:
        """Return the next message, None when it is not complete; raises ProtocolError for a length that cannot be."""
        rest = self._rest
        if len(rest) < 4:
            return None
        length = int.from_bytes(rest[:4], "big")
        if not HEADER.size <= length <= self.limit:
            raise ProtocolError(f"a message of {length} bytes")
        if len(rest) < length:
            return None
        header = Header._make(HEADER.unpack_from(rest)[1:])
        body = bytes(rest[HEADER.size : length])
        del rest[:length]
        return header, body

    def feed(self, data: bytes) -> Iterator[tuple[Header, bytes]]:
        """Yield each message that ``data`` completes."""
        self.add(data)
        while (found := self.next()) is not None:
            yield found


# --- errors

# libvirt's clients take these codes for others unless they come from its network filters: an old mistake of
# the protocol that has to be kept. Source: libvirt src/rpc/virnetclientprogram.c
_FILTER_CODES = range(61, 64)


def error_body(error: libvirt.libvirtError) -> bytes:
    """Return the body that carries a driver's error: code, domain, level, texts and numbers as they were raised."""
    code, domain, text, level, *strings, first, second = error.err or (
        libvirt.VIR_ERR_INTERNAL_ERROR, libvirt.VIR_FROM_ESX, str(error), libvirt.VIR_ERR_ERROR,
        None, None, None, -1, -1,
    )  # fmt: skip
    if code in _FILTER_CODES:
        domain = libvirt.VIR_FROM_NWFILTER
    text, *strings = (
        None if each is None else each.replace("\0", "")[: protocol.STRING_MAX // 4] for each in (text, *strings)
    )
    out = bytearray()
    protocol.structure("error").write((code, domain, text, level, None, *strings, first, second, None), out)
    return bytes(out)


def refusal(header: Header, error: libvirt.libvirtError) -> bytes:
    """Return the reply that says why a call has failed."""
    return message(header.reply(Status.ERROR), error_body(error))


def rpc_error(text: str, code: int = libvirt.VIR_ERR_RPC, domain: int = libvirt.VIR_FROM_RPC) -> libvirt.libvirtError:
    """Return an error of the protocol's own, with a text of which clients know the beginning."""
    raised = libvirt.libvirtError(text)
    raised.args = (text,)
    raised.err = (code, domain, text, libvirt.VIR_ERR_ERROR, text, None, None, -1, -1)
    return raised


def parse(structure: Any, body: bytes) -> Any:
    """Return the value that ``body`` begins with; more behind it is left alone, as libvirtd does."""
    return structure.parse(body, 0)[0]


def write(structure: Any, value: Any) -> bytes:
    """Return the body for ``value``."""
    out = bytearray()
    structure.write(value, out)
    if len(out) + HEADER.size > LENGTH_MAX:
        raise XDRError(f"a body of {len(out)} bytes")
    return bytes(out)
