"""Defining domains, forgetting them, and changing their size."""

from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import blank_disks, complete, terminal
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import failing_with
from esxdriver.cli.files import read_xml, spoken
from esxdriver.cli.flags import AFFECT, CREATE, DEFINE, VCPUS, flag_options
from esxdriver.cli.sizes import kib
from esxdriver.cli.target import Target

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()


@commands.command()
@argument("file", shell_complete=complete.files)
@blank_disks.of_a_document
@flag_options("VIR_DOMAIN_DEFINE_", DEFINE)
@click.pass_obj
def define(target: Target, /, file: str, flags: int, **new: Any) -> None:
    """Create the domain in FILE, or edit the existing one.

    FILE is XML as dumpxml writes it, - for the standard input. An existing domain is edited in place: what the
    file does not speak of stays as it is, and a refusal changes nothing.
    """
    text = read_xml(file)
    failure = f"Failed to define domain from {spoken(file)}"
    with failing_with(failure):
        text = blank_disks.with_sizes(text, **new)
    conn = target.connect()
    with failing_with(failure):
        domain = conn.defineXMLFlags(text, flags)
    terminal.say(f"Domain '{domain.name()}' defined from {spoken(file)}")


@commands.command()
@argument("file", shell_complete=complete.files)
@blank_disks.of_a_document
@flag_options("VIR_DOMAIN_START_", CREATE)
@click.pass_obj
def create(target: Target, /, file: str, flags: int, **new: Any) -> None:
    """Make the domain in FILE like 'define', and start it.

    FILE is XML, - for the standard input. A new domain is transient until it is defined: 'destroy' forgets it, and
    virtesxd when it stops by itself; its files stay. Where nobody watches when it stops, it stays, shut off.
    """
    text = read_xml(file)
    failure = f"Failed to create domain from {spoken(file)}"
    with failing_with(failure):
        text = blank_disks.with_sizes(text, **new)
    conn = target.connect()
    with failing_with(failure):
        domain = conn.createXML(text, flags)
    terminal.say(f"Domain '{domain.name()}' created from {spoken(file)}")


@commands.command()
@argument("file")
@click.pass_obj
def register(target: Target, /, file: str) -> None:
    """Make known the domain whose VMX is FILE, '[datastore] dir/file.vmx'.

    That is the way back from 'undefine', which leaves the files.
    """
    conn = target.connect()
    with failing_with(f"Failed to register domain from {spoken(file)}"):
        domain = conn.registerDomain(file)
    terminal.say(f"Domain '{domain.name()}' registered from {spoken(file)}")


@commands.command()
@on_domain
@click.option("--disable", is_flag=True, help="No longer.")
@click.option("--once", is_flag=True, help="Only the next time: refused, ESX has no such setting.")
def autostart(domain: "Domain", disable: bool, once: bool) -> None:
    """Have a domain start with its host.

    Refused where the host starts none at all and others are on its list: they would start, too.
    """
    if once:
        raise click.UsageError("--once: ESX starts a domain each time or never")
    with failing_with(f"Failed to {'un' if disable else ''}mark domain '{domain.name()}' as autostarted"):
        domain.setAutostart(int(not disable))
    terminal.say(f"Domain '{domain.name()}' {'un' if disable else ''}marked as autostarted")


@commands.command()
@on_domain
@argument("new_name", metavar="NEW-NAME", names=["--new-name"])
def domrename(domain: "Domain", new_name: str) -> None:
    """Give a domain another name; its files keep theirs."""
    with failing_with("Domain rename failed"):
        domain.rename(new_name)
    terminal.say("Domain successfully renamed")


_affecting = flag_options("VIR_DOMAIN_AFFECT_", AFFECT, alone="CURRENT")


@commands.command()
@on_domain
@argument("size", type=kib)
@_affecting
def setmem(domain: "Domain", size: int, flags: int) -> None:
    """Limit what a domain gets of the host's memory.

    SIZE is in KiB, or has a suffix: 2G, 512MiB.
    """
    with failing_with(f"Failed to change the memory of domain '{domain.name()}'"):
        domain.setMemoryFlags(size, flags)


@commands.command()
@on_domain
@argument("size", type=kib)
@_affecting
def setmaxmem(domain: "Domain", size: int, flags: int) -> None:
    """Give a domain that is shut off SIZE of memory.

    SIZE is in KiB, or has a suffix: 2G, 512MiB.
    """
    import libvirt

    with failing_with("Unable to change MaxMemorySize"):
        domain.setMemoryFlags(size, flags | libvirt.VIR_DOMAIN_MEM_MAXIMUM)


@commands.command()
@on_domain
@argument("path", shell_complete=complete.disks)
@argument("size", type=kib)
def blockresize(domain: "Domain", path: str, size: int) -> None:
    """Make the hard disk with target or source PATH larger.

    SIZE is in KiB, or has a suffix: 20G. The guest's file systems are for the guest to grow.
    """
    with failing_with(f"Failed to resize block device '{path}'"):
        domain.blockResize(path, size)
    terminal.say(f"Block device '{path}' is resized")


@commands.command()
@on_domain
@argument("count", type=click.IntRange(min=1))
@flag_options("VIR_DOMAIN_VCPU_", VCPUS, into="vcpu_flags")
@_affecting
def setvcpus(domain: "Domain", count: int, flags: int, vcpu_flags: int) -> None:
    """Give a domain COUNT vCPUs.

    A running one must allow CPU hot plug.
    """
    with failing_with(f"Failed to change the vCPUs of domain '{domain.name()}'"):
        domain.setVcpusFlags(count, flags | vcpu_flags)
