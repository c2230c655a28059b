"""What a connection says it can run: of one host, and of several, of which none stands for the others."""

import shutil
from dataclasses import replace

import libvirt
import pytest
from lxml import etree

from esxdriver.conf.mapping.enums import DiskMode, Firmware
from esxdriver.conf.xml.schema import check_schema
from esxdriver.driver.offered import parts
from esxdriver.vsphere.machine.offer import Offer
from tests.helpers import failing

installed = pytest.mark.skipif(
    not shutil.which("virt-xml-validate"), reason="libvirt's schemas are not here (Debian package libvirt-clients)"
)


def values(document, path):
    return [each.text for each in etree.fromstring(document).iterfind(path)]


def counted(conn, call, *arguments):
    """Return a call's result, and how many round trips it took."""
    before = conn.backend.session.calls.total()
    return call(*arguments), conn.backend.session.calls.total() - before


def test_a_host_says_what_it_is_and_runs(esx):
    text, trips = counted(esx, esx.getCapabilities)
    assert trips == 3
    assert counted(esx, esx.getCapabilities) == (text, 1)
    root = etree.fromstring(text)
    assert root.findtext("host/uuid") == "368f526c-ccda-4f74-9d02-7c93eddbdc71"
    assert dict(root.find("host/cpu/topology").attrib) == {"sockets": "2", "dies": "1", "cores": "8", "threads": "2"}
    assert [each.get("id") for each in root.iterfind(".//cpus/cpu")] == [str(number) for number in range(32)]
    assert root.find(".//cpus/cpu[@id='17']").attrib == {
        "id": "17", "socket_id": "1", "die_id": "0", "core_id": "0", "siblings": "16-17",
    }  # fmt: skip
    machines = values(text, "guest/arch[@name='x86_64']/machine")
    assert machines[:3] == ["vmx-19", "vmx-21", "vmx-20"]  # what the host chooses stands first
    assert machines[-1] == "vmx-04"
    if shutil.which("virt-xml-validate"):
        check_schema(text, "capabilities", "capability")


def test_a_domain_may_have_what_the_host_offers(esx):
    text, trips = counted(esx, esx.getDomainCapabilities)
    assert trips == 4
    assert counted(esx, esx.getDomainCapabilities, None, None, "vmx-19", "vmware", 0) == (text, 1)
    expected = {
        "machine": ["vmx-19"],
        "arch": ["x86_64"],
        "os/enum[@name='firmware']/value": ["bios", "efi"],
        "os/loader/enum[@name='secure']/value": ["yes", "no"],
        "cpu/mode[@supported='yes']": [None],
        "devices/disk/enum[@name='diskDevice']/value": ["disk", "cdrom", "lun", "floppy"],
        "devices/disk/enum[@name='bus']/value": ["scsi", "sata", "nvme", "ide", "fdc"],
        "devices/disk/enum[@name='controllerModel']/value": ["buslogic", "lsilogic", "lsisas1068", "vmpvscsi"],
        "devices/disk/enum[@name='snapshot']/value": ["yes", "no"],
        "devices/disk/enum[@name='persistent']/value": ["yes", "no"],
        "devices/video/enum/value": ["vmvga"],
        "devices/tpm/enum[@name='backendVersion']/value": ["2.0"],
        "devices/hostdev/enum[@name='subsysType']/value": ["pci", "usb"],
        "devices/graphics[@supported='no']": [None],
    }
    assert {path: values(text, path) for path in expected} == expected
    assert etree.fromstring(text).find("vcpu").get("max") == "32"
    if shutil.which("virt-xml-validate"):
        check_schema(text, "domainCapabilities", "domaincaps")


def test_an_older_machine_type_has_less(esx):
    text = esx.getDomainCapabilities("/bin/vmx", "i686", "vmx-07", "vmware")
    assert values(text, "devices/disk/enum[@name='bus']/value") == ["scsi", "ide", "fdc"]
    assert values(text, "devices/tpm[@supported='no']") == [None]
    assert etree.fromstring(text).find("vcpu").get("max") == "8"


WRONG = [
    ((None, "ppc64"), "architecture 'ppc64': this host has i686, x86_64"),
    ((None, None, "pc"), "machine type 'pc': this host has vmx-21, vmx-20, vmx-19"),
    ((None, None, "vmx-99"), "machine type 'vmx-99': this host has vmx-21"),
    ((None, None, None, "kvm"), "virtualization type 'kvm': this host has vmware"),
    (("/usr/bin/qemu",), "emulator '/usr/bin/qemu': this host has /bin/vmx"),
    ((None, None, None, None, 1), "unsupported flags (0x1)"),
]


def test_what_the_host_does_not_run_is_refused_with_what_it_does(esx):
    for arguments, said in WRONG:
        assert said in failing(libvirt.VIR_ERR_INVALID_ARG, esx.getDomainCapabilities, *arguments)


OFFER = Offer(
    vcpus=4, classes=frozenset({"VirtualDisk", "VirtualIDEController"}), backings=frozenset(), modes=frozenset(DiskMode),
    firmware=frozenset({Firmware.BIOS}), secure_boot=False, archs=frozenset({"i686"}),
)  # fmt: skip


def shown(offer, api=(6, 5), path="devices/disk"):
    return next((each.supported, dict(each.enums)) for each in parts(offer, api) if each.path == path)


OFFERS = [
    ("devices/disk", OFFER, (True, {"diskDevice": ["disk"], "bus": ["ide"], "controllerModel": [],
                                    "snapshot": ["yes", "no"], "persistent": ["yes", "no"]})),
    ("devices/disk", replace(OFFER, modes=frozenset({DiskMode.PERSISTENT, DiskMode.APPEND})),
     (True, {"diskDevice": ["disk"], "bus": ["ide"], "controllerModel": [], "snapshot": ["yes"],
             "persistent": ["yes"]})),
    ("os", OFFER, (True, {"firmware": ["bios"]})),
    ("os/loader", OFFER, (False, {"secure": ["no"]})),
    ("devices/graphics", OFFER, (True, {"type": ["vnc"]})),
    ("devices/video", OFFER, (False, {})),
    ("devices/hostdev", OFFER, (False, {})),
    ("devices/hostdev", replace(OFFER, classes=frozenset({"VirtualUSB"})),
     (True, {"mode": ["subsystem"], "subsysType": ["usb"]})),
    ("devices/tpm", OFFER, (False, {})),
]  # fmt: skip


@pytest.mark.parametrize(("path", "offer", "expected"), OFFERS)
def test_libvirts_words_for_an_offer(path, offer, expected):
    assert shown(offer, path=path) == expected


def test_the_models_of_network_cards_are_there_where_libvirts_schema_has_a_place(monkeypatch):
    monkeypatch.setattr("esxdriver.driver.offered._HAS_INTERFACE", True)
    offer = replace(OFFER, classes=frozenset({"VirtualVmxnet3", "VirtualE1000"}))
    assert shown(offer, path="devices/interface") == (True, {"model": ["vmxnet3", "e1000"]})


def test_a_host_without_vnc_has_no_graphics():
    assert shown(OFFER, (7, 0), "devices/graphics") == (False, {})


def test_cpus_are_all_online(esx):
    assert esx.getCPUMap() == (32, [True] * 32, 32)
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.getCPUMap, 1)
    failing(libvirt.VIR_ERR_NO_SUPPORT, esx.getCPUModelNames, "x86_64")


# -- several hosts: three of 64 GiB and 16 cores, two of them in a cluster


@pytest.mark.esx(model="vpx")
def test_several_hosts_are_summed_where_libvirt_means_a_sum(esx):
    assert esx.getInfo() == ["Intel Xeon Gold 6326 CPU @ 2.90", 3 * 65536, 48, 2900, 3, 2, 8, 2]
    total = esx.getMemoryStats(-1)
    assert total["total"] == 3 * 64 * 2**20
    assert esx.getFreeMemory() // 1024 == total["free"]
    assert esx.getMaxVcpus() == 768
    assert esx.getCPUStats(-1)["idle"] > 0
    assert esx.getHostname() == esx.backend.uri.host  # the vCenter's


@pytest.mark.esx(model="vpx")
def test_several_hosts_have_in_common_what_the_capabilities_say(esx):
    text, trips = counted(esx, esx.getCapabilities)
    assert trips == 4  # hosts, computing resources, and each of these two
    assert counted(esx, esx.getCapabilities) == (text, 1)
    root = etree.fromstring(text)
    assert root.find("host/uuid") is None
    assert root.find("host/topology") is None
    assert root.find("host/cpu/topology").get("cores") == "8"
    assert values(text, "guest/arch[@name='x86_64']/machine")[0] == "vmx-19"


@pytest.mark.esx(model="vpx")
def test_what_one_host_can_tell_asks_for_its_name(esx):
    hosts = "(cluster1/esx1.example.test, cluster1/esx2.example.test, esx3.example.test)"
    for call, *arguments in (
        (esx.getSysinfo,), (esx.getCPUMap,), (esx.getCPUStats, 0), (esx.getMemoryStats, 0),
        (esx.getCellsFreeMemory, 0, 1),
    ):  # fmt: skip
        text = failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, call, *arguments)
        assert text.endswith(f"is another on each host, and the URI names several: add one to its path {hosts}")
    text = failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, esx.getDomainCapabilities)
    assert text.endswith("add one to its path (cluster1, esx3.example.test)")
