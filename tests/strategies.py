"""Domains of every shape, for properties: what hypothesis draws is what a document could say."""

import uuid
from dataclasses import replace
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from esxdriver.conf.devices.address import Bus, Place, names
from esxdriver.conf.devices.chardev import CharBacking, Endpoint, ParallelDef, SerialDef
from esxdriver.conf.devices.controller import ControllerDef, ControllerModel
from esxdriver.conf.devices.disk import Backing, DiskDef
from esxdriver.conf.devices.graphics import GraphicsDef, VideoDef
from esxdriver.conf.devices.hostdev import HostdevBacking, HostdevDef, TpmDef
from esxdriver.conf.devices.interface import InterfaceDef, MacType, Network, NicModel
from esxdriver.conf.devices.pci import PciSlot
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.guest import arch_of
from esxdriver.conf.mapping.enums import DiskMode, Firmware

# A whole domain takes a while to draw, more so on a busy machine: what counts is that it is drawn.
settings.register_profile("domains", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("domains")

# XML 1.0 has no way to write the control characters; surrogates are no characters.
_TEXT = st.text(st.characters(min_codepoint=0x20, exclude_categories=("Cs", "Cn", "Co")), min_size=1, max_size=20)
TEXT = _TEXT.map(str.strip).filter(bool)
UUIDS = st.integers(1, 2**128 - 1).map(lambda number: str(uuid.UUID(int=number)))
MIB = 1024

_UNITS = {Bus.SCSI: 64, Bus.SATA: 30, Bus.NVME: 15, Bus.IDE: 2}
_HARD_DISKS = [Backing.FLAT, Backing.SESPARSE, Backing.RDM, Backing.PMEM]
_CDROMS = [Backing.CDROM_FILE, Backing.CDROM_EMPTY, Backing.CDROM_DEVICE, Backing.CDROM_RAW]
_DEFINABLE = [mode for mode in DiskMode if mode.definable]


@cache
def _places(bus):
    units = [unit for unit in range(_UNITS[bus]) if (bus, unit) != (Bus.SCSI, 7)]
    return st.tuples(
        st.just(bus), st.builds(Place, controller=st.integers(0, bus.controllers - 1), unit=st.sampled_from(units))
    )


_PLACES = st.lists(st.sampled_from(list(_UNITS)).flatmap(_places), unique=True, max_size=8)


@st.composite
def disks(draw):
    """Draw disks on distinct addresses, named as a dump names them."""
    order = list(Bus)
    places = sorted(draw(_PLACES), key=lambda each: (order.index(each[0]), each[1]))
    targets = names(places, 19)
    found = []
    for (bus, place), target in zip(places, targets, strict=True):
        disk = replace(draw(_disk(bus)), place=place, target=target)
        source = f"[datastore1] {disk.backing.name.lower()}/{target}.vmdk" if disk.backing.is_hard_disk else disk.source
        found.append(replace(disk, source=source))
    return tuple(found)


@cache
def _disk(bus):
    where = {"bus": st.just(bus)}
    hard = st.sampled_from(_HARD_DISKS).flatmap(
        lambda backing: st.builds(
            DiskDef,
            backing=st.just(backing),
            source=st.just("[datastore1] disks/x.vmdk"),
            mode=st.sampled_from(_DEFINABLE),
            write_through=st.booleans() if backing in (Backing.FLAT, Backing.SESPARSE) else st.just(False),
            shareable=st.booleans() if backing in (Backing.FLAT, Backing.RDM) else st.just(False),
            compatibility=st.sampled_from(["virtualMode", "physicalMode"]) if backing is Backing.RDM else st.just(None),
            **where,
        )
    )
    cdrom = st.sampled_from(_CDROMS).flatmap(
        lambda backing: st.builds(
            DiskDef,
            backing=st.just(backing),
            source=st.just({"file": "[datastore1] iso/a.iso", "dev": "/dev/scd0"}.get(backing.attribute)),
            **where,
        )
    )
    return hard if bus is Bus.NVME else st.one_of(hard, cdrom)


_SMALL = [ControllerModel.BUSLOGIC, ControllerModel.LSILOGIC, ControllerModel.LSISAS1068]


@st.composite
def controllers(draw, wanted):
    """Draw a controller for each that the disks ``wanted`` need."""
    crowded = {disk.place.controller for disk in wanted if disk.bus is Bus.SCSI and disk.place.unit > 15}
    rows = {"scsi": [ControllerModel.VMPVSCSI], "sata": [ControllerModel.SATA], "nvme": [ControllerModel.NVME]}
    rows["ide"] = [ControllerModel.IDE]
    found = sorted({(disk.bus.xml, disk.place.controller) for disk in wanted})
    return tuple(
        draw(
            st.builds(
                ControllerDef,
                model=st.sampled_from(rows[type_] + (_SMALL if type_ == "scsi" and index not in crowded else [])),
                index=st.just(index),
                shared_bus=st.sampled_from([None, "virtualSharing"]) if type_ == "scsi" else st.just(None),
                pci=st.none() if type_ == "ide" else st.none() | PCI_SLOTS,
            )
        )
        for type_, index in found
    )


PCI_SLOTS = st.builds(PciSlot, bus=st.integers(0, 7), slot=st.integers(1, 31), function=st.integers(0, 7))
_MACS = st.integers(0, 0x3FFFFF).map(lambda n: f"00:50:56:{n >> 16:02x}:{n >> 8 & 255:02x}:{n & 255:02x}")
_SWITCH = "503426b2-94e9-3b16-1d68-87bfff4a5440"

INTERFACES = st.one_of(
    st.builds(
        InterfaceDef,
        network=st.just(Network.BRIDGE),
        source=TEXT,
        mac=_MACS,
        mac_type=st.just(MacType.STATIC),
        model=st.sampled_from([row for row in NicModel if row is not NicModel.VMXNET3_RDMA]),
        mac_check=st.sampled_from([None, False]),
    ),
    st.builds(
        InterfaceDef,
        network=st.just(Network.VDS),
        switch=st.just(_SWITCH),
        portgroup=st.just("dvportgroup-7"),
        mac=_MACS,
        mac_type=st.just(MacType.STATIC),
        model=st.just(NicModel.VMXNET3),
    ),
    st.builds(
        InterfaceDef,
        network=st.just(Network.OPAQUE),
        opaque_id=st.just("25c9a00e-dc60-4918-89b7-41c951988366"),
        opaque_type=st.just("nsx.LogicalSwitch"),
        mac=_MACS,
        mac_type=st.just(MacType.STATIC),
        model=st.just(NicModel.E1000E),
    ),
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
        kind, backing=st.just(CharBacking.TCP), listens=st.booleans(), endpoint=_ENDPOINTS, port=st.just(number)
    )
    if kind is ParallelDef:
        return st.sampled_from([CharBacking.DEV, CharBacking.FILE]).flatmap(by_path)
    return st.one_of(st.sampled_from(list(_PATH_PORTS)).flatmap(by_path), tcp)


@st.composite
def ports(draw, kind):
    """Draw the serial or parallel ports of a domain."""
    return tuple(draw(_port(kind, number)) for number in range(draw(st.integers(0, kind.MOST))))


_HOSTDEVS = st.one_of(
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
_GRAPHICS = st.builds(
    GraphicsDef,
    port=st.none() | st.integers(5900, 5964),
    listen=st.none() | st.just("127.0.0.1"),
    keymap=st.none() | st.just("de"),
    password=st.none() | TEXT,
)
_OPTIONS = st.dictionaries(
    st.sampled_from(["disk.EnableUUID", "guestinfo.userdata", "isolation.tools.copy.disable", "sched.cpu.x"]), TEXT
)


@st.composite
def _processors(draw):
    cores = draw(st.integers(1, 4))
    return {"vcpus": cores * draw(st.integers(1, 4)), "cores_per_socket": cores}


@st.composite
def domains(draw):
    """Draw a domain that says everything a dump would say of it."""
    memory = draw(st.integers(1, 1024)) * 4 * MIB
    efi = draw(st.booleans())
    guest = draw(st.sampled_from(["otherGuest", "otherGuest64", "windows9_64Guest", "arm-ubuntu-64"]))
    wanted = draw(disks())
    return DomainDef(
        name=draw(TEXT.filter(lambda name: len(name) <= 80)),
        uuid=draw(UUIDS),
        hwuuid=draw(UUIDS),
        genid=draw(st.none() | UUIDS),
        title=draw(st.none() | TEXT),
        description=draw(st.just("") | TEXT),
        guest_id=guest,
        arch=arch_of(guest),
        hardware=19,
        memory=memory,
        current_memory=draw(st.none() | st.integers(1, memory // MIB - 1).map(lambda mib: mib * MIB)),
        min_guarantee=draw(st.just(0) | st.integers(1, memory // MIB).map(lambda mib: mib * MIB)),
        cpuset=tuple(sorted(draw(st.sets(st.integers(0, 64), max_size=5)))),
        shares=draw(st.integers(1, 100000)),
        firmware=Firmware.EFI if efi else Firmware.BIOS,
        secure_boot=draw(st.booleans()) if efi else None,
        nvram=draw(st.none() | st.just("[datastore1] disks/web.nvram")),
        disks=wanted,
        controllers=draw(controllers(wanted)),
        interfaces=tuple(draw(st.lists(INTERFACES, max_size=4, unique_by=lambda nic: nic.mac))),
        serials=draw(ports(SerialDef)),
        parallels=draw(ports(ParallelDef)),
        tpms=draw(st.sampled_from([(), (TpmDef(),)])) if efi else (),
        graphics=draw(st.just(()) | st.tuples(_GRAPHICS)),
        videos=(draw(st.builds(VideoDef, vram=st.integers(16, 1024).map(lambda n: n * 64), heads=st.integers(1, 4))),),
        hostdevs=tuple(draw(st.lists(_HOSTDEVS, max_size=2, unique_by=lambda device: device.identity))),
        options=draw(_OPTIONS),
        **draw(_processors()),
    )
