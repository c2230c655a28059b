"""Network interfaces.

| libvirt                  | vSphere                          | VMX                                   |
|--------------------------|----------------------------------|---------------------------------------|
| ``type=``                | class of ``backing``             | ``connectionType``                    |
| ``source/@bridge``       | ``backing.deviceName``           | ``networkName``                       |
| ``source/@switchid`` ... | ``backing.port``                 | ``dvs.*``                             |
| ``model/@type``          | class of the device              | ``virtualDev``, ``features``          |
| ``link/@state``          | ``connectable.startConnected``   | ``startConnected``                    |
| ``mac``                  | ``macAddress``, ``addressType``  | ``address``, ``generatedAddress``     |
"""

import re
from dataclasses import dataclass, field

from esxdriver.conf.devices.pci import PCI, PciSlot
from esxdriver.conf.mapping.codecs import ANY_NUMBER, POSITIVE, TEXT, YES_NO, Switch
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.conf.mapping.fields import At, InvalidValueError, Surface, UnsupportedValueError, fact
from esxdriver.conf.mapping.identity import SWITCH_ID


class Network(MappedEnum):
    """What an interface is connected to.

    libvirt has no word for an NSX opaque network: it is a ``null`` interface whose network ``<metadata>`` names.
    """

    BRIDGE = "bridge", "VirtualEthernetCardNetworkBackingInfo", "bridged"
    VDS = "vds", "VirtualEthernetCardDistributedVirtualPortBackingInfo", "vds"
    USER = "user", "VirtualEthernetCardLegacyNetworkBackingInfo", "nat"
    NULL = "null", None, "none"
    OPAQUE = "null", "VirtualEthernetCardOpaqueNetworkBackingInfo", "opaque"

    def __init__(self, xml: str, vim: str | None, vmx: str) -> None:
        self.xml = xml
        self.vim = vim
        self.vmx = vmx
        self.is_bridge = xml == "bridge"
        self.has_name = xml in ("bridge", "user")


class _NetworkCodec:
    """``type=``, which opaque and null networks share."""

    def read(self, surface: Surface, path: str) -> Network | None:
        if surface.kind != "xml":
            return Network.read(surface, path) or Network.NULL
        if surface.get(path) == "network":
            raise UnsupportedValueError(
                "interface/@type 'network': name the port group, type='bridge' and <source bridge=...>"
            )
        network = Network.read(surface, path)
        opaque = network is Network.NULL and surface.get("meta:@opaqueNetworkId")
        return Network.OPAQUE if opaque else network

    def write(self, surface: Surface, path: str, value: Network) -> None:
        Network.write(surface, path, value)


class NicModel(MappedEnum):
    """The card a guest sees. ``vmxnet2`` is vSphere's enhanced vmxnet; VMX says ``vmxnet`` with ``features``."""

    VLANCE = "vlance", "VirtualPCNet32", "vlance"
    VMXNET = "vmxnet", "VirtualVmxnet", "vmxnet"
    VMXNET2 = "vmxnet2", "VirtualVmxnet2", "vmxnet2"
    VMXNET3 = "vmxnet3", "VirtualVmxnet3", "vmxnet3"
    E1000 = "e1000", "VirtualE1000", "e1000"
    E1000E = "e1000e", "VirtualE1000e", "e1000e"
    SRIOV = "sriov", "VirtualSriovEthernetCard", "sriov"
    VMXNET3_RDMA = "vmxnet3vrdma", "VirtualVmxnet3Vrdma", "vrdma"

    def __init__(self, xml: str, vim: str, vmx: str) -> None:
        self.xml = xml
        self.vim = vim
        self.vmx = vmx


class MacType(MappedEnum):
    """Who chose a MAC address: the user, the host (00:0c:29) or vCenter (00:50:56:80 to bf)."""

    STATIC = "static", "manual", "static"
    GENERATED = "generated", "generated", "generated"
    ASSIGNED = "generated", "assigned", "vpx"

    def __init__(self, xml: str, vim: str, vmx: str) -> None:
        self.xml = xml
        self.vim = vim
        self.vmx = vmx

    @classmethod
    def of_address(cls, mac: str) -> "MacType":
        """Return who chooses addresses with the prefix of ``mac``.

        Source: vSphere's MAC address ranges: 00:0c:29 a host's, 00:50:56:80 to bf vCenter's.
        """
        if mac.startswith("00:0c:29"):
            return cls.GENERATED
        return cls.ASSIGNED if "00:50:56:80" <= mac[:11] <= "00:50:56:bf" else cls.STATIC


# Where a card's address stands.
_ADDRESSES = {"xml": "mac/@address", "vim": "macAddress", "vmx": "@mac"}


def _has_address(surface: Surface) -> bool:
    """Whether a card has an address yet: libvirt's ``<mac>``, which says more of it, cannot be without."""
    try:
        return MAC.read(surface, _ADDRESSES[surface.kind]) is not None
    except InvalidValueError:
        return False


class _MacTypeCodec:
    """XML has one value for the host's and vCenter's addresses: the address tells them apart."""

    def read(self, surface: Surface, path: str) -> MacType | None:
        found = MacType.read(surface, path)
        if found is None or not _has_address(surface):
            return None
        return MacType.STATIC if found is MacType.STATIC else MacType.GENERATED

    def write(self, surface: Surface, path: str, value: MacType) -> None:
        if surface.kind == "xml" and not _has_address(surface):
            return
        mac = str(surface.get("macAddress") or "").lower()
        chosen = MacType.of_address(mac) if surface.kind == "vim" and value is MacType.GENERATED else value
        MacType.write(surface, path, chosen)


class _MacCheck:
    """Whether the host looks if a static address is in VMware's range."""

    def read(self, surface: Surface, path: str) -> bool | None:
        return YES_NO.read(surface, path) if _has_address(surface) else None

    def write(self, surface: Surface, path: str, value: bool) -> None:
        if surface.kind != "xml" or _has_address(surface):
            YES_NO.write(surface, path, value)


class _Link:
    """``<link state=>``: whether the card is plugged in. Where it is, a dump says nothing of it, as libvirt's."""

    _SWITCH = Switch(yes="up", no="down", vmx=(None, False), vim=(True, False))

    def read(self, surface: Surface, path: str) -> bool | None:
        if surface.kind == "xml":
            return self._SWITCH.read(surface, path)
        return False if str(surface.get(path)).lower() == "false" else None

    def write(self, surface: Surface, path: str, value: bool) -> None:
        if surface.kind != "xml" or not value:
            self._SWITCH.write(surface, path, value)


class _PortKey:
    """A port of a distributed switch: a number, for which libvirt's XML has a place, or NSX's own UUID."""

    _OTHER = "meta:@portKey"  # <metadata> knows a card by its address

    def read(self, surface: Surface, path: str) -> str | None:
        found = TEXT.read(surface, path)
        return found or (TEXT.read(surface, self._OTHER) if surface.kind == "xml" else None)

    def write(self, surface: Surface, path: str, value: str) -> None:
        foreign = surface.kind == "xml" and not re.fullmatch(r"-?\d{1,18}", value) and _has_address(surface)
        surface.put(self._OTHER if foreign else path, value)


class _Target:
    """The name of an interface on its host: of a running domain's it is the driver's own, and nothing to define."""

    _OWN = re.compile(r"nic\d+")

    def read(self, surface: Surface, path: str) -> str | None:
        found = TEXT.read(surface, path)
        return None if found is not None and surface.kind == "xml" and self._OWN.fullmatch(found) else found

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


class _Mac:
    """A MAC address in libvirt's form: lower case, colons."""

    verbatim = True

    def read(self, surface: Surface, path: str) -> str | None:
        value = TEXT.read(surface, path)
        if value is None:
            return None
        parts = value.lower().replace("-", ":").split(":")
        if len(parts) != 6 or not all(_is_octet(part) for part in parts):
            raise InvalidValueError("interface/mac/@address", value)
        return ":".join(part.zfill(2) for part in parts)

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


MAC = _Mac()


def _is_octet(part: str) -> bool:
    return 1 <= len(part) <= 2 and all(digit in "0123456789abcdef" for digit in part)


@dataclass(frozen=True, kw_only=True)
class InterfaceDef:
    """A network interface. Without a MAC address the host chooses one, without a model the host's default."""

    network: Network = fact(_NetworkCodec(), xml="@type", vim="backing@class", vmx="@network")
    mac: str | None = fact(MAC, xml="mac/@address", vim="macAddress", vmx="@mac", default=None)
    mac_type: MacType | None = fact(_MacTypeCodec(), xml="mac/@type", vim="addressType", vmx="@macType", default=None)
    mac_check: bool | None = fact(
        _MacCheck(), xml="mac/@check", vim="extra:checkMACAddress", vmx="checkMACAddress", default=None
    )
    source: str | None = fact(
        TEXT,
        xml="source/@bridge",
        vim=At("backing.deviceName", where="network.has_name"),
        vmx="@source",
        where="network.is_bridge",
        default=None,
    )
    switch: str | None = fact(
        SWITCH_ID, xml="source/@switchid", vim="backing.port.switchUuid", vmx="dvs.switchId", default=None
    )
    port: str | None = fact(
        _PortKey(), xml="source/@portid", vim="backing.port.portKey", vmx="dvs.portId", default=None
    )
    portgroup: str | None = fact(
        TEXT, xml="source/@portgroupid", vim="backing.port.portgroupKey", vmx="dvs.portgroupId", default=None
    )
    connection: int | None = fact(
        ANY_NUMBER, xml="source/@connectionid", vim="backing.port.connectionCookie", vmx="dvs.connectionId",
        default=None,
    )  # fmt: skip
    target: str | None = fact(_Target(), xml="target/@dev", vmx="@vnet", default=None)
    link: bool | None = fact(
        _Link(), xml="link/@state", vim="connectable.startConnected", vmx="startConnected", default=None
    )
    model: NicModel | None = fact(NicModel, xml="model/@type", vim="@class", vmx="@model", default=None)
    boot_order: int | None = fact(POSITIVE, xml="boot/@order", vim="@boot", default=None)
    opaque_id: str | None = fact(
        TEXT, xml="meta:@opaqueNetworkId", vim="backing.opaqueNetworkId", vmx="@opaqueId", default=None
    )
    opaque_type: str | None = fact(
        TEXT, xml="meta:@opaqueNetworkType", vim="backing.opaqueNetworkType", vmx="@opaqueType",
        default=None,
    )  # fmt: skip
    pci: PciSlot | None = fact(PCI, xml="address", vim="slotInfo.pciSlotNumber", vmx="pciSlotNumber", default=None)

    # What a machine's card is called where it is asked about: the target in the XML of a running domain.
    name: str | None = field(default=None, compare=False)

    @property
    def vim_class(self) -> str | None:
        """VSphere's class, None where the document leaves it open."""
        return str(self.model.vim) if self.model else None

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"interface '{self.mac or self.source or self.network.xml}'"
