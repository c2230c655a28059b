"""``event`` and ``await``: commands that wait until the host tells of something."""

import queue
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import complete, event_lines, terminal
from esxdriver.cli.about import on_domain
from esxdriver.cli.arguments import Commands, argument
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.target import Target
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect
    from esxdriver.driver.domain import Domain

commands = Commands()

_TIMED_OUT = 2  # the exit status of an await that has waited in vain

_timeout = click.option("--timeout", type=click.IntRange(min=1), metavar="SECONDS", help="Wait no longer than this.")


@commands.command()
@argument("domain", required=False, shell_complete=complete.domains)
@argument("kind", required=False, metavar="[EVENT]", names=["--event"])
@click.option("--all", "every", is_flag=True, help="Wait for every kind of event.")
@click.option("--loop", is_flag=True, help="Show events until the timeout or Ctrl-C, and not the first one alone.")
@_timeout
@click.option("--list", "listing", is_flag=True, help="Show the kinds of events.")
@click.option("--timestamp", is_flag=True, help="Show when, too.")
@click.pass_obj
def event(
    target: Target,
    /,
    domain: str | None,
    kind: str | None,
    every: bool,
    loop: bool,
    timeout: int | None,
    listing: bool,
    timestamp: bool,
) -> None:
    """Wait for events of domains, and show them; of one DOMAIN, or of all.

    Give --all, or the kind of EVENT as --event KIND. Without --loop, the first one ends it. It fails when none has
    come, and when the host is lost meanwhile.
    """
    _require_one_of({"--list": listing, "--all": every, "--event": kind is not None})
    if listing:
        click.echo("\n".join(event_lines.KINDS))
        return
    if kind is not None and kind not in event_lines.KINDS:
        raise CommandFailed(f"unknown event type {kind}")
    conn = target.connect()
    about = target.domain(domain) if domain is not None else None
    received = 0
    try:
        with _heard(conn, about, event_lines.KINDS if kind is None else [kind]) as heard:
            for text in _until(heard, timeout, click.echo):
                click.echo(printable(f"{event_lines.timestamp()}: {text}" if timestamp else text, keep="\n"))
                received += 1
                if not loop:
                    break
    finally:
        click.echo(f"events received: {received}")
    if not received:
        raise click.exceptions.Exit(1)


def _require_one_of(given: dict[str, bool]) -> None:
    chosen = [option for option, is_given in given.items() if is_given]
    if not chosen:
        raise click.UsageError("one of --list, --all, or --event <type> is required")
    if len(chosen) > 1:
        raise click.UsageError(f"{chosen[0]} does not go with {' and '.join(chosen[1:])}")


@commands.command("await")
@click.option("--condition", required=True, type=click.Choice(["domain-inactive", "guest-agent-available"]),
              help="What to wait for; the agent is VMware Tools.")  # fmt: skip
@_timeout
@on_domain
def await_(domain: "Domain", condition: str, timeout: int | None) -> None:
    """Wait until a domain is shut off, or until VMware Tools run in it.

    The exit status is 2 when that has not come to pass by the timeout, or by Ctrl-C.
    """
    kind, is_met = _CONDITIONS[condition]
    with (
        failing_with(f"Failed to wait for domain '{domain.name()}'"),
        _heard(domain.connect(), domain, [kind]) as heard,
    ):
        if is_met(domain) or any(is_met(domain) for _ in _until(heard, timeout, terminal.say)):
            return
    raise click.exceptions.Exit(_TIMED_OUT)


def _is_inactive(domain: "Domain") -> bool:
    return not domain.isActive()


def _has_tools(domain: "Domain") -> bool:
    import libvirt

    try:
        domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE)
    except libvirt.libvirtError as error:
        if error.get_error_code() in (libvirt.VIR_ERR_AGENT_UNRESPONSIVE, libvirt.VIR_ERR_OPERATION_INVALID):
            return False
        raise
    return True


# Each condition: the kind of event after which it may hold, and whether it does.
_CONDITIONS: dict[str, tuple[str, Callable[["Domain"], bool]]] = {
    "domain-inactive": ("lifecycle", _is_inactive),
    "guest-agent-available": ("agent-lifecycle", _has_tools),
}


# Why a host is lost, by libvirt's number of the reason, in virsh's words.
_REASONS = ("I/O error", "end of file", "keepalive timeout", "client request")

Heard = queue.SimpleQueue[str | CommandFailed]


@contextmanager
def _heard(conn: "Connect", domain: "Domain | None", kinds: Iterable[str]) -> Iterator[Heard]:
    """Give a queue into which the lines of events go, of one domain or of all, and the loss of the host."""
    heard: Heard = queue.SimpleQueue()
    numbers = list(event_lines.KINDS)
    with failing_with("Failed to register for events"):
        registered = [
            conn.domainEventRegisterAny(domain, numbers.index(kind), partial(_hear, heard, kind), None)
            for kind in kinds
        ]
        conn.registerCloseCallback(_hear_loss, heard)
    try:
        yield heard
    finally:
        conn.unregisterCloseCallback()
        for number in registered:
            conn.domainEventDeregisterAny(number)


def _hear_loss(conn: "Connect", reason: int, heard: Heard) -> None:
    heard.put(CommandFailed(f"Disconnected from {conn.getURI()} due to {_REASONS[reason]}"))


def _hear(heard: Heard, kind: str, _conn: Any, domain: "Domain", *arguments: Any) -> None:
    *details, _opaque = arguments
    heard.put(event_lines.line(kind, domain.name(), *details))


def _until(heard: Heard, timeout: int | None, say: Callable[[str], None]) -> Iterator[str]:
    """Yield what is heard until the time is over or somebody interrupts it, and say which it was.

    Raises CommandFailed when the host is lost: virsh's loop ends, too.
    """
    end = None if timeout is None else time.monotonic() + timeout
    try:
        while True:
            found = heard.get(timeout=None if end is None else max(end - time.monotonic(), 0.001))
            if isinstance(found, CommandFailed):
                raise found
            yield found
    except queue.Empty:
        say("event loop timed out")
    except KeyboardInterrupt:
        say("event loop interrupted")
