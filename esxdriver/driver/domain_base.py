"""Which machine a domain is, and how it asks the host: what all of its methods stand on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import libvirt

from esxdriver.conf.mapping.identity import unescaped
from esxdriver.conf.mapping.states import PowerState, label_of, shown_state
from esxdriver.errors import error
from esxdriver.vsphere.machine.machine import read_machine
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from esxdriver.driver.backend import Backend
    from esxdriver.driver.connect import Connect
    from esxdriver.vsphere.machine.machine import Machine, State
    from esxdriver.vsphere.query.retrieve import Found
    from esxdriver.vsphere.query.task import Progress


class DomainBase:
    """A virtual machine: ``ref`` is its managed object, ``backend`` what it shares with its connection.

    ``identity`` has those of the properties ``inventory.IDENTITY`` that the lookup has read. All that are missing are
    read together when one of them is first needed.
    """

    def __init__(self, conn: Connect, backend: Backend, ref: Any, identity: Mapping[str, Any]) -> None:
        self._conn = conn
        self.backend = backend
        self.ref = ref
        self._identity = dict(identity)

    def __repr__(self) -> str:
        return f"<Domain {self.title}>"

    @property
    def title(self) -> str:
        """What errors call the domain: its name, or what else is known of it without asking."""
        known = self._identity
        return unescaped(known.get("name") or "") or known.get(self.backend.uuid_path) or str(self.ref._GetMoId())

    def connect(self) -> Connect:
        """Return the connection the domain was looked up with."""
        return self._conn

    def name(self) -> str:
        """Return the name."""
        return unescaped(self._known("name") or "")

    def UUID(self) -> bytes:
        """Return the 16 bytes of the UUID."""
        return UUID(self.UUIDString()).bytes

    def UUIDString(self) -> str:
        """Return the UUID: the instance UUID, or the BIOS UUID with ``legacy_uuid=1``."""
        return self._known(self.backend.uuid_path) or str(UUID(int=0))

    def ID(self) -> int:
        """Return the number in the managed object reference of an active domain, -1 for another."""
        return self.number if self.known_power is not PowerState.SHUTOFF else -1

    @property
    def known_power(self) -> PowerState | None:
        """The state as it was when it was last read; nothing is asked for a listed domain. None: it is withheld."""
        power = PowerState.of("vim", self._known("runtime.powerState") or "")
        return shown_state(power, managed_save=self.backend.uri.managed_save)

    @property
    def number(self) -> int:
        """The number in the managed object reference, -1 when there is none."""
        digits = re.search(r"\d+$", self.ref._GetMoId())
        return int(digits[0]) if digits else -1

    def _known(self, path: str) -> Any:
        """Return a property of the machine's identity, as it was when it was first read."""
        if path not in self._identity:
            found = self._read(*inventory.IDENTITY)
            self._identity = {each: found[each] for each in inventory.IDENTITY} | self._identity
        return self._identity[path]

    # -- how it asks

    def _read(self, *paths: str) -> Found:
        known = self.backend.known((self.ref,), *paths)
        if known is not None:  # a tenth of the work for an answer from memory is to prepare for an error
            return known[0]
        with translated(f"cannot read domain '{self.title}'"):
            return self.backend.properties(self.ref, *paths)

    def _read_power(self) -> Found:
        found = self._read("runtime.powerState")
        self._identity["runtime.powerState"] = found["runtime.powerState"]
        return found

    def _power_state(self) -> PowerState | None:
        return self.backend.shown_state(self._read_power())

    def read_machine(self) -> tuple[Machine, State]:
        """Return the machine and its state, in one round trip."""
        with translated(f"cannot read domain '{self.title}'"):
            return read_machine(self.backend.session, self.ref, self.backend.scope.datacenter_path)

    def _require_state(self, action: str, function: str, *states: PowerState) -> None:
        """Raise OPERATION_INVALID unless the domain is in one of these states."""
        self.backend.require_writable(function)
        power = self._power_state()
        if power not in states:
            needed = " or ".join(state.label for state in states)
            raise error(
                libvirt.VIR_ERR_OPERATION_INVALID,
                f"cannot {action} domain '{self.title}': it is {label_of(power)}, not {needed}",
            )

    def _run_task(self, action: str, start: Callable[..., Any], *arguments: Any, progress: Progress = None) -> int:
        """Start a task and wait for its end."""
        with translated(f"cannot {action} domain '{self.title}'"):
            try:
                self.backend.wait(start(*arguments), self.ref, progress)
            finally:
                self._identity.pop("runtime.powerState", None)  # whatever came of it, it may be another now
        return 0

    def _call(self, action: str, ask: Callable[[], Any]) -> int:
        """Make a call that the host answers at once, without a task."""
        with translated(f"cannot {action} domain '{self.title}'"):
            ask()
        return 0
