"""Network interfaces in VMX: what several keys say of a network, a card and an address.

| VMX                                     | libvirt                                 |
|-----------------------------------------|-----------------------------------------|
| ``dvs.switchId``                        | ``type='vds'``                          |
| ``connectionType`` nat                  | ``type='user'``                         |
| bridged, custom, or a ``networkName``   | ``type='bridge'``; VMnet0 without a name |
| custom without a ``networkName``        | ``type='bridge'`` to its ``vnet``        |
| hostonly                                | ``type='bridge'`` to VMnet1             |
| ``opaqueNetwork.id`` and no name        | ``type='null'`` and ``<metadata>``      |
| none of these                           | ``type='null'``                         |
"""

from typing import ClassVar

from esxdriver.conf.devices.interface import NicModel
from esxdriver.conf.devices.mac_address import MAC, MacType
from esxdriver.conf.mapping.fields import InvalidValueError
from esxdriver.vmx.surface import VmxSurface
from esxdriver.vmx.text import Keys

# VMware's names of its hosted products' networks, which need no name in a VMX file.
_BRIDGED, _HOST_ONLY = "VMnet0", "VMnet1"
_NAMELESS = {"bridged": _BRIDGED, "custom": _BRIDGED}
_VMXNET2_FEATURES = "15"
_BYPASS = "BYPASS"


class InterfaceSurface(VmxSurface):
    """The keys of one network interface."""

    # What its keys are called where the name is not the same for an SR-IOV card.
    ADDRESS, TYPE, GENERATED, OFFSET = "address", "addressType", "generatedAddress", "generatedAddressOffset"

    def _connection(self) -> str:
        return (self.get("connectionType") or "").lower()

    def opaque_id(self) -> str | None:
        """Return the opaque network's ID; XML keeps it in ``<metadata>`` under the MAC address, so not without one."""
        value = self.get("opaqueNetwork.id")
        return value if value and self._has_mac() else None

    def set_opaque_id(self, value: str | None) -> None:
        """Write the opaque network's ID."""
        self.put("opaqueNetwork.id", value)

    def opaque_type(self) -> str | None:
        """Return the opaque network's type, as its ID."""
        value = self.get("opaqueNetwork.type")
        return value if value and self._has_mac() else None

    def set_opaque_type(self, value: str | None) -> None:
        """Write the opaque network's type."""
        self.put("opaqueNetwork.type", value)

    def _has_mac(self) -> bool:
        try:
            return MAC.read(self, "@mac") is not None
        except InvalidValueError:
            return False

    def network(self) -> str | None:
        """Return the value of the table in :class:`~esxdriver.conf.devices.interface.Network`."""
        connection = self._connection()
        if self.get("dvs.switchId") or (self.get("dvs.portgroupId") and not self.get("networkName")):
            return "vds"
        if connection == "nat":
            return "nat"
        if self.get("networkName") or connection in ("bridged", "custom", "hostonly"):
            return "none" if connection == "none" else "bridged"
        return "opaque" if self.opaque_id() else "none"

    def set_network(self, value: str) -> None:
        """Write the kind of network; ESX needs no value for a switch's port, nor for no network at all."""
        self.put("connectionType", value if value in ("bridged", "nat") else None)

    def source(self) -> str | None:
        """Return the network's name."""
        connection = self._connection()
        if connection == "hostonly":
            return _HOST_ONLY
        custom = self.vnet() if connection == "custom" else None
        return self.get("networkName") or custom or _NAMELESS.get(connection)

    def set_source(self, name: str | None) -> None:
        """Write the network's name."""
        self.put("networkName", name)

    def vnet(self) -> str | None:
        """Return the hosted product's network device."""
        return self.get("vnet")

    def set_vnet(self, name: str | None) -> None:
        """Write the hosted product's network device; a bridge that has one is ``custom``."""
        self.put("vnet", name)
        if name and self._connection() == "bridged":
            self.put("connectionType", "custom")

    def model(self) -> str | None:
        """Return the card: VMX's vmxnet2 is a vmxnet with features.

        Raises InvalidValueError for SR-IOV's, which are no ``ethernetN``.
        """
        value = self.get("virtualDev")
        if value and value.lower() == NicModel.SRIOV.vmx:
            raise InvalidValueError("virtualDev", value)
        enhanced = value and value.lower() == "vmxnet" and self.get("features") == _VMXNET2_FEATURES
        return NicModel.VMXNET2.vmx if enhanced else value

    def set_model(self, value: str) -> None:
        """Write the card."""
        enhanced = value == NicModel.VMXNET2.vmx
        self.put("virtualDev", NicModel.VMXNET.vmx if enhanced else value)
        self.put("features", _VMXNET2_FEATURES if enhanced else None)

    def mac(self) -> str | None:
        """Return the address that counts for the address's type."""
        static = (self.get(self.TYPE) or "").lower() == MacType.STATIC.vmx
        return self.get(self.ADDRESS if static else self.GENERATED)

    def set_mac(self, address: str) -> None:
        """Write an address of which nothing more is said: its prefix tells who chose it."""
        chosen = MacType.of_address(address)
        self._put_mac(address, chosen)
        # ESX refuses a static address out of VMware's range unless the card says not to look.
        if chosen is MacType.STATIC and not _is_vmwares(address):
            self.turn_off("checkMACAddress")

    def mac_type(self) -> str | None:
        """Return who chose the address; the host, where an address stands and nothing sensible is said of it."""
        value = self.get(self.TYPE)
        if value and MacType.of("vmx", value):
            return value
        return MacType.GENERATED.vmx if self.mac() else None

    def set_mac_type(self, value: str) -> None:
        """Write who chose the address; libvirt's ``generated`` is vCenter's, too."""
        address = self.get(self.ADDRESS) or self.get(self.GENERATED)
        self.put("checkMACAddress", None)
        if not address:
            self.put(self.TYPE, value)
        elif value == MacType.STATIC.vmx:
            self._put_mac(address, MacType.STATIC)
        elif MacType.of_address(address) is MacType.STATIC:
            self._put_mac(address, MacType.GENERATED)

    def _put_mac(self, address: str, chosen: MacType) -> None:
        static = chosen is MacType.STATIC
        self.put(self.TYPE, chosen.vmx)
        self.put(self.ADDRESS, address if static else None)
        self.put(self.GENERATED, None if static else address)
        self.put(self.OFFSET, "0" if chosen is MacType.GENERATED else None)

    readers: ClassVar = {
        "@network": network, "@source": source, "@vnet": vnet, "@model": model, "@mac": mac, "@macType": mac_type,
        "@opaqueId": opaque_id, "@opaqueType": opaque_type,
    }  # fmt: skip
    writers: ClassVar = {
        "@network": set_network, "@source": set_source, "@vnet": set_vnet, "@model": set_model, "@mac": set_mac,
        "@macType": set_mac_type, "@opaqueId": set_opaque_id, "@opaqueType": set_opaque_type,
    }  # fmt: skip


class SriovSurface(InterfaceSurface):
    """The keys of one SR-IOV card: a ``pciPassthruN`` that stands for any virtual function of ``pfId``.

    VMware numbers such cards from 31 downwards. Two of them may have the same address on the host, unlike hostdevs.
    """

    ADDRESS, TYPE = "MACAddress", "MACAddressType"
    GENERATED, OFFSET = "generatedMACAddress", "generatedMACAddressOffset"

    def set_network(self, value: str) -> None:
        """Write nothing: such a card has a network's name and no kind of network."""

    def model(self) -> str:
        """Return the card, which its prefix has named already."""
        return NicModel.SRIOV.vmx

    def set_model(self, value: str) -> None:
        """Write what tells such a card from a host's device that is passed through."""
        self.put("deviceId", "0")
        self.put("vendorId", "0")
        self.put("systemId", _BYPASS)

    readers: ClassVar = {**InterfaceSurface.readers, "@model": model}
    writers: ClassVar = {**InterfaceSurface.writers, "@model": set_model, "@network": set_network}


def is_sriov(keys: Keys, number: int) -> bool:
    """Whether a ``pciPassthruN`` is an SR-IOV card."""
    return keys.values.get(f"pcipassthru{number}.systemid", "").upper() == _BYPASS


def _is_vmwares(mac: str) -> bool:
    """Whether an address is in VMware's range for static ones, 00:50:56:00 to 3f."""
    return mac.startswith("00:50:56:") and mac[9:11] <= "3f"
