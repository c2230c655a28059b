"""Network interfaces by their type and MAC address: attached and detached."""

from typing import TYPE_CHECKING

import click

from esxdriver.cli import complete, terminal
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.device_xml import affecting, change, devices, lasting, made, print_xml, refusing, text
from esxdriver.cli.failures import CommandFailed

if TYPE_CHECKING:
    from esxdriver.conf.xml.surface import ElementSurface
    from esxdriver.driver.domain import Domain

commands = Commands()

# Options of virsh's attach-interface, whether they take a value, and why they are refused.
_REFUSED = (
    ("--script", True, "ESX runs no scripts"),
    ("--alias", True, "ESX names devices itself"),
    ("--inbound", True, "ESX shapes traffic by the port group"),
    ("--outbound", True, "ESX shapes traffic by the port group"),
    ("--managed", False, "for devices of the host"),
    ("--source-mode", True, "for devices of the host"),
)


# Where the element of each type has its source.
_SOURCES = {"bridge": "source/@bridge", "network": "source/@network", "vds": "source/@switchid"}


@commands.command("attach-interface")
@on_domain
@argument("type", type=click.Choice(list(_SOURCES)))
@argument("source")
@click.option("--mac", metavar="ADDRESS", help="Its MAC address; without it the host chooses one.")
@click.option("--model", metavar="MODEL", help="vmxnet3, e1000e, e1000... ")
@click.option("--target", metavar="NAME", help="A name for it, which ESX does not keep.")
@refusing(_REFUSED)
@lasting
@print_xml
@affecting
def attach_interface(
    domain: "Domain", type: str, source: str, mac: str | None, model: str | None, target: str | None, *,  # noqa: A002
    flags: int, print_xml: bool,
) -> None:  # fmt: skip
    """Attach an interface to SOURCE.

    That is a port group for 'bridge', a network or a port group for 'network', the UUID of a distributed switch for
    'vds'.
    """
    xml = made(
        "interface",
        ("@type", type),
        ("mac/@address", mac),
        (_SOURCES[type], source),
        ("target/@dev", target),
        ("model/@type", model),
    )
    if print_xml:
        click.echo(xml, nl=False)
        return
    change("Interface attached successfully", "Failed to attach interface", domain.attachDeviceFlags, xml, flags)


@commands.command("detach-interface")
@on_domain
@argument("type")
@click.option("--mac", metavar="ADDRESS", help="Which one, where the domain has several of the type.")
@lasting
@print_xml
@affecting
def detach_interface(domain: "Domain", type: str, mac: str | None, flags: int, *, print_xml: bool) -> None:  # noqa: A002
    """Detach the interface of this type, 'bridge' for most, and with this MAC address."""
    failure = "Failed to detach interface"
    xml = _found(domain, type, mac, failure)
    if print_xml:
        click.echo(xml)
        return
    change("Interface detached successfully", failure, domain.detachDeviceFlags, xml, flags)


def _found(domain: "Domain", kind: str, mac: str | None, failure: str) -> str:
    alike = [each for each in devices(domain, "interface") if each.get("@type") == kind]
    found = [each for each in alike if mac is None or (each.get("mac/@address") or "").lower() == mac.lower()]
    if not alike:
        raise CommandFailed(failure, f"No interface found whose type is {kind}")
    if not found:
        raise CommandFailed(failure, f"No interface with MAC address {mac} was found")
    if len(found) > 1:
        raise CommandFailed(
            failure, f"Domain has {len(found)} interfaces. Please specify which one to detach using --mac"
        )
    return text(found[0])


_STATES = ("up", "down")
_KEPT = ("@type", "mac/@address", *(f"source/@{name}" for name in (
    "bridge", "switchid", "portid", "portgroupid", "connectionid",
)), "target/@dev", "model/@type")  # fmt: skip


@commands.command("domif-setlink")
@on_domain
@argument("interface", shell_complete=complete.cards)
@argument("state", type=click.Choice(_STATES))
@click.option("--config", is_flag=True, help="For the next start: on ESX it is always both.")
@print_xml
def domif_setlink(domain: "Domain", interface: str, state: str, *, config: bool, print_xml: bool) -> None:
    """Plug a domain's interface in ('up') or out ('down').

    INTERFACE is its target or its MAC address.
    """
    import libvirt

    failure = "Failed to update interface link state"
    card = _card(domain, interface, failure)
    xml = made("interface", *((path, card.get(path)) for path in _KEPT), ("link/@state", state))
    if print_xml:
        click.echo(xml, nl=False)
        return
    flags = libvirt.VIR_DOMAIN_AFFECT_CONFIG if config else 0
    change("Device updated successfully", failure, domain.updateDeviceFlags, xml, flags)


@commands.command("domif-getlink")
@on_domain
@argument("interface", shell_complete=complete.cards)
@click.option("--config", is_flag=True, expose_value=False, help="For the next start: on ESX it is always both.")
def domif_getlink(domain: "Domain", interface: str) -> None:
    """Show whether a domain's interface is plugged in.

    INTERFACE is its target or its MAC address. What is shown is how it is when the domain starts.
    """
    card = _card(domain, interface, "Failed to get interface link state")
    click.echo(f"{terminal.printable(interface)} {card.get('link/@state') or 'up'}")


def _card(domain: "Domain", interface: str, failure: str) -> "ElementSurface":
    cards = devices(domain, "interface")
    found = [each for each in cards if interface.lower() in (each.get("target/@dev"), each.get("mac/@address"))]
    if len(found) != 1:
        raise CommandFailed(failure, f"interface (dev: {interface}) not found")
    return found[0]
