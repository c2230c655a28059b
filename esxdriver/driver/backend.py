"""What the objects of a connection share: its session, what it sees of the inventory, and how it writes XML.

A connection and the objects that it has found each hold the same :class:`Backend`, and look into none of each other. It
does not know them, so that a connection that nobody refers to any more is collected, and its session logged out.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import libvirt

from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.conf.mapping.identity import escaped
from esxdriver.conf.mapping.states import PowerState, shown_state
from esxdriver.driver.held_watch import HeldWatch
from esxdriver.errors import error
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import Found, in_passing, properties
from esxdriver.vsphere.query.task import Progress, wait
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from esxdriver.conf.mapping.datastore_path import DatastorePath
    from esxdriver.driver.documents import Documents
    from esxdriver.driver.transients import Transients
    from esxdriver.uri import ConnectURI
    from esxdriver.vmx import Paths
    from esxdriver.vsphere.bulk.machines import Batch
    from esxdriver.vsphere.query.updates import Wanted
    from esxdriver.vsphere.query.watch import Watch
    from esxdriver.vsphere.statistics.statistics import Statistics
    from esxdriver.vsphere.wire.session import Session


class Backend:
    """The one value that the objects of a connection have in common.

    ``scope`` is the part of the inventory that the URI names. ``batch`` holds definitions that were read ahead, within
    :func:`esxdriver.prefetch`; ``watch`` and ``documents`` are there while somebody watches: they know what the host
    has reported, and each method here that reads says whether it asks them first. ``statistics`` are totals of those
    machines that somebody asks about. ``volume_paths`` says where a disk was whose UUID was reported.
    """

    def __init__(self, session: Session, uri: ConnectURI, *, readonly: bool = False) -> None:
        self.session = session
        self.uri = uri
        self.readonly = readonly
        self.batch: Batch | None = None
        self.documents: Documents | None = None
        self._statistics: Statistics | None = None
        self.volume_paths: dict[str, DatastorePath] = {}
        self._transients: Transients | None = None
        self._is_shared = False
        self._starters: tuple[float, int, frozenset[Any]] | None = None
        self._statistics_lock = threading.Lock()
        with translated("cannot look around on the host"):
            self.scope = inventory.scope_of(session, uri.path)
        self._machines = HeldWatch(session, self.scope, "domains")
        self._held = [self._machines]

    @property
    def uuid_path(self) -> str:
        """The property of a machine that is its domain's UUID."""
        return "config.uuid" if self.uri.legacy_uuid else "config.instanceUuid"

    def style(self, *, secure: bool = False, function: str = "virDomainGetXMLDesc") -> Style:
        """Return how the connection writes XML; ``secure`` shows secrets, which ``function`` may not if read only.

        Raises OPERATION_DENIED.
        """
        if secure:
            self.require_writable(f"{function} with VIR_DOMAIN_XML_SECURE")
        return Style(DiskModeXML(self.uri.disk_mode), secure, self.uri.legacy_uuid)

    def shown_state(self, found: Found) -> PowerState | None:
        """Return the state of a machine that is reported to libvirt; None when the host withholds it."""
        return shown_state(PowerState.of_machine(found), managed_save=self.uri.managed_save)

    def is_saved(self, found: Found) -> bool:
        """Whether a machine is shown as shut off with a managed save image: suspended, with managed_save=1."""
        return self.uri.managed_save and PowerState.of_machine(found) is PowerState.PAUSED

    def require_writable(self, function: str) -> None:
        """Raise OPERATION_DENIED when the connection is read only."""
        if self.readonly:
            raise error(libvirt.VIR_ERR_OPERATION_DENIED, f"read only access prevents {function}")

    # -- reads that a watch may answer

    def machines(self, *paths: str) -> Sequence[Found]:
        """Return every machine of the scope with these properties, in one round trip a page, or from the watch."""
        known = self._watched(paths)
        return inventory.machines(self.session, self.scope, *paths) if known is None else known

    def known(self, refs: Sequence[Any] | None, *paths: str) -> Sequence[Found] | None:
        """Return these machines, or all with None, with properties from the watch; None when they must be asked for."""
        if self.watch is None or refs is None:
            return self._watched(paths)
        found = [self.watch.properties(ref, paths) for ref in refs]
        return None if None in found else [each for each in found if each is not None]

    def _watched(self, paths: Sequence[str]) -> list[Found] | None:
        """Return every machine as the watch knows it; one of which it may not know something is asked about alone."""
        watch = self.watch
        known = watch.machines(paths) if watch is not None else None
        if watch is None or known is None:
            return None
        return [
            (in_passing(self.session, each.ref, *paths) or each) if watch.withholds(each.ref, paths) else each
            for each in known
        ]

    def named(self, name: str) -> Sequence[Found]:
        """Return the machines of the scope with this name: their names alone are read, or the watch knows them."""
        known = self.watch.having("name", escaped(name)) if self.watch else None
        if known:
            return known
        # How a host spells the escape of a character is not fixed: such a name is compared as people read it.
        text = name if escaped(name) == name else None
        found = inventory.machines(self.session, self.scope, "name", text=text)
        return [each for each in found if each.name == name]

    def with_uuid(self, uuid: UUID) -> Sequence[Found]:
        """Return the machines of the scope with this UUID.

        One round trip where the scope is a datacenter, or from the watch.
        """
        known = self.watch.having(self.uuid_path, str(uuid)) if self.watch else None
        if known:
            return known
        refs = inventory.machines_by_uuid(self.session, self.scope, uuid, instance=not self.uri.legacy_uuid)
        return [Found(ref, {self.uuid_path: str(uuid)}) for ref in refs]

    def properties(self, ref: Any, *paths: str) -> Found:
        """Return properties of a machine, in one round trip, or from the watch. Raises ManagedObjectNotFound."""
        known = self.watch.properties(ref, paths) if self.watch else None
        return properties(self.session, ref, *paths) if known is None else known

    def starts_with_host(self, ref: Any) -> bool:
        """Return whether a machine starts with its host, in two round trips.

        Where many ask, one reads it of all machines, and counts for some seconds unless this session changes something.
        """
        from esxdriver.vsphere.bulk.filters import autostarted
        from esxdriver.vsphere.change.autostart import starts_with_host
        from esxdriver.vsphere.statistics.samples import INTERVAL

        if not self._is_shared:
            return starts_with_host(self.session, ref)
        now, changes = time.monotonic(), self.session.changes
        if self._starters is None or now - self._starters[0] >= INTERVAL or changes != self._starters[1]:
            found = autostarted(self.session, self.scope, libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)
            self._starters = now, changes, found
        return ref in self._starters[2]

    # -- the watch

    @property
    def watch(self) -> Watch | None:
        """The watch of the machines, while somebody watches them."""
        return self._machines.watch

    def start_watch(self, *, devices: bool = False) -> Watch:
        """Return the watch of the machines, which is started for the first who wants it. Raises libvirtError.

        With ``devices`` it knows the machines' devices, too.
        """
        watch = self._machines.take(self._watch_began)
        if devices:
            from esxdriver.vsphere.machine.device_list import DEVICES, HARDWARE, summary

            watch.watch_also({DEVICES: summary, HARDWARE: str})
        return watch

    def _watch_began(self, watch: Watch, before: Watch | None) -> None:
        from esxdriver.driver.documents import Documents

        self.documents = Documents(watch)
        if before is None:  # one that takes another's place has its listeners
            watch.listen(self.transients.changed)

    def leave_watch(self) -> None:
        """Stop the watch of the machines when nobody else wants it."""
        self._machines.leave(self._drop_documents)

    def watch_of(self, wanted: Wanted, what: str) -> HeldWatch:
        """Return a watch of objects of other types in the scope, which is not started yet."""
        held = HeldWatch(self.session, self.scope, what, wanted)
        self._held.append(held)
        return held

    def stop(self) -> None:
        """Stop what is going on. It may be called again."""
        self._machines.stop(self._drop_documents)
        for held in self._held:
            held.stop()

    def _drop_documents(self) -> None:
        documents, self.documents = self.documents, None
        if documents is not None:
            documents.close()

    def share(self) -> None:
        """Be ready for many who ask the same things: statistics count as long as the host has no newer ones.

        Transient domains that stop are forgotten, whoever has started them.
        And a login that the host refuses is tried again, so that the connection comes back by itself.
        """
        self._is_shared = True
        self.transients.everybodys = True
        self.session.keep_trying()

    @property
    def transients(self) -> Transients:
        """Which domains are transient, and what is forgotten of them."""
        if self._transients is None:
            from esxdriver.driver.transients import Transients

            self._transients = Transients(self.session, may_write=not self.readonly)
        return self._transients

    @property
    def statistics(self) -> Statistics:
        """The totals of this connection, which begin when they are first asked for."""
        with self._statistics_lock:
            if self._statistics is None:
                self._statistics = self._new_statistics()
            return self._statistics

    def _new_statistics(self) -> Statistics:
        from esxdriver.vsphere.statistics.counters import PATHS
        from esxdriver.vsphere.statistics.statistics import Statistics

        found = Statistics(self.session)
        if self._is_shared:
            found.share(lambda: (self.watch.machines(PATHS) if self.watch else None) or ())
        return found

    # -- what else the objects have in common

    def paths(self) -> Paths:
        """Return how the file names of VMX files are translated for the datastores here, in one round trip."""
        from esxdriver.driver.native import paths_of

        with translated("cannot read the datastores"):
            return paths_of(inventory.datastore_urls(self.session, self.scope))

    def wait(self, task: Any, ref: Any, progress: Progress = None) -> Any:
        """Wait for a task that works on a machine, and return its result."""
        return wait(self.session, task, ref, auto_answer=self.uri.auto_answer, progress=progress)


class Closed:
    """What a connection that is closed has of a backend: every use raises INVALID_CONN."""

    def __getattr__(self, name: str) -> Any:
        raise error(libvirt.VIR_ERR_INVALID_CONN, "the connection is closed")
