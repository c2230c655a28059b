"""Serial and parallel ports.

| libvirt            | vSphere backing           | VMX ``fileType`` |
|--------------------|---------------------------|------------------|
| ``dev``            | Device: ``deviceName``    | device           |
| ``file``           | File: ``fileName``        | file             |
| ``pipe``           | Pipe: ``pipeName``        | pipe             |
| ``tcp``            | URI: ``serviceURI``       | network          |
| ``null``           | URI without a port        | network          |
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from esxdriver.conf.mapping.codecs import NUMBER, TEXT, Switch
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.conf.mapping.fields import At, InvalidValueError, Surface, fact


class CharBacking(MappedEnum):
    """What a port leads to. vSphere's class is that of the port followed by ``suffix``."""

    DEV = "dev", "DeviceBackingInfo", "device"
    FILE = "file", "FileBackingInfo", "file"
    PIPE = "pipe", "PipeBackingInfo", "pipe"
    TCP = "tcp", "URIBackingInfo", "network"
    NULL = "null", "URIBackingInfo", "null"

    def __init__(self, xml: str, suffix: str, vmx: str) -> None:
        self.xml = xml
        self.suffix = suffix
        self.vmx = vmx
        self.is_device, self.is_file, self.is_pipe = xml == "dev", xml == "file", xml == "pipe"
        self.is_tcp = xml == "tcp"
        self.has_path = self.is_device or self.is_file or self.is_pipe


class _BackingClass:
    """What a port leads to as vSphere has it: a class that begins with the port's own."""

    def read(self, surface: Surface, path: str) -> CharBacking | None:
        name = str(surface.get(path))
        found = next((row for row in CharBacking if name.endswith(row.suffix)), None)
        if found is None or name.endswith("ThinPrintBackingInfo"):
            raise InvalidValueError(path, name)
        reachable = found is not CharBacking.TCP or Endpoint.parse(surface.get("backing.serviceURI") or "")
        return found if reachable else CharBacking.NULL

    def write(self, surface: Surface, path: str, value: CharBacking) -> None:
        surface.put(path, f"{surface.get('@class')}{value.suffix}")
        if value is CharBacking.NULL:  # of the same class as TCP, which an address tells apart
            surface.put("backing.serviceURI", "")


# libvirt's protocol types, and the schemes of VMX's and vSphere's URIs that mean them; the first is written.
_SCHEMES = {
    "raw": ("tcp", "tcp4", "tcp6"),
    "telnet": ("telnet",),
    "telnets": ("telnets",),
    "tls": ("ssl", "tcp+ssl", "tcp4+ssl", "tcp6+ssl"),
}
_URI = re.compile(r"(?P<scheme>[a-z0-9+]+)://(?P<host>\[[^\]]*\]|[^:/#]*):(?P<service>[^/#?]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Endpoint:
    """The network end of a serial port."""

    protocol: str
    host: str
    service: str

    @classmethod
    def parse(cls, uri: str) -> "Endpoint | None":
        """Return the end that a service URI names, or None when it names no host with a port."""
        match = _URI.match(uri)
        if match is None:
            return None
        scheme = match["scheme"].lower()
        protocol = next((name for name, schemes in _SCHEMES.items() if scheme in schemes), None)
        return cls(protocol, match["host"].strip("[]"), match["service"]) if protocol else None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{_SCHEMES[self.protocol][0]}://{host}:{self.service}"


class _EndpointXML:
    """Three attributes: host, service and protocol."""

    def read(self, surface: Surface, _: str) -> Endpoint | None:
        protocol = surface.get("protocol/@type") or "raw"
        if protocol not in _SCHEMES:
            raise InvalidValueError("protocol/@type", protocol, _SCHEMES)
        service = surface.get("source/@service")
        if not service:
            raise InvalidValueError("source/@service", "")
        return Endpoint(protocol, surface.get("source/@host") or "", service)

    def write(self, surface: Surface, _: str, value: Endpoint) -> None:
        surface.put("source/@host", value.host)
        surface.put("source/@service", value.service)
        surface.put("protocol/@type", value.protocol)


class _EndpointURI:
    """A URI, as vSphere and VMX have it."""

    def read(self, surface: Surface, path: str) -> Endpoint | None:
        return Endpoint.parse(surface.get(path) or "")

    def write(self, surface: Surface, path: str, value: Endpoint) -> None:
        surface.put(path, str(value))


_LISTENS = Switch(yes="bind", no="connect", vmx=("server", "client"), vim=("server", "client"))


@dataclass(frozen=True, kw_only=True)
class ChardevDef:
    """A serial or parallel port; ``port`` counts from 0 in the order of the devices."""

    backing: CharBacking = fact(
        CharBacking, xml="@type", vim=At("backing@class", codec=_BackingClass()), vmx="@backing"
    )
    listens: bool = fact(
        _LISTENS, xml="source/@mode", vim="backing.direction", vmx="@direction", where="backing.is_tcp", default=False
    )
    endpoint: Endpoint | None = fact(
        _EndpointURI(), xml=At("source", codec=_EndpointXML()), vim="backing.serviceURI", vmx="fileName",
        where="backing.is_tcp", default=None,
    )  # fmt: skip
    path: str | None = fact(
        TEXT, xml="source/@path",
        vim=(
            At("backing.deviceName", where="backing.is_device"), At("backing.fileName", where="backing.is_file"),
            At("backing.pipeName", where="backing.is_pipe"),
        ),
        vmx=(At("file:fileName", where="backing.is_file"), At("fileName")),
        where="backing.has_path", default=None,
    )  # fmt: skip
    proxy: str | None = fact(TEXT, xml="meta:@proxyURI", vim="backing.proxyURI", vmx="@proxy", default=None)
    pipe_end: str | None = fact(TEXT, xml="meta:@endpoint", vim="backing.endpoint", vmx="@pipeEnd", default=None)
    port: int | None = fact(NUMBER, xml="target/@port", default=None)

    KIND: ClassVar[str]

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"{self.KIND} port {self.port}"


@dataclass(frozen=True, kw_only=True)
class SerialDef(ChardevDef):
    """A serial port; a domain has at most :data:`MOST`."""

    KIND: ClassVar[str] = "serial"
    MOST: ClassVar[int] = 32
    vim_class: ClassVar[str] = "VirtualSerialPort"


@dataclass(frozen=True, kw_only=True)
class ParallelDef(ChardevDef):
    """A parallel port; a domain has at most :data:`MOST`."""

    KIND: ClassVar[str] = "parallel"
    MOST: ClassVar[int] = 3
    vim_class: ClassVar[str] = "VirtualParallelPort"
