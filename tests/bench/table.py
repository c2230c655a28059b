"""Tables of 80 columns: what was measured, and what has to be reached."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.bench.running import Result

_HEAD = f"{'what':<38}{'VMs':>6}{'delay':>7}{'seconds':>9}{'x raw':>7}{'calls':>7}{'MiB':>6}"


@dataclass(frozen=True)
class Goal:
    """A ratio or a count, and its limit: the least it has to be, or the most it may be."""

    what: str
    limit: float
    found: float
    at_least: bool = False

    @property
    def reached(self) -> bool:
        return self.found >= self.limit if self.at_least else self.found <= self.limit

    def __str__(self) -> str:
        bound = "at least" if self.at_least else "at most"
        return f"{self.what:<50}{bound:>9}{self.limit:>6.4g}{self.found:>8.3g}{'  yes' if self.reached else '  NO'}"


def heading() -> str:
    return f"{_HEAD}\n{'-' * len(_HEAD)}"


def row(what: str, delay: int, result: Result, raw: Result) -> str:
    """Return a line; ``raw`` is the transfer that it is compared with."""
    ratio = result.seconds / raw.seconds
    return (
        f"{what:<38}{result.machines:>6}{delay:>4} ms{result.seconds:>9.2f}{ratio:>7.1f}{result.calls:>7}"
        f"{result.peak:>6.0f}"
    )


def verdicts(goals: Iterable[Goal]) -> str:
    head = f"{'goal':<50}{'limit':>15}{'found':>8}  met"
    return "\n".join([head, "-" * 79, *map(str, goals)])
