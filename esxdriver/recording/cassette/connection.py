"""The connection that a SOAP stub gets: vcrpy's, bound to one cassette, with nothing patched anywhere."""

from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any, Protocol

from vcr.stubs import VCRHTTPResponse, VCRHTTPSConnection, serialize_headers

from esxdriver.recording.interactions import Interaction, decoded

Connections = Callable[[], HTTPConnection]

# A recording does not say where it was made.
_ORIGIN = "https://host"


class Answering(Protocol):
    """What a connection needs from its cassette."""

    def answer(self, request: Any, ask: Callable[[], Interaction]) -> Interaction:
        """Return the answer to vcrpy's request; ``ask()`` gets it from the host."""


class _Nowhere:
    """Stands for the real connection when there is none; it cannot connect."""

    host, port, sock, _tunnel_host = "host", 443, None, None

    def close(self) -> None:
        """Close nothing."""


class CassetteConnection(VCRHTTPSConnection):  # type: ignore[misc]
    """Collects a request as http.client does; the cassette gives the answer, or has the host asked for it."""

    def __init__(self, cassette: Answering, connections: Connections | None) -> None:
        # vcrpy's own __init__ would lift patches for the whole process while it makes the real connection.
        self.cassette = cassette
        self.real_connection: Any = connections() if connections else _Nowhere()
        self._sock = None

    def _uri(self, url: str) -> str:
        return _ORIGIN + url

    def connect(self, *args: Any, **kwargs: Any) -> None:
        """Leave connecting to the first request that must be asked."""

    def getresponse(self, _: bool = False, **_options: Any) -> VCRHTTPResponse:
        """Return the answer to the request made before."""
        request = self._vcr_request
        return VCRHTTPResponse(_as_vcr(self.cassette.answer(request, self._ask)), request.uri)

    def _ask(self) -> Interaction:
        request = self._vcr_request
        url = request.uri.removeprefix(_ORIGIN)
        self.real_connection.request(request.method, url, request.body, dict(request.headers))
        response = self.real_connection.getresponse()
        headers, answer = decoded(serialize_headers(response), response.read())
        return Interaction(
            method=request.method,
            url=request.uri,
            body=request.body or b"",
            status=response.status,
            reason=response.reason,
            answer=answer,
            request_headers={name: [word] for name, word in request.headers.items()},
            headers=headers,
        )


def _as_vcr(interaction: Interaction) -> dict[str, Any]:
    return {
        "status": {"code": interaction.status, "message": interaction.reason},
        "headers": {name: list(values) for name, values in interaction.headers.items()},
        "body": {"string": interaction.answer},
    }
