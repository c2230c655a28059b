"""A host of canned answers on the loopback interface: HTTP or TLS, SOAP or whatever a test wants instead.

``answers`` maps an operation to what it is answered with, in turn; the last one repeats. An answer is the
inner XML of the response, a :class:`Fault`, an :class:`Http` answer, a function of the request's body that
returns one of them, or CLOSE to hang up.
"""

import contextlib
import datetime as dt
import inspect
import re
import socket
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyVmomi import SoapAdapter, VmomiSupport

CLOSE = object()
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{}</soapenv:Body></soapenv:Envelope>'
)


@dataclass(frozen=True)
class Http:
    status: int
    body: str = ""


@dataclass(frozen=True)
class Fault:
    name: str
    text: str = "it went wrong"
    fields: str = ""

    def xml(self):
        detail = f'<{self.name}Fault xmlns="urn:vim25" xsi:type="{self.name}">{self.fields}</{self.name}Fault>'
        return (
            "<soapenv:Fault><faultcode>ServerFaultCode</faultcode>"
            f"<faultstring>{self.text}</faultstring><detail>{detail}</detail></soapenv:Fault>"
        )


def moref(kind, moid, tag="returnval"):
    return f'<{tag} type="{kind}">{moid}</{tag}>'


def content(api_type="HostAgent", api_version="8.0.3.0"):
    about = (
        f"<about><name>VMware ESXi</name><fullName>VMware ESXi {api_version}</fullName><vendor>VMware</vendor>"
        f"<version>8.0.3</version><build>1</build><osType>vmnix-x86</osType><productLineId>x</productLineId>"
        f"<apiType>{api_type}</apiType><apiVersion>{api_version}</apiVersion></about>"
    )
    return (
        f"<returnval>{moref('Folder', 'root', 'rootFolder')}"
        f"{moref('PropertyCollector', 'pc', 'propertyCollector')}{about}"
        f"{moref('SessionManager', 'sm', 'sessionManager')}"
        f"{moref('PerformanceManager', 'perf', 'perfManager')}</returnval>"
    )


USER_SESSION = (
    "<returnval><key>k</key><userName>root</userName><fullName>root</fullName>"
    "<loginTime>2026-01-01T00:00:00Z</loginTime><lastActiveTime>2026-01-01T00:00:00Z</lastActiveTime>"
    "<locale>en</locale><messageLocale>en</messageLocale></returnval>"
)
NOW = "<returnval>2026-01-01T00:00:00Z</returnval>"


def properties(*objects):
    """Return a RetrieveResult of (type, id, {path: value as pyVmomi has it}) each."""
    return "<returnval>" + "".join(map(_object, objects)) + "</returnval>"


def _object(found):
    kind, moid, values = found
    words = "".join(f"<propSet><name>{path}</name>{_any(value)}</propSet>" for path, value in values.items())
    return f"<objects>{moref(kind, moid, 'obj')}{words}</objects>"


def _any(value):
    info = VmomiSupport.Object(name="val", type=object, version="vim.version.version9", flags=0)
    return SoapAdapter.Serialize(value, info, "vim.version.version9", SoapAdapter.SOAP_NSMAP.copy()).decode()


class FakeHost(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tls=None):
        super().__init__(("127.0.0.1", 0), _Request)
        self.tls = tls
        self.open = []
        self.sessions = 0
        self.seen = []  # (operation, cookie, SOAPAction, body) of each request
        self.answers = {
            "RetrieveServiceContent": [content()],
            "Login": [USER_SESSION],
            "Logout": [""],
            "CurrentTime": [NOW],
        }

    @property
    def port(self):
        return self.server_address[1]

    @property
    def operations(self):
        return [operation for operation, *_ in self.seen]

    def finish_request(self, request, client_address):
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True)
        self.open.append(request)
        with request:
            super().finish_request(request, client_address)

    def hang_up(self):
        """Close every connection from this side, as a host does with those that are idle for long."""
        for request in self.open:
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        """Say nothing: a client that hangs up is what many tests are about."""


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece, not in two with a delay between them

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        operation = re.search(r"<soapenv:Body>\s*<(\w+)", body)[1]
        self.server.seen.append((operation, self.headers["Cookie"], self.headers["SOAPAction"], body))
        left = self.server.answers.get(operation, [Fault("NotSupported")])
        answer = left.pop(0) if len(left) > 1 else left[0]
        if callable(answer):
            answer = answer(body)
        if answer is CLOSE:
            self.close_connection = True
        elif isinstance(answer, Http):
            self.answer(answer.status, answer.body)
        elif isinstance(answer, Fault):
            self.answer(500, ENVELOPE.format(answer.xml()))
        else:
            cookie = self.cookie() if operation == "Login" else None
            self.answer(
                200,
                ENVELOPE.format(f'<{operation}Response xmlns="urn:vim25">{answer}</{operation}Response>'),
                cookie,
            )

    def cookie(self):
        self.server.sessions += 1
        return f'vmware_soap_session="s{self.server.sessions}"; Path=/; HttpOnly; Secure;'

    def answer(self, status, text, cookie=None):
        body = text.encode(errors="surrogateescape")
        self.send_response(status)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Certificate:
    """A key and a certificate in PEM files; with ``issuer`` it is signed by that one, else by itself."""

    def __init__(self, path, name="localhost", issuer=None, days=1, key_identifiers=True):
        self.key = ec.generate_private_key(ec.SECP256R1())
        now = dt.datetime.now(dt.UTC)
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.made.subject if issuer else subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=9))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=not issuer, path_length=None), critical=True)
        )
        if not issuer:
            usage = {word: word in {"key_cert_sign", "crl_sign", "digital_signature"} for word in _USAGES}
            built = built.add_extension(x509.KeyUsage(**usage), critical=True)
        signer = issuer.key if issuer else self.key
        if key_identifiers:
            own = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
            built = built.add_extension(own, critical=False)
            authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
            built = built.add_extension(authority, critical=False)
        self.made = built.sign(signer, hashes.SHA256())
        self.pem = path / f"{self.made.serial_number}.pem"
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.pem.write_bytes(key + self.made.public_bytes(serialization.Encoding.PEM))

    @property
    def sha256(self):
        return self.made.fingerprint(hashes.SHA256()).hex(":").upper()

    def server(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        return context


_USAGES = list(inspect.signature(x509.KeyUsage).parameters)
