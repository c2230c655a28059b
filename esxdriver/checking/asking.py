"""Asking a host one thing after the other: each is counted and timed, and none ends the check."""

import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import libvirt

from esxdriver.checking.names import Names
from esxdriver.checking.reasons import Reason, reason
from esxdriver.checking.report import Finding, Status, Timing
from esxdriver.errors import MALFORMED
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esxdriver.driver.connect import Connect

T = TypeVar("T")


class HostLost(Exception):
    """The host has not answered several times in a row: there is nothing to go on with."""


class Asking:
    """What was asked so far, and what came of it.

    ``patience`` is how many answers in a row may fail to come. ``privileges`` are those that were missing.
    """

    def __init__(self, conn: "Connect", names: Names, patience: int) -> None:
        self.conn = conn
        self.names = names
        self.findings: list[Finding] = []
        self.privileges: set[str] = set()
        self.reasons: list[tuple[str, Reason]] = []
        self.probes: dict[str, tuple[int, int]] = {}
        self._timings: dict[str, list[tuple[int, float]]] = {}
        self._patience = patience
        self._unanswered = 0

    def ask(self, check: str, where: str, question: Callable[[], T]) -> T | None:
        """Ask, and return the answer; None where none came, which is a finding then. Raises HostLost."""
        with self._timed(check):
            try:
                with translated(""):
                    answer = question()
            except (libvirt.libvirtError, *MALFORMED) as error:
                self._note(check, where, error)
                return None
        self._unanswered = 0
        self.findings.append(Finding(check, Status.OK, where))
        return answer

    def hold(self, check: str, where: str, contradiction: Callable[[], str]) -> None:
        """Hold what the driver makes of an answer against itself; ``contradiction`` returns what is wrong, or nothing.

        It is neither counted nor timed. Raises HostLost.
        """
        try:
            text = contradiction()
        except (libvirt.libvirtError, *MALFORMED) as error:
            self._note(check, where, error, Status.FAILED)
            return
        self.findings.append(Finding(check, Status.FAILED if text else Status.OK, where, text))

    def probe(self, probes: Mapping[str, Callable[[Any], bool | None]], answer: Any) -> None:
        """Count by each probe whether an answer is as assumed; a probe that cannot read the answer counts nothing."""
        for name, look in probes.items():
            try:
                held = look(answer)
            except (libvirt.libvirtError, *MALFORMED):
                continue
            if held is not None:
                before = self.probes.get(name, (0, 0))
                self.probes[name] = (before[0] + held, before[1] + (not held))

    def _note(self, check: str, where: str, error: Exception, status: Status | None = None) -> None:
        why = reason(error)
        self.reasons.append((check, why))
        if why.privilege:
            self.privileges.add(why.privilege)
        self.findings.append(Finding(check, status or why.status, where, why.text, self.names.detail(str(error))))
        self._unanswered = self._unanswered + 1 if why.status is Status.UNANSWERED else 0
        if self._unanswered >= self._patience:
            raise HostLost(check)

    @contextmanager
    def _timed(self, check: str) -> "Iterator[None]":
        calls, start = self._calls(), time.monotonic()
        try:
            yield
        finally:
            spent = (self._calls() - calls, time.monotonic() - start)
            self._timings.setdefault(check, []).append(spent)

    def _calls(self) -> int:
        return sum(self.conn.backend.session.calls.values())

    @property
    def timings(self) -> tuple[Timing, ...]:
        """How often each check was asked, and what that took."""
        return tuple(
            Timing(check, len(each), sum(calls for calls, _ in each), sum(took for _, took in each),
                   max(took for _, took in each))
            for check, each in self._timings.items()
        )  # fmt: skip
