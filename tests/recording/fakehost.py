"""A host that is a table: operation -> answers, behind a connection without a socket."""

import email.message
import gzip
import http.client
import io
import re
from collections.abc import Callable
from xml.sax.saxutils import escape

from lxml import etree

SESSION_KEY = "52c1a6a4-9d1e-4c55-8a3f-1f1d0a5b6c7d"
PASSWORD = """S3cret&pw<1>"'"""
_NAMESPACES = (
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
)

Answer = str | Callable[[str], str]


def envelope(content, header=""):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope {_NAMESPACES}>{header}'
        f"<soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    )


def request(operation, arguments="", this="<_this type='Folder'>ha-folder-root</_this>", header=""):
    return envelope(f'<{operation} xmlns="urn:vim25">{this}{arguments}</{operation}>', header).encode()


def answer(operation, content=""):
    return envelope(f'<{operation}Response xmlns="urn:vim25">{content}</{operation}Response>')


def login(password=PASSWORD, user="root"):
    return request("Login", f"<userName>{user}</userName><password>{escape(password)}</password>")


def read(machine, *paths, name="RetrievePropertiesEx"):
    wanted = "".join(f"<pathSet>{path}</pathSet>" for path in paths)
    return request(
        name,
        f"<specSet><propSet><type>VirtualMachine</type>{wanted}</propSet>"
        f'<objectSet><obj type="VirtualMachine">{machine}</obj></objectSet></specSet>',
    )


def properties(machine, **values):
    sets = "".join(
        f'<propSet><name>{name.replace("__", ".")}</name><val xsi:type="xsd:string">{escape(value)}</val></propSet>'
        for name, value in values.items()
    )
    return answer(
        "RetrievePropertiesEx",
        f'<returnval><objects><obj type="VirtualMachine">{machine}</obj>{sets}</objects></returnval>',
    )


SESSION = (
    f"<returnval><key>{SESSION_KEY}</key><userName>root</userName><fullName>Administrator</fullName>"
    "<loginTime>2026-01-01T00:00:00Z</loginTime><lastActiveTime>2026-01-01T00:00:00Z</lastActiveTime>"
    "<locale>en</locale><messageLocale>en</messageLocale><ipAddress>10.9.8.7</ipAddress></returnval>"
)
CONTENT = (
    '<returnval><rootFolder type="Folder">ha-folder-root</rootFolder>'
    '<propertyCollector type="PropertyCollector">ha-property-collector</propertyCollector>'
    "<about><name>VMware ESXi</name><fullName>VMware ESXi 8.0.2</fullName><vendor>VMware</vendor>"
    "<version>8.0.2</version><build>23305546</build><osType>vmnix-x86</osType>"
    "<productLineId>embeddedEsx</productLineId><apiType>HostAgent</apiType><apiVersion>8.0.2.0</apiVersion></about>"
    '<sessionManager type="SessionManager">ha-sessionmgr</sessionManager></returnval>'
)


class FakeHost:
    """Answers each operation from its list, the last answer again and again; counts what it was asked."""

    def __init__(self, *, compressed=False, **answers):
        self.answers = {
            "Login": [answer("Login", SESSION)],
            "RetrieveServiceContent": [answer("RetrieveServiceContent", CONTENT)],
            **{name: list(given) if isinstance(given, list) else [given] for name, given in answers.items()},
        }
        self.asked = []
        self.compressed = compressed

    def connections(self):
        return lambda: _Connection(self)

    def reply(self, body):
        root = etree.fromstring(body)
        operation = etree.QName(root.find("{*}Body")[0]).localname
        self.asked.append(operation)
        answers = self.answers.get(operation, [answer(operation)])
        found = answers[0] if len(answers) == 1 else answers.pop(0)
        return found(body.decode()) if callable(found) else found


class _Connection(http.client.HTTPConnection):
    def __init__(self, host):
        super().__init__("fake")
        self.fake = host

    def request(self, method, url, body=None, headers=None, **_):
        self.pending = (method, url, body)

    def getresponse(self):
        method, url, body = self.pending
        content = self.fake.reply(body).encode() if body else self.fake.answers[f"{method} {url}"][0]
        return _Response(content, compressed=self.fake.compressed)


class _Response:
    status, reason = 200, "OK"

    def __init__(self, content, *, compressed):
        self.headers = self.msg = email.message.Message()
        self.headers["Content-Type"] = "text/xml; charset=utf-8"
        self.headers["Set-Cookie"] = f'vmware_soap_session="{SESSION_KEY}"; Path=/; HttpOnly; Secure'
        if compressed:
            self.headers["Content-Encoding"] = "gzip"
            content = gzip.compress(content)
        self.read = io.BytesIO(content).read

    def getheader(self, name, default=None):
        return self.headers.get(name, default)


def ask(connections, body, method="POST", url="/sdk"):
    """Send one request as a stub does, on a connection of its own."""
    connection = connections()
    connection.request(method, url, body, {"SOAPAction": '"urn:vim25/8.0.2.0"', "Cookie": "x=1"})
    response = connection.getresponse()
    content = response.read().decode()
    connection.close()
    return content


def value(content):
    """The first value, or the return value, in an answer; None when it has none."""
    found = re.search(r"<(?:val|returnval)\b[^>]*>([^<]*)</", content)
    return found and found[1]
