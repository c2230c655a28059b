"""Networks and host interfaces: found in every way, defined, changed, removed, and every refusal before anything."""

import libvirt
import pytest

from tests.helpers import failing
from tests.live.rig import Rig, unchanged

pytestmark = pytest.mark.live

NO_NETWORK, NO_INTERFACE = libvirt.VIR_ERR_NO_NETWORK, libvirt.VIR_ERR_NO_INTERFACE
INVALID, UNSUPPORTED = libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_OPERATION_UNSUPPORTED
vpx = pytest.mark.esx(model="vpx")
both = pytest.mark.parametrize(
    "model", [pytest.param(each, marks=pytest.mark.esx(model=each)) for each in ("esx", "vpx")]
)
READS = {"RetrievePropertiesEx"}
PORTGROUP, FORWARD = libvirt.VIR_NETWORK_SECTION_PORTGROUP, libvirt.VIR_NETWORK_SECTION_FORWARD_INTERFACE
MODIFY, DELETE = libvirt.VIR_NETWORK_UPDATE_COMMAND_MODIFY, libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE
FIRST, LAST = libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST, libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST

LIMIT = "<bandwidth><inbound average='100' peak='200' burst='50'/><outbound average='100' peak='200' burst='50'/></bandwidth>"
NEW = f"""<network><name>vs2</name><forward mode='bridge' dev='vmnic2'/>{LIMIT}
<portgroup name='web'><vlan><tag id='42'/></vlan></portgroup>
<portgroup name='any' trustGuestRxFilters='no'><vlan trunk='yes'><tag id='4095'/></vlan></portgroup></network>"""
PG = "<portgroup name='{}'><vlan><tag id='{}'/></vlan></portgroup>"


def changes(sim):
    return [call for call in sim.calls() if call not in READS]


@both
def test_networks_are_listed_in_a_call_or_two_and_found_in_every_way(esx, sim, model):
    sim.reset_calls()
    networks = esx.listAllNetworks()
    assert sim.calls() == ["RetrievePropertiesEx"] * (1 if model == "esx" else 2)
    names = ["vSwitch0", "vSwitch1", *(["dvs1"] if model == "vpx" else [])]
    assert [each.name() for each in networks] == names == esx.listNetworks()
    assert (esx.numOfNetworks(), esx.numOfDefinedNetworks(), esx.listDefinedNetworks()) == (len(names), 0, [])
    for each in networks:
        ways = [
            esx.networkLookupByName(each.name()), esx.networkLookupByUUID(each.UUID()),
            esx.networkLookupByUUIDString(each.UUIDString()),
        ]  # fmt: skip
        assert {way.UUIDString() for way in ways} == {each.UUIDString()}
        assert (each.isActive(), each.isPersistent(), each.autostart(), each.setAutostart(1)) == (1, 1, 1, 0)
        assert each.bridgeName() == each.name()
        assert each.DHCPLeases() == []


def test_a_network_is_a_switch_with_its_port_groups_for_machines(esx):
    text = esx.networkLookupByName("vSwitch0").XMLDesc()
    assert "<uuid>2f467347-8b4e-8655-e7d6-c4c3fb968009</uuid>" in text
    assert "<forward dev='vmnic0' mode='bridge'>\n    <interface dev='vmnic0'/>\n  </forward>" in text
    assert "<portgroup name='VM Network'/>" in text
    assert "Management Network" not in text
    backup = "<portgroup name='backup net'>\n    <vlan>\n      <tag id='20'/>"
    assert backup in esx.networkLookupByName("vSwitch1").XMLDesc()


@vpx
def test_a_distributed_switch_is_a_network_that_only_its_vcenter_changes(esx, sim):
    network = esx.networkLookupByName("dvs1")
    text = network.XMLDesc()
    assert "<forward mode='bridge'/>\n  <portgroup name='prod'/>\n  <portgroup name='storage'>" in text
    assert "<tag id='30'/>" in text
    assert "Uplinks" not in text
    with unchanged(sim):
        for ask in (
            network.undefine,
            lambda: esx.networkDefineXML(text),
            lambda: network.update(LAST, PORTGROUP, -1, PG.format("x", 3)),
        ):
            assert "change it in vCenter" in failing(UNSUPPORTED, ask)


@vpx
def test_several_hosts_switches_are_changed_host_by_host(esx, sim):
    network = esx.networkLookupByName("vSwitch1")
    with unchanged(sim):
        for ask in (network.undefine, lambda: esx.networkDefineXML(NEW), esx.listAllInterfaces):
            text = failing(UNSUPPORTED, ask)
            assert "several hosts" in text
            assert "esx1.example.test" in text


FILTERS = [("ACTIVE", 2), ("INACTIVE", 0), ("PERSISTENT", 2), ("TRANSIENT", 0), ("AUTOSTART", 2), ("NO_AUTOSTART", 0)]


def test_filters_choose(esx):
    flags = [getattr(libvirt, f"VIR_CONNECT_LIST_NETWORKS_{name}") for name, _ in FILTERS]
    assert [len(esx.listAllNetworks(each)) for each in flags] == [number for _, number in FILTERS]
    assert len(esx.listAllInterfaces(libvirt.VIR_CONNECT_LIST_INTERFACES_ACTIVE)) == 4
    assert esx.listAllInterfaces(libvirt.VIR_CONNECT_LIST_INTERFACES_INACTIVE) == []
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.listAllNetworks, 1 << 30)
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.listAllInterfaces, 1 << 30)


def test_what_is_not_there_is_refused_and_what_there_is_is_named(esx):
    unknown = "00000000-0000-0000-0000-000000000001"
    for look, what in ((esx.networkLookupByName, "VM Network"), (esx.networkLookupByUUIDString, unknown)):
        assert "vSwitch0, vSwitch1" in failing(NO_NETWORK, look, what)
    for look in (esx.interfaceLookupByName, esx.interfaceLookupByMACString):
        assert "vmk0, vmnic0, vmnic1, vmnic2" in failing(NO_INTERFACE, look, "none")
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.networkLookupByUUIDString, "none")


def test_interfaces_are_the_physical_ones_and_the_vmkernels(esx, sim):
    sim.reset_calls()
    found = esx.listAllInterfaces()
    assert sim.calls() == ["RetrievePropertiesEx"]
    assert [each.name() for each in found] == ["vmnic0", "vmnic1", "vmnic2", "vmk0"] == esx.listInterfaces()
    assert (esx.numOfInterfaces(), esx.numOfDefinedInterfaces(), esx.listDefinedInterfaces()) == (4, 0, [])
    assert [each.isActive() for each in found] == [1] * 4
    for each in found:
        assert esx.interfaceLookupByName(each.name()).MACString() == each.MACString()
    assert esx.interfaceLookupByMACString("00:0C:29:81:D8:A0").name() == "vmnic0"  # which vmk0 has, too
    assert "<link speed='10000' state='up'/>" in found[0].XMLDesc()
    assert "<link state='down'/>" in found[2].XMLDesc()
    assert "<dhcp/>" in esx.interfaceLookupByName("vmk0").XMLDesc()
    failing(libvirt.VIR_ERR_NO_SUPPORT, found[0].destroy)


# -- define


def test_a_network_is_made_with_its_port_groups_and_defining_its_dump_asks_for_nothing(esx, sim):
    sim.reset_calls()
    network = esx.networkDefineXML(NEW)
    assert changes(sim) == ["AddVirtualSwitch", "AddPortGroup", "AddPortGroup"]
    text = network.XMLDesc()
    for part in (
        "<interface dev='vmnic2'/>", "<inbound average='100' peak='200' burst='50'/>", "<tag id='42'/>",
        "<portgroup name='any' trustGuestRxFilters='no'>\n    <vlan trunk='yes'>\n      <tag id='4095'/>",
    ):  # fmt: skip
        assert part in text
    sim.reset_calls()
    assert esx.networkDefineXMLFlags(text, 0).XMLDesc() == text  # its UUID is in it
    assert esx.networkDefineXML(NEW).UUIDString() == network.UUIDString()
    assert changes(sim) == []
    with Rig(sim) as rig:
        (spec,) = [each.spec for each in host_network(rig).portgroup if each.spec.name == "web"]
        assert (spec.vlanId, spec.vswitchName) == (42, "vs2")


def host_network(rig):
    from pyVmomi import vim  # noqa: PLC0415

    return rig.all(vim.HostSystem)[0].config.network


EDITS = [
    ("<tag id='42'/>", "<tag id='43'/>", ["UpdatePortGroup"]),
    ("trustGuestRxFilters='no'", "trustGuestRxFilters='yes'", ["UpdatePortGroup"]),
    (PG.format("web", 42), "", ["RemovePortGroup"]),
    ("</network>", "<portgroup name='third'/></network>", ["AddPortGroup"]),
    (LIMIT, LIMIT.replace("'100'", "'99'"), ["UpdateVirtualSwitch"]),
    (LIMIT, "<bandwidth/>", ["UpdateVirtualSwitch"]),
    (LIMIT, "", []),
    (" dev='vmnic2'", "", ["UpdateVirtualSwitch"]),
    ("<network>", "<network trustGuestRxFilters='no'>", ["UpdateVirtualSwitch"]),
    ("name='web'", "name='www'", ["AddPortGroup", "RemovePortGroup"]),
]


@pytest.mark.parametrize(("before", "after", "calls"), EDITS)
def test_what_differs_is_changed_and_nothing_else(esx, sim, before, after, calls):
    esx.networkDefineXML(NEW)
    assert before in NEW
    want = NEW.replace(before, after)
    sim.reset_calls()
    esx.networkDefineXML(want)
    assert changes(sim) == calls
    esx.networkDefineXML(want)
    assert changes(sim) == calls


def test_what_libvirt_has_no_name_for_stays(esx, sim):
    before = esx.networkLookupByName("vSwitch0").XMLDesc()
    with Rig(sim) as rig:
        was = host_network(rig).vswitch[0].spec
        esx.networkDefineXML(before.replace("RxFilters='yes'", "RxFilters='no'"))
        now = host_network(rig).vswitch[0].spec
    assert (now.policy.security.macChanges, now.policy.security.forgedTransmits) == (False, False)
    assert now.policy.security.allowPromiscuous == was.policy.security.allowPromiscuous
    assert now.policy.nicTeaming.policy == was.policy.nicTeaming.policy
    assert now.bridge.linkDiscoveryProtocolConfig.protocol == was.bridge.linkDiscoveryProtocolConfig.protocol


def test_a_nic_comes_and_goes_with_its_place_in_the_teaming(esx, sim):
    network = esx.networkLookupByName("vSwitch0")
    assert network.update(LAST, FORWARD, -1, "<interface dev='vmnic2'/>") == 0
    assert "<interface dev='vmnic0'/>\n    <interface dev='vmnic2'/>" in network.XMLDesc()
    assert network.update(DELETE, FORWARD, -1, "<interface dev='vmnic0'/>") == 0
    with Rig(sim) as rig:
        spec = host_network(rig).vswitch[0].spec
    assert (list(spec.bridge.nicDevice), list(spec.policy.nicTeaming.nicOrder.activeNic)) == (["vmnic2"], ["vmnic2"])
    failing(
        INVALID, network.update, DELETE, FORWARD, -1, "<interface dev='vmnic2'/>"
    )  # the host's own adapter is there


OTHER_UUID = "<name>vs2</name><uuid>9c44f4e1-17d4-46fa-8a3c-53c7a54c5d10</uuid>"
SWITCH0 = "<name>vs2</name><uuid>2f467347-8b4e-8655-e7d6-c4c3fb968009</uuid>"
REFUSED = [
    ("<name>vs2</name>", OTHER_UUID, libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "06cbaaed-4b1d-993b-50de-681d82665b61"),
    ("<name>vs2</name>", SWITCH0, libvirt.VIR_ERR_OPERATION_FAILED, "'vSwitch0'"),
    ("<name>vs2</name>", OTHER_UUID.replace("vs2", "vSwitch1"), libvirt.VIR_ERR_OPERATION_FAILED, "d61ea8ec"),
    ("'vmnic2'", "'eth0'", NO_INTERFACE, "vmnic0, vmnic1, vmnic2"),
    ("'vmnic2'", "'vmk0'", NO_INTERFACE, "physical"),
    ("'vmnic2'", "'vmnic0'", INVALID, "'vSwitch0'"),
    ("'web'", "'VM Network'", libvirt.VIR_ERR_NETWORK_EXIST, "'vSwitch0'"),
    ("'web'", "'Management Network'", libvirt.VIR_ERR_NETWORK_EXIST, "'vSwitch0'"),
    ("'42'", "'4096'", libvirt.VIR_ERR_XML_ERROR, "4096"),
    ("mode='bridge'", "mode='nat'", libvirt.VIR_ERR_CONFIG_UNSUPPORTED, "bridge"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "code", "part"), REFUSED)
def test_a_document_is_refused_before_anything_is_asked(esx, sim, before, after, code, part):
    sim.reset_calls()
    with unchanged(sim):
        assert part in failing(code, esx.networkDefineXML, NEW.replace(before, after))
    assert changes(sim) == []


IN_USE = [
    ("vSwitch1", "<network><name>vSwitch1</name></network>", "'backup net' by db01"),
    ("vSwitch0", "<network><name>vSwitch0</name><forward mode='bridge' dev='vmnic0'/></network>", "web01"),
    ("vSwitch0", "<network><name>vSwitch0</name><portgroup name='VM Network'/></network>", "host's own adapters"),
]


@pytest.mark.parametrize(("name", "text", "part"), IN_USE)
def test_what_is_in_use_stays_and_who_uses_it_is_named(esx, sim, name, text, part):
    sim.reset_calls()
    with unchanged(sim):
        assert part in failing(INVALID, esx.networkDefineXML, text)
        failing(INVALID, esx.networkLookupByName(name).undefine)
    assert changes(sim) == []


def test_a_connection_that_is_read_only_changes_nothing(esx, sim):
    esx.backend.readonly = True
    network = esx.networkLookupByName("vSwitch1")
    for ask in (
        network.undefine, lambda: esx.networkDefineXML(NEW), lambda: network.update(LAST, PORTGROUP, -1, "<x/>"),
        lambda: network.setAutostart(1), network.create, network.destroy,
    ):  # fmt: skip
        failing(libvirt.VIR_ERR_OPERATION_DENIED, ask)


def test_a_switch_is_always_active(esx):
    network = esx.networkLookupByName("vSwitch0")
    assert "already active" in failing(INVALID, network.create)
    assert "undefine" in failing(UNSUPPORTED, network.destroy)
    failing(UNSUPPORTED, network.setAutostart, 0)


# -- half-done things


@pytest.mark.parametrize("skip", [0, 1])
def test_a_network_that_cannot_be_made_whole_is_taken_back(esx, sim, skip):
    sim.fault("AddPortGroup", fault="HostConfigFault", message="no room", skip=skip)
    with unchanged(sim):
        text = failing(libvirt.VIR_ERR_OPERATION_FAILED, esx.networkDefineXML, NEW)
    assert "port group 'web'" in text or "port group 'any'" in text
    assert "no room" in text
    assert "the host is as it was" in text
    assert "was done;" not in text


def test_an_edit_that_cannot_be_made_whole_is_taken_back(esx, sim):
    esx.networkDefineXML(NEW)
    want = NEW.replace(LIMIT, "<bandwidth/>").replace("name='web'", "name='www'").replace("'no'", "'yes'")
    sim.fault("RemovePortGroup", fault="HostConfigFault")
    with unchanged(sim):
        assert "the host is as it was" in failing(libvirt.VIR_ERR_OPERATION_FAILED, esx.networkDefineXML, want)


def test_an_undefinition_that_cannot_be_made_whole_is_taken_back(esx, sim):
    network = esx.networkDefineXML(NEW)
    before = network.XMLDesc()
    sim.fault("RemoveVirtualSwitch", fault="ResourceInUse", fields={"name": "vs2"})
    assert "the host is as it was" in failing(libvirt.VIR_ERR_RESOURCE_BUSY, network.undefine)
    assert sorted(network.XMLDesc().split()) == sorted(before.split())  # a host adds what comes at the end


def test_what_cannot_be_taken_back_is_named(esx, sim):
    sim.fault("AddPortGroup", fault="HostConfigFault", skip=1)
    sim.fault("RemoveVirtualSwitch", fault="HostConfigFault", message="jammed")
    text = failing(libvirt.VIR_ERR_OPERATION_FAILED, esx.networkDefineXML, NEW)
    assert "switch 'vs2' could not be taken back" in text
    assert "jammed" in text
    assert "AddVirtualSwitch" in text
    assert "the host is as it was" not in text
    assert "vs2" in esx.listNetworks()


def test_what_is_unknown_is_neither_repeated_nor_taken_back(esx, sim):
    sim.fault("AddPortGroup", kind="close-after")
    sim.reset_calls()
    with pytest.raises(libvirt.libvirtError, match=r"AddPortGroup .* unknown.*; AddVirtualSwitch .* was done"):
        esx.networkDefineXML(NEW)
    assert changes(sim) == ["AddVirtualSwitch", "AddPortGroup"]


# -- update and undefine


def test_port_groups_are_added_changed_and_deleted(esx, sim):
    network = esx.networkLookupByName("vSwitch0")
    sim.reset_calls()
    assert network.update(LAST, PORTGROUP, -1, PG.format("web", 7), libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG) == 0
    assert network.update(FIRST, PORTGROUP, -1, PG.format("app", 8)) == 0
    assert network.update(MODIFY, PORTGROUP, -1, PG.format("web", 9)) == 0
    assert network.update(MODIFY, PORTGROUP, -1, PG.format("web", 9)) == 0
    assert network.update(DELETE, PORTGROUP, -1, PG.format("app", 8)) == 0
    assert changes(sim) == ["AddPortGroup", "AddPortGroup", "UpdatePortGroup", "RemovePortGroup"]
    assert "<portgroup name='web'>\n    <vlan>\n      <tag id='9'/>" in network.XMLDesc()


UPDATES = [
    (LAST, PORTGROUP, PG.format("VM Network", 0), INVALID, "existing portgroup"),
    (LAST, PORTGROUP, PG.format("backup net", 0), libvirt.VIR_ERR_NETWORK_EXIST, "'vSwitch1'"),
    (MODIFY, PORTGROUP, PG.format("none", 0), INVALID, "VM Network"),
    (DELETE, PORTGROUP, PG.format("Management Network", 0), INVALID, "it has: VM Network"),
    (DELETE, PORTGROUP, PG.format("VM Network", 0), INVALID, "by db01, old01"),
    (LAST, PORTGROUP, "<portgroup/>", libvirt.VIR_ERR_XML_ERROR, "name"),
    (LAST, PORTGROUP, "<network/>", libvirt.VIR_ERR_XML_ERROR, "portgroup"),
    (9, PORTGROUP, PG.format("x", 1), libvirt.VIR_ERR_INVALID_ARG, "9"),
    (LAST, libvirt.VIR_NETWORK_SECTION_DNS_HOST, "<host/>", libvirt.VIR_ERR_NO_SUPPORT, "port groups"),
    (MODIFY, FORWARD, "<interface dev='vmnic0'/>", libvirt.VIR_ERR_NO_SUPPORT, "added or deleted"),
    (LAST, FORWARD, "<interface dev='vmnic0'/>", INVALID, "existing interface"),
    (LAST, FORWARD, "<interface dev='vmnic1'/>", INVALID, "'vSwitch1'"),
    (LAST, FORWARD, "<interface dev='eth0'/>", NO_INTERFACE, "vmnic0"),
    (LAST, FORWARD, "<interface/>", libvirt.VIR_ERR_XML_ERROR, "dev="),
    (DELETE, FORWARD, "<interface dev='vmnic0'/>", INVALID, "own adapters"),
]


@pytest.mark.parametrize(("command", "section", "text", "code", "part"), UPDATES)
def test_an_update_is_refused_before_anything_is_asked(esx, sim, command, section, text, code, part):
    network = esx.networkLookupByName("vSwitch0")
    sim.reset_calls()
    with unchanged(sim):
        assert part in failing(code, network.update, command, section, -1, text)
    assert changes(sim) == []


def test_a_network_is_removed_with_its_port_groups(esx, sim):
    before = sim.inventory()
    network = esx.networkDefineXML(NEW)
    sim.reset_calls()
    assert network.undefine() == 0
    assert changes(sim) == ["RemovePortGroup", "RemovePortGroup", "RemoveVirtualSwitch"]
    assert sim.inventory() == before
    failing(NO_NETWORK, network.XMLDesc)
    failing(NO_NETWORK, network.undefine)


# -- interfaces of domains

CARD = "<interface type='network'><source network='{}'/></interface>"
CONFIG = libvirt.VIR_DOMAIN_AFFECT_CONFIG


def test_a_domains_interface_may_name_a_network_and_shows_the_port_group(esx, sim):
    want = esx.lookupByName("web01").XMLDesc()
    named = want.replace("</devices>", CARD.format("vSwitch1") + "</devices>")
    domain = esx.defineXML(named)
    text = domain.XMLDesc()
    assert text.count("<source bridge='backup net'/>") == 1
    assert "type='network'" not in text
    sim.reset_calls()
    assert esx.defineXML(text).XMLDesc() == text
    assert "ReconfigVM_Task" not in sim.calls()


@vpx
def test_a_device_may_name_a_network_of_either_kind(esx):
    domain = esx.lookupByName("web01")
    domain.attachDeviceFlags(CARD.format("vSwitch1"), CONFIG)
    domain.attachDeviceFlags("<interface type='network'><source network='dvs1' portgroup='prod'/></interface>", CONFIG)
    text = domain.XMLDesc()
    uuid = esx.networkLookupByName("dvs1").UUIDString()
    assert "<source bridge='backup net'/>" in text
    assert "<interface type='vds'>\n      <mac address=" in text
    assert f"switchid='{uuid}'" in text
    domain.detachDeviceFlags(CARD.format("vSwitch1"), CONFIG)
    assert "backup net" not in domain.XMLDesc()


def test_a_network_that_does_not_exist_is_refused_with_those_that_do(esx, sim):
    domain = esx.lookupByName("web01")
    sim.reset_calls()
    with unchanged(sim):
        text = failing(NO_NETWORK, domain.attachDeviceFlags, CARD.format("default"), CONFIG)
    assert "'vSwitch0' with the port groups 'VM Network'; 'vSwitch1' with the port groups 'backup net'" in text
    assert changes(sim) == []
