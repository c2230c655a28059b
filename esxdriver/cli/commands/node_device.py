"""The host's devices: what could be given to domains."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from esxdriver.cli import flags, table, texts
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.target import Target
from esxdriver.cli.terminal import printable
from esxdriver.cli.tree import lines as tree_of
from esxdriver.cli.xpath import Show, xpath_options

if TYPE_CHECKING:
    from esxdriver.driver.node_device import NodeDevice

commands = Commands()

# virsh's names of capabilities, and libvirt's flags where those are called otherwise.
_CAPABILITIES = (
    "system", "pci", "usb_device", "usb", "net", "scsi_host", "scsi_target", "scsi", "storage", "fc_host", "vports",
    "scsi_generic", "drm", "mdev_types", "mdev", "ccw", "css", "vdpa", "ap_card", "ap_queue", "ap_matrix", "vpd",
)  # fmt: skip
_FLAGS = {"pci": "PCI_DEV", "usb_device": "USB_DEV", "usb": "USB_INTERFACE", "ccw": "CCW_DEV", "css": "CSS_DEV"}


@commands.command("nodedev-list")
@click.option("--tree", is_flag=True, help="Each device below the one that it hangs on.")
@click.option("--cap", "caps", metavar="CAPABILITY,...", help="Devices with one of these capabilities: system, pci.")
@click.option("--inactive", is_flag=True, help="Inactive devices: on ESX there are none.")
@click.option("--all", "everything", is_flag=True, help="Inactive devices as well as active ones.")
@click.pass_obj
def nodedev_list(target: Target, /, tree: bool, caps: str | None, inactive: bool, everything: bool) -> None:
    """List the host's devices: those on its PCI buses, and the host itself."""
    if tree and (caps or inactive):
        raise click.UsageError("--tree does not go with --cap or --inactive")
    chosen = _of_capabilities(caps)
    conn = target.connect()
    with failing_with("Failed to list node devices"):
        devices = [] if inactive and not everything else conn.listAllDevices(chosen)
    lines = _tree(devices) if tree else (device.name() for device in devices)
    for line in lines:
        click.echo(printable(line))


def _of_capabilities(caps: str | None) -> int:
    names = [each.strip() for each in caps.split(",")] if caps else []
    for name in names:
        if name not in _CAPABILITIES:
            raise click.BadParameter(f"Invalid capability type '{name}'", param_hint="'--cap'")
    return flags.total("VIR_CONNECT_LIST_NODE_DEVICES_CAP_", [_FLAGS.get(name, name.upper()) for name in names])


def _tree(devices: "Sequence[NodeDevice]") -> Iterator[str]:
    names = {device.name() for device in devices}
    below: dict[str | None, list[str]] = {}
    for device in devices:
        parent = device.parent()
        below.setdefault(parent if parent in names else None, []).append(device.name())
    for top in below.get(None, ()):
        yield from tree_of(top, lambda name: below.get(name, []), str)


@commands.command("nodedev-dumpxml")
@argument("device")
@xpath_options
@click.pass_obj
def nodedev_dumpxml(target: Target, /, device: str, show: Show) -> None:
    """Write a device's XML: its address, class, vendor and product."""
    found = _found(target, device)
    with failing_with(f"Failed to get XML of node device '{device}'"):
        show(found.XMLDesc())


@commands.command("nodedev-info")
@argument("device")
@click.pass_obj
def nodedev_info(target: Target, /, device: str) -> None:
    """Show what a device hangs on."""
    found = _found(target, device)
    parent = found.parent()
    fields = {"Name": found.name()} | ({"Parent": parent} if parent else {})
    states = {"Active": found.isActive(), "Persistent": found.isPersistent(), "Autostart": found.autostart()}
    table.show_fields(fields | {name: texts.yes_no(state) for name, state in states.items()})


def _found(target: Target, name: str) -> "NodeDevice":
    conn = target.connect()
    with failing_with(f"Could not find matching device '{name}'"):
        return conn.nodeDeviceLookupByName(name)
