"""Devices of every kind, for properties: what hypothesis draws is what a document could say.

Each kind has a function that draws what a dump says of one. ``tests/test_kinds.py`` fails for a mapped field that is
never drawn, and for a member of an enum.
"""

import uuid
from dataclasses import replace
from functools import cache

from hypothesis import strategies as st

from esxdriver.conf.devices.address import Bus, DriveAddress, names
from esxdriver.conf.devices.chardev import CharBacking, Endpoint, ParallelDef
from esxdriver.conf.devices.controller import ControllerDef, ControllerModel
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.disk_backing import Backing
from esxdriver.conf.devices.filesystem import FilesystemDef
from esxdriver.conf.devices.graphics import GraphicsDef, VideoDef
from esxdriver.conf.devices.hostdev import HostdevBacking, HostdevDef, TpmDef
from esxdriver.conf.devices.interface import InterfaceDef, Network, NicModel
from esxdriver.conf.devices.mac_address import MacType
from esxdriver.conf.devices.pci import PciSlot
from esxdriver.conf.devices.sound import SoundDef, SoundModel
from esxdriver.conf.mapping.enums import DiskMode

# XML 1.0 has no way to write the control characters; surrogates are no characters.
_TEXT = st.text(st.characters(min_codepoint=0x20, exclude_categories=("Cs", "Cn", "Co")), min_size=1, max_size=20)
TEXT = _TEXT.map(str.strip).filter(bool)
UUIDS = st.integers(1, 2**128 - 1).map(lambda number: str(uuid.UUID(int=number)))
PCI_SLOTS = st.builds(PciSlot, bus=st.integers(0, 7), slot=st.integers(1, 31), function=st.integers(0, 7))

_UNITS = {Bus.SCSI: 64, Bus.SATA: 30, Bus.NVME: 15, Bus.IDE: 2, Bus.FDC: 2}
_HARD_DISKS = [row for row in Backing if row.is_hard_disk]
_CDROMS = [row for row in Backing if row.device in ("cdrom", "lun")]
_FLOPPIES = [row for row in Backing if row.device == "floppy"]
_CACHED = (Backing.FLAT, Backing.SESPARSE, Backing.SPARSE, Backing.FLAT_1, Backing.SPARSE_1)
_SHARED = (Backing.FLAT, Backing.RDM)


@cache
def _places(bus):
    units = [unit for unit in range(_UNITS[bus]) if (bus, unit) != (Bus.SCSI, 7)]
    return st.tuples(
        st.just(bus),
        st.builds(DriveAddress, controller=st.integers(0, bus.controllers - 1), unit=st.sampled_from(units)),
    )


_PLACES = st.lists(st.sampled_from(list(_UNITS)).flatmap(_places), unique=True, max_size=8)


@st.composite
def disks(draw):
    """Draw disks on distinct addresses, named as a dump names them."""
    order = list(Bus)
    addresses = sorted(draw(_PLACES), key=lambda each: (order.index(each[0]), each[1]))
    targets = names(addresses, 19)
    found = []
    for (bus, address), target in zip(addresses, targets, strict=True):
        disk = replace(draw(_disk(bus)), address=address, target=target)
        source = f"[datastore1] {disk.backing.name.lower()}/{target}.vmdk" if disk.backing.is_hard_disk else disk.source
        found.append(replace(disk, source=source))
    return tuple(found)


@cache
def _hard_disk(bus, backing):
    rdm = backing is Backing.RDM
    return st.builds(
        DiskDef,
        backing=st.just(backing),
        source=st.just("[datastore1] disks/x.vmdk"),
        mode=st.sampled_from(DiskMode),
        write_through=st.booleans() if backing in _CACHED else st.just(False),
        shareable=st.booleans() if backing in _SHARED else st.just(False),
        compatibility=st.sampled_from(["virtualMode", "physicalMode"]) if rdm else st.none(),
        lun=st.none() | UUIDS if rdm else st.none(),
        bus=st.just(bus),
    )


@cache
def _drive(bus, backing):
    sources = {
        "file": st.sampled_from(["[datastore1] iso/a.iso", "/vmimages/tools-isoimages/linux.iso"]),
        "dev": st.sampled_from(["/dev/scd0", "CD/DVD drive 0"]),
        None: st.none(),
    }
    return st.builds(
        DiskDef,
        backing=st.just(backing),
        source=sources[backing.attribute],
        autodetect=st.booleans() if backing.attribute == "dev" else st.just(False),
        bus=st.just(bus),
    )


@cache
def _disk(bus):
    hard = st.sampled_from(_HARD_DISKS).flatmap(lambda backing: _hard_disk(bus, backing))
    drive = st.sampled_from(_FLOPPIES if bus is Bus.FDC else _CDROMS).flatmap(lambda backing: _drive(bus, backing))
    if bus is Bus.FDC:
        return drive
    return hard if bus is Bus.NVME else st.one_of(hard, drive)


_SMALL = [ControllerModel.BUSLOGIC, ControllerModel.LSILOGIC, ControllerModel.LSISAS1068]
_ONE = {"sata": ControllerModel.SATA, "nvme": ControllerModel.NVME, "ide": ControllerModel.IDE}
_ONE["fdc"] = ControllerModel.FDC
_USB = [ControllerModel.EHCI, ControllerModel.XHCI]


@cache
def _controller(type_, crowded):
    scsi = [ControllerModel.VMPVSCSI] + ([] if crowded else _SMALL)
    return st.builds(
        ControllerDef,
        model=st.sampled_from(scsi) if type_ == "scsi" else st.just(_ONE[type_]),
        shared_bus=st.sampled_from([None, "virtualSharing"]) if type_ == "scsi" else st.none(),
        pci=st.none() if type_ in ("ide", "fdc") else st.none() | PCI_SLOTS,
    )


@st.composite
def controllers(draw, wanted):
    """Draw a controller for each that the disks ``wanted`` need, and of USB any."""
    crowded = {disk.address.controller for disk in wanted if disk.bus is Bus.SCSI and disk.address.unit > 15}
    found = []
    for type_, index in sorted({(disk.bus.xml, disk.address.controller) for disk in wanted}):
        found.append(replace(draw(_controller(type_, type_ == "scsi" and index in crowded)), index=index))
    usb = draw(st.lists(st.sampled_from(_USB), unique=True).map(lambda rows: sorted(rows, key=_USB.index)))
    found += [ControllerDef(model=row, index=index, pci=draw(st.none() | PCI_SLOTS)) for index, row in enumerate(usb)]
    return tuple(found)


def _macs(low, high):
    return st.integers(low, high).map(lambda n: ":".join(f"{n:012x}"[at : at + 2] for at in range(0, 12, 2)))


_ADDRESSES = st.one_of(
    st.tuples(_macs(0x005056000000, 0x0050563FFFFF), st.just(MacType.STATIC)),
    st.tuples(_macs(0x000C29000000, 0x000C29FFFFFF), st.just(MacType.GENERATED)),
    st.tuples(_macs(0x005056800000, 0x005056BFFFFF), st.just(MacType.GENERATED)),
)
_SWITCH = "503426b2-94e9-3b16-1d68-87bfff4a5440"
_NETWORKS = {
    Network.BRIDGE: {"source": TEXT},
    Network.VDS: {"switch": st.just(_SWITCH), "portgroup": st.just("dvportgroup-7")},
    Network.USER: {},
    Network.NULL: {},
    Network.OPAQUE: {
        "opaque_id": st.just("25c9a00e-dc60-4918-89b7-41c951988366"), "opaque_type": st.just("nsx.LogicalSwitch")
    },
}  # fmt: skip
_PLAIN_CARDS = [row for row in NicModel if row is not NicModel.SRIOV]


@st.composite
def interfaces(draw):
    """Draw a network card that has an address."""
    network = draw(st.sampled_from(list(_NETWORKS)))
    mac, mac_type = draw(_ADDRESSES)
    cards = list(NicModel) if network in (Network.BRIDGE, Network.VDS) else _PLAIN_CARDS
    return InterfaceDef(
        network=network,
        mac=mac,
        mac_type=mac_type,
        mac_check=draw(st.sampled_from([None, True, False])),
        link=draw(st.sampled_from([None, False])),
        model=draw(st.sampled_from(cards)),
        pci=draw(st.none() | PCI_SLOTS),
        **{name: draw(strategy) for name, strategy in _NETWORKS[network].items()},
    )


_PATH_PORTS = {CharBacking.DEV: "/dev/ttyS0", CharBacking.FILE: "[datastore1] out/port.log", CharBacking.PIPE: "pipe0"}
_ENDPOINTS = st.builds(
    Endpoint,
    protocol=st.sampled_from(["raw", "telnet", "telnets", "tls"]),
    host=st.sampled_from(["", "0.0.0.0", "con.example.test", "fe80::1"]),
    service=st.integers(1, 65535).map(str),
)


@cache
def _port(kind, number):
    def by_path(backing):
        ends = st.sampled_from(["client", "server"]) if backing is CharBacking.PIPE else st.none()
        path = _PATH_PORTS[backing]
        return st.builds(kind, backing=st.just(backing), path=st.just(path), pipe_end=ends, port=st.just(number))

    tcp = st.builds(
        kind,
        backing=st.just(CharBacking.TCP),
        listens=st.booleans(),
        endpoint=_ENDPOINTS,
        proxy=st.none() | st.just("telnet://vspc.example.test:13370"),
        port=st.just(number),
    )
    if kind is ParallelDef:
        return st.sampled_from([CharBacking.DEV, CharBacking.FILE]).flatmap(by_path)
    nowhere = st.builds(kind, backing=st.just(CharBacking.NULL), port=st.just(number))
    return st.one_of(st.sampled_from(list(_PATH_PORTS)).flatmap(by_path), tcp, nowhere)


@st.composite
def ports(draw, kind):
    """Draw the serial or parallel ports of a domain."""
    return tuple(draw(_port(kind, number)) for number in range(draw(st.integers(0, kind.MOST))))


HOSTDEVS = st.one_of(
    st.builds(
        HostdevDef,
        backing=st.just(HostdevBacking.PCI),
        address=st.integers(0, 255).map(lambda bus: f"0000:{bus:02x}:00.0"),
        vendor=st.integers(1, 0xFFFF),
        product=st.integers(1, 0xFFFF),
        name=TEXT,
        system=UUIDS,
    ),
    st.builds(
        HostdevDef,
        backing=st.just(HostdevBacking.USB),
        vendor=st.integers(1, 0xFFFF),
        product=st.integers(1, 0xFFFF),
        name=TEXT,
    ),
)
FOLDERS = st.builds(
    FilesystemDef, source=st.sampled_from(["/srv/share", "C:\\Users\\x"]), target=TEXT, readonly=st.booleans()
)
GRAPHICS = st.builds(
    GraphicsDef,
    port=st.none() | st.integers(5900, 5964),
    listen=st.none() | st.just("127.0.0.1"),
    keymap=st.none() | st.just("de"),
    password=st.none() | TEXT,
)
SOUNDS = st.builds(
    SoundDef,
    model=st.sampled_from(SoundModel),
    autodetect=st.booleans(),
    name=st.none() | st.just("/dev/dsp"),
    pci=st.none() | PCI_SLOTS,
)
VIDEOS = st.builds(VideoDef, vram=st.integers(16, 1024).map(lambda n: n * 64), heads=st.integers(1, 4))
TPMS = st.just(TpmDef())


_BOOTED_AS_A_KIND = ("VirtualCdrom", "VirtualFloppy")


def ordered(draw, found, cards):
    """Return disks and cards with a boot order for some; a CD-ROM or a floppy only where it is the only one."""
    drives = {kind: [disk for disk in found if disk.backing.vim_device == kind] for kind in _BOOTED_AS_A_KIND}
    hard = [disk for disk in found if disk.backing.is_hard_disk]
    bootable = [*hard, *(only for kind in drives.values() if len(kind) == 1 for only in kind), *cards]
    chosen = draw(st.lists(st.sampled_from(bootable), unique_by=id, max_size=4)) if bootable else []
    orders = {id(device): number for number, device in enumerate(chosen, start=1)}

    def with_order(devices):
        return tuple(replace(each, boot_order=orders.get(id(each))) for each in devices)

    return with_order(found), with_order(cards)
