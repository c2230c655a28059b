"""libvirtd and QEMU themselves: what is on each disk afterwards is what the table of modes says."""

import re
from itertools import count
from pathlib import Path

import libvirt
import pytest
from click.testing import CliRunner

import esxdriver
from esxdriver.cli import cli
from esxdriver.conf.mapping.enums import DiskMode
from tests.helpers import failing

pytestmark = [pytest.mark.qemu, pytest.mark.timeout(300)]
DISK_ONLY = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY

YES_YES, NO_YES, NO_NO, YES_NO = MODES = [
    DiskMode.having(snapshot, kept) for snapshot, kept in ((True, True), (False, True), (False, False), (True, False))
]
SPELLED = {  # attributes, elements
    "attributes": {mode: (f" snapshot='{'yes' if mode.snapshot else 'no'}' persistent='{'yes' if mode.persistent else 'no'}'", "") for mode in MODES},
    "elements": {mode: ("", ("" if mode.snapshot else "<independent/>") + ("" if mode.persistent else "<nonpersistent/>")) for mode in MODES},
    "libvirt": {YES_YES: ("", ""), NO_YES: (" snapshot='no'", ""), NO_NO: (" snapshot='no'", "<transient/>"), YES_NO: (" snapshot='external'", "<transient/>")},
}  # fmt: skip
WRITTEN, LATER = 0xAA, 0xBB
_NUMBERS = count()


@pytest.fixture(scope="module")
def libvirtd():
    from tests.qemu.real import Libvirtd  # noqa: PLC0415 (only this needs libvirt_qemu)

    daemon = Libvirtd()
    yield daemon
    daemon.stop()


@pytest.fixture
def conn(libvirtd):
    with esxdriver.open(libvirtd.uri) as opened:
        yield opened


def xml(name, images, modes, spelling="attributes"):
    disks = "".join(
        f"<disk type='file' device='disk'{attributes}><driver name='qemu' type='qcow2'/><source file='{image}'/>"
        f"<target dev='vd{letter}' bus='virtio'/>{elements}</disk>"
        for image, letter, (attributes, elements) in zip(images, "abcd", (SPELLED[spelling][each] for each in modes), strict=False)
    )  # fmt: skip
    return (
        f"<domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory><os><type arch='x86_64' machine='pc'>hvm"
        "</type></os><features><acpi/></features><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>"
        f"{disks}<controller type='usb' model='none'/><memballoon model='none'/></devices></domain>"
    )


@pytest.fixture
def defined(libvirtd, conn, request):
    """Give what defines a domain with disks of some modes; it returns the domain and its images."""
    from tests.qemu.real import forget  # noqa: PLC0415

    made = []

    def define(*modes, spelling="attributes"):
        name = re.sub(r"\W", "-", request.node.name)[:40]
        number = next(_NUMBERS)  # snapshots leave files behind that are called as their image
        images = [libvirtd.image(f"{number}{letter}") for letter, _ in zip("abcd", modes, strict=False)]
        made.append(conn.defineXML(xml(name, images, modes, spelling)))
        return made[-1], images

    yield define
    for each in made:
        forget(each)


def shown(domain):
    return re.findall(r"<disk type='file' device='disk'(.*?)>", domain.XMLDesc())


def overlay(domain, image):
    return Path(f"{image}.TRANSIENT-{domain.name()}")


def write_all(domain, images, byte):
    from tests.qemu.real import write  # noqa: PLC0415

    for number, _ in enumerate(images):
        write(domain, number, byte)


def holds(image, byte):
    from tests.qemu.real import holds as look  # noqa: PLC0415

    return look(image, byte)


def taken(*disks, name="s"):
    listed = "".join(f"<disk name='{disk}' snapshot='{said}'/>" for disk, said in disks)
    return f"<domainsnapshot><name>{name}</name><disks>{listed}</disks></domainsnapshot>"


@pytest.mark.parametrize("spelling", SPELLED)
def test_every_mode_is_defined_dumped_started_and_keeps_what_it_says(defined, spelling):
    domain, images = defined(*MODES, spelling=spelling)
    said = [SPELLED["attributes"][mode][0] for mode in MODES]
    assert shown(domain) == said
    domain.create()
    assert shown(domain) == said
    write_all(domain, images, WRITTEN)
    assert [overlay(domain, each).exists() for each in images] == [not mode.persistent for mode in MODES]
    domain.destroy()
    assert [overlay(domain, each).exists() for each in images] == [False] * 4
    assert [holds(each, WRITTEN) for each in images] == [mode.persistent for mode in MODES]
    assert shown(domain) == said
    before = domain.real.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    again = domain.connect().defineXML(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    assert again.real.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == before


@pytest.mark.parametrize(
    ("disks", "inside"),
    [((), "a"), ((("vdb", "yes"),), "ab"), ((("vda", "no"), ("vdb", "yes")), "b"), ((("vdb", "external"),), "ab")],
)
def test_presets_leave_disks_out_and_overrides_take_them_in(defined, disks, inside):
    domain, images = defined(YES_YES, NO_YES, NO_NO)
    domain.create()
    write_all(domain, images, WRITTEN)
    snapshot = domain.snapshotCreateXML(taken(*disks), DISK_ONLY)
    write_all(domain, images, LATER)
    effects = {each.target[-1]: each.effect.name for each in snapshot.revertPreview()}
    assert effects == {letter: "REVERTED" if letter in inside else other
                       for letter, other in zip("abc", ("UNTOUCHED", "UNTOUCHED", "DISCARDED"), strict=True)}  # fmt: skip
    domain.destroy()
    # What a snapshot holds stays in the image as it was, all else is written to; and the transient disk keeps nothing.
    base = ["a" in inside, "b" in inside]
    assert [holds(each, WRITTEN) for each in images] == [*base, False]
    assert [holds(each, LATER) for each in images] == [not each for each in base] + [False]
    domain.create()
    assert shown(domain) == [SPELLED["attributes"][each][0] for each in (YES_YES, NO_YES, NO_NO)]
    assert overlay(domain, images[2]).exists()


def test_a_full_snapshot_holds_every_disk_and_brings_it_back(defined):
    domain, images = defined(YES_YES)
    domain.create()
    write_all(domain, images, WRITTEN)
    snapshot = domain.snapshotCreateXML(taken(), 0)
    write_all(domain, images, LATER)
    assert [each.effect.name for each in snapshot.revertPreview()] == ["REVERTED"]
    domain.revertToSnapshot(snapshot)
    domain.destroy()
    assert holds(images[0], WRITTEN)


MEMORY = "<domainsnapshot><memory snapshot='external' file='{}/memory'/></domainsnapshot>"


@pytest.mark.parametrize(
    ("modes", "text", "flags", "running"),
    [
        ((YES_YES, NO_YES), taken(), 0, True),
        ((YES_YES, NO_YES), taken(), 0, False),
        ((YES_YES, NO_NO), taken(), 0, True),
        ((YES_YES, NO_NO), taken(("vdb", "external")), DISK_ONLY, True),
        ((YES_YES, YES_NO), taken(), DISK_ONLY, True),
        ((YES_YES, YES_NO), taken(), 0, True),
        ((YES_YES, NO_NO), MEMORY, 0, True),
        ((NO_YES,), taken(), DISK_ONLY, True),
    ],
)
def test_what_is_refused_before_asking_qemu_refuses_too(defined, libvirtd, modes, text, flags, running):
    domain, _ = defined(*modes)
    if running:
        domain.create()
    text = text.format(libvirtd.images)
    failing(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, domain.snapshotCreateXML, text, flags)
    with pytest.raises(libvirt.libvirtError) as theirs:
        domain.real.snapshotCreateXML(text, flags)
    assert theirs.value.get_error_domain() != libvirt.VIR_FROM_ESX
    assert domain.snapshotNum() == 0


BAD = {
    "read-only": "<disk type='file' device='disk' snapshot='no' persistent='no'><source file='/x'/><target dev='vda' bus='virtio'/><readonly/></disk>",
    "of type 'block'": "<disk type='block' device='disk' snapshot='no' persistent='no'><source dev='/dev/x'/><target dev='vda' bus='virtio'/></disk>",
    "a cdrom": "<disk type='file' device='cdrom' snapshot='no' persistent='no'><source file='/x'/><target dev='hdc' bus='ide'/></disk>",
}  # fmt: skip


@pytest.mark.parametrize("why", BAD)
def test_a_disk_that_cannot_be_transient_is_refused_and_libvirt_refuses_it_too(conn, why):
    text = xml("bad", [], []).replace("<controller", BAD[why] + "<controller", 1)
    assert why in failing(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, conn.defineXML, text)
    assert "bad" not in [each.name() for each in conn.listAllDomains()]
    with pytest.raises(libvirt.libvirtError):
        conn.real.defineXML(text.replace(" persistent='no'>", "><transient/>")).create()


def test_a_disk_is_attached_to_a_running_domain_with_its_mode(defined, libvirtd):
    domain, _ = defined(YES_YES)
    domain.create()
    image = libvirtd.image("hot")
    disk = re.search("<disk.*?</disk>", xml("x", [image], [NO_NO]))[0].replace("vda", "vdb")
    domain.attachDeviceFlags(disk, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    assert shown(domain)[-1] == SPELLED["attributes"][NO_NO][0]
    assert overlay(domain, image).exists()
    domain.destroy()
    assert not overlay(domain, image).exists()


def test_the_command_line_speaks_to_it(defined, libvirtd):
    domain, _ = defined(YES_YES, NO_YES, NO_NO)

    def run(*arguments):
        return CliRunner().invoke(cli, ["-c", libvirtd.uri, *arguments], standalone_mode=True)

    name = domain.name()
    audit = run("diskmodes", name, "--format", "csv").stdout.splitlines()[1:]
    assert [line.split(",")[4] for line in audit] == [mode.vim for mode in (YES_YES, NO_YES, NO_NO)]
    domain.create()
    refused = run("snapshot-create-as", name, "s1")
    assert refused.exit_code == 1
    assert "memory cannot be in a snapshot of a domain with independent disks" in refused.stderr
    made = run("snapshot-create-as", name, "s1", "--disk-only", "--diskspec", "vdb,snapshot=yes")
    assert made.exit_code == 0, made.stderr
    listed = run("snapshot-dumpxml", name, "s1").stdout
    assert re.findall(r"<disk name='(\w+)' snapshot='(\w+)'", listed) == [
        ("vda", "external"), ("vdb", "external"), ("vdc", "no"),
    ]  # fmt: skip
