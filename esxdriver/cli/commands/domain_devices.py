"""Devices of any kind, by their XML: attached, detached, updated."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.device_xml import affecting, change, lasting
from esxdriver.cli.files import read_xml, spoken

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()

_device = argument("file", shell_complete=complete.files)


@commands.command("attach-device")
@on_domain
@_device
@lasting
@affecting
def attach_device(domain: "Domain", file: str, flags: int) -> None:
    """Attach the device that FILE describes.

    FILE is the XML of one device, - for the standard input. A disk has the mode that its element says.
    """
    failure = f"Failed to attach device from {spoken(file)}"
    change("Device attached successfully", failure, domain.attachDeviceFlags, read_xml(file), flags)


@commands.command("detach-device")
@on_domain
@_device
@lasting
@affecting
def detach_device(domain: "Domain", file: str, flags: int) -> None:
    """Detach the device that FILE describes; a disk's file stays.

    FILE is the XML of one device, - for the standard input.
    """
    failure = f"Failed to detach device from {spoken(file)}"
    change("Device detached successfully", failure, domain.detachDeviceFlags, read_xml(file), flags)


@commands.command("update-device")
@on_domain
@_device
@lasting
@affecting
@click.option("--force", is_flag=True, help="Also where the guest has locked the drive.")
def update_device(domain: "Domain", file: str, flags: int, force: bool) -> None:
    """Make a device as FILE describes it: a medium, a network, a disk's mode.

    FILE is the XML of one device, - for the standard input.
    """
    import libvirt

    flags |= libvirt.VIR_DOMAIN_DEVICE_MODIFY_FORCE if force else 0
    failure = f"Failed to update device from {spoken(file)}"
    change("Device updated successfully", failure, domain.updateDeviceFlags, read_xml(file), flags)
