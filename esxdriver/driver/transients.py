"""Transient domains: which those are, and that they are forgotten when they have stopped.

1. A domain is forgotten by whoever stops it with this driver, or sees it stop: virtesxd, and a program that watches and
   has started or shut it down itself. Nobody else writes because he looks on.
2. It is unregistered, and nothing else: its files stay, as libvirt leaves a transient domain's storage.
3. What stopped while nobody watched stays registered, and is shown as shut off.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.mapping.states import PowerState
from esxdriver.vsphere.machine.transient import PATHS, has_stopped, is_marked, is_transient, unregister
from esxdriver.vsphere.query.retrieve import properties
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from esxdriver.vsphere.query.known import Change
    from esxdriver.vsphere.query.watch import Watch
    from esxdriver.vsphere.wire.session import Session

_log = logging.getLogger(__name__)

_POWER = "runtime.powerState"


class Transients:
    """The transient domains of a connection. ``everybodys`` has it forget what others have started, too."""

    def __init__(self, session: Session, *, may_write: bool) -> None:
        self._session = session
        self._may_write = may_write
        self.everybodys = False
        self._own: set[str] = set()  # the managed objects of those that this connection has started or shut down
        self._forgotten: set[str] = set()
        self._known: dict[str, tuple[Any, bool]] = {}  # by managed object, as of a version

    def is_transient(self, ref: Any, watch: Watch | None = None) -> bool:
        """Whether a machine is transient: one round trip, or none for one that has not changed while it is watched."""
        version = _version(ref, watch)
        known, answer = self._known.get(ref._moId, (None, False))
        if version is None or version != known:
            answer = is_transient(properties(self._session, ref, *PATHS))
            self._known[ref._moId] = version, answer
        return answer

    def learn(self, ref: Any, config: Any, version: Any) -> None:
        """Take over what a machine's configuration of a version says of it, which somebody has read already."""
        answer = is_marked(ref, config.instanceUuid, config.extraConfig)
        self._known[ref._moId] = version, answer

    def note(self, ref: Any) -> None:
        """Take note that this connection has started a domain, or has its guest shut down: it may be forgotten."""
        self._own.add(ref._moId)

    def forget(self, ref: Any) -> None:
        """Unregister a machine that has stopped, unless somebody has already. Raises the host's refusal."""
        self._forgotten.add(ref._moId)
        unregister(ref)

    # -- what the watch tells

    def changed(self, changes: Sequence[Change]) -> None:
        """Forget the domains that have stopped, in a thread: the watch goes on meanwhile."""
        stopped = [each.ref for each in changes if self._has_stopped(each)]
        if stopped and self._may_write:
            threading.Thread(target=self._forget_all, args=(stopped,), name="esxdriver-forget", daemon=True).start()

    def _has_stopped(self, change: Change) -> bool:
        states = change.of(_POWER)
        meant = self.everybodys or change.ref._moId in self._own
        return meant and states is not None and states[1] == PowerState.SHUTOFF.vim

    def _forget_all(self, refs: Sequence[Any]) -> None:
        for ref in refs:
            try:
                with translated("it cannot be unregistered"):
                    if has_stopped(self._session, ref):
                        self.forget(ref)
            except libvirt.libvirtError as error:
                _log.warning("a transient domain (%s) has stopped and stays defined: %s", ref._moId, error)

    def steps(self, change: Change) -> Iterator[Change]:
        """Yield a change as what it stands for: a domain that this connection has forgotten had stopped before.

        The host may tell of both at once.
        """
        if change.after is None and change.before is not None and change.ref._moId in self._forgotten:
            self._forgotten.discard(change.ref._moId)
            off = {**change.before, _POWER: PowerState.SHUTOFF.vim}
            yield type(change)(change.ref, change.before, off)
            yield type(change)(change.ref, off, None)
        else:
            yield change


def _version(ref: Any, watch: Watch | None) -> Any:
    found = watch.properties(ref, ("config.changeVersion",)) if watch is not None else None
    return found["config.changeVersion"] if found is not None else None
