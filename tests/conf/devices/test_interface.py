"""Interfaces in XML: what stands in <mac>, which port of a switch is meant."""

from dataclasses import replace

import pytest
from lxml import etree

from esxdriver.conf.devices.interface import InterfaceDef, Network
from esxdriver.conf.devices.mac_address import MacType
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from tests.conf.documents import domain

MAC = "00:50:56:00:00:01"
SWITCH = "503426b2-94e9-3b16-1d68-87bfff4a5440"
UUID_PORT = "98915de0-1f33-aace-7752-fedcbe72de11"


def written(card):
    """Return the <interface> of a card, and the definition that the document holds."""
    text = domain_xml.format(replace(domain_xml.parse(domain()), interfaces=(card,)))
    (again,) = domain_xml.parse(text).interfaces
    return etree.fromstring(text).find("devices/interface"), again


@pytest.mark.parametrize("more", [{"mac_type": MacType.GENERATED}, {"mac_check": False}, {}])
def test_a_card_without_an_address_has_no_mac_element(more):
    element, again = written(InterfaceDef(network=Network.USER, **more))
    assert element.find("mac") is None
    assert again == InterfaceDef(network=Network.USER)


def test_what_a_document_says_of_an_address_that_is_not_there_says_nothing():
    (card,) = domain_xml.parse(domain("<interface type='user'><mac type='static' check='no'/></interface>")).interfaces
    assert card == InterfaceDef(network=Network.USER)


@pytest.mark.parametrize(
    ("port", "mac", "shown"), [("7", MAC, "7"), ("-1", MAC, "-1"), (UUID_PORT, MAC, None), (UUID_PORT, None, UUID_PORT)]
)
def test_a_port_that_is_no_number_stands_in_metadata_where_the_card_can_be_told_there(port, mac, shown):
    element, again = written(InterfaceDef(network=Network.VDS, switch=SWITCH, port=port, mac=mac))
    assert element.find("source").get("portid") == shown
    assert again.port == port


def test_a_port_that_is_no_number_is_read_where_older_dumps_have_it():
    source = f"<source switchid='{SWITCH}' portid='{UUID_PORT}'/>"
    (card,) = domain_xml.parse(domain(f"<interface type='vds'>{source}</interface>")).interfaces
    assert card.port == UUID_PORT


TARGETS = [
    # what stands in a document, what is kept of it
    ("nic0", None),
    ("nic12", None),
    ("vmnet7", "vmnet7"),
    ("nic", "nic"),
    ("xnic0", "xnic0"),
]


@pytest.mark.parametrize(("target", "kept"), TARGETS)
def test_the_target_of_a_running_domains_interface_is_none_of_a_definition(target, kept):
    document = domain_xml.parse(
        "<domain type='vmware'><name>a</name><memory>4096</memory><os><type>hvm</type></os><devices>"
        f"<interface type='bridge'><source bridge='LAN'/><target dev='{target}'/></interface></devices></domain>"
    )
    assert document.interfaces[0].target == kept


def test_only_a_running_domain_shows_its_interfaces_names_as_targets():
    definition = domain_xml.parse(
        "<domain type='vmware'><name>a</name><memory>4096</memory><os><type>hvm</type></os><devices>"
        "<interface type='bridge'><source bridge='LAN'/></interface></devices></domain>"
    )
    named = replace(definition, interfaces=(replace(definition.interfaces[0], name="nic3"),))
    assert "<target dev='nic3'/>" in domain_xml.format(named, Style(domain_id=7))
    assert "<target" not in domain_xml.format(named, Style())
    shown, stored = (domain_xml.format(named, Style(domain_id=number)) for number in (7, None))
    assert domain_xml.parse(shown) == domain_xml.parse(stored)
