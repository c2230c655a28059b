"""Looking at one domain."""

from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import table, texts
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import failing_with
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.conf.devices.disk import DiskDef
    from esxdriver.driver.domain import Domain
    from esxdriver.qemu.disks import Disk

commands = Commands()


@commands.command()
@on_domain
def dominfo(domain: "Domain") -> None:
    """Show a domain's size and state."""
    import libvirt

    with failing_with(f"Failed to get information of domain '{domain.name()}'"):
        state, most, current, vcpus, time = domain.info()
        starting = domain.connect().listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)
    fields = {
        "Id": texts.shown_id(domain),
        "Name": domain.name(),
        "UUID": domain.UUIDString(),
        "OS Type": domain.OSType(),
        "State": texts.state(state),
        "CPU(s)": vcpus,
        **({"CPU time": f"{time / 10**9:.1f}s"} if time else {}),
        "Max memory": f"{most} KiB",
        "Used memory": f"{current} KiB",
        "Persistent": texts.yes_no(domain.isPersistent()),
        "Autostart": "enable" if domain.UUIDString() in {each.UUIDString() for each in starting} else "disable",
        "Managed save": texts.yes_no(domain.hasManagedSaveImage()),
    }
    table.show_fields(fields)


@commands.command()
@click.option("--reason", is_flag=True, help="Say why, too; vSphere does not tell.")
@on_domain
def domstate(domain: "Domain", reason: bool) -> None:
    """Show whether a domain runs, is paused or shut off."""
    with failing_with(f"Failed to get state of domain '{domain.name()}'"):
        state, _ = domain.state()
    click.echo(texts.state(state) + (" (unknown)" if reason else ""))


@commands.command()
@on_domain
def domid(domain: "Domain") -> None:
    """Show a domain's ID, a dash when it is shut off."""
    click.echo(texts.shown_id(domain))


@commands.command()
@on_domain
def domuuid(domain: "Domain") -> None:
    """Show a domain's UUID."""
    click.echo(domain.UUIDString())


@commands.command()
@on_domain
def domname(domain: "Domain") -> None:
    """Show a domain's name."""
    click.echo(printable(domain.name()))


@commands.command()
@click.option("--details", is_flag=True, help="Also each disk's kind and mode, and what becomes of its writes.")
@click.option("--inactive", is_flag=True, help="The stored configuration: on ESX there is one only.")
@on_domain
def domblklist(domain: "Domain", details: bool, inactive: bool) -> None:
    """List a domain's disks.

    With --details: 'Snapshot' says whether snapshots and backups hold the disk, 'Persistent' whether its writes
    outlive a power off, 'Mode' what vSphere calls both.
    """
    import libvirt

    from esxdriver.conf.domain import xml as domain_xml

    with failing_with(f"Failed to list the disks of domain '{domain.name()}'"):
        flags = libvirt.VIR_DOMAIN_XML_INACTIVE if inactive else 0
        libvirts = getattr(domain, "disks", None)
        disks = libvirts(flags) if libvirts else domain_xml.parse(domain.XMLDesc(flags)).disks
    if details:
        heads = ["Type", "Device", "Target", "Source", "Mode", "Snapshot", "Persistent"]
        table.show(heads, [_details(disk) for disk in disks])
    else:
        table.show(["Target", "Source"], [[disk.target, disk.source or "-"] for disk in disks])


def _details(disk: "DiskDef | Disk") -> list[str]:
    kind: Any = getattr(disk, "backing", disk)
    row = [kind.type, kind.device, disk.target, disk.source or "-"]
    if not kind.is_hard_disk:
        return [*row, "-", "-", "-"]
    return [*row, disk.mode.vim, texts.yes_no(disk.mode.snapshot), texts.yes_no(disk.mode.persistent)]
