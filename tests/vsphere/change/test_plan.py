"""What is asked of a host for a change: tables of edits, and the changes they come to."""

from dataclasses import replace

import pytest

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.vsphere.change.plan import plan_creation, plan_edit
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.match import match
from esxdriver.vsphere.machine.surface import set_path
from esxdriver.vsphere.machine.types import vim_type
from tests.conf.documents import domain
from tests.hosting import created, reconfigured


def disk(target, name, bus="scsi", inside="", **attributes):
    words = "".join(f" {key}='{word}'" for key, word in {"type": "file", "device": "disk", **attributes}.items())
    source = f"<source file='[ds] d/{name}'/>" if name else ""
    return f"<disk{words}>{source}<target dev='{target}' bus='{bus}'/>{inside}</disk>"


def nic(mac, network="VM Network", model="vmxnet3", inside=""):
    return (
        f"<interface type='bridge'><mac address='{mac}'/><source bridge='{network}'/><model type='{model}'/>"
        f"{inside}</interface>"
    )


A, B, CD = disk("sda", "a.vmdk"), disk("sdb", "b.vmdk"), disk("hda", "x.iso", "ide", device="cdrom")
MAC = "00:50:56:00:00:01"
NIC = nic(MAC)
PVSCSI = "<controller type='scsi' index='0' model='vmpvscsi'/>"

EDITS = [
    # the domain as it is, as it is wanted, what becomes of its devices
    ("nothing", A + CD + NIC, A + CD + NIC, []),
    ("a mode", A + B, A + disk("sdb", "b.vmdk", snapshot="no"), ["edit VirtualDisk"]),
    ("a new disk", A, A + B, ["add VirtualDisk"]),
    ("a disk less", A + B, A, ["remove VirtualDisk"]),
    ("another file in a disk's place", A, disk("sda", "b.vmdk"), ["remove VirtualDisk", "add VirtualDisk"]),
    ("a disk in another place", A, disk("sdc", "a.vmdk"), ["edit VirtualDisk"]),
    ("two disks change places", A + B, disk("sda", "b.vmdk") + disk("sdb", "a.vmdk"), ["edit VirtualDisk"] * 2),
    ("a disk on another bus", A, disk("sda", "a.vmdk", "sata"),
     ["add VirtualAHCIController", "edit VirtualDisk", "remove VirtualLsiLogicController"]),
    ("the first disk of a controller", A, A + disk("sdp", "c.vmdk"), ["add VirtualLsiLogicController", "add VirtualDisk"]),
    ("the last disk of a controller", A + disk("sdp", "c.vmdk"), A, ["remove VirtualDisk", "remove VirtualLsiLogicController"]),
    ("a controller of another model", A, A + PVSCSI,
     ["add ParaVirtualSCSIController", "edit VirtualDisk", "remove VirtualLsiLogicController"]),
    ("a controller of another model, and a disk less", A + B, A + PVSCSI,
     ["add ParaVirtualSCSIController", "remove VirtualDisk", "edit VirtualDisk", "remove VirtualLsiLogicController"]),
    ("a controller whose model is not said", A + PVSCSI, A + "<controller type='scsi' index='0'/>", []),
    ("another medium", CD, disk("hda", "y.iso", "ide", device="cdrom"), ["edit VirtualCdrom"]),
    ("no medium", CD, disk("hda", "", "ide", device="cdrom"), ["edit VirtualCdrom"]),
    ("a medium from the host", CD,
     "<disk type='block' device='cdrom'><source dev='/dev/sr0'/><target dev='hda' bus='ide'/></disk>", ["edit VirtualCdrom"]),
    ("a disk where a CD-ROM was", CD, disk("hda", "a.vmdk", "ide"), ["remove VirtualCdrom", "add VirtualDisk"]),
    ("another network", NIC, nic(MAC, "other"), ["edit VirtualVmxnet3"]),
    ("another card", NIC, nic(MAC, model="e1000"), ["remove VirtualVmxnet3", "add VirtualE1000"]),
    ("another MAC address", NIC, nic("00:50:56:00:00:02"), ["edit VirtualVmxnet3"]),
    ("a card whose model and MAC address are not said", NIC, "<interface type='bridge'><source bridge='VM Network'/></interface>", []),
    ("a card less", NIC, "", ["remove VirtualVmxnet3"]),
    ("no video card in the document", "<video><model type='vmvga' vram='4096'/></video>", "", []),
    ("more video memory", "<video><model type='vmvga' vram='4096'/></video>",
     "<video><model type='vmvga' vram='8192'/></video>", ["edit VirtualMachineVideoCard"]),
    ("a port", "", "<serial type='file'><source path='[ds] a.log'/></serial>", ["add VirtualSerialPort"]),
    ("a port that leads elsewhere", "<serial type='file'><source path='[ds] a.log'/></serial>",
     "<serial type='tcp'><source mode='bind' host='' service='7'/></serial>", ["edit VirtualSerialPort"]),
    ("a TPM", "", "<tpm model='tpm-crb'/>", ["add VirtualTPM"]),
]  # fmt: skip


def made(devices, head=""):
    definition = domain_xml.parse(domain(devices, head))
    return machine.read(created(plan_creation(match(None, definition), "[ds] d/d.vmx").spec))


def wanted(have, devices, head=""):
    """Return what the document asks for, everything else being as it is."""
    said = domain_xml.parse(domain(devices, head))
    return replace(said, uuid=have.definition.uuid, hardware=have.definition.hardware)


@pytest.mark.parametrize(("have", "want", "changes"), [row[1:] for row in EDITS], ids=[row[0] for row in EDITS])
def test_an_edit_asks_for_these_device_changes(have, want, changes):
    is_ = made(have)
    plan = plan_edit(match(is_, wanted(is_, want)))
    asked = [f"{each.operation} {type(each.device)._wsdlName}" for each in plan.spec.deviceChange] if plan else []
    assert asked == changes
    if plan:
        assert len(plan.labels) == len(changes)
        after = machine.read(reconfigured(is_.config, plan.spec))
        assert plan_edit(match(after, wanted(after, want))) is None


FACTS = [
    # what the head of the document says, the property of the specification, its value
    ("<description>new</description>", "annotation", "new"),
    ("<vcpu>4</vcpu>", "numCPUs", 4),
    ("<vcpu>4</vcpu><cpu><topology sockets='2' cores='2' threads='1'/></cpu>", "numCoresPerSocket", 2),
    ("<currentMemory>2048</currentMemory>", "memoryAllocation.limit", 2),
    ("<memtune><min_guarantee>1024</min_guarantee></memtune>", "memoryAllocation.reservation", 1),
    ("<cputune><shares>2000</shares></cputune>", "cpuAllocation.shares.level", "high"),
    ("<cputune><shares>1999</shares></cputune>", "cpuAllocation.shares.shares", 1999),
    ("<vcpu cpuset='1-2'>1</vcpu>", "cpuAffinity.affinitySet", [1, 2]),
]


@pytest.mark.parametrize(("head", "path", "value"), FACTS)
def test_a_changed_fact_is_asked_for_alone(head, path, value):
    have = made(A)
    spec = plan_edit(match(have, wanted(have, A, head))).spec
    found = spec
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value
    assert not spec.deviceChange
    assert spec.memoryMB is None


def test_taking_a_limit_away_says_that_there_is_none():
    have = made(A, "<currentMemory>2048</currentMemory>")
    assert plan_edit(match(have, wanted(have, A))).spec.memoryAllocation.limit == -1


VNC = "<graphics type='vnc'{}/>"


@pytest.mark.parametrize(
    ("said", "port"),
    [
        (" port='5901'", None), (" port='5902'", "5902"), ("", ""), (" port='-1'", ""), (" autoport='yes'", ""),
        (" port='5901' autoport='yes'", ""), (" port='-1' autoport='yes'", ""), (" port='5902' autoport='no'", "5902"),
    ],
)  # fmt: skip
def test_a_port_of_vnc_is_given_or_left_to_the_host_as_libvirt_reads_it(said, port):
    is_ = made(A + VNC.format(" port='5901'"))
    plan = plan_edit(match(is_, wanted(is_, A + VNC.format(said))))
    options = {} if port is None else {"RemoteDisplay.vnc.port": port}
    assert ({option.key: option.value for option in plan.spec.extraConfig} if plan else {}) == options


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("hardware.numCoresPerSocket", 0),
        ("hardware.numCoresPerSocket", 3),
        ("hardware.numCPU", 3),
        ("memoryAllocation.reservation", 1 << 20),
        ("memoryAllocation.limit", 1 << 20),
    ],
)
def test_a_figure_that_no_document_can_say_is_no_change_that_a_document_asks_for(path, value):
    config = made(A, "<vcpu>4</vcpu><cpu><topology sockets='2' cores='2' threads='1'/></cpu>").config
    set_path(config, path, value)
    have = machine.read(config)
    assert plan_edit(match(have, domain_xml.parse(domain_xml.format(have.definition)))) is None


OPTIONS = (
    "<metadata><e:domain xmlns:e='urn:x-esxdriver:domain:1'><e:extraConfig>{}</e:extraConfig></e:domain></metadata>"
)
OPTION = "<e:option key='{}' value='{}'/>"


@pytest.mark.parametrize(
    ("have", "want", "changes"),
    [
        ({"a": "1"}, {"a": "1"}, {}),
        ({"a": "1"}, {"A": "1"}, {}),
        ({"a": "1"}, {"a": "2"}, {"a": "2"}),
        ({"a": "1"}, {"a": "1", "b": "2"}, {"b": "2"}),
        ({"a": "1", "b": "2"}, {"b": "2"}, {}),
        ({"a": "1"}, {"a": ""}, {"a": ""}),
        ({"guestinfo.x": "1"}, {}, {}),
        ({"guestinfo.x": "1"}, {"guestinfo.x": ""}, {"guestinfo.x": ""}),
    ],
)
def test_options_are_set_and_removed_when_said_so_and_stay_when_left_out(have, want, changes):
    heads = [OPTIONS.format("".join(OPTION.format(*pair) for pair in each.items())) for each in (have, want)]
    is_ = made(A, heads[0])
    plan = plan_edit(match(is_, wanted(is_, A, heads[1])))
    assert {option.key: option.value for option in plan.spec.extraConfig} == changes if plan else not changes


@pytest.mark.parametrize(
    "key", ["vc.uuid", "scsi0:0.fileName", "nvram", "ethernet0.checkMACAddress", "migrate.hostLog"]
)
def test_an_option_never_says_what_a_fact_or_only_the_host_says(key):
    is_ = made(A)
    assert plan_edit(match(is_, wanted(is_, A, OPTIONS.format(OPTION.format(key, "x"))))) is None


# Options of recorded machines that are not the user's.
OTHERS = [
    "checkpoint.vmState", "checkpoint.vmState.readOnly", "hostCPUID.0", "guestCPUID.80000001", "userCPUID.1",
    "featMask.vm.cpuid.Intel", "featureCompat.vm.completeMasks", "evcCompatibilityMode", "guestOS.detailed.data",
    "guestInfo.detailed.data", "guestinfo.appInfo", "guestinfo.vmtools.buildNumber", "scsi0.sasWWID", "scsi1.sasWWID",
    "migrate.migrationId", "vmotion.checkpointFBSize", "vmotion.svga.mobMaxSize", "monitor.phys_bits_used", "vmci0.id",
    "softPowerOff", "cleanShutdown", "sched.swap.derivedName", "scsi0:0.redo", "pciBridge0.pciSlotNumber", "vc.uuid",
    "uuid.location", "vm.genid", "vm.genidX", "numa.autosize.cookie", "extendedConfigFile",
    "tools.capability.verifiedSamlToken", "toolsInstallManager.updateCounter", "usb:1.parent",
]  # fmt: skip


@pytest.mark.parametrize("key", OTHERS)
def test_what_the_host_owns_is_not_shown_nor_sent_nor_given_to_a_new_domain(key):
    head = OPTIONS.format(OPTION.format(key, "of another time") + OPTION.format("guestinfo.mine", "x"))
    is_ = made(A)
    kept = machine.read(reconfigured(is_.config, vim_type("VirtualMachineConfigSpec")(extraConfig=[value_of(key)])))
    assert key not in domain_xml.format(kept.definition, Style(secure=True))
    for spec in (
        plan_edit(match(kept, wanted(kept, A, head))).spec,
        plan_creation(match(None, domain_xml.parse(domain(A, head))), "[ds] d/d.vmx").spec,
    ):
        assert [option.key for option in spec.extraConfig] == ["guestinfo.mine"]


def value_of(key):
    return vim_type("OptionValue")(key=key, value="of now")


@pytest.mark.parametrize("key", ["cpuid.1.eax", "sched.swap.dir", "disk.EnableUUID", "guestinfo.userdata", "pciBridge0.present",
                                 "numa.nodeAffinity", "monitor_control.x", "ethernet0.filter0.name", "svga.present"])  # fmt: skip
def test_what_the_user_sets_is_shown_and_sent(key):
    have = made(A, OPTIONS.format(OPTION.format(key, "1")))
    assert have.definition.options == {key: "1"}


@pytest.mark.parametrize(("kib", "mib"), [(4096, 4), (4097, 8), (1025 * 1024, 1028)])
def test_memory_is_rounded_up_to_what_vsphere_takes(kib, mib):
    text = domain(A).replace("4096", str(kib))
    assert plan_creation(match(None, domain_xml.parse(text)), "[ds] d/d.vmx").spec.memoryMB == mib


FOLDER = "<filesystem type='mount'><source dir='/{}'/><target dir='{}'/></filesystem>"


def test_shared_folders_keep_their_numbers():
    is_ = made(FOLDER.format("a", "a") + FOLDER.format("b", "b"))
    gone = plan_edit(match(is_, wanted(is_, FOLDER.format("b", "b"))))
    assert {option.key: option.value for option in gone.spec.extraConfig} == {"sharedFolder0.present": "FALSE"}
    after = machine.read(reconfigured(is_.config, gone.spec))
    more = plan_edit(match(after, wanted(after, FOLDER.format("new", "b") + FOLDER.format("c", "c"))))
    assert {option.key: option.value for option in more.spec.extraConfig if option.key.endswith("hostPath")} == {
        "sharedFolder1.hostPath": "/new",
        "sharedFolder0.hostPath": "/c",
    }


def test_a_document_without_options_leaves_them_alone():
    is_ = made(A, OPTIONS.format(OPTION.format("a", "1")))
    assert plan_edit(match(is_, wanted(is_, A))) is None


def test_boot_order_names_devices_that_are_added_in_the_same_breath():
    order = "<boot order='{}'/>"
    text = domain(disk("sda", "a.vmdk", inside=order.format(2)) + nic(MAC, inside=order.format(1)))
    spec = plan_creation(match(None, domain_xml.parse(text)), "[ds] d/d.vmx").spec
    assert [each.deviceKey for each in spec.bootOptions.bootOrder] == [4000, 2000]


def test_a_boot_order_names_what_takes_the_place_and_the_key_of_a_device_that_goes():
    hda = (
        "<disk type='file' device='{}'><source file='[ds] a/hda'/><target dev='hda' bus='ide'/><boot order='1'/></disk>"
    )
    is_ = made(hda.format("cdrom"))
    plan = plan_edit(match(is_, wanted(is_, hda.format("disk"))))
    assert [(each.operation, each.device.key) for each in plan.spec.deviceChange] == [("remove", 3000), ("add", 3000)]
    assert [each.deviceKey for each in plan.spec.bootOptions.bootOrder] == [3000]


def edited_device(have, want):
    """Return the one device that the edit of a machine into the document changes."""
    is_ = made(have)
    (change,) = [
        each for each in plan_edit(match(is_, wanted(is_, want))).spec.deviceChange if each.operation != "remove"
    ]
    return change.device


def test_a_medium_that_comes_is_connected_and_one_that_goes_is_not():
    empty = disk("hda", "", "ide", device="cdrom")
    assert edited_device(empty, CD).connectable.startConnected is True
    assert edited_device(CD, empty).connectable.startConnected is False


def test_a_new_mac_address_is_of_its_own_type():
    old = nic("00:0c:29:00:00:01").replace("/><source", " type='generated'/><source")
    assert edited_device(old, nic("00:50:56:00:00:02")).addressType == "manual"


def test_a_card_of_another_model_keeps_its_plug():
    is_ = made(NIC)
    card = next(device for device in is_.config.hardware.device if hasattr(device, "macAddress"))
    card.connectable.startConnected, card.externalId = False, "port-1"
    want = wanted(is_, nic(MAC, model="e1000"))
    added = plan_edit(match(is_, want)).spec.deviceChange[1].device
    assert (added.connectable.startConnected, added.externalId) == (False, "port-1")


def test_a_controller_of_another_model_keeps_its_bus_sharing_though_the_document_is_silent():
    is_ = made(A)
    controller = next(device for device in is_.config.hardware.device if hasattr(device, "sharedBus"))
    controller.sharedBus = "physicalSharing"
    is_ = machine.read(is_.config)
    added = plan_edit(match(is_, wanted(is_, A + PVSCSI))).spec.deviceChange[0].device
    assert added.sharedBus == "physicalSharing"


def test_both_usb_controllers_of_a_machine_are_told_apart():
    is_ = made("<controller type='usb' index='0' model='ehci'/><controller type='usb' index='1' model='nec-xhci'/>")
    usb = [device for device in is_.config.hardware.device if "USB" in type(device)._wsdlName]
    for device in usb:
        device.busNumber = 0  # as ESX has it
    found = machine.read(is_.config)
    assert [each.index for each in found.definition.controllers] == [0, 1]
    assert plan_edit(match(found, domain_xml.parse(domain_xml.format(found.definition)))) is None


def test_a_device_that_a_dump_leaves_out_keeps_its_place_in_the_boot_order():
    is_ = made(disk("sda", "a.vmdk", inside="<boot order='1'/>") + B)
    odd = next(device for device in is_.config.hardware.device if device.key == 2001)
    odd.backing.diskMode = "quantum"
    kind = type(is_.config.bootOptions.bootOrder[0])
    is_.config.bootOptions.bootOrder = [kind(deviceKey=2001), kind(deviceKey=2000)]
    found = machine.read(is_.config)
    assert plan_edit(match(found, domain_xml.parse(domain_xml.format(found.definition)))) is None


def test_a_new_domain_is_made_of_what_its_document_says():
    spec = plan_creation(match(None, domain_xml.parse(domain(A + NIC))), "[ds] d/d.vmx").spec
    assert (spec.name, spec.guestId, spec.version) == ("web01", "otherGuest64", None)
    assert spec.files.vmPathName == "[ds] d/d.vmx"
    assert {each.fileOperation for each in spec.deviceChange} == {None}


def test_what_a_disk_cannot_have_is_refused_with_its_name():
    rdm = "<metadata><e:domain xmlns:e='urn:x-esxdriver:domain:1'><e:disk target='sda' backing='rdm'/></e:domain></metadata>"
    text = domain(disk("sda", "a.vmdk", inside="<driver cache='writethrough'/>"), rdm)
    with pytest.raises(Exception, match=r"sda.*writeThrough"):
        plan_creation(match(None, domain_xml.parse(text)), "[ds] d/d.vmx")


def test_the_order_of_usb_controllers_is_the_hosts_own():
    usb = "<controller type='usb' index='{}' model='{}'/>"
    xhci_first = domain_xml.parse(domain(usb.format(0, "nec-xhci") + usb.format(1, "ehci")))
    ehci_first = domain_xml.parse(domain(usb.format(0, "ehci") + usb.format(1, "nec-xhci")))
    have = machine.read(created(plan_creation(match(None, ehci_first), "[ds] a/a.vmx").spec))
    assert plan_edit(match(have, xhci_first)) is None


def test_a_boot_order_may_name_a_device_that_is_gone():
    disk = "<disk><source file='[ds] a/{0}.vmdk'/><target dev='{0}' bus='scsi'/><boot order='{1}'/></disk>"
    have = domain_xml.parse(domain(disk.format("sda", 1) + disk.format("sdb", 2)))
    want = domain_xml.parse(domain(disk.format("sda", 2) + disk.format("sdb", 1)))
    config = created(plan_creation(match(None, have), "[ds] a/a.vmx").spec)
    gone = vim_type("VirtualMachineBootOptionsBootableDiskDevice")(deviceKey=9999)
    config.bootOptions.bootOrder = [gone, *config.bootOptions.bootOrder]
    plan = plan_edit(match(machine.read(config), want))
    assert [each.deviceKey for each in plan.spec.bootOptions.bootOrder] == [2001, 2000]


VDS = (
    f"<interface type='vds'><mac address='{MAC}'/>"
    "<source switchid='503426b2-94e9-3b16-1d68-87bfff4a5440' portgroupid='dvportgroup-7'/><model type='vmxnet3'/>"
    "</interface>"
)
DOWN, UP = "<link state='down'/>", "<link state='up'/>"
PLUGS = [
    # the card as it is (none: a new one), as it is wanted, and whether it is plugged in then; None: nothing is asked
    ("", NIC, True),
    ("", VDS, True),
    ("", nic(MAC, inside=DOWN), False),
    (NIC, nic(MAC, inside=DOWN), False),
    (NIC, nic(MAC, inside=UP), None),
    (nic(MAC, inside=DOWN), NIC, None),
    (nic(MAC, inside=DOWN), nic(MAC, inside=UP), True),
    (NIC, VDS, True),
    (nic(MAC, inside=DOWN), VDS, False),
    (nic(MAC, inside=DOWN), nic(MAC, model="e1000"), False),
    (nic(MAC, inside=DOWN), nic(MAC, model="e1000", inside=UP), True),
]


@pytest.mark.parametrize(("have", "want", "plugged"), PLUGS)
def test_a_card_is_plugged_in_as_its_link_says_and_keeps_its_plug_otherwise(have, want, plugged):
    machine_ = made(A + have)
    plan = plan_edit(match(machine_, wanted(machine_, A + want)))
    plugs = [each.device.connectable for each in plan.spec.deviceChange if each.operation != "remove"] if plan else []
    assert [(each.startConnected, each.connected) for each in plugs] == (
        [] if plugged is None else [(plugged, plugged)]
    )
