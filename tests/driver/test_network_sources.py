"""``<interface type='network'>``: which port group each source means, and what the choices are where it does not say."""

import libvirt
import pytest

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.network.network import NetworkDef, PortgroupDef
from esxdriver.driver.network_sources import with_network, with_networks
from esxdriver.vsphere.network.switches import Switch
from tests.conf.documents import domain
from tests.helpers import failing

UNSUPPORTED, NO_NETWORK = libvirt.VIR_ERR_CONFIG_UNSUPPORTED, libvirt.VIR_ERR_NO_NETWORK
DVS = "f182de56-721c-5cd1-aa03-4c013dd1cc0c"


def switch(name, *groups, uuid="", keys=None):
    definition = NetworkDef(name=name, uuid=uuid, portgroups=tuple(PortgroupDef(name=each) for each in groups))
    return Switch(definition, on=() if keys else ("a host",), keys=keys or {})


class Connection:
    """As much of a connection as is asked."""

    asked = 0

    def listAllNetworks(self):  # noqa: N802 - libvirt's
        self.asked += 1
        found = [
            switch("vSwitch0", "VM Network", "shared"), switch("vSwitch1", "backup net"), switch("bare"),
            switch("dvs1", "prod", "shared", uuid=DVS, keys={"prod": "dvportgroup-7", "shared": "dvportgroup-8"}),
        ]  # fmt: skip
        return [type("Network", (), {"known": each})() for each in found]


def card(source):
    return f"<interface type='network'><mac address='00:50:56:00:00:07'/><source {source}/></interface>"


BRIDGES = [
    ("network='vSwitch0' portgroup='VM Network'", "VM Network"),
    ("network='vSwitch0' portgroup='shared'", "shared"),
    ("network='vSwitch1'", "backup net"),
    ("network='VM Network'", "VM Network"),
    ("network='backup net'", "backup net"),
    ("network='backup net' portgroup='backup net'", "backup net"),
    ("network='vSwitch1' bridge='something'", "backup net"),
]


@pytest.mark.parametrize(("source", "portgroup"), BRIDGES)
def test_a_standard_switchs_port_group_is_a_bridge(source, portgroup):
    wanted = domain_xml.parse(domain(card(source)), resolve=lambda want: with_networks(Connection(), want))
    said = domain_xml.parse(domain(card(source)), resolve=lambda _: wanted)
    assert (
        f"<interface type='bridge'>\n      <mac address='00:50:56:00:00:07'/>\n      <source bridge='{portgroup}'/>"
        in (domain_xml.format(said))
    )


@pytest.mark.parametrize("source", ["network='dvs1' portgroup='prod'", "network='prod'"])
def test_a_distributed_ones_is_a_vds_with_its_key(source):
    found = with_network(Connection(), domain_xml.parse_device(card(source)))
    assert (found.network.xml, found.switch, found.portgroup) == ("vds", DVS, "dvportgroup-7")


REFUSED = [
    ("network='none'", NO_NETWORK, "'vSwitch0' with the port groups 'VM Network', 'shared'"),
    ("network='default'", NO_NETWORK, "'dvs1' with the port groups 'prod', 'shared'"),
    ("network='vSwitch0'", UNSUPPORTED, "'VM Network', 'shared': say which by portgroup="),
    ("network='bare'", UNSUPPORTED, "no port group for machines"),
    ("network='vSwitch0' portgroup='backup net'", NO_NETWORK, "it has the port groups 'VM Network', 'shared'"),
    ("network='shared'", UNSUPPORTED, "network='vSwitch0' portgroup='shared' or network='dvs1' portgroup='shared'"),
    ("network='VM Network' portgroup='shared'", UNSUPPORTED, "network='vSwitch0' portgroup='VM Network'"),
    ("portgroup='VM Network'", NO_NETWORK, "the host has"),
]


@pytest.mark.parametrize(("source", "code", "part"), REFUSED)
def test_what_does_not_say_which_is_refused_with_the_choices(source, code, part):
    device = domain_xml.parse_device(card(source))
    text = failing(code, with_network, Connection(), device)
    assert part in text
    assert "interface '00:50:56:00:00:07'" in text


def test_networks_are_read_only_where_one_is_named():
    conn = Connection()
    plain = card("bridge='VM Network'").replace("type='network'", "type='bridge'")
    domain_xml.parse(domain(plain), resolve=lambda want: with_networks(conn, want))
    assert with_network(conn, domain_xml.parse_device(plain)).source == "VM Network"
    assert conn.asked == 0


def test_without_a_host_a_network_is_refused():
    assert "type='bridge'" in failing(UNSUPPORTED, domain_xml.parse, domain(card("network='vSwitch0'")))
