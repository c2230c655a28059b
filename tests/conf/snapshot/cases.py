"""Domains to take snapshots of, in memory."""

from esxdriver.conf.devices.address import Bus, DriveAddress
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.enums import DiskMode


def disk(target="sda", mode=DiskMode.PERSISTENT, *, unit=0, source=None, **more):
    source = source or f"[ds] web01/{target}.vmdk"
    return DiskDef(
        backing=Backing.FLAT,
        source=source,
        target=target,
        bus=Bus.SCSI,
        mode=mode,
        address=DriveAddress(0, unit),
        **more,
    )


def cdrom(target="hdc"):
    return DiskDef(
        backing=Backing.CDROM_FILE, source="[ds] iso/a.iso", target=target, bus=Bus.IDE, address=DriveAddress(1, 0)
    )


def domain(*disks, **more):
    return DomainDef(name="web01", memory=2**20, disks=disks, **more)
