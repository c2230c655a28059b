"""The stub: the one place through which every call to a host goes.

pyVmomi makes the request's text and understands the answer's; sending, counting, timing and what can go wrong on
the way are here. One call is one attempt: whether it may be repeated is decided above. ``pyVim.connect`` is not
used, because it keeps one service instance for the whole process.
"""

import collections
import contextlib
import logging
import re
import selectors
import socket
import time
import zlib
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from http.cookies import SimpleCookie
from typing import Any

from pyVmomi.SoapAdapter import COOKIE_NAME, SoapStubAdapter
from pyVmomi.VmomiSupport import versionMap

from esxdriver import __version__
from esxdriver.vsphere.wire import written
from esxdriver.vsphere.wire.decode import NoSoapError, decode
from esxdriver.vsphere.wire.faults import ConnectionLostError, NoAnswerError, RequestError, UnreadableError
from esxdriver.vsphere.wire.http import Connections
from esxdriver.vsphere.wire.written import Written
from esxdriver.waiting import require_may_wait, waiting_for

log = logging.getLogger(__name__)

FIRST_VERSION = "vim.version.version9"  # API 5.5: the oldest host that is spoken to
IDLE_LIMIT = 60  # seconds after which an idle connection is not used again
# Bytes of an answer, unpacked. What this package asks for at once has 1 to 10 MB; decoding takes 14 times as much.
LARGEST_ANSWER = 128 * 2**20
FAREWELL = 2.0  # seconds that each step of a session's end may take
_FAREWELLS = {"Logout", "CancelWaitForUpdates", "DestroyPropertyCollector", "DestroyView"}
_FAULT = 500
_SOAP_STATUS = {200, _FAULT}
_HEADERS = {
    "Content-Type": "text/xml; charset=UTF-8",
    "Accept-Encoding": "gzip",
    "User-Agent": f"esxdriver/{__version__}",
}


# What XML has no characters for, in UTF-8.
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf]")
_COOKIE = re.compile(r"[!#-:<-\[\]-~]+")  # RFC 6265, section 4.1.1


def newest_version(api_version: str) -> str:
    """Return pyVmomi's name of the newest API version that both it and a host of ``about.apiVersion`` know."""
    host = _numbers(api_version)
    known = {_numbers(text.removeprefix("vim25/")): name for text, name in versionMap.items() if "vim25/" in text}
    return str(known[max((each for each in known if (0,) < each <= host), default=_numbers("5.5"))])


class Stub(SoapStubAdapter):  # type: ignore[misc]
    """Calls methods over any connections that are like ``http.client``'s; may be used by several threads.

    ``calls`` counts the calls by the operation's name in the WSDL, ``seconds`` is how long their answers took.
    """

    def __init__(self, connections: Connections, host: str = "the host") -> None:
        super().__init__(version=FIRST_VERSION, connectionPoolTimeout=IDLE_LIMIT)
        self.host_name = host
        self._connections = connections
        self.calls: collections.Counter[str] = collections.Counter()
        self.seconds: dict[str, float] = {}

    def InvokeMethod(self, mo: Any, info: Any, args: Any) -> Any:  # noqa: N802 - pyVmomi's name
        """Call a method once. Raises its fault, or ConnectionLostError, NoAnswerError or UnreadableError."""
        return self.send(mo, info, args).result()

    def send(self, mo: Any, info: Any, args: Any) -> "Exchange":
        """Send a call, and return while the host works on it. What goes wrong on the way is for its result to say.

        Raises RequestError for what cannot be sent, and WouldWaitError where nobody may wait for a result.
        """
        require_may_wait()
        request = self._request(mo, info, args)
        with self.lock:
            self.calls[info.wsdlName] += 1
        return Exchange(self, info, request)

    def _request(self, mo: Any, info: Any, args: Any) -> bytes:
        """Return the text of a call. No error holds any of it, not even in its context: it may be a password."""
        request, problem = b"", ""
        try:
            is_written = isinstance(args, Written)
            request = written.request(self, mo, info, args) if is_written else self.SerializeRequest(mo, info, args)
        except UnicodeError:
            problem = "a text that is no UTF-8"
        except (TypeError, ValueError, OverflowError) as error:
            problem = (
                f"a value of the wrong kind ({error})" if info.wsdlName != "Login" else "a value of the wrong kind"
            )
        if _NO_XML.search(request):
            problem = "a text with a control character, which XML does not have"
        if problem:
            raise RequestError(f"{info.wsdlName} cannot be sent: it has {problem}")
        return request

    def headers(self) -> dict[str, str]:
        """Return the headers of a request."""
        cookie = {"Cookie": self.cookie} if self.cookie else {}
        return _HEADERS | cookie | {"SOAPAction": self.versionId}

    def adopt_cookie(self, operation: str, response: HTTPResponse) -> None:
        """Keep the session's cookie. A late answer to a call of an older session must not replace it."""
        if self.cookie and operation != "Login":
            return
        found = SimpleCookie(response.getheader("Set-Cookie") or "").get(COOKIE_NAME)
        if found and _COOKIE.fullmatch(found.value):
            self.SetSessionId(found.value)

    def GetConnection(self) -> HTTPConnection:  # noqa: N802 - pyVmomi's name
        """Return a connection: one from the pool that the host has not closed, or a new one."""
        with self.lock:
            self._CloseIdleConnections()
            while self.pool:
                connection: HTTPConnection = self.pool.pop(0)[0]
                if not _hung_up(connection):
                    return connection
                connection.close()
        return self._connections()


class Exchange:
    """A call that is on its way over a connection of its own. The request is never logged."""

    def __init__(self, stub: Stub, info: Any, request: bytes) -> None:
        self._stub = stub
        self._operation = info.wsdlName
        self._kind = info.result
        self._failed: BaseException | None = None
        self._started = time.perf_counter()
        self._connection = stub.GetConnection()
        try:
            if self._operation in _FAREWELLS:
                _hurry(self._connection, FAREWELL)
            with waiting_for(stub.host_name):
                self._connection.request("POST", stub.path, request, stub.headers())
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            self._failed = error
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Give the answer up."""
        self._connection.close()

    def result(self) -> Any:
        """Wait for the answer, once. Raises what :meth:`Stub.InvokeMethod` does."""
        status, answer = self._received()
        try:
            result = decode(self._stub, answer, self._kind)
        except NoSoapError as cause:
            raise ConnectionLostError(f"the answer to {self._operation} is no SOAP ({cause})") from cause
        except Exception as error:
            raise UnreadableError(f"the answer to {self._operation} is not understood ({error!r})") from error
        if status == _FAULT:
            said = isinstance(result, Exception)
            raise result if said else UnreadableError(f"{self._operation} failed without a fault")
        return result

    def _received(self) -> tuple[int, bytes]:
        """Return the answer's status and text."""
        try:
            if self._failed:
                raise self._failed
            with waiting_for(self._stub.host_name), contextlib.closing(self._connection.getresponse()) as response:
                self._stub.adopt_cookie(self._operation, response)  # the session is open, whatever comes of the rest
                answer = _body(self._operation, response)
        except BaseException as error:
            self._connection.close()
            if loss := _lost(self._operation, error):
                raise loss from error
            raise
        if self._operation in _FAREWELLS:
            self._connection.close()  # whoever came next would be given as little time
        else:
            self._stub.ReturnConnection(self._connection)
        took = time.perf_counter() - self._started
        with self._stub.lock:
            self._stub.seconds[self._operation] = self._stub.seconds.get(self._operation, 0.0) + took
        log.debug("%s: %.1f ms", self._operation, 1000 * took)
        return response.status, answer


def _hurry(connection: HTTPConnection, seconds: float) -> None:
    """Give a connection this long for each step, whatever it had before."""
    connection.timeout = connection.answer_timeout = seconds  # type: ignore[attr-defined]
    if isinstance(getattr(connection, "sock", None), socket.socket):
        connection.sock.settimeout(seconds)


def _body(operation: str, response: HTTPResponse) -> bytes:
    """Return an answer's text. Raises UnreadableError for one that is larger than anything a host has to say."""
    answer = response.read(LARGEST_ANSWER + 1)
    if response.getheader("Content-Encoding") == "gzip":
        answer = _unpacked(answer)
    if len(answer) > LARGEST_ANSWER:
        limit = f"LARGEST_ANSWER, {LARGEST_ANSWER // 2**20} MiB"
        raise UnreadableError(f"the answer to {operation} is refused: it is larger than {limit}")
    if missing := getattr(response, "length", None):  # a read with a limit does not notice
        raise IncompleteRead(answer, missing)
    if response.status not in _SOAP_STATUS:
        raise HTTPException(f"HTTP {response.status} {response.reason} in answer to {operation}")
    return answer


def _unpacked(answer: bytes) -> bytes:
    gunzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
    text = gunzip.decompress(answer, LARGEST_ANSWER + 1)
    if len(text) <= LARGEST_ANSWER and not gunzip.eof:
        raise EOFError("it ends early")
    return text


def _lost(operation: str, broken: BaseException) -> ConnectionLostError | None:
    """Return what to raise instead of an error of the connection, None for any other error."""
    match broken:
        case TimeoutError():
            return NoAnswerError(f"{operation} had no answer in time")
        case OSError() | HTTPException() | EOFError() | zlib.error():
            return ConnectionLostError(f"the connection broke during {operation} ({str(broken) or repr(broken)})")
    return None


def _hung_up(connection: HTTPConnection) -> bool:
    """Return whether the host has closed an idle connection: nothing else makes it readable."""
    sock = getattr(connection, "sock", None)
    if not isinstance(sock, socket.socket):
        return False
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))


def _numbers(version: str) -> tuple[int, ...]:
    """Return ``8.0.3`` as (8, 0, 3, 0), and nothing for a version that is not made of numbers."""
    parts = version.split(".")
    return tuple(map(int, parts + ["0"] * (4 - len(parts)))) if all(part.isdecimal() for part in parts) else ()
