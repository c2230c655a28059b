"""What commands that wait for events share: their options, the registration, and the loop that shows what comes."""

import queue
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from esxdriver.cli import event_lines
from esxdriver.cli.event_lines import Text
from esxdriver.cli.failures import CommandFailed, failing_with
from esxdriver.cli.terminal import printable

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect

# Why a host is lost, by libvirt's number of the reason, in virsh's words.
_REASONS = ("I/O error", "end of file", "keepalive timeout", "client request")

Heard = queue.SimpleQueue[str | CommandFailed]


@dataclass(frozen=True)
class Family:
    """The events of one kind of object: what a line calls one, each kind's line, and the methods of a connection.

    ``required`` is what virsh says when no kind is given.
    """

    called: str
    kinds: Mapping[str, Text]
    methods: str
    required: str


DOMAINS = Family("domain '{}'", event_lines.KINDS, "domainEvent", "one of --list, --all, or --event <type> is required")
POOLS = Family(
    "storage pool {}", event_lines.POOL_KINDS, "storagePoolEvent", "either --list or --event <type> is required"
)
NETWORKS = Family(
    "network {}", event_lines.NETWORK_KINDS, "networkEvent", "either --list or --event <type> is required"
)

timeout_option = click.option(
    "--timeout", type=click.IntRange(min=1), metavar="SECONDS", help="Wait no longer than this."
)

_OPTIONS = (
    click.option("--all", "every", is_flag=True, help="Wait for every kind of event."),
    click.option("--loop", is_flag=True, help="Show events until the timeout or Ctrl-C, and not the first one alone."),
    timeout_option,
    click.option("--list", "listing", is_flag=True, help="Show the kinds of events."),
    click.option("--timestamp", is_flag=True, help="Show when, too."),
)


def event_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command virsh's options of a wait for events; the function takes them as :func:`wait_for` does."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def wait_for(
    family: Family,
    connect: Callable[[], tuple["Connect", Any]],
    *,
    kind: str | None,
    every: bool,
    loop: bool,
    timeout: int | None,
    listing: bool,
    timestamp: bool,
) -> None:
    """Show the events that are asked for as they come; ``connect`` returns the connection and the one object, or None.

    Without ``loop``, the first one ends it. The exit status is 1 when none has come.
    """
    _require_one_of(family, {"--list": listing, "--all": every, "--event": kind is not None})
    if listing:
        click.echo("\n".join(family.kinds))
        return
    if kind is not None and kind not in family.kinds:
        raise CommandFailed(f"unknown event type {kind}")
    conn, about = connect()
    received = 0
    try:
        with listening(family, conn, about, family.kinds if kind is None else [kind]) as heard:
            for text in until(heard, timeout, click.echo):
                click.echo(printable(f"{event_lines.timestamp()}: {text}" if timestamp else text, keep="\n"))
                received += 1
                if not loop:
                    break
    finally:
        click.echo(f"events received: {received}")
    if not received:
        raise click.exceptions.Exit(1)


def _require_one_of(family: Family, given: dict[str, bool]) -> None:
    chosen = [option for option, is_given in given.items() if is_given]
    if not chosen:
        raise click.UsageError(family.required)
    if len(chosen) > 1:
        raise click.UsageError(f"{chosen[0]} does not go with {' and '.join(chosen[1:])}")


@contextmanager
def listening(family: Family, conn: "Connect", about: Any, kinds: Iterable[str]) -> Iterator[Heard]:
    """Give a queue into which the lines of events go, of one object or of all, and the loss of the host."""
    heard: Heard = queue.SimpleQueue()
    numbers = list(family.kinds)
    register, deregister = (getattr(conn, f"{family.methods}{what}Any") for what in ("Register", "Deregister"))
    with failing_with("Failed to register for events"):
        registered = [register(about, numbers.index(kind), partial(_hear, heard, family, kind), None) for kind in kinds]
        conn.registerCloseCallback(_hear_loss, heard)
    try:
        yield heard
    finally:
        conn.unregisterCloseCallback()
        for number in registered:
            deregister(number)


def _hear_loss(conn: "Connect", reason: int, heard: Heard) -> None:
    heard.put(CommandFailed(f"Disconnected from {conn.getURI()} due to {_REASONS[reason]}"))


def _hear(heard: Heard, family: Family, kind: str, _conn: Any, about: Any, *arguments: Any) -> None:
    *details, _opaque = arguments
    heard.put(f"event '{kind}' for {family.called.format(about.name())}{family.kinds[kind](*details)}")


def until(heard: Heard, timeout: int | None, say: Callable[[str], None]) -> Iterator[str]:
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
