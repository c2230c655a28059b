"""Network interfaces.

| libvirt                  | vSphere                          | VMX                                   |
|--------------------------|----------------------------------|---------------------------------------|
| ``type=``                | class of ``backing``             | ``connectionType``                    |
| ``source/@bridge``       | ``backing.deviceName``           | ``networkName``                       |
| ``source/@network``, ``@portgroup`` | becomes one of the others |                                |
| ``source/@switchid`` ... | ``backing.port``                 | ``dvs.*``                             |
| ``model/@type``          | class of the device              | ``virtualDev``, ``features``          |
| ``link/@state``          | ``connectable.startConnected``   | ``startConnected``                    |
| ``mac``                  | ``macAddress``, ``addressType``  | ``address``, ``generatedAddress``     |
"""

import re
from dataclasses import dataclass, field

from esxdriver.conf.devices.mac_address import MacType, has_address, mac_address, mac_check, mac_type
from esxdriver.conf.devices.pci import PciSlot, pci_slot
from esxdriver.conf.mapping.codecs import ANY_NUMBER, POSITIVE, TEXT, Switch
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.conf.mapping.fields import At, Surface, fact
from esxdriver.conf.mapping.identity import PAIRED_SWITCH_ID, SWITCH_ID


class Network(MappedEnum):
    """What an interface is connected to.

    libvirt has no word for an NSX opaque network: it is a ``null`` interface whose network ``<metadata>`` names.
    VIRTUAL is what a document may say: a switch and a port group by libvirt's names, which whoever knows the host's
    networks makes a BRIDGE or VDS of.
    """

    BRIDGE = "bridge", "VirtualEthernetCardNetworkBackingInfo", "bridged"
    VDS = "vds", "VirtualEthernetCardDistributedVirtualPortBackingInfo", "vds"
    USER = "user", "VirtualEthernetCardLegacyNetworkBackingInfo", "nat"
    NULL = "null", None, "none"
    OPAQUE = "null", "VirtualEthernetCardOpaqueNetworkBackingInfo", "opaque"
    VIRTUAL = "network", None, None

    def __init__(self, xml: str, vim: str | None, vmx: str | None) -> None:
        self.xml = xml
        self.vim = vim
        self.vmx = vmx
        self.is_bridge = xml == "bridge"
        self.is_vds = xml == "vds"
        self.is_virtual = xml == "network"
        self.has_name = xml in ("bridge", "user")


class _NetworkOfDevice:
    """What a card of vSphere or VMX is connected to: without a backing, nothing."""

    def read(self, surface: Surface, path: str) -> Network | None:
        return Network.read(surface, path) or Network.NULL

    def write(self, surface: Surface, path: str, value: Network) -> None:
        Network.write(surface, path, value)


class _NetworkXML:
    """``type=``, which opaque and null networks share."""

    def read(self, surface: Surface, path: str) -> Network | None:
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


class _Link:
    """Whether a card is plugged in; where it is, nothing is said of it."""

    def read(self, surface: Surface, path: str) -> bool | None:
        return False if str(surface.get(path)).lower() == "false" else None

    def write(self, surface: Surface, path: str, value: bool) -> None:
        _LINK.write(surface, path, value)


class _LinkXML:
    """``<link state=>``, of which a dump says nothing where the card is plugged in, as libvirt's."""

    def read(self, surface: Surface, path: str) -> bool | None:
        return _LINK.read(surface, path)

    def write(self, surface: Surface, path: str, value: bool) -> None:
        if not value:
            _LINK.write(surface, path, value)


_LINK = Switch(yes="up", no="down", vmx=(None, False), vim=(True, False))


class _PortXML:
    """A port of a distributed switch: a number, for which libvirt's XML has a place, or NSX's own UUID."""

    _OTHER = "meta:@portKey"  # <metadata> knows a card by its address

    def read(self, surface: Surface, path: str) -> str | None:
        return TEXT.read(surface, path) or TEXT.read(surface, self._OTHER)

    def write(self, surface: Surface, path: str, value: str) -> None:
        foreign = not re.fullmatch(r"-?\d{1,18}", value) and has_address(surface)
        surface.put(self._OTHER if foreign else path, value)


class _TargetXML:
    """The name of an interface on its host: of a running domain's it is the driver's own, and nothing to define."""

    _OWN = re.compile(r"nic\d+")

    def read(self, surface: Surface, path: str) -> str | None:
        found = TEXT.read(surface, path)
        return None if found is not None and self._OWN.fullmatch(found) else found

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


@dataclass(frozen=True, kw_only=True)
class InterfaceDef:
    """A network interface. Without a MAC address the host chooses one, without a model the host's default."""

    network: Network = fact(
        _NetworkOfDevice(), xml=At("@type", codec=_NetworkXML()), vim="backing@class", vmx="@network"
    )
    mac: str | None = mac_address()
    mac_type: MacType | None = mac_type()
    mac_check: bool | None = mac_check()
    source: str | None = fact(
        TEXT,
        xml="source/@bridge",
        vim=At("backing.deviceName", where="network.has_name"),
        vmx="@source",
        where="network.is_bridge",
        default=None,
    )
    virtual_network: str | None = fact(TEXT, xml="source/@network", where="network.is_virtual", default=None)
    virtual_portgroup: str | None = fact(TEXT, xml="source/@portgroup", where="network.is_virtual", default=None)
    switch: str | None = fact(
        PAIRED_SWITCH_ID, xml=At("source/@switchid", codec=SWITCH_ID), vim="backing.port.switchUuid",
        vmx="dvs.switchId", where="network.is_vds", default=None,
    )  # fmt: skip
    port: str | None = fact(
        TEXT, xml=At("source/@portid", codec=_PortXML()), vim="backing.port.portKey", vmx="dvs.portId",
        where="network.is_vds", default=None,
    )  # fmt: skip
    portgroup: str | None = fact(
        TEXT, xml="source/@portgroupid", vim="backing.port.portgroupKey", vmx="dvs.portgroupId",
        where="network.is_vds", default=None,
    )  # fmt: skip
    connection: int | None = fact(
        ANY_NUMBER, xml="source/@connectionid", vim="backing.port.connectionCookie", vmx="dvs.connectionId",
        where="network.is_vds", default=None,
    )  # fmt: skip
    target: str | None = fact(TEXT, xml=At("target/@dev", codec=_TargetXML()), vmx="@vnet", default=None)
    link: bool | None = fact(
        _Link(), xml=At("link/@state", codec=_LinkXML()), vim="connectable.startConnected", vmx="startConnected",
        default=None,
    )  # fmt: skip
    model: NicModel | None = fact(NicModel, xml="model/@type", vim="@class", vmx="@model", default=None)
    boot_order: int | None = fact(POSITIVE, xml="boot/@order", vim="@boot", default=None)
    opaque_id: str | None = fact(
        TEXT, xml="meta:@opaqueNetworkId", vim="backing.opaqueNetworkId", vmx="@opaqueId", default=None
    )
    opaque_type: str | None = fact(
        TEXT, xml="meta:@opaqueNetworkType", vim="backing.opaqueNetworkType", vmx="@opaqueType",
        default=None,
    )  # fmt: skip
    pci: PciSlot | None = pci_slot()

    # What a machine's card is called where it is asked about: the target in the XML of a running domain.
    name: str | None = field(default=None, compare=False)

    @property
    def vim_class(self) -> str | None:
        """The class that vSphere gives it, None where the document leaves it open."""
        return str(self.model.vim) if self.model else None

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"interface '{self.mac or self.source or self.virtual_network or self.network.xml}'"
