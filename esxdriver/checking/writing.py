"""A check that writes: its steps on a machine of its own, which is taken away again on every way out."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import libvirt

from esxdriver.checking.own import Called, Own, guarded
from esxdriver.checking.reasons import reason
from esxdriver.checking.removal import remove
from esxdriver.checking.report import Outcome, Status
from esxdriver.checking.scene import Scene
from esxdriver.checking.steps import DONE, STEPS, Step
from esxdriver.errors import MALFORMED
from esxdriver.vsphere.query.inventory import site_for
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect

NOT_TRIED = "not tried"

Tracked = Callable[[Sequence[Step]], Iterable[Step]]


class Writing:
    """A check that writes, under way or done. ``outcomes`` and ``left`` are what is known of it, however it ends."""

    def __init__(self, conn: "Connect", called: Called, *, names: bool = False, steps: Sequence[Step] = STEPS) -> None:
        self.own = Own(conn.backend, called)
        self.outcomes: list[Outcome] = []
        self.left: tuple[str, ...] = ()
        self.scene = Scene(conn, self.own)
        self._names = names
        self._steps = steps

    def run(self, tracked: Tracked = iter) -> None:
        """Make the folder, take the steps, and take away what they have made, whatever happens.

        Raises OPERATION_DENIED on a connection that is read only, NO_STORAGE_POOL or CONFIG_UNSUPPORTED where no
        machine can be made on the datastore, what :meth:`Own.claim` raises, and the exception that interrupts it.
        """
        backend = self.own.backend
        backend.require_writable("check-host --write")
        with translated("cannot find a home for a machine"):
            site_for(backend.session, backend.scope, self.own.called.datastore)
        try:
            with guarded(self.own):
                self.own.claim()
                for step in tracked(self._steps):
                    self.outcomes.append(self._taken(step))
        finally:
            self.left = ("it was interrupted while it removed what it had made",)
            self.left = remove(self.own)

    def _taken(self, step: Step) -> Outcome:
        missing = [need for need in step.needs if not self._held(need)]
        if missing:
            return Outcome(step.id, step.name, Status.SKIPPED, NOT_TRIED, step.predicts, step.known)
        answer, detail = self._answer(step)
        status = Status.OK if step.is_as_predicted(answer) else Status.FAILED
        return Outcome(step.id, step.name, status, answer, step.predicts, step.known, detail if self._names else "")

    def _answer(self, step: Step) -> tuple[str, str]:
        try:
            with translated(""):
                return step.action(self.scene) or DONE, ""
        except (libvirt.libvirtError, *MALFORMED) as error:
            why = reason(error)
            return why.fault if why.status is Status.REFUSED and why.fault else f"error: {why.text}", str(error)

    def _held(self, step: str) -> bool:
        return any(each.step == step and each.status is Status.OK for each in self.outcomes)
