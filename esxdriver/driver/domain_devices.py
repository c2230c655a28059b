"""What comes to a domain, goes from it, or changes: devices, one at a time.

Reference: https://libvirt.org/html/libvirt-libvirt-domain.html, virDomainAttachDeviceFlags and its neighbours. vSphere
has one configuration of a machine, not a running and a stored one, so each change is in both.
"""

from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.driver.domain_base import DomainBase
from esxdriver.driver.domain_info import AFFECT
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.conf.domain.domain import DomainDef
    from esxdriver.vsphere.change.attach import Edit
    from esxdriver.vsphere.machine.machine import State


class DeviceMethods(DomainBase):
    """The methods of a domain that attach, detach and update devices.

    What may change while a domain runs is for its host to say; its refusal changes nothing.
    """

    def attachDevice(self, xml: str) -> int:
        """Attach a device to an active domain; see :meth:`attachDeviceFlags`."""
        return self.attachDeviceFlags(xml, libvirt.VIR_DOMAIN_AFFECT_LIVE)

    def attachDeviceFlags(self, xml: str, flags: int = 0) -> int:
        """Attach the device that ``xml`` describes; a disk has the mode that its element says.

        A controller that the disk needs comes with it. A medium for a drive that the domain has goes into the drive.
        VIR_DOMAIN_AFFECT_LIVE and CONFIG mean the same, but LIVE of a domain that is shut off raises
        OPERATION_INVALID. Raises OPERATION_FAILED for a disk's target that the domain has, OPERATION_INVALID for a
        place, a file, a MAC address or a device that it has already, XML_ERROR and CONFIG_UNSUPPORTED for what no ESX
        can have, NO_NETWORK, and with CONFIG alone OPERATION_UNSUPPORTED for what the host takes only while the domain
        is shut off.
        """
        from esxdriver.vsphere.change.attach import attached

        return self._change_device("attach", "virDomainAttachDeviceFlags", attached, xml, flags)

    def detachDevice(self, xml: str) -> int:
        """Detach a device from an active domain; see :meth:`detachDeviceFlags`."""
        return self.detachDeviceFlags(xml, libvirt.VIR_DOMAIN_AFFECT_LIVE)

    def detachDeviceFlags(self, xml: str, flags: int = 0) -> int:
        """Detach the device that ``xml`` means; a disk's file stays on the datastore.

        A disk is known by its target or address, and its file must be the one that is named, if one is; a network card
        by its MAC address; any other device by all that the document says. Raises DEVICE_MISSING when none is so,
        OPERATION_INVALID for a disk that snapshots hold and for a controller in use, OPERATION_UNSUPPORTED for what
        every machine has.
        """
        from esxdriver.vsphere.change.attach import detached

        return self._change_device("detach", "virDomainDetachDeviceFlags", detached, xml, flags)

    def updateDeviceFlags(self, xml: str, flags: int = 0) -> int:
        """Make the device that ``xml`` means as ``xml`` has it: a drive's medium, a card's network, a disk's mode.

        A disk is known by its target or address, a network card by its MAC address. VIR_DOMAIN_DEVICE_MODIFY_FORCE
        changes a medium whose drive the guest has locked. Raises DEVICE_MISSING, and OPERATION_UNSUPPORTED for what
        would be another device: detach it and attach the other.
        """
        from esxdriver.vsphere.change.attach import updated

        return self._change_device("update", "virDomainUpdateDeviceFlags", updated, xml, flags)

    def blockResize(self, disk: str, size: int, flags: int = 0) -> int:
        """Make a hard disk larger; ``disk`` is its target or source, ``size`` in KiB, or bytes with BLOCK_RESIZE_BYTES.

        The guest's partitions and file systems are for the guest to grow. Raises INVALID_ARG for another path,
        OPERATION_UNSUPPORTED for a smaller size and for a drive, OPERATION_INVALID for a disk that snapshots hold.
        """
        from esxdriver.vsphere.change.resize import disk_spec

        check_flags(flags, libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES, "virDomainBlockResize")
        self.backend.require_writable("virDomainBlockResize")
        capacity = size if flags & libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES else size * 1024
        machine, _ = self.read_machine()
        spec = disk_spec(machine, disk, capacity)
        return 0 if spec is None else self._run_task(f"resize disk '{disk}' of", self.ref.ReconfigVM_Task, spec)

    def _change_device(self, action: str, function: str, change: "Edit", xml: str, flags: int) -> int:
        forced = libvirt.VIR_DOMAIN_DEVICE_MODIFY_FORCE if action == "update" else 0
        check_flags(flags, AFFECT | forced, function)
        self.backend.require_writable(function)
        from esxdriver.driver.network_sources import with_network

        device = with_network(self.connect(), domain_xml.parse_device(xml))
        failure = f"cannot {action} {device.label} {_TO[action]} domain '{self.title}'"
        self._edit(failure, lambda have, _: change(have, device), flags & ~forced, force=bool(flags & forced))
        return 0

    def _edit(self, failure: str, change: Any, flags: int, *, force: bool = False) -> None:
        """Make the domain what ``change`` makes of its definition and state, in what ``flags`` say of it."""
        from esxdriver.vsphere.change.define import edit

        def wanted(have: "DomainDef", state: "State") -> Any:
            if state.off and flags & libvirt.VIR_DOMAIN_AFFECT_LIVE:
                raise error(libvirt.VIR_ERR_OPERATION_INVALID, f"{failure}: domain is not running")
            return change(have, state)

        session, scope, auto_answer = self.backend.session, self.backend.scope, self.backend.uri.auto_answer
        try:
            with translated(failure):
                edit(session, scope, self.ref, wanted, failure, auto_answer=auto_answer, unlock=force)
        except libvirt.libvirtError as cause:
            if flags == libvirt.VIR_DOMAIN_AFFECT_CONFIG and _needs_off(cause):
                raise error(
                    libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
                    f"{failure}: the host takes it only while the domain is shut off, and ESX keeps no other "
                    "configuration for its next start: shut it down first",
                ) from cause
            raise


# The preposition of each action.
_TO = {"attach": "to", "detach": "from", "update": "of"}


def _needs_off(refused: libvirt.libvirtError) -> bool:
    """Whether the host has refused a change for the power state alone."""
    return type(refused.__cause__).__name__.endswith("InvalidPowerState")
