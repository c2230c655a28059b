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

from esxdriver.conf.devices.interface import MAC, MacType, NicModel
from esxdriver.conf.mapping.fields import InvalidValueError
from esxdriver.vmx.surface import VmxSurface

# VMware's names of its hosted products' networks, which need no name in a VMX file.
_BRIDGED, _HOST_ONLY = "VMnet0", "VMnet1"
_NAMELESS = {"bridged": _BRIDGED, "custom": _BRIDGED}
_VMXNET2_FEATURES = "15"


class InterfaceSurface(VmxSurface):
    """The keys of one network interface."""

    def _connection(self) -> str:
        return (self.get("connectionType") or "").lower()

    def opaque_id(self) -> str | None:
        """Return the opaque network's ID; XML keeps it in ``<metadata>`` under the MAC address, so not without one."""
        word = self.get("opaqueNetwork.id")
        return word if word and self._has_mac() else None

    def set_opaque_id(self, word: str | None) -> None:
        """Write the opaque network's ID."""
        self.put("opaqueNetwork.id", word)

    def opaque_type(self) -> str | None:
        """Return the opaque network's type, as its ID."""
        word = self.get("opaqueNetwork.type")
        return word if word and self._has_mac() else None

    def set_opaque_type(self, word: str | None) -> None:
        """Write the opaque network's type."""
        self.put("opaqueNetwork.type", word)

    def _has_mac(self) -> bool:
        try:
            return MAC.read(self, "@mac") is not None
        except InvalidValueError:
            return False

    def network(self) -> str | None:
        """Return the word of the table in :class:`~esxdriver.conf.devices.interface.Network`."""
        connection = self._connection()
        if self.get("dvs.switchId"):
            return "vds"
        if connection == "nat":
            return "nat"
        if self.get("networkName") or connection in ("bridged", "custom", "hostonly"):
            return "none" if connection == "none" else "bridged"
        return "opaque" if self.opaque_id() else "none"

    def set_network(self, word: str) -> None:
        """Write the kind of network; ESX needs no word for a switch's port, nor for no network at all."""
        self.put("connectionType", word if word in ("bridged", "nat") else None)

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
        """Return the card; VMX's vmxnet2 is a vmxnet with features."""
        word = self.get("virtualDev")
        enhanced = word and word.lower() == "vmxnet" and self.get("features") == _VMXNET2_FEATURES
        return NicModel.VMXNET2.vmx if enhanced else word

    def set_model(self, word: str) -> None:
        """Write the card."""
        enhanced = word == NicModel.VMXNET2.vmx
        self.put("virtualDev", NicModel.VMXNET.vmx if enhanced else word)
        self.put("features", _VMXNET2_FEATURES if enhanced else None)

    def mac(self) -> str | None:
        """Return the address that counts for the address's type."""
        static = (self.get("addressType") or "").lower() == MacType.STATIC.vmx
        return self.get("address" if static else "generatedAddress")

    def set_mac(self, address: str) -> None:
        """Write an address of which nothing more is said: its prefix tells who chose it."""
        chosen = MacType.of_address(address)
        self._put_mac(address, chosen)
        # ESX refuses a static address out of VMware's range unless it is told not to look.
        if chosen is MacType.STATIC and not _is_vmwares(address):
            self.turn_off("checkMACAddress")

    def mac_type(self) -> str | None:
        """Return who chose the address; the host, where an address stands and nothing sensible is said of it."""
        word = self.get("addressType")
        if word and MacType.of("vmx", word):
            return word
        return MacType.GENERATED.vmx if self.mac() else None

    def set_mac_type(self, word: str) -> None:
        """Write who chose the address; libvirt's ``generated`` is vCenter's, too."""
        address = self.get("address") or self.get("generatedAddress")
        self.put("checkMACAddress", None)
        if not address:
            self.put("addressType", word)
        elif word == MacType.STATIC.vmx:
            self._put_mac(address, MacType.STATIC)
        elif MacType.of_address(address) is MacType.STATIC:
            self._put_mac(address, MacType.GENERATED)

    def _put_mac(self, address: str, chosen: MacType) -> None:
        static = chosen is MacType.STATIC
        self.put("addressType", chosen.vmx)
        self.put("address", address if static else None)
        self.put("generatedAddress", None if static else address)
        self.put("generatedAddressOffset", "0" if chosen is MacType.GENERATED else None)

    readers: ClassVar = {
        "@network": network, "@source": source, "@vnet": vnet, "@model": model, "@mac": mac, "@macType": mac_type,
        "@opaqueId": opaque_id, "@opaqueType": opaque_type,
    }  # fmt: skip
    writers: ClassVar = {
        "@network": set_network, "@source": set_source, "@vnet": set_vnet, "@model": set_model, "@mac": set_mac,
        "@macType": set_mac_type, "@opaqueId": set_opaque_id, "@opaqueType": set_opaque_type,
    }  # fmt: skip


def _is_vmwares(mac: str) -> bool:
    """Whether an address is in VMware's range for static ones, 00:50:56:00 to 3f."""
    return mac.startswith("00:50:56:") and mac[9:11] <= "3f"
