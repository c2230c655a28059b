"""Calls that have thousands of arguments which are alike: pyVmomi writes one, and what differs is put into its text.

pyVmomi takes half a second to make and to write what a host is asked about the counters of a thousand machines.
"""

from typing import Any


class Written(bytes):
    """The arguments of a call, as they are sent."""


def arguments(stub: Any, callee: Any, info: Any, args: Any) -> Written:
    """Return the text of a call's arguments alone, as pyVmomi writes them."""
    text: bytes = stub.SerializeRequest(callee, info, args)
    _, _, rest = text.partition(b"</_this>")
    return Written(rest[: _end(rest, info)])


def request(stub: Any, callee: Any, info: Any, args: Written) -> bytes:
    """Return the text of a call with arguments that are written."""
    text: bytes = stub.SerializeRequest(callee, info, ())
    end = _end(text, info)
    return text[:end] + args + text[end:]


def _end(text: bytes, info: Any) -> int:
    return text.rindex(f"</{info.wsdlName}>".encode())
