"""``<network>``: what a document asks for, what a switch is written as, and what no switch of ESX's has."""

import libvirt
import pytest

from esxdriver.conf.network import network
from esxdriver.conf.network.network import NetworkDef, PortgroupDef, uuid_of
from esxdriver.conf.network.policy import UNLIMITED, UNTAGGED, Bandwidth, Vlan
from tests.helpers import failing

UNSUPPORTED, XML = libvirt.VIR_ERR_CONFIG_UNSUPPORTED, libvirt.VIR_ERR_XML_ERROR
BOTH = "<bandwidth><inbound average='100' peak='200' burst='50'/><outbound average='100' peak='200' burst='50'/></bandwidth>"
ALL = Vlan((4095,), trunk=True)


def a_network(inner, **attributes):
    given = "".join(f" {name}='{value}'" for name, value in attributes.items())
    return f"<network{given}><name>a</name>{inner}</network>"


READ = [
    ("", {"uuid": None, "nics": (), "portgroups": (), "trusted": None, "bandwidth": None}),
    ("<uuid>9C44F4E117D446FA8A3C53C7A54C5D10</uuid>", {"uuid": "9c44f4e1-17d4-46fa-8a3c-53c7a54c5d10"}),
    ("<forward mode='bridge'/>", {"nics": ()}),
    ("<forward mode='none'/>", {"nics": ()}),
    ("<forward mode='bridge' dev='vmnic1'/>", {"nics": ("vmnic1",)}),
    ("<forward mode='bridge'><interface dev='vmnic1'/><interface dev='vmnic0'/></forward>", {"nics": ("vmnic1", "vmnic0")}),
    ("<bridge name='a'/>", {"name": "a"}),
    (BOTH, {"bandwidth": Bandwidth(100, 200, 50)}),
    ("<bandwidth/>", {"bandwidth": UNLIMITED}),
    ("<portgroup name='p q'/>", {"portgroups": (PortgroupDef(name="p q"),)}),
    (f"<portgroup name='p' trustGuestRxFilters='no'>{BOTH}</portgroup>",
     {"portgroups": (PortgroupDef(name="p", trusted=False, bandwidth=Bandwidth(100, 200, 50)),)}),
]  # fmt: skip


@pytest.mark.parametrize(("inner", "fields"), READ)
def test_a_document_is_read(inner, fields):
    read = network.parse(a_network(inner))
    assert {name: getattr(read, name) for name in fields} == fields


VLANS = [
    ("<tag id='20'/>", "", Vlan((20,))),
    ("<tag id='0'/>", "", UNTAGGED),
    ("<tag id='4095'/>", "", ALL),
    ("<tag id='4095'/>", " trunk='yes'", ALL),
    ("<tag id='20'/>", " trunk='no'", Vlan((20,))),
]


@pytest.mark.parametrize(("tags", "attribute", "vlan"), VLANS)
def test_a_port_group_has_a_vlan(tags, attribute, vlan):
    text = f"<portgroup name='p'><vlan{attribute}>{tags}</vlan></portgroup>"
    assert network.parse_portgroup(text).vlan == vlan
    assert network.parse(a_network(text)).portgroups[0].vlan == vlan


REFUSED = [
    ("<forward/>", UNSUPPORTED, "'nat'"),
    ("<forward mode='nat'/>", UNSUPPORTED, "mode='bridge'"),
    ("<forward mode='route' dev='vmnic0'/>", UNSUPPORTED, "'route'"),
    ("<forward mode='bridge'><pf dev='x'/></forward>", UNSUPPORTED, "<pf>"),
    ("<forward mode='bridge' dev='vmnic1'><interface dev='vmnic0'/></forward>", XML, "vmnic1"),
    ("<forward mode='bridge'><interface/></forward>", XML, "interface"),
    ("<forward mode='none' dev='vmnic0'/>", XML, "interface"),
    ("<forward mode='bridge'><interface dev='n'/><interface dev='n'/></forward>", XML, "twice"),
    ("<ip address='192.0.2.1'><dhcp/></ip>", UNSUPPORTED, "<ip>"),
    ("<dns/>", UNSUPPORTED, "<dns>"),
    ("<domain name='x'/>", UNSUPPORTED, "<domain>"),
    ("<mac address='52:54:00:00:00:01'/>", UNSUPPORTED, "<mac>"),
    ("<metadata><x/></metadata>", UNSUPPORTED, "<metadata>"),
    ("<vlan><tag id='3'/></vlan>", UNSUPPORTED, "<vlan>"),
    ("<bridge name='virbr0'/>", UNSUPPORTED, "'a'"),
    ("<uuid>none</uuid>", XML, "none"),
    ("<portgroup/>", XML, "name"),
    ("<portgroup name='p'/><portgroup name='p'/>", UNSUPPORTED, "'p'"),
    ("<portgroup name='p' default='yes'/>", UNSUPPORTED, "default"),
    ("<portgroup name='p'><virtualport type='802.1Qbh'/></portgroup>", UNSUPPORTED, "<virtualport>"),
    ("<portgroup name='p'><vlan/></portgroup>", XML, "tag"),
    ("<portgroup name='p'><vlan><tag/></vlan></portgroup>", XML, "tag"),
    ("<portgroup name='p'><vlan><tag id='4096'/></vlan></portgroup>", XML, "4096"),
    ("<portgroup name='p'><vlan><tag id='-1'/></vlan></portgroup>", XML, "-1"),
    ("<portgroup name='p'><vlan><tag id='x'/></vlan></portgroup>", XML, "x"),
    ("<portgroup name='p'><vlan trunk='no'><tag id='1'/><tag id='2'/></vlan></portgroup>", XML, "trunk"),
    ("<portgroup name='p'><vlan trunk='yes'><tag id='1'/><tag id='2'/></vlan></portgroup>", UNSUPPORTED, "4095"),
    ("<portgroup name='p'><vlan trunk='yes'><tag id='1'/></vlan></portgroup>", UNSUPPORTED, "'p'"),
    ("<portgroup name='p'><vlan><tag id='1' nativeMode='tagged'/></vlan></portgroup>", UNSUPPORTED, "nativeMode"),
    ("<portgroup name='p' trustGuestRxFilters='maybe'/>", XML, "maybe"),
    ("<bandwidth><inbound average='1'/></bandwidth>", UNSUPPORTED, "both directions"),
    ("<bandwidth><inbound average='1'/><outbound average='2'/></bandwidth>", UNSUPPORTED, "both directions"),
    ("<bandwidth><inbound average='0'/><outbound average='0'/></bandwidth>", XML, "average"),
    ("<bandwidth><inbound peak='1'/><outbound peak='1'/></bandwidth>", XML, "average"),
    ("<bandwidth><inbound average='1' floor='1'/><outbound average='1'/></bandwidth>", UNSUPPORTED, "floor"),
    ("<bandwidth><inbound average='many'/><outbound average='many'/></bandwidth>", XML, "many"),
]  # fmt: skip


@pytest.mark.parametrize(("inner", "code", "part"), REFUSED)
def test_what_has_no_meaning_or_no_switch_has_is_refused(inner, code, part):
    assert part in failing(code, network.parse, a_network(inner))


@pytest.mark.parametrize(
    "text", ["<network/>", "<network><name/></network>", "<pool/>", "", "<network>", "<!DOCTYPE x><network/>"]
)
def test_what_is_no_networks_document_is_refused(text):
    failing(XML, network.parse, text)


def test_ipv6_between_guests_is_nothing_to_ask_for():
    failing(UNSUPPORTED, network.parse, a_network("", ipv6="yes"))


def test_a_switch_is_written_as_libvirts_own_driver_does():
    portgroups = (
        PortgroupDef(name="VM Network", vlan=UNTAGGED),
        PortgroupDef(name="a & b", vlan=Vlan((20,)), trusted=False),
        PortgroupDef(name="all", vlan=ALL, bandwidth=Bandwidth(1, 2, 3)),
    )
    definition = NetworkDef(
        name="vSwitch0", uuid="2f467347-8b4e-8655-e7d6-c4c3fb968009", nics=("vmnic0", "vmnic1"), portgroups=portgroups
    )
    assert (
        network.format(definition)
        == """\
<network>
  <name>vSwitch0</name>
  <uuid>2f467347-8b4e-8655-e7d6-c4c3fb968009</uuid>
  <forward dev='vmnic0' mode='bridge'>
    <interface dev='vmnic0'/>
    <interface dev='vmnic1'/>
  </forward>
  <portgroup name='VM Network'/>
  <portgroup name='a &amp; b' trustGuestRxFilters='no'>
    <vlan>
      <tag id='20'/>
    </vlan>
  </portgroup>
  <portgroup name='all'>
    <vlan trunk='yes'>
      <tag id='4095'/>
    </vlan>
    <bandwidth>
      <inbound average='1' peak='2' burst='3'/>
      <outbound average='1' peak='2' burst='3'/>
    </bandwidth>
  </portgroup>
</network>
"""
    )
    read = network.parse(network.format(definition))
    assert read.nics == definition.nics
    assert [each.vlan or UNTAGGED for each in read.portgroups] == [each.vlan for each in portgroups]


def test_the_uuid_is_the_md5_of_the_key():
    assert str(uuid_of("key-vim.host.VirtualSwitch-vSwitch0")) == "2f467347-8b4e-8655-e7d6-c4c3fb968009"
