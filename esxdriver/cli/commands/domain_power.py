"""Running domains: the verbs that take a domain and nothing else."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from esxdriver.cli import terminal
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands
from esxdriver.cli.failures import failing_with
from esxdriver.cli.flags import DESTROY, SAVE, START, Rows, flag_options, total
from esxdriver.cli.progress import percentages

if TYPE_CHECKING:
    from esxdriver.driver.domain import Domain

commands = Commands()

# Command, method, what virsh says afterwards, help.
_VERBS: tuple[tuple[str, Callable[["Domain"], int], str, str], ...] = (
    ("reset", lambda domain: domain.reset(), "was reset", "Press a domain's reset button."),
    ("suspend", lambda domain: domain.suspend(), "suspended", "Suspend a running domain to its host's disk."),
    ("resume", lambda domain: domain.resume(), "resumed", "Let a paused domain go on."),
)
# The same of what takes flags: with their prefix and table.
_FLAGGED: tuple[tuple[str, Callable[["Domain", int], int], str, str, str, Rows], ...] = (
    ("start", lambda domain, flags: domain.createWithFlags(flags), "started", "Start a domain that is shut off.",
     "VIR_DOMAIN_START_", START),
    ("destroy", lambda domain, flags: domain.destroyFlags(flags), "destroyed", "Pull a domain's plug; its disks stay.",
     "VIR_DOMAIN_DESTROY_", DESTROY),
)  # fmt: skip
# The same of what the guest is asked for; it may take its time.
_WISHES: tuple[tuple[str, Callable[["Domain", int], int], str, str], ...] = (
    ("shutdown", lambda domain, flags: domain.shutdownFlags(flags), "is being shutdown", "Ask the guest to shut down."),
    ("reboot", lambda domain, flags: domain.reboot(flags), "is being rebooted", "Ask the guest to reboot."),
)
# By the name of a flag: VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN.
_MODES = {
    "agent": "GUEST_AGENT",
    "acpi": "ACPI_POWER_BTN",
    "initctl": "INITCTL",
    "signal": "SIGNAL",
    "paravirt": "PARAVIRT",
}


def _report(domain: "Domain", verb: str, call: Callable[[], int], done: str) -> None:
    with failing_with(f"Failed to {verb} domain '{domain.name()}'"):
        call()
    terminal.say(f"Domain '{domain.name()}' {done}")


def _add_verb(name: str, method: Callable[["Domain"], int], done: str, text: str) -> None:
    @commands.command(name, help=text)
    @on_domain
    def run(domain: "Domain") -> None:
        _report(domain, name, lambda: method(domain), done)


def _add_wish(name: str, method: Callable[["Domain", int], int], done: str, text: str) -> None:
    @commands.command(name, help=f"{text} VMware Tools must be running in it.")
    @click.option("--mode", type=click.Choice(list(_MODES)),
                  help="By VMware Tools, the guest agent of ESX ('agent'); all others are refused.")  # fmt: skip
    @on_domain
    def run(domain: "Domain", mode: str | None) -> None:
        flag = total(f"VIR_DOMAIN_{name.upper()}_", [_MODES[mode]] if mode else [])
        _report(domain, name, lambda: method(domain, flag), done)


def _add_flagged(
    name: str, method: Callable[["Domain", int], int], done: str, text: str, prefix: str, rows: Rows
) -> None:
    @commands.command(name, help=text)
    @flag_options(prefix, rows)
    @on_domain
    def run(domain: "Domain", flags: int) -> None:
        _report(domain, name, lambda: method(domain, flags), done)


@commands.command()
@flag_options("VIR_DOMAIN_SAVE_", SAVE)
@click.option("--verbose", is_flag=True, expose_value=False, help="Show that it goes on: a terminal does so anyway.")
@on_domain
def managedsave(domain: "Domain", flags: int) -> None:
    """Save a running domain's memory and stop it; 'start' lets it go on.

    On ESX that is its suspension, where the URI has managed_save=1.
    """
    with failing_with(f"Failed to save domain '{domain.name()}' state"), percentages("Saving"):
        domain.managedSave(flags)
    terminal.say(f"Domain '{domain.name()}' state saved by libvirt")


@commands.command("managedsave-remove")
@on_domain
def managedsave_remove(domain: "Domain") -> None:
    """Discard a domain's saved memory: it boots when it starts."""
    with failing_with(f"Failed to remove managed save image for domain '{domain.name()}'"):
        if not domain.hasManagedSaveImage():
            terminal.say(f"Domain '{domain.name()}' has no manage save image; removal skipped")
            return
        domain.managedSaveRemove()
    terminal.say(f"Removed managedsave image for domain '{domain.name()}'")


for _verb in _VERBS:
    _add_verb(*_verb)
for _wish in _WISHES:
    _add_wish(*_wish)
for _flagged in _FLAGGED:
    _add_flagged(*_flagged)
