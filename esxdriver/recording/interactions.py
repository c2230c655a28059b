"""A recording in memory: interactions, and their form in vcrpy's files."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_BODY = 64 * 2**20  # bytes
Headers = dict[str, list[str]]


@dataclass(frozen=True)
class Interaction:
    """One request and its answer, as they stand in a file.

    ``after`` is the number (from 1) of the recorded change that this call follows when that is not the last
    one above it in the file; 0 means none.
    """

    method: str
    url: str
    body: bytes
    status: int
    reason: str
    answer: bytes
    request_headers: Headers = field(default_factory=dict)
    headers: Headers = field(default_factory=dict)
    after: int | None = None


@dataclass
class Contents:
    """What a file holds: its head and its interactions in the order of recording."""

    head: dict[str, Any] = field(default_factory=dict)
    interactions: list[Interaction] = field(default_factory=list)


def from_yaml(item: Mapping[str, Any], most: int = MAX_BODY) -> Interaction:
    """Return the interaction of a mapping in vcrpy's format, of at most so many bytes when it is unpacked.

    Raises KeyError, TypeError, ValueError, AttributeError or OverflowError for one in another form.
    """
    request, response = item["request"], item["response"]
    headers, answer = decoded(_headers(response.get("headers")), _bytes(response["body"]["string"]), most)
    after = item.get("after")
    return Interaction(
        method=_str(request, "method"),
        url=_str(request, "uri"),
        body=_bytes(request["body"]),
        status=int(response["status"]["code"]),
        reason=str(response["status"]["message"]),
        answer=answer,
        request_headers=_headers(request.get("headers")),
        headers=headers,
        after=None if after is None else int(after),
    )


def decoded(headers: Headers, body: bytes, most: int = MAX_BODY) -> tuple[Headers, bytes]:
    """Return a body without its Content-Encoding and the headers that are still true of it.

    Raises ValueError for a body that is damaged, or too large when it is unpacked.
    """
    packed = [value for name, value in headers.items() if name.lower() == "content-encoding"]
    if packed and packed[0] and packed[0][0].lower() in ("gzip", "deflate"):
        body = _unpacked(body, min(most, MAX_BODY))
    untrue = {"content-encoding", "content-length", "transfer-encoding"}
    return {name: value for name, value in headers.items() if name.lower() not in untrue}, body


def _unpacked(body: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, as the first bytes tell
    try:
        unpacked = unpacking.decompress(body, most + 1)
    except zlib.error as cause:
        raise ValueError(f"a compressed body: {cause}") from cause
    if len(unpacked) > most or not unpacking.eof:
        raise ValueError("a compressed body that is cut off or too large")
    return unpacked


def _str(mapping: Mapping[str, Any], name: str) -> str:
    if not isinstance(mapping[name], str):
        raise TypeError(name)
    return str(mapping[name])


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if value is not None and not isinstance(value, str):
        raise TypeError("body")
    return (value or "").encode()


def _headers(value: Any) -> Headers:
    return {
        str(name): [str(one) for one in (values if isinstance(values, list) else [values])]
        for name, values in (value or {}).items()
    }


def as_yaml(interaction: Interaction) -> dict[str, Any]:
    """Return the mapping of an interaction in vcrpy's format."""
    after = {} if interaction.after is None else {"after": interaction.after}
    return {
        **after,
        "request": {
            "method": interaction.method,
            "uri": interaction.url,
            "body": _readable(interaction.body),
            "headers": interaction.request_headers,
        },
        "response": {
            "status": {"code": interaction.status, "message": interaction.reason},
            "headers": interaction.headers,
            "body": {"string": _readable(interaction.answer)},
        },
    }


def _readable(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body
