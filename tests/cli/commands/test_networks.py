"""The tables and texts of commands about networks and host interfaces, and how these are found."""

from unittest.mock import create_autospec

import libvirt
import pytest

from esxdriver.driver.interface import Interface
from esxdriver.driver.network import Network
from esxdriver.errors import error

UUID = "2f467347-8b4e-8655-e7d6-c4c3fb968009"
MAC = "00:0c:29:81:d8:a0"
XML = f"<network>\n  <name>vSwitch0</name>\n  <uuid>{UUID}</uuid>\n</network>\n"
GROUP = "<portgroup name='web'/>"


@pytest.fixture(autouse=True)
def network(conn):
    made = create_autospec(Network, instance=True)
    made.name.return_value, made.UUIDString.return_value, made.bridgeName.return_value = "vSwitch0", UUID, "vSwitch0"
    made.isActive.return_value = made.isPersistent.return_value = made.autostart.return_value = 1
    made.XMLDesc.return_value = XML
    made.connect.return_value = conn
    conn.listAllNetworks.return_value = [made]
    conn.networkLookupByName.side_effect = lambda name: found(made, name == "vSwitch0", libvirt.VIR_ERR_NO_NETWORK)
    conn.networkLookupByUUIDString.side_effect = lambda uuid: found(made, uuid == UUID, libvirt.VIR_ERR_NO_NETWORK)
    conn.networkDefineXMLFlags.return_value = made
    return made


@pytest.fixture(autouse=True)
def interface(conn):
    made = create_autospec(Interface, instance=True)
    made.name.return_value, made.MACString.return_value, made.XMLDesc.return_value = "vmnic0", MAC, "<interface/>\n"
    conn.listAllInterfaces.return_value = [made]
    conn.interfaceLookupByName.side_effect = lambda name: found(made, name == "vmnic0", libvirt.VIR_ERR_NO_INTERFACE)
    conn.interfaceLookupByMACString.side_effect = lambda mac: found(made, mac == MAC, libvirt.VIR_ERR_NO_INTERFACE)
    return made


def found(made, is_it, code):
    if not is_it:
        raise error(code, "none is so")
    return made


def test_networks_are_listed_as_virsh_does(esxdriver):
    assert esxdriver("net-list").output.splitlines() == [
        " Name       State    Autostart   Persistent",
        "---------------------------------------------",
        " vSwitch0   active   yes         yes",
    ]
    assert esxdriver("net-list", "--name").output == "vSwitch0\n"
    assert esxdriver("net-list", "--uuid").output == f"{UUID}\n"
    assert esxdriver("net-list", "--name", "--uuid").exit_code == 2


FLAGS = [
    ([], libvirt.VIR_CONNECT_LIST_NETWORKS_ACTIVE),
    (["--all"], 0),
    (["--inactive"], libvirt.VIR_CONNECT_LIST_NETWORKS_INACTIVE),
    (["--all", "--transient"], libvirt.VIR_CONNECT_LIST_NETWORKS_TRANSIENT),
    (["--all", "--no-autostart"], libvirt.VIR_CONNECT_LIST_NETWORKS_NO_AUTOSTART),
]


@pytest.mark.parametrize(("options", "flags"), FLAGS)
def test_options_are_libvirts_flags(esxdriver, conn, options, flags):
    assert esxdriver("net-list", *options).exit_code == 0
    conn.listAllNetworks.assert_called_with(flags)


SHOWN = [
    (["net-info", "vSwitch0"],
     f"Name:           vSwitch0\nUUID:           {UUID}\nActive:         yes\nPersistent:     yes\n"
     "Autostart:      yes\nBridge:         vSwitch0\n"),
    (["net-dumpxml", "--network", UUID], XML),
    (["net-dumpxml", "vSwitch0", "--xpath", "//name"], "<name>vSwitch0</name>\n"),
    (["net-name", UUID], "vSwitch0\n"),
    (["net-uuid", "vSwitch0"], f"{UUID}\n"),
    (["iface-list"], " Name     State    MAC Address\n--------------------------------------\n"
                     " vmnic0   active   00:0c:29:81:d8:a0\n"),
    (["iface-dumpxml", MAC], "<interface/>\n"),
    (["iface-name", MAC], "vmnic0\n"),
    (["iface-mac", "--interface", "vmnic0"], f"{MAC}\n"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "shown"), SHOWN)
def test_it_is_shown_as_virsh_does(esxdriver, line, shown):
    lines = [each.rstrip() for each in esxdriver(*line).output.strip("\n").splitlines()]
    assert lines == shown.strip("\n").splitlines()


def test_there_are_no_leases(esxdriver):
    lines = esxdriver("net-dhcp-leases", "vSwitch0", MAC).output.splitlines()
    assert lines[0].split("  ")[0].strip() == "Expiry Time"
    assert len([line for line in lines if line]) == 2


def test_a_network_is_defined_from_a_file(esxdriver, conn, tmp_path):
    (tmp_path / "a.xml").write_text(XML)
    result = esxdriver("net-define", str(tmp_path / "a.xml"), "--validate")
    assert result.output == f"Network vSwitch0 defined from {tmp_path / 'a.xml'}\n"
    conn.networkDefineXMLFlags.assert_called_with(XML, libvirt.VIR_NETWORK_DEFINE_VALIDATE)


UPDATES = [
    (["add", "portgroup"], (libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, libvirt.VIR_NETWORK_SECTION_PORTGROUP)),
    (["add-first", "portgroup"], (libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST, libvirt.VIR_NETWORK_SECTION_PORTGROUP)),
    (["modify", "portgroup"], (libvirt.VIR_NETWORK_UPDATE_COMMAND_MODIFY, libvirt.VIR_NETWORK_SECTION_PORTGROUP)),
    (["delete", "forward-interface"],
     (libvirt.VIR_NETWORK_UPDATE_COMMAND_DELETE, libvirt.VIR_NETWORK_SECTION_FORWARD_INTERFACE)),
    (["add", "dns-txt"], (libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, libvirt.VIR_NETWORK_SECTION_DNS_TXT)),
]  # fmt: skip


@pytest.mark.parametrize(("values", "numbers"), UPDATES)
def test_a_part_is_updated(esxdriver, network, values, numbers, tmp_path):
    (tmp_path / "g.xml").write_text(GROUP)
    for text in (GROUP, str(tmp_path / "g.xml")):
        result = esxdriver("net-update", "vSwitch0", *values, text, "--live", "--config")
        assert result.output == "Updated network vSwitch0 persistent config and live state\n"
        network.update.assert_called_with(*numbers, -1, GROUP, 3)


SAID = [
    (["net-undefine", "vSwitch0"], "Network vSwitch0 has been undefined\n"),
    (["net-autostart", "vSwitch0"], "Network vSwitch0 marked as autostarted\n"),
]


@pytest.mark.parametrize(("line", "said"), SAID)
def test_what_is_done_is_said_as_virsh_does(esxdriver, line, said):
    assert esxdriver(*line).output == said


def test_what_is_refused_is_said_as_virsh_does(esxdriver, network):
    network.undefine.side_effect = error(libvirt.VIR_ERR_OPERATION_INVALID, "in use")
    result = esxdriver("net-undefine", "vSwitch0")
    assert result.exit_code == 1
    assert "Failed to undefine network vSwitch0" in result.output + result.stderr
    missing = esxdriver("net-info", "none")
    assert "failed to get network 'none'" in missing.output + missing.stderr


def test_a_network_is_edited(esxdriver, conn, monkeypatch):
    monkeypatch.setattr("click.edit", lambda text, extension: text.replace("<name>", "<portgroup name='web'/><name>"))
    assert esxdriver("net-edit", "vSwitch0").output == "Network vSwitch0 XML configuration edited.\n"
    assert GROUP in conn.networkDefineXML.call_args.args[0]
    monkeypatch.setattr("click.edit", lambda text, extension: text)
    assert esxdriver("net-edit", "vSwitch0").output == "Network vSwitch0 XML configuration not changed.\n"
