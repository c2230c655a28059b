"""The connection that a SOAP stub gets: it asks one cassette, and nothing is patched anywhere.

It has what is used of ``http.client.HTTPConnection``: ``request()``, or the parts of one for an upload, and then
``getresponse()``, ``close()``, ``sock`` and ``timeout``. Requests and responses are vcrpy's.
"""

from collections.abc import Callable, Iterable, Mapping
from http.client import HTTPConnection
from typing import Any, Protocol, cast

from vcr.request import Request
from vcr.stubs import VCRHTTPResponse, serialize_headers

from esxdriver.recording.interactions import Interaction, decoded

Connections = Callable[[], HTTPConnection]
Body = bytes | str | Iterable[bytes] | None

# A recording does not say where it was made.
_ORIGIN = "https://host"


class Answering(Protocol):
    """What a connection needs from its cassette."""

    def answer(self, request: Any, ask: Callable[[], Interaction]) -> Interaction:
        """Return the answer to vcrpy's request; ``ask()`` gets it from the host."""


def connection(cassette: Answering, connections: Connections | None) -> HTTPConnection:
    """Return a connection to a cassette, which may ask the host through ``connections`` when there are any."""
    return cast("HTTPConnection", _CassetteConnection(cassette, connections() if connections else None))


class _CassetteConnection:
    """Keeps a request until its answer is asked for; the cassette gives that, or has the host asked."""

    def __init__(self, cassette: Answering, host: HTTPConnection | None) -> None:
        self._cassette = cassette
        self._host = host
        self._request: Any = None

    @property
    def sock(self) -> Any:
        """The socket to the host; none as long as it was not asked."""
        return None if self._host is None else self._host.sock

    @property
    def timeout(self) -> float | None:
        """How many seconds the host may take to be reached."""
        return None if self._host is None else self._host.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        if self._host is not None:
            self._host.timeout = seconds

    @property
    def answer_timeout(self) -> float | None:
        """How many seconds an answer of the host may be silent."""
        return getattr(self._host, "answer_timeout", None)

    @answer_timeout.setter
    def answer_timeout(self, seconds: float) -> None:
        if self._host is not None:
            self._host.answer_timeout = seconds  # type: ignore[attr-defined]

    def connect(self) -> None:
        """Leave connecting to the first request that must be asked."""

    def request(self, method: str, url: str, body: Body = None, headers: Mapping[str, str] | None = None) -> None:
        """Keep a request."""
        self._request = Request(method, _ORIGIN + url, _whole(body), dict(headers or {}))

    def putrequest(self, method: str, url: str, **_: bool) -> None:
        """Begin a request whose headers and body follow in parts; it is kept whole."""
        self._request = Request(method, _ORIGIN + url, b"", {})

    def putheader(self, name: str, value: str) -> None:
        """Add a header to it."""
        self._request.headers[name] = value

    def endheaders(self) -> None:
        """Do nothing: the request is sent when its answer is asked for."""

    def send(self, data: bytes) -> None:
        """Add to its body."""
        self._request.body = (self._request.body or b"") + data

    def getresponse(self) -> VCRHTTPResponse:
        """Return the answer to the request made before."""
        answer = self._cassette.answer(self._request, self._ask)
        return VCRHTTPResponse(_as_vcr(answer), self._request.uri)

    def close(self) -> None:
        """Close the connection to the host, if there is one."""
        if self._host is not None:
            self._host.close()

    def _ask(self) -> Interaction:
        assert self._host is not None
        asked = self._request
        self._host.request(asked.method, asked.uri.removeprefix(_ORIGIN), asked.body, dict(asked.headers))
        response = self._host.getresponse()
        headers, answer = decoded(serialize_headers(response), response.read())
        return Interaction(
            method=asked.method,
            url=asked.uri,
            body=asked.body or b"",
            status=response.status,
            reason=response.reason,
            answer=answer,
            request_headers={name: [value] for name, value in asked.headers.items()},
            headers=headers,
        )


def _whole(body: Body) -> bytes | str | None:
    return body if body is None or isinstance(body, (bytes, str)) else b"".join(body)


def _as_vcr(interaction: Interaction) -> dict[str, Any]:
    return {
        "status": {"code": interaction.status, "message": interaction.reason},
        "headers": {
            **{name: list(values) for name, values in interaction.headers.items() if name.lower() != "content-length"},
            "Content-Length": [str(len(interaction.answer))],  # of what is given out, which may have been packed
        },
        "body": {"string": interaction.answer},
    }
