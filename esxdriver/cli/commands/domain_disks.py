"""Disks by their targets: attached with a mode, detached, and the media of drives."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from esxdriver.cli import blank_disks, complete
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.device_xml import affecting, change, disk, lasting, made, print_xml, refusing, text
from esxdriver.cli.failures import CommandFailed

if TYPE_CHECKING:
    from esxdriver.conf.xml.surface import ElementSurface
    from esxdriver.driver.domain import Domain

commands = Commands()

_MODES = ("yes", "no")
_ADDRESS = re.compile(r"(?P<bus>scsi|sata|ide|nvme|fdc):(?P<controller>\d+)\.(?P<row>\d+)\.(?P<unit>\d+)")

# Options of virsh's attach-disk, whether they take a value, and why they are refused.
_REFUSED = (
    ("--driver", True, "ESX has no drivers to choose from"),
    ("--subdriver", True, "a VMDK knows its own format"),
    ("--iothread", True, "ESX has no I/O threads"),
    ("--io", True, "ESX has no such policy"),
    ("--serial", True, "ESX makes the serial number of the disk's UUID"),
    ("--wwn", True, "ESX makes it of the disk's UUID"),
    ("--alias", True, "ESX names devices itself"),
    ("--rawio", False, "ESX has no such capability"),
    ("--multifunction", False, "a disk's address is no PCI address"),
    ("--source-protocol", True, "ESX has files and host devices"),
    ("--source-host-name", True, "ESX has files and host devices"),
    ("--source-host-transport", True, "ESX has files and host devices"),
    ("--source-host-socket", True, "ESX has files and host devices"),
)


@commands.command("attach-disk")
@on_domain
@argument("source")
@argument("target")
@click.option("--snapshot", type=click.Choice(_MODES), help="Whether snapshots take the disk in: 'no' is independent.")
@click.option("--persistent", type=click.Choice(_MODES), is_flag=False, flag_value="yes",
              help="Whether what is written stays: 'no' discards it when the domain is turned off.")  # fmt: skip
@click.option("--targetbus", metavar="BUS", help="scsi, sata, nvme, ide or fdc, where the target's name does not say.")
@click.option("--address", metavar="BUS:C.0.U", help="The controller and unit, where the target's name does not say.")
@click.option("--type", "device", type=click.Choice(["disk", "cdrom", "floppy", "lun"]), default="disk",
              help="The kind of drive; 'disk' without it.")  # fmt: skip
@click.option("--sourcetype", type=click.Choice(["file", "block"]), default="file",
              help="Whether SOURCE is a file or a device of the host.")  # fmt: skip
@click.option("--cache", type=click.Choice(["default", "writethrough"]), help="Whether writes are cached.")
@click.option("--mode", type=click.Choice(["readonly", "shareable"]), help="Whether several domains may write it.")
@blank_disks.of_a_disk
@refusing(_REFUSED)
@print_xml
@affecting
def attach_disk(
    domain: "Domain", flags: int, print_xml: bool, size: int | None, allocation: int | None, at_once: bool,
    **options: str | None,
) -> None:  # fmt: skip
    """Attach SOURCE, '[datastore] dir/file.vmdk', as TARGET.

    Without --snapshot and --persistent the disk is in snapshots and what is written stays. With --size it is made:
    blank, and only where there is no such file.
    """
    xml = _disk_xml(blank_disks.attributes(size, allocation, at_once=at_once), **options)
    if print_xml:
        click.echo(xml, nl=False)
        return
    change("Disk attached successfully", "Failed to attach disk", domain.attachDeviceFlags, xml, flags)


def _disk_xml(
    new: Mapping[str, str],
    *,
    source: str | None,
    target: str | None,
    snapshot: str | None,
    persistent: str | None,
    targetbus: str | None,
    address: str | None,
    device: str | None,
    sourcetype: str | None,
    cache: str | None,
    mode: str | None,
) -> str:
    parts = _ADDRESS.fullmatch(address) if address else None
    if address and not parts:
        raise click.UsageError(f"--address '{address}': write it as scsi:1.0.3")
    bus = targetbus or (parts["bus"] if parts else None)
    if parts and parts["bus"] != bus:
        raise click.UsageError(f"--address '{address}' is not on the bus '{bus}'")
    drive = ("drive", parts["controller"], parts["row"], "0", parts["unit"]) if parts else (None,) * 5
    return made(
        "disk",
        ("@type", sourcetype),
        ("@device", device),
        ("@snapshot", snapshot),
        ("@persistent", persistent),
        ("driver/@cache", cache),
        ("source/@dev" if sourcetype == "block" else "source/@file", source or None),
        ("target/@dev", target),
        ("target/@bus", bus),
        ("readonly" if mode == "readonly" else "shareable", "" if mode else None),
        *((f"address/@{name}", value) for name, value in zip(_PARTS, drive, strict=True)),
        *((f"esxdriver:disk/@{name}", value) for name, value in new.items()),
    )


_PARTS = ("type", "controller", "bus", "target", "unit")


@commands.command("detach-disk")
@on_domain
@argument("target", shell_complete=complete.disks)
@lasting
@print_xml
@affecting
def detach_disk(domain: "Domain", target: str, flags: int, print_xml: bool) -> None:
    """Detach the disk with this target or source; its file stays."""
    xml = text(disk(domain, target, "Failed to detach disk"))
    if print_xml:
        click.echo(xml)
        return
    change("Disk detached successfully", "Failed to detach disk", domain.detachDeviceFlags, xml, flags)


# What is done, and what virsh calls it.
_DONE = {"eject": "ejected", "insert": "inserted", "update": "updated"}


@commands.command("change-media")
@on_domain
@argument("path", shell_complete=complete.disks)
@argument("source", required=False)
@click.option("--eject", is_flag=True, help="Take the medium out.")
@click.option("--insert", is_flag=True, help="Put SOURCE into a drive that is empty.")
@click.option("--update", is_flag=True, help="Put SOURCE in, whatever is there: this is done without an option, too.")
@click.option("--force", is_flag=True, help="Also where the guest has locked the drive.")
@click.option("--block", is_flag=True, help="SOURCE is a device of the host, no file.")
@print_xml
@affecting
def change_media(
    domain: "Domain", path: str, source: str | None, flags: int, *, force: bool, block: bool, print_xml: bool,
    **actions: bool,
) -> None:  # fmt: skip
    """Change the medium of a CD-ROM or floppy drive.

    PATH is the drive's target or source.
    """
    import libvirt

    chosen = [action for action in _DONE if actions[action]]
    if len(chosen) > 1:
        raise click.UsageError(f"--{chosen[0]} does not go with --{chosen[1]}")
    action = chosen[0] if chosen else "update"
    if (source is None) == (action != "eject"):
        raise click.UsageError("--eject takes no SOURCE" if source else f"--{action} needs SOURCE")
    failure = f"Failed to complete action {action} on media"
    drive = disk(domain, path, failure)
    _check_medium(drive, path, action, failure)
    xml = _drive_xml(drive, source, block=block)
    if print_xml:
        click.echo(xml, nl=False)
        return
    flags |= libvirt.VIR_DOMAIN_DEVICE_MODIFY_FORCE if force else 0
    change(f"Successfully {_DONE[action]} media.", failure, domain.updateDeviceFlags, xml, flags)


def _check_medium(drive: "ElementSurface", path: str, action: str, failure: str) -> None:
    if drive.get("@device") not in ("cdrom", "floppy"):
        raise CommandFailed(failure, f"No disk found whose source path or target is {path} and whose medium can change")
    holds = drive.get("source/@file") or drive.get("source/@dev")
    if action == "eject" and not holds:
        raise CommandFailed(failure, f"The disk device '{path}' doesn't have media")
    if action == "insert" and holds:
        raise CommandFailed(failure, f"The disk device '{path}' already has media")


def _drive_xml(drive: "ElementSurface", source: str | None, *, block: bool) -> str:
    return made(
        "disk",
        ("@type", "block" if block else "file"),
        ("@device", drive.get("@device")),
        ("source/@dev" if block else "source/@file", source),
        *((path, drive.get(path)) for path in ("target/@dev", "target/@bus")),
        *((f"address/@{name}", drive.get(f"address/@{name}")) for name in _PARTS),
    )
