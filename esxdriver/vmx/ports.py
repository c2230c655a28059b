"""Serial and parallel ports, host PCI devices: the values that VMX spreads over keys or spells its own way."""

import re
from typing import ClassVar

from esxdriver.conf.devices.chardev import Endpoint
from esxdriver.conf.mapping.fields import InvalidValueError
from esxdriver.vmx.surface import VmxSurface


class PortSurface(VmxSurface):
    """The keys of one serial or parallel port."""

    def backing(self) -> str:
        """Return libvirt's type; a network without an address that can be reached leads nowhere."""
        value = self.get("fileType") or "device"
        if value.lower() != "network":
            return value
        return value if Endpoint.parse(self.get("fileName") or "") else "null"

    def set_backing(self, value: str) -> None:
        """Write the type, and what ESX wants said of it."""
        self.put("fileType", "network" if value == "null" else value)
        if value == "null":
            self.put("fileName", "")
        if self.prefix.startswith("serial"):
            self.turn_on("yieldOnMsrRead")
            if value == "pipe":
                self.put("pipe.endPoint", "client")
                self.turn_off("tryNoRxLoss")

    def direction(self) -> str:
        """Return which end of a connection this is; a server, where nothing is said."""
        return (self.get("network.endPoint") or "server").lower()

    def set_direction(self, value: str) -> None:
        """Write which end of a connection this is."""
        self.put("network.endPoint", value)

    def proxy(self) -> str | None:
        """Return the proxy of a serial port on a network."""
        return self.get("vspc") if self._is("network") else None

    def set_proxy(self, value: str) -> None:
        """Write the proxy of a serial port."""
        self.put("vspc", value)

    def pipe_end(self) -> str | None:
        """Return which end of a pipe a serial port is."""
        return self.get("pipe.endPoint") if self._is("pipe") else None

    def set_pipe_end(self, value: str) -> None:
        """Write which end of a pipe a serial port is."""
        self.put("pipe.endPoint", value)

    def _is(self, kind: str) -> bool:
        return self.prefix.startswith("serial") and (self.get("fileType") or "").lower() == kind

    readers: ClassVar = {"@backing": backing, "@direction": direction, "@proxy": proxy, "@pipeEnd": pipe_end}
    writers: ClassVar = {
        "@backing": set_backing, "@direction": set_direction, "@proxy": set_proxy, "@pipeEnd": set_pipe_end,
    }  # fmt: skip


_PCI = re.compile(r"(?:([0-9a-f]{1,5}):)?([0-9a-f]{1,3}):([0-9a-f]{1,2})\.([0-7])", re.IGNORECASE)


class PciSurface(VmxSurface):
    """The keys of one PCI device of the host.

    ESX 6.5 and later write its address in decimal, ``00000:013:00.0``; vSphere and libvirt, and people who write a
    VMX by hand, in hexadecimal: ``0000:0d:00.0``, ``0d:00.0``.
    """

    def address(self) -> str:
        """Return the address in hexadecimal; raise InvalidValueError when it is none."""
        value = self.get("id") or ""
        match = _PCI.fullmatch(value)
        if match is None:
            raise InvalidValueError("id", value)
        decimal = len(match[2]) == 3 or len(match[1] or "0000") != 4
        try:
            domain, bus, slot = (int(part or "0", 10 if decimal else 16) for part in match.group(1, 2, 3))
        except ValueError:
            raise InvalidValueError("id", value) from None
        return f"{domain:04x}:{bus & 0xFF:02x}:{slot & 0x1F:02x}.{match[4]}"

    def set_address(self, value: str) -> None:
        """Write the address in decimal."""
        domain, bus, slot = (int(part, 16) for part in re.split("[:.]", value)[:3])
        self.put("id", f"{domain:05d}:{bus:03d}:{slot:02d}.{value[-1]}")

    readers: ClassVar = {"@address": address}
    writers: ClassVar = {"@address": set_address}
