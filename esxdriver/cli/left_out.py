"""Domains that a command could not read: what it shows is not all, and it may not end as if it were."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from esxdriver.cli.failures import CommandFailed, tell

LeftOut = Callable[[str, str], None]


@contextmanager
def all_or_failed() -> Iterator[LeftOut]:
    """Give a function for each domain's name and why it could not be read; raise CommandFailed in the end if one was.

    What could be read is shown first. Each other is named on stderr as it is met.
    """
    missing: list[str] = []

    def left_out(name: str, why: str) -> None:
        missing.append(name)
        tell(f"domain '{name}': {why}")

    yield left_out
    if missing:
        noun = "domain is" if len(missing) == 1 else "domains are"
        raise CommandFailed(f"{len(missing)} {noun} missing in the output")
