"""Devices that come, change and go: each mode on each bus by attach, update and detach, running or not, and refusals."""

import libvirt
import pytest
from lxml import etree

from esxdriver.conf.mapping.enums import DiskMode
from tests.driver.test_define import writes
from tests.faults.operations import SIZE
from tests.helpers import failing

pytestmark = pytest.mark.live

CONFIG, LIVE = libvirt.VIR_DOMAIN_AFFECT_CONFIG, libvirt.VIR_DOMAIN_AFFECT_LIVE
DEFINABLE = [mode for mode in DiskMode if mode.definable]
# A free target of db01, which runs, and of web01, which does not.
TARGETS = {"scsi": "sdf", "sata": "sdg", "nvme": "nvme0n3", "ide": "hdb"}


def _yes(answer):
    return "yes" if answer else "no"


def disk(target="sdf", bus="scsi", number=1, mode=DiskMode.PERSISTENT, kind="disk", inside="", source=None):
    source = f"[datastore1] spare/spare-{number}.vmdk" if source is None else source
    said = f" snapshot='{_yes(mode.snapshot)}' persistent='{_yes(mode.persistent)}'" if kind == "disk" else ""
    file = f"<source file='{source}'/>" if source else ""
    return f"<disk type='file' device='{kind}'{said}>{file}<target dev='{target}' bus='{bus}'/>{inside}</disk>"


def blank(target, number):
    """Return a disk that is made as it is attached."""
    return disk(target, source=f"[datastore1] web01/blank-{number}.vmdk", inside=SIZE.replace("'sda'", f"'{target}'"))


def nic(mac="", network="VM Network", model="", inside=""):
    mac = f"<mac address='{mac}'/>" if mac else ""
    model = f"<model type='{model}'/>" if model else ""
    return f"<interface type='bridge'>{mac}<source bridge='{network}'/>{model}{inside}</interface>"


def mode_on_the_host(sim, name, number=1):
    """Return the mode of a spare disk as the simulator itself has it, None when the machine has no such disk."""
    machine = next(vm for vm in sim.inventory()["machines"] if vm["config"]["name"] == name)
    backings = [device.get("backing") or {} for device in machine["config"]["hardware"]["device"]]
    return next((each["diskMode"] for each in backings if f"spare-{number}." in (each.get("fileName") or "")), None)


@pytest.mark.parametrize("mode", DEFINABLE)
@pytest.mark.parametrize("bus", TARGETS)
def test_a_disk_comes_with_each_mode_changes_to_each_and_goes(esx, sim, bus, mode):
    web01, before = esx.lookupByName("web01"), esx.lookupByName("web01").XMLDesc()
    target = TARGETS[bus]
    for other in DEFINABLE:
        web01.attachDeviceFlags(disk(target, bus, mode=mode), CONFIG)
        assert mode_on_the_host(sim, "web01") == mode.vim
        assert f"snapshot='{_yes(mode.snapshot)}' persistent='{_yes(mode.persistent)}'" in found(web01, "spare-1")
        web01.updateDeviceFlags(disk(target, bus, mode=other))
        assert mode_on_the_host(sim, "web01") == other.vim
        web01.detachDeviceFlags(disk(target, bus, mode=other))
        assert mode_on_the_host(sim, "web01") is None
    assert without_controllers(web01.XMLDesc()) == without_controllers(before)
    assert "[datastore1] spare/spare-1.vmdk" in {
        f"[{store}] {file['path']}" for store, files in sim.inventory()["files"].items() for file in files
    }


def found(domain, name):
    """Return the element of the disk whose file has this in its name."""
    disks = etree.fromstring(domain.XMLDesc()).iterfind("devices/disk")
    return next(
        etree.tostring(each, encoding="unicode").replace('"', "'")
        for each in disks
        if name in str(etree.tostring(each))
    )


def controllers_of(domain):
    controllers = etree.fromstring(domain.XMLDesc()).iterfind("devices/controller")
    return {(each.get("type"), each.get("index"), each.get("model")) for each in controllers}


def without_controllers(text):
    document = etree.fromstring(text)
    for each in document.findall("devices/controller"):
        each.getparent().remove(each)
    return etree.tostring(document)


@pytest.mark.parametrize("mode", DEFINABLE)
@pytest.mark.parametrize("bus", ["scsi", "sata", "nvme"])
def test_a_running_domain_takes_a_disk_of_each_mode_and_gives_it_back(esx, sim, bus, mode):
    db01, before = esx.lookupByName("db01"), esx.lookupByName("db01").XMLDesc()
    db01.attachDevice(disk(TARGETS[bus], bus, mode=mode))
    assert mode_on_the_host(sim, "db01") == mode.vim
    others = {each.vim: each for each in DEFINABLE if each is not mode}
    for other in others.values():
        failing(libvirt.VIR_ERR_OPERATION_INVALID, db01.updateDeviceFlags, disk(TARGETS[bus], bus, mode=other))
    assert mode_on_the_host(sim, "db01") == mode.vim
    db01.detachDevice(disk(TARGETS[bus], bus, mode=mode))
    assert db01.XMLDesc() == before


@pytest.mark.parametrize("mode", DEFINABLE)
def test_a_domain_with_snapshots_takes_a_disk_of_each_mode_and_gives_it_back(esx, sim, mode):
    snap01, before = esx.lookupByName("snap01"), esx.lookupByName("snap01").XMLDesc()
    snap01.attachDeviceFlags(disk(mode=mode))
    assert mode_on_the_host(sim, "snap01") == mode.vim
    snap01.detachDeviceFlags(disk(mode=mode))
    assert snap01.XMLDesc() == before


def test_each_is_one_change(esx):
    web01 = esx.lookupByName("web01")
    web01.attachDeviceFlags(disk())
    web01.updateDeviceFlags(disk(mode=DiskMode.INDEPENDENT_PERSISTENT))
    web01.updateDeviceFlags(disk(mode=DiskMode.INDEPENDENT_PERSISTENT))
    web01.detachDeviceFlags(disk())
    assert writes(esx) == {"ReconfigVM_Task": 3}  # nothing is asked for what is so already


def test_a_disk_brings_the_controller_that_it_needs_of_the_model_that_the_domain_has(esx):
    web01 = esx.lookupByName("web01")
    web01.attachDeviceFlags(disk("sdp"))
    web01.attachDeviceFlags(disk("sdq", "sata", number=2))
    assert controllers_of(web01) >= {("scsi", "0", "vmpvscsi"), ("scsi", "1", "vmpvscsi"), ("sata", "0", None)}


def test_a_running_domain_gets_a_controller_with_the_disk(esx):
    db01 = esx.lookupByName("db01")
    db01.attachDevice(disk("sdp"))
    assert ("scsi", "1", "lsilogic") in controllers_of(db01)
    assert writes(esx) == {"ReconfigVM_Task": 1}


def test_a_full_bus_gets_a_new_controller_in_the_same_change(esx):
    web01 = esx.lookupByName("web01")
    taken = {each.get("dev") for each in etree.fromstring(web01.XMLDesc()).iter("target")}
    free = [f"sd{letter}" for letter in "abcdefghijklmno" if f"sd{letter}" not in taken]
    for number, target in enumerate(free):
        web01.attachDeviceFlags(blank(target, number), CONFIG)
    assert ("scsi", "1", "vmpvscsi") not in controllers_of(web01)
    before = writes(esx)["ReconfigVM_Task"]
    said = failing(libvirt.VIR_ERR_OPERATION_FAILED, web01.attachDeviceFlags, blank("sdo", 99), CONFIG)
    assert "a free target is 'sdp'" in said
    web01.attachDeviceFlags(blank("sdp", 99), CONFIG)
    assert ("scsi", "1", "vmpvscsi") in controllers_of(web01)
    assert writes(esx)["ReconfigVM_Task"] == before + 1


def test_a_medium_goes_into_a_drive_and_out_of_it(esx):
    web01 = esx.lookupByName("web01")
    hda = etree.fromstring(web01.XMLDesc()).find("devices/disk[@device='cdrom']/target").get("dev")
    for source in ("", "[datastore1] iso/rescue.iso"):
        web01.updateDeviceFlags(disk(hda, "ide", kind="cdrom", source=source))
        file = etree.fromstring(web01.XMLDesc()).find("devices/disk[@device='cdrom']/source")
        assert (file.get("file") if file is not None else "") == source
    web01.attachDeviceFlags(disk(hda, "ide", kind="cdrom", source="[datastore1] iso/install.iso"))
    assert "iso/install.iso" in web01.XMLDesc()


def test_a_network_card_comes_changes_its_network_and_goes(esx):
    db01, mac = esx.lookupByName("db01"), "00:50:56:00:00:77"
    before = db01.XMLDesc()
    db01.attachDevice(nic(mac, model="vmxnet3"))
    db01.updateDeviceFlags(nic(mac, "backup net"), LIVE)
    assert mac in db01.XMLDesc()
    assert db01.XMLDesc().count("backup net") == 2
    db01.detachDevice(nic(mac, "backup net"))
    assert db01.XMLDesc() == before


OTHERS = [
    "<serial type='file'><source path='[datastore1] spare/serial.log'/></serial>",
    "<controller type='scsi' index='1' model='lsisas1068'/>",
    "<controller type='usb' model='nec-xhci'/>",
    "<sound model='sb16'/>",
    "<graphics type='vnc' port='5903' passwd='secret99'/>",
    "<filesystem type='mount'><source dir='/srv'/><target dir='srv'/></filesystem>",
]


@pytest.mark.parametrize("device", OTHERS)
def test_a_device_of_each_other_kind_comes_once_and_goes(esx, device):
    web01, before = esx.lookupByName("web01"), esx.lookupByName("web01").XMLDesc()
    web01.attachDeviceFlags(device)
    assert web01.XMLDesc() != before
    if "<serial" not in device:
        failing(libvirt.VIR_ERR_OPERATION_INVALID, web01.attachDeviceFlags, device)
    web01.detachDeviceFlags(device)
    assert web01.XMLDesc() == before
    failing(libvirt.VIR_ERR_DEVICE_MISSING, web01.detachDeviceFlags, device)


INVALID, FAILED, MISSING = (
    libvirt.VIR_ERR_OPERATION_INVALID,
    libvirt.VIR_ERR_OPERATION_FAILED,
    libvirt.VIR_ERR_DEVICE_MISSING,
)
UNSUPPORTED, XML, ARGUMENT = (
    libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
    libvirt.VIR_ERR_XML_ERROR,
    libvirt.VIR_ERR_INVALID_ARG,
)
NOT_ESX = libvirt.VIR_ERR_CONFIG_UNSUPPORTED
MAC = "00:50:56:00:00:78"

REFUSED = [
    # domain, method, document, flags, code, what the error names
    ("web01", "attach", disk("sda"), 0, FAILED, "'sda' already exists"),
    ("web01", "attach", disk("sda"), 0, FAILED, "a free target is 'sdd'"),
    ("web01", "attach", disk("sdx", inside="<address type='drive' controller='0' unit='1'/>"), 0, INVALID, "'sdb'"),
    ("web01", "attach", disk("sdx", inside="<address type='drive' controller='0' unit='7'/>"), 0, NOT_ESX, "unit 7"),
    ("web01", "attach", disk("vdz9"), 0, XML, "a free target is 'sdd'"),
    ("web01", "attach", disk(source="[datastore1] web01/web01.vmdk"), 0, INVALID, "'sda' already"),
    ("web01", "attach", disk(number=99), 0, libvirt.VIR_ERR_NO_STORAGE_VOL, "spare-99"),
    ("web01", "attach", disk(mode=DiskMode.NONPERSISTENT), 0, NOT_ESX, "snapshot='no'"),
    ("web01", "attach", disk("hdb", "ide").replace("'disk'", "'floppy'"), 0, NOT_ESX, "floppy"),
    ("web01", "attach", disk(), LIVE, INVALID, "domain is not running"),
    ("web01", "attach", disk(), 8, ARGUMENT, "unsupported flags (0x8)"),
    ("web01", "attach", "<disk", 0, XML, "line 1"),
    ("web01", "attach", "<watchdog model='i6300esb'/>", 0, XML, "<watchdog>"),
    ("web01", "attach", nic(network="nowhere"), 0, libvirt.VIR_ERR_NO_NETWORK, "nowhere"),
    ("web01", "attach", "<controller type='scsi' index='0'/>", 0, INVALID, "already"),
    ("db01", "attach", disk("hdb", "ide"), 0, INVALID, "hdb"),
    ("db01", "attach", disk("hdb", "ide"), CONFIG, UNSUPPORTED, "shut it down"),
    ("db01", "attach", "<sound model='sb16'/>", LIVE, INVALID, "sound"),
    ("susp01", "attach", disk(), LIVE, INVALID, "sdf"),
    ("web01", "detach", disk("sdf"), 0, MISSING, "sdf"),
    ("web01", "detach", disk("sdb"), 0, MISSING, "sdb"),  # it holds another file
    ("web01", "detach", disk("sdb", "sata", source="[datastore1] web01/web01_1.vmdk"), 0, MISSING, "sdb"),
    ("web01", "detach", nic(MAC), 0, MISSING, MAC),
    ("web01", "detach", "<controller type='scsi' index='0'/>", 0, INVALID, "'sda'"),
    ("web01", "detach", "<controller type='ide' index='1'/>", 0, UNSUPPORTED, "it stays"),
    ("web01", "detach", "<sound model='sb16'/>", 0, MISSING, "no sound"),
    ("snap01", "detach", "sda", 0, INVALID, "snapshots"),
    ("snap01", "update", "sda", 0, INVALID, "snapshots"),
    ("web01", "update", disk("sda"), 0, UNSUPPORTED, "detach it"),
    ("web01", "update", disk("sdf"), 0, MISSING, "sdf"),
    ("web01", "update", nic(MAC), 0, MISSING, MAC),
    ("web01", "update", nic(model="e1000e"), 0, UNSUPPORTED, "model e1000e"),
]


@pytest.mark.parametrize(("name", "verb", "device", "flags", "code", "said"), REFUSED)
def test_what_cannot_be_is_refused_and_changes_nothing(esx, sim, name, verb, device, flags, code, said):
    domain = esx.lookupByName(name)
    if device == "sda":
        source = etree.fromstring(domain.XMLDesc()).find("devices/disk/source").get("file")
        device = disk("sda", source=source, mode=DiskMode.INDEPENDENT_PERSISTENT)
    before = sim.inventory()
    assert said in failing(code, getattr(domain, f"{verb}DeviceFlags"), device, flags)
    assert sim.inventory() == before


def test_a_connection_that_is_read_only_changes_no_device(esx, sim):
    esx.backend.readonly = True
    web01 = esx.lookupByName("web01")
    for method in (web01.attachDeviceFlags, web01.detachDeviceFlags, web01.updateDeviceFlags):
        failing(libvirt.VIR_ERR_OPERATION_DENIED, method, disk())


@pytest.mark.parametrize("name", ["web01", "db01"])
def test_a_card_is_plugged_out_and_in(esx, sim, name):
    domain, before = esx.lookupByName(name), esx.lookupByName(name).XMLDesc()
    card = etree.fromstring(before).find("devices/interface")
    mac = card.find("mac").get("address")
    for state, plugged in (("down", False), ("up", True)):
        domain.updateDeviceFlags(nic(mac, card.find("source").get("bridge"), inside=f"<link state='{state}'/>"))
        assert ("<link state='down'/>" in domain.XMLDesc()) is not plugged
        assert plug_on_the_host(sim, name)["startConnected"] is plugged
        assert plug_on_the_host(sim, name)["connected"] is (plugged and name == "db01")
    assert domain.XMLDesc() == before


def plug_on_the_host(sim, name):
    """Return the plug of a machine's first card as the simulator itself has it."""
    machine = next(vm for vm in sim.inventory()["machines"] if vm["config"]["name"] == name)
    return next(each["connectable"] for each in machine["config"]["hardware"]["device"] if "macAddress" in each)


def test_a_card_is_known_by_the_name_that_the_running_domain_has_for_it(esx):
    db01 = esx.lookupByName("db01")
    cards = etree.fromstring(db01.XMLDesc()).findall("devices/interface")
    name = cards[1].find("target").get("dev")
    db01.updateDeviceFlags(nic(network="backup net", inside=f"<target dev='{name}'/><link state='down'/>"))
    after = etree.fromstring(db01.XMLDesc()).findall("devices/interface")
    assert [each.find("link") is not None for each in after] == [False, True]
    failing(MISSING, db01.detachDeviceFlags, nic(network="VM Network", inside=f"<target dev='{name}'/>"))
    db01.detachDeviceFlags(nic(network="backup net", inside=f"<target dev='{name}'/>"))
    assert len(etree.fromstring(db01.XMLDesc()).findall("devices/interface")) == 1


LOCKED = "msg.cdromdisconnect.locked:The guest operating system has locked the CD-ROM door. Disconnect anyway?"


@pytest.mark.parametrize(
    ("text", "forced", "changed"), [(LOCKED, True, True), (LOCKED, False, False), ("Other?", True, False)]
)
def test_a_locked_drive_is_opened_by_force_and_no_other_question_answered(esx, sim, text, forced, changed):
    web01 = esx.lookupByName("web01")
    hda = etree.fromstring(web01.XMLDesc()).find("devices/disk[@device='cdrom']/target").get("dev")
    empty = disk(hda, "ide", kind="cdrom", source="")
    sim.question("web01", text, choices=("Yes", "No"), default=1)
    if changed:
        web01.updateDeviceFlags(empty, libvirt.VIR_DOMAIN_DEVICE_MODIFY_FORCE)
    else:
        force = libvirt.VIR_DOMAIN_DEVICE_MODIFY_FORCE if forced else 0
        assert text in failing(FAILED, web01.updateDeviceFlags, empty, force)
    assert ("install.iso" in web01.XMLDesc()) is not changed
