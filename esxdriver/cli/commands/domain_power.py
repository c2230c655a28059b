"""Running domains: the verbs that take a domain and nothing else."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from esxdriver.cli.failures import failing_with
from esxdriver.cli.target import on_domain
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = click.Group()

_Verb = Callable[["Domain"], int]

# Command, method, what virsh says afterwards, help.
_VERBS: tuple[tuple[str, _Verb, str, str], ...] = (
    ("start", lambda domain: domain.create(), "started", "Start a domain that is shut off."),
    ("reset", lambda domain: domain.reset(), "was reset", "Press a domain's reset button."),
    ("suspend", lambda domain: domain.suspend(), "suspended", "Suspend a running domain to its host's disk."),
    ("resume", lambda domain: domain.resume(), "resumed", "Let a paused domain go on."),
    ("destroy", lambda domain: domain.destroy(), "destroyed", "Pull a domain's plug; its disks stay."),
)
# The same of what the guest is asked for; it may take its time.
_WISHES: tuple[tuple[str, Callable[["Domain", int], int], str, str], ...] = (
    ("shutdown", lambda domain, flags: domain.shutdownFlags(flags), "is being shutdown", "Ask the guest to shut down."),
    ("reboot", lambda domain, flags: domain.reboot(flags), "is being rebooted", "Ask the guest to reboot."),
)


def _told(domain: "Domain", verb: str, call: Callable[[], int], done: str) -> None:
    with failing_with(f"Failed to {verb} domain '{domain.name()}'"):
        call()
    click.echo(f"Domain '{printable(domain.name())}' {done}")


def _add_verb(name: str, method: _Verb, done: str, text: str) -> None:
    @commands.command(name, help=text)
    @on_domain
    def run(domain: "Domain") -> None:
        _told(domain, name, lambda: method(domain), done)


def _add_wish(name: str, method: Callable[["Domain", int], int], done: str, text: str) -> None:
    @commands.command(name, help=f"{text} VMware Tools must be running in it.")
    @click.option("--mode", type=click.Choice(["agent"]), help="By VMware Tools, the guest agent of ESX.")
    @on_domain
    def run(domain: "Domain", mode: str | None) -> None:
        import libvirt  # noqa: PLC0415

        flag = getattr(libvirt, f"VIR_DOMAIN_{name.upper()}_GUEST_AGENT") if mode else 0
        _told(domain, name, lambda: method(domain, flag), done)


for _verb in _VERBS:
    _add_verb(*_verb)
for _wish in _WISHES:
    _add_wish(*_wish)
