"""What a check has found, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """What came of something that was asked."""

    OK = "ok"
    SKIPPED = "does not apply"  # of a domain that is off, of a guest without Tools
    REFUSED = "refused"  # by a fault of the host's
    UNANSWERED = "unanswered"
    FAILED = "failed"  # the driver does not understand, or contradicts itself


@dataclass(frozen=True)
class Finding:
    """One thing that was asked: which ``check`` it was, ``where``, and in the API's own names what came of it.

    ``detail`` may have names of the site; it is empty unless they are wanted.
    """

    check: str
    status: Status
    where: str
    text: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Timing:
    """How often something was asked, how many calls that took, and how many seconds in all and the slowest."""

    check: str
    times: int
    calls: int
    seconds: float
    slowest: float


@dataclass(frozen=True)
class Unread:
    """Something of a machine that the driver does not map, with vSphere's class and path.

    ``why`` says whether the whole device is left out of definitions, a value has no meaning, or a property is not read.
    """

    kind: str
    path: str
    why: str
    times: int


@dataclass(frozen=True)
class Outcome:
    """What came of a step that changes something: its ``answer``, and those that the rules predict and esxsim gives.

    The ``status`` is OK for an answer as predicted, FAILED for another one, SKIPPED for a step that was not tried.
    """

    step: str
    name: str
    status: Status
    answer: str
    predicted: str
    esxsim: str
    detail: str = ""


@dataclass(frozen=True)
class Report:
    """All that a check has found. ``host`` are versions; ``domains`` how many were looked at, of how many.

    ``operations`` are vSphere's, with how often each was called and how many seconds it took. ``probes`` are how many
    answers are as assumed, and how many are not; ``left`` is what was made and could not be removed.
    """

    host: Mapping[str, str]
    domains: tuple[int, int]
    findings: tuple[Finding, ...] = ()
    timings: tuple[Timing, ...] = ()
    unread: tuple[Unread, ...] = ()
    operations: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    versions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    privileges: tuple[str, ...] = ()
    probes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    steps: tuple[Outcome, ...] = ()
    left: tuple[str, ...] = ()

    def of(self, *statuses: Status) -> tuple[Finding, ...]:
        """Return the findings of these statuses."""
        return tuple(each for each in self.findings if each.status in statuses)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """What the driver got wrong; there should be none on any host."""
        return self.of(Status.FAILED)
