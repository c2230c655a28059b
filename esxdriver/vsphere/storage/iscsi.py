"""The targets of a host's iSCSI adapters, as libvirt's pools, and their LUNs, as volumes. Pure.

A target is one pool, however many portals and adapters lead to it. Its volumes are the disks among its LUNs.
Sources: vSphere API, HostStorageDeviceInfo, HostInternetScsiHba and its StaticTarget, HostScsiTopology, HostScsiDisk.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyVmomi import vim

from esxdriver.conf.storage.pool import PoolDef, uuid_of
from esxdriver.conf.storage.volume import VolumeDef, VolumeFormat
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.storage.datastores import Datastore

_SYSTEM = "configManager.storageSystem"
_ADAPTERS, _LUNS = "config.storageDevice.hostBusAdapter", "config.storageDevice.scsiLun"
_TOPOLOGY = "config.storageDevice.scsiTopology"
PATHS = (_SYSTEM, _ADAPTERS, _LUNS, _TOPOLOGY)

# Where a host's programs find its disks.
_DEVICES = "/vmfs/devices/disks"


@dataclass(frozen=True)
class Lun:
    """A disk of a target: its device's name and path on the host, and its capacity in bytes."""

    name: str
    key: str
    path: str
    capacity: int

    def definition(self, key: str | None = None) -> VolumeDef:
        """Return the volume that it is."""
        return VolumeDef(self.name, key, self.capacity, self.capacity, self.path, VolumeFormat.RAW, "block")


@dataclass(frozen=True)
class Target(Datastore):
    """A target, in the list of pools beside the datastores; ``ref`` is the host's storage system.

    ``adapters`` are the names of the adapters that lead to it, as ``vmhba65``.
    """

    adapters: tuple[str, ...] = ()
    luns: tuple[Lun, ...] = ()

    def is_at(self, path: str) -> bool:
        """Return False: no directory of the host's is a target."""
        return False


def targets_of(host: Found) -> list[Target]:
    """Return the targets that a host's adapters are set up with; none of a host that does not say so."""
    adapters: dict[str, list[Any]] = {}
    for adapter in host[_ADAPTERS] or ():
        if isinstance(adapter, vim.host.InternetScsiHba):
            for target in adapter.configuredStaticTarget or ():
                adapters.setdefault(target.iScsiName, []).append((adapter, target))
    disks = _disks(host)
    return [_target(host, iqn, leading, disks.get(iqn, {})) for iqn, leading in adapters.items()]


def _target(host: Found, iqn: str, leading: list[Any], disks: Mapping[str, Lun]) -> Target:
    luns = tuple(disks.values())
    capacity = sum(lun.capacity for lun in luns)
    definition = PoolDef(
        type="iscsi", name=iqn, uuid=str(uuid_of(iqn)), path=_DEVICES, device=iqn,
        initiator=leading[0][0].iScsiName or None,
        portals=tuple(dict.fromkeys((target.address, target.port) for _, target in leading)),
        capacity=capacity, allocation=capacity, available=0,
    )  # fmt: skip
    adapters = tuple(dict.fromkeys(adapter.device for adapter, _ in leading))
    return Target(host[_SYSTEM], None, definition, True, _DEVICES, adapters, luns)


def _disks(host: Found) -> dict[str, dict[str, Lun]]:
    """Return the disks of each target by their keys: one that several paths lead to once."""
    known = {each.key: _lun(each) for each in host[_LUNS] or () if isinstance(each, vim.host.ScsiDisk)}
    found: dict[str, dict[str, Lun]] = {}
    for iqn, key in _connected(host):
        if key in known:
            found.setdefault(iqn, {})[key] = known[key]
    return found


def _connected(host: Found) -> Iterator[tuple[str, str]]:
    """Yield each target's name with the key of each of its LUNs."""
    for adapter in getattr(host[_TOPOLOGY], "adapter", None) or ():
        for target in adapter.target or ():
            if isinstance(target.transport, vim.host.InternetScsiTargetTransport):
                yield from ((target.transport.iScsiName, lun.scsiLun) for lun in target.lun or ())


def _lun(disk: Any) -> Lun:
    size = disk.capacity
    return Lun(disk.deviceName, str(uuid_of(disk.uuid)), disk.devicePath, int(size.block) * int(size.blockSize))
