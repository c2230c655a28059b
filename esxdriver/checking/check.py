"""A whole check of a host: what is asked for, and the run of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from esxdriver.checking.own import Called
from esxdriver.checking.reading import Limits, operations, read_host
from esxdriver.checking.remains import remains
from esxdriver.checking.removal import command
from esxdriver.checking.report import Report
from esxdriver.checking.writing import Writing
from esxdriver.errors import invalid_arg

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect

Track = Callable[[Any, str], Iterable[Any]]
"""Passes items on, one after the other, and shows how far that is."""


@dataclass(frozen=True)
class Asked:
    """What a check is to do: read at most so many ``domains``, and write where ``called`` names what is to be its own.

    ``names`` says whether the report shows the site's names.
    """

    domains: int = Limits.domains
    called: Called | None = None
    names: bool = False

    def arguments(self) -> dict[str, str]:
        """Return what a recording has to keep, to be replayed."""
        own = vars(self.called) if self.called else {}
        return {"check": "host", "domains": str(self.domains), **own}

    @classmethod
    def of_recording(cls, head: Mapping[str, Any], *, names: bool) -> "Asked":
        """Return what was asked for in a recording with this head. Raises INVALID_ARG for one of something else."""
        arguments = head.get("arguments")
        if not isinstance(arguments, dict) or arguments.get("check") != "host":
            raise invalid_arg("the recording is none of a check: esxdriver check-host --cassette makes one")
        domains = str(arguments.get("domains", ""))
        own = {name: str(arguments.get(name, "")) for name in ("name", "renamed", "datastore")}
        if not domains.isascii() or not domains.isdecimal() or len(domains) > len(str(2**31)):
            raise invalid_arg("the recording does not say of how many domains it is")
        return cls(int(domains), Called(**own) if own["name"] else None, names)


def left_by_others(conn: "Connect", asked: Asked) -> list[str]:
    """Return a line for each check that has left something on the host, or is under way; it is not touched."""
    found = remains(conn, asked.called.datastore if asked.called else None)
    return [
        f"{each.name} is on the datastore {each.datastore}, of an earlier check or of one that is under way. "
        f"It is left alone. If no check is under way, remove it with: {command(each, conn.getURI())}"
        for each in found
    ]


def check_host(conn: "Connect", asked: Asked, track: Track = lambda items, _: items) -> Report:
    """Read a host, and write on a machine of its own where that is asked for; return what was found.

    When writing raises, the exception has a note for each thing that is left on the host, with the command that
    removes it.
    """
    limits = replace(Limits(), domains=asked.domains)
    report = read_host(conn, limits, names=asked.names, tracked=lambda domains: track(domains, "Reading"))
    if asked.called is None:
        return report
    writing = Writing(conn, asked.called, names=asked.names)
    try:
        writing.run(lambda steps: track(steps, "Writing"))
    except BaseException as cause:
        for line in writing.left:
            cause.add_note(f"left on the host: {line}; remove it with: {command(asked.called, conn.getURI())}")
        raise
    return replace(report, steps=tuple(writing.outcomes), left=writing.left, operations=operations(conn))
