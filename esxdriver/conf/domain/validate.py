"""Whether a definition makes sense on any host. What depends on the host is in ``vsphere/change/rules.py``."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from esxdriver.conf.devices.address import SCSI_OWN_UNIT, Bus
from esxdriver.conf.devices.chardev import CharBacking, ChardevDef
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.devices.interface import Network, NicModel
from esxdriver.conf.devices.kinds import KINDS
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.enums import Firmware
from esxdriver.conf.mapping.hardware import HIGHEST_HARDWARE
from esxdriver.errors import unsupported, xml_error

_LARGEST_NAME = 80  # characters; vSphere API, VirtualMachineConfigSpec.name
_LARGEST_ORDER = 16
_NICS, _OLD_NICS, _MANY_NICS_HARDWARE = 10, 4, 7  # SR-IOV cards, which are passed through, are none of them

# The buses each kind of disk can be on.
_BUSES = {
    "disk": (Bus.SCSI, Bus.SATA, Bus.NVME, Bus.IDE),
    "cdrom": (Bus.SCSI, Bus.SATA, Bus.IDE),
    "lun": (Bus.SCSI, Bus.SATA, Bus.IDE),
    "floppy": (Bus.FDC,),
}


def validate(definition: DomainDef) -> None:
    """Raise CONFIG_UNSUPPORTED or XML_ERROR, naming the element, for what no ESX can have."""
    for rule in _RULES:
        rule(definition)


def _name(definition: DomainDef) -> None:
    if len(definition.name) > _LARGEST_NAME:
        raise unsupported(f"name: {len(definition.name)} characters, vSphere takes {_LARGEST_NAME}")


def _memory(definition: DomainDef) -> None:
    if definition.memory <= 0:
        raise xml_error("memory: a domain needs more than 0 KiB")
    if definition.min_guarantee > definition.memory:
        raise unsupported(
            f"memtune/min_guarantee: {definition.min_guarantee} KiB are more than <memory> ({definition.memory} KiB)"
        )


def _firmware(definition: DomainDef) -> None:
    if definition.secure_boot and definition.firmware is Firmware.BIOS:
        raise unsupported("os/firmware/feature 'secure-boot': needs <os firmware='efi'>")
    if definition.tpms and definition.firmware is Firmware.BIOS:
        raise unsupported("tpm: vSphere's virtual TPM needs <os firmware='efi'>")


def _disks(definition: DomainDef) -> None:
    _once("target/@dev", [disk.target for disk in definition.disks])
    _once(
        "address",
        [f"{disk.bus.xml}{disk.address.controller}:{disk.address.unit}" for disk in definition.disks if disk.address],
    )
    hardware = definition.hardware or HIGHEST_HARDWARE
    models = {(each.type, each.index): each.model.model for each in definition.controllers}
    for disk in definition.disks:
        if not disk.target:
            raise xml_error(f"{disk.label}: target/@dev is missing")
        if disk.bus not in _BUSES[disk.backing.device]:
            raise unsupported(f"{disk.label}: no {disk.backing.device} on bus '{disk.bus.xml}'")
        if disk.backing.is_hard_disk and not disk.source:
            raise xml_error(f"{disk.label}: source/@file is missing")
        _blank(disk)
        assert disk.address is not None
        units = disk.bus.units(hardware, models.get((disk.bus.xml, disk.address.controller)))
        _in_range(disk.label, "controller", disk.address.controller, disk.bus.controllers)
        _in_range(disk.label, "unit", disk.address.unit, units)
        if disk.bus is Bus.SCSI and disk.address.unit == SCSI_OWN_UNIT:
            raise unsupported(f"{disk.label}: address/@unit 7 is the SCSI controller's own")


def _blank(disk: DiskDef) -> None:
    """Only a file of a disk's own can be made; an RDM leads to a LUN, which has its size."""
    if disk.blank is not None and (not disk.backing.is_hard_disk or disk.backing is Backing.RDM):
        raise unsupported(f"{disk.label}: 'capacity' in <metadata> is for a disk whose file is to be made")


def _in_range(label: str, axis: str, number: int, limit: int) -> None:
    if not 0 <= number < limit:
        raise unsupported(f"{label}: address/@{axis} {number} is out of range, 0 to {limit - 1}")


def _controllers(definition: DomainDef) -> None:
    _once("controller", [f"{each.type}' index '{each.index}" for each in definition.controllers])
    limits = {bus.xml: bus.controllers for bus in Bus}
    for each in definition.controllers:
        _in_range(each.label, "index", each.index, limits.get(each.type, 2))
    _once("controller/@model", [each.model.name for each in definition.controllers if each.type == "usb"])


def _interfaces(definition: DomainDef) -> None:
    hardware = definition.hardware or HIGHEST_HARDWARE
    most = _NICS if hardware >= _MANY_NICS_HARDWARE else _OLD_NICS
    count = sum(each.model is not NicModel.SRIOV for each in definition.interfaces)
    if count > most:
        has = f"hardware version {hardware} has" if definition.hardware else "ESX has"
        raise unsupported(f"{count} interfaces: {has} {most}, and those of model 'sriov' beside them")
    for each in definition.interfaces:
        if each.network is Network.VIRTUAL:
            raise unsupported(
                "interface/@type 'network': name the port group, type='bridge' and <source bridge=...>; its networks a "
                "host alone knows"
            )
        if each.network is Network.BRIDGE and not each.source:
            raise xml_error(f"{each.label}: source/@bridge is missing")
        if each.network is Network.VDS and not (each.switch or each.portgroup):
            raise xml_error(f"{each.label}: source/@switchid is missing")
        if each.model is NicModel.SRIOV and each.network not in (Network.BRIDGE, Network.VDS):
            raise unsupported(f"{each.label}: model 'sriov' needs a bridge or vds network")


def _ports(definition: DomainDef) -> None:
    for kind, ports in (("serial", definition.serials), ("parallel", definition.parallels)):
        _once(f"{kind}/target/@port", [str(each.port) for each in ports])
        for each in ports:
            _port(kind, each)


def _port(kind: str, port: ChardevDef) -> None:
    most = port.MOST  # type: ignore[attr-defined]
    if port.port is not None and not 0 <= port.port < most:
        raise unsupported(f"{kind}/target/@port {port.port} is out of range, 0 to {most - 1}")
    if kind == "parallel" and port.backing not in (CharBacking.DEV, CharBacking.FILE):
        raise unsupported(f"parallel/@type '{port.backing.xml}': ESX has dev and file")
    if port.backing.has_path and not port.path:
        raise xml_error(f"{kind} port {port.port}: source/@path is missing")


def _hostdevs(definition: DomainDef) -> None:
    _once("hostdev", [each.identity for each in definition.hostdevs if each.address])


def _singles(definition: DomainDef) -> None:
    for kind in KINDS:
        devices = getattr(definition, kind.name)
        if kind.single and len(devices) > 1:
            raise unsupported(f"{len(devices)} devices '{devices[0].label}': ESX has one")


def _boot(definition: DomainDef) -> None:
    orders = definition.boot_orders()
    _once("boot/@order", [str(order) for order in orders])
    if any(order > _LARGEST_ORDER for order in orders):
        raise unsupported(f"boot/@order {max(orders)}: at most {_LARGEST_ORDER}")


def _once(element: str, values: Iterable[str]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            raise xml_error(f"{element} '{value}' is given {count} times")


_RULES: Sequence[Callable[[DomainDef], None]] = (
    _name, _memory, _firmware, _disks, _controllers, _interfaces, _ports, _hostdevs, _singles, _boot,
)  # fmt: skip
