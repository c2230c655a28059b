"""Defining networks, changing and removing them."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete, terminal
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.editor import edited
from esxdriver.cli.failures import failing_with
from esxdriver.cli.files import read_xml, spoken
from esxdriver.cli.flags import AFFECT, NETWORK_DEFINE, flag_options, total
from esxdriver.cli.networks import on_network
from esxdriver.cli.target import Target

if TYPE_CHECKING:
    from esxdriver.driver.network import Network

commands = Commands()

_COMMANDS = {
    "add": "ADD_LAST", "add-first": "ADD_FIRST", "add-last": "ADD_LAST", "delete": "DELETE", "modify": "MODIFY",
}  # fmt: skip
_SECTIONS = (
    "bridge", "domain", "ip", "ip-dhcp-host", "ip-dhcp-range", "forward", "forward-interface", "forward-pf",
    "portgroup", "dns-host", "dns-txt", "dns-srv",
)  # fmt: skip


@commands.command("net-define")
@argument("file", shell_complete=complete.files)
@flag_options("VIR_NETWORK_DEFINE_", NETWORK_DEFINE)
@click.pass_obj
def net_define(target: Target, /, file: str, flags: int) -> None:
    """Make the switch in FILE, or change the one of its name.

    FILE is XML as net-dumpxml writes it, - for the standard input. A port group or a physical NIC that is not listed
    goes, unless it is in use. A refusal changes nothing.
    """
    text = read_xml(file)
    conn = target.connect()
    with failing_with(f"Failed to define network from {spoken(file)}"):
        network = conn.networkDefineXMLFlags(text, flags)
    terminal.say(f"Network {network.name()} defined from {spoken(file)}")


@commands.command("net-edit")
@on_network
def net_edit(network: "Network") -> None:
    """Edit a network's XML in $VISUAL or $EDITOR, and define it.

    What is refused is offered again, as you left it. Nothing is asked of the host when nothing has changed.
    """
    import libvirt

    from esxdriver.errors import error

    name = network.name()
    with failing_with(f"Failed to read network '{name}'"):
        before = network.XMLDesc()

    def define(text: str, _: bool = True) -> None:
        if network.XMLDesc() != before:
            raise error(libvirt.VIR_ERR_OPERATION_FAILED, "the XML configuration was changed by another user")
        network.connect().networkDefineXML(text)

    changed = edited(before, ".xml", define)
    terminal.say(f"Network {name} XML configuration {'edited' if changed else 'not changed'}.")


@commands.command("net-update")
@on_network
@argument("command", metavar="add-first|add-last (add)|delete|modify", type=click.Choice(list(_COMMANDS)))
@argument("section", metavar="portgroup|forward-interface", type=click.Choice(_SECTIONS))
@argument("xml", metavar="XML|FILE", shell_complete=complete.files)
@click.option("--parent-index", type=int, default=-1, help="Which parent the element is in: no difference here.")
@flag_options("VIR_NETWORK_UPDATE_AFFECT_", AFFECT, alone="CURRENT")
def net_update(network: "Network", *, command: str, section: str, xml: str, parent_index: int, flags: int) -> None:
    """Add, change or delete a port group of a network, or a physical NIC.

    XML is the element itself, or a file with it: <portgroup name='web'><vlan><tag id='20'/></vlan></portgroup>.
    """
    text = xml if xml.lstrip().startswith("<") else read_xml(xml)
    verb = total("VIR_NETWORK_UPDATE_COMMAND_", [_COMMANDS[command]])
    which = total("VIR_NETWORK_SECTION_", [section.upper().replace("-", "_")])
    with failing_with(f"Failed to update network {network.name()}"):
        network.update(verb, which, parent_index, text, flags)
    terminal.say(f"Updated network {network.name()} persistent config and live state")


@commands.command("net-undefine")
@on_network
def net_undefine(network: "Network") -> None:
    """Remove a switch with its port groups, unless somebody uses them."""
    with failing_with(f"Failed to undefine network {network.name()}"):
        network.undefine()
    terminal.say(f"Network {network.name()} has been undefined")


@commands.command("net-start")
@on_network
def net_start(network: "Network") -> None:
    """Start a network: a switch is always active, so it is refused."""
    with failing_with(f"Failed to start network {network.name()}"):
        network.create()


@commands.command("net-destroy")
@on_network
def net_destroy(network: "Network") -> None:
    """Stop a network: a switch is always active, so it is refused."""
    with failing_with(f"Failed to destroy network {network.name()}"):
        network.destroy()


@commands.command("net-autostart")
@click.option("--disable", is_flag=True, help="No longer: refused, a switch is there with its host.")
@on_network
def net_autostart(network: "Network", disable: bool) -> None:
    """Have a network start with its host: on ESX all do."""
    with failing_with(f"failed to {'un' if disable else ''}mark network {network.name()} as autostarted"):
        network.setAutostart(int(not disable))
    terminal.say(f"Network {network.name()} {'un' if disable else ''}marked as autostarted")
