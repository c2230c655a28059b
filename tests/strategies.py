"""Domains of every shape, for properties: what hypothesis draws is what a document could say."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from esxdriver.conf.devices.chardev import ParallelDef, SerialDef
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.guest import arch_of
from esxdriver.conf.mapping.enums import Firmware
from tests import device_strategies as devices
from tests.device_strategies import TEXT, UUIDS

# A whole domain takes a while to draw, more so on a busy machine: what counts is that it is drawn.
settings.register_profile("domains", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("domains")

MIB = 1024

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
    found, cards = devices.ordered(
        draw, draw(devices.disks()), draw(st.lists(devices.interfaces(), max_size=4, unique_by=lambda nic: nic.mac))
    )
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
        host_smbios=draw(st.booleans()),
        disks=found,
        controllers=draw(devices.controllers(found)),
        filesystems=tuple(draw(st.lists(devices.FOLDERS, max_size=2, unique_by=lambda folder: folder.target))),
        interfaces=cards,
        serials=draw(devices.ports(SerialDef)),
        parallels=draw(devices.ports(ParallelDef)),
        tpms=draw(st.just(()) | st.tuples(devices.TPMS)) if efi else (),
        graphics=draw(st.just(()) | st.tuples(devices.GRAPHICS)),
        sounds=draw(st.just(()) | st.tuples(devices.SOUNDS)),
        videos=(draw(devices.VIDEOS),),
        hostdevs=tuple(draw(st.lists(devices.HOSTDEVS, max_size=2, unique_by=lambda device: device.identity))),
        foreign=draw(st.just(()) | st.just(('<x:x xmlns:x="urn:x">text</x:x>',))),
        moref=draw(st.none() | st.just("vm-7")),
        datacenter_path=draw(st.none() | st.just("folder/dc")),
        options=draw(_OPTIONS),
        **draw(_processors()),
    )
