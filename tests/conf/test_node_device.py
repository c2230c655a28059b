"""libvirt's document of a host's device, as it is written and as libvirt's schema has it."""

import shutil

import pytest

from esxdriver.conf.node_device import NodeDevice, PciDevice, System, node_device_xml, pci_name
from esxdriver.conf.xml.schema import check_schema

CARD = NodeDevice(
    pci_name("0000:03:00.1"),
    PciDevice((0, 3, 0, 1), 0x0200, 0x8086, 0x10FB, "Intel Corporation", "82599 <10G>", functions=63),
    parent="pci_0000_00_01_0", driver="pcipassthru",
)  # fmt: skip
LITTLE = NodeDevice(pci_name("0001:ff:1f.7"), PciDevice((1, 255, 31, 7), 0, 0, 0), parent="computer")
HOST = NodeDevice(
    "computer",
    System("4c4c4544-0000-4000-8000-000000000001", "R640", {"vendor": "Dell Inc.", "serial": None}, {"version": "2.1"}),
)
DOCUMENTS = [
    (CARD,
     "<device>\n"
     "  <name>pci_0000_03_00_1</name>\n"
     "  <parent>pci_0000_00_01_0</parent>\n"
     "  <driver>\n"
     "    <name>pcipassthru</name>\n"
     "  </driver>\n"
     "  <capability type='pci'>\n"
     "    <class>0x020000</class>\n"
     "    <domain>0</domain>\n"
     "    <bus>3</bus>\n"
     "    <slot>0</slot>\n"
     "    <function>1</function>\n"
     "    <product id='0x10fb'>82599 &lt;10G&gt;</product>\n"
     "    <vendor id='0x8086'>Intel Corporation</vendor>\n"
     "    <capability type='virt_functions' maxCount='63'/>\n"
     "  </capability>\n"
     "</device>\n"),
    (LITTLE,
     "<device>\n"
     "  <name>pci_0001_ff_1f_7</name>\n"
     "  <parent>computer</parent>\n"
     "  <capability type='pci'>\n"
     "    <class>0x000000</class>\n"
     "    <domain>1</domain>\n"
     "    <bus>255</bus>\n"
     "    <slot>31</slot>\n"
     "    <function>7</function>\n"
     "    <product id='0x0000'/>\n"
     "    <vendor id='0x0000'/>\n"
     "  </capability>\n"
     "</device>\n"),
    (HOST,
     "<device>\n"
     "  <name>computer</name>\n"
     "  <capability type='system'>\n"
     "    <product>R640</product>\n"
     "    <hardware>\n"
     "      <vendor>Dell Inc.</vendor>\n"
     "      <uuid>4c4c4544-0000-4000-8000-000000000001</uuid>\n"
     "    </hardware>\n"
     "    <firmware>\n"
     "      <version>2.1</version>\n"
     "    </firmware>\n"
     "  </capability>\n"
     "</device>\n"),
]  # fmt: skip


@pytest.mark.parametrize(("device", "text"), DOCUMENTS, ids=["full", "little", "host"])
def test_a_devices_document(device, text):
    assert node_device_xml(device) == text
    if shutil.which("virt-xml-validate"):
        check_schema(text, "device", "nodedev")
