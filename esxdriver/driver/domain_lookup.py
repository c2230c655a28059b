"""How a connection finds domains: lists, lookups, and reads of all of them at once.

Reference: https://libvirt.org/html/libvirt-libvirt-domain.html
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import libvirt

from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.states import PowerState
from esxdriver.driver.backend import Backend
from esxdriver.driver.domain import Domain, check_xml_flags
from esxdriver.errors import check_flags, error
from esxdriver.lookup import uuid_of, uuid_text
from esxdriver.vsphere.bulk.filters import Known, autostarted, selected, transient
from esxdriver.vsphere.bulk.left_out import LeftOut, log
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.query.task import Progress
from esxdriver.vsphere.wire.faults import translated, translated_items

if TYPE_CHECKING:
    from esxdriver.vsphere.bulk.rates import Rates

# Filters of statistics that the list of domains has, too, under the same bits.
_STATS_FILTERS = (
    libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_PAUSED
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF
    | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_OTHER
)


# Flags that make no difference: vSphere is never waited for, and the files below a disk have no figures of their own.
_STATS_NO_DIFFERENCE = (
    libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING
)


class LookupMethods:
    """The methods of a connection that find domains.

    A lookup reads no more than it takes to find the domain; what else a domain says of itself it asks for when it is
    asked.
    """

    backend: Backend

    # -- lists

    def listAllDomains(self, flags: int = 0) -> list[Domain]:
        """Return the domains that the ``VIR_CONNECT_LIST_DOMAINS_*`` filters in ``flags`` let through.

        One round trip a page, whatever the filters; those for autostart, and for what is transient, take another.
        """
        with translated("cannot list the domains"):
            found = self.backend.machines(*inventory.IDENTITY, "snapshot")
            known = self._known_for(flags)
        return [self._domain(each) for each in selected(found, flags, known)]

    def _known_for(self, flags: int) -> Known:
        """Return what the filters in ``flags`` have to know besides the machines."""
        session, scope = self.backend.session, self.backend.scope
        return Known(
            autostarted(session, scope, flags), self.backend.uri.managed_save, transient(session, scope, flags)
        )

    def listDomainsID(self) -> list[int]:
        """Return the IDs of the active domains."""
        return [domain.ID() for domain in self.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)]

    def numOfDomains(self) -> int:
        """Return how many domains are active."""
        return len(self.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE))

    def listDefinedDomains(self) -> list[str]:
        """Return the names of the domains that are defined and not active."""
        return [domain.name() for domain in self.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE)]

    def numOfDefinedDomains(self) -> int:
        """Return how many domains are defined and not active."""
        return len(self.listDefinedDomains())

    # -- lookups

    def lookupByName(self, name: str) -> Domain:
        """Return the domain called ``name``, in one round trip that fetches names alone.

        Raises NO_DOMAIN, and OPERATION_FAILED with their UUIDs when several domains have the name: vSphere allows
        that.
        """
        with translated("cannot look up the domain"):
            found = self.backend.named(name)
        return self._only(
            [self._known_so_far(each) for each in found],
            f"no domain with matching name '{name}'",
            f"domains are called '{name}': use one of their UUIDs",
        )

    def lookupByID(self, id: int) -> Domain:  # noqa: A002
        """Return the active domain whose ID, the number in its managed object reference, is ``id``.

        Raises NO_DOMAIN, INVALID_ARG for a negative one, and OPERATION_FAILED when several have it.
        """
        if id < 0:
            raise error(libvirt.VIR_ERR_INVALID_ARG, "id in virDomainLookupByID must be zero or greater")
        with translated("cannot look up the domain"):
            found = self.backend.machines("name", "runtime.powerState")
        domains = [self._domain(each, "name", "runtime.powerState") for each in found]
        return self._only(
            [each for each in domains if each.ID() == id],
            f"no domain with matching id {id}",
            f"domains have the ID {id}: use one of their UUIDs",
        )

    def lookupByUUID(self, uuid: bytes) -> Domain:
        """Return the domain with the UUID of these 16 bytes; see :meth:`lookupByUUIDString`."""
        return self.lookupByUUIDString(uuid_text(uuid))

    def lookupByUUIDString(self, uuidstr: str) -> Domain:
        """Return the domain with this UUID, the instance UUID (the BIOS UUID with ``legacy_uuid=1``).

        One round trip where the URI names no cluster and no host, whatever the number of domains: the host has an
        index (vSphere API, SearchIndex.FindAllByUuid). Raises INVALID_ARG for what is no UUID, NO_DOMAIN, and
        OPERATION_FAILED when several have it.
        """
        uuid = uuid_of(uuidstr)
        with translated("cannot look up the domain"):
            found = self.backend.with_uuid(uuid)
        return self._only(
            [self._known_so_far(each) for each in found],
            f"no domain with matching uuid '{uuidstr}'",
            f"domains share the UUID '{uuidstr}': use a name or an ID, or give all but one of them another",
        )

    def _domain(self, found: Found, *paths: str) -> Domain:
        """Return the domain of a machine of which these paths, by default its whole identity, were read."""
        identity = {path: found[path] for path in paths or inventory.IDENTITY}
        return Domain(cast("Any", self), self.backend, found.ref, identity)

    def _known_so_far(self, found: Found) -> Domain:
        """Return the domain of a machine of which only those properties are known that were found."""
        return Domain(cast("Any", self), self.backend, found.ref, found.properties)

    def _only(self, found: Sequence[Domain], missing: str, ambiguous: str) -> Domain:
        if not found:
            raise error(libvirt.VIR_ERR_NO_DOMAIN, missing)
        if len(found) > 1:
            listed = ", ".join(f"{each.name()} ({each.ref._GetMoId()}, {each.UUIDString()})" for each in found)
            raise error(libvirt.VIR_ERR_OPERATION_FAILED, f"{len(found)} {ambiguous}; they are: {listed}")
        return found[0]

    # -- all of them at once

    def getAllXMLDesc(
        self, flags: int = 0, *, progress: Progress = None, left_out: LeftOut = log
    ) -> Iterator[tuple[Domain, str]]:
        """Yield every domain with its definition; ``flags`` are those of :meth:`Domain.XMLDesc`.

        One round trip lists them, then it takes one for a hundred, and memory for two hundred however many there are.
        Each is as it was when its part was read; one that disappears meanwhile is left out, and so is one that cannot
        be read now: ``left_out`` is given its name and why, and by default it is logged. ``progress`` is given
        percentages. libvirt has no such method: it yields what ``listAllDomains()`` and then ``XMLDesc()`` of each do,
        many times faster.
        """
        check_xml_flags(flags)
        style = self.backend.style(secure=bool(flags & libvirt.VIR_DOMAIN_XML_SECURE))
        return self._all_xml(flags, style, progress, left_out)

    def _all_xml(self, flags: int, style: Style, progress: Progress, left_out: LeftOut) -> Iterator[tuple[Domain, str]]:
        from esxdriver.vsphere.bulk.machines import machines

        session, scope = self.backend.session, self.backend.scope
        read = machines(session, scope, progress=progress, left_out=left_out)
        for found, machine in translated_items(read, "cannot dump the domains"):
            domain = self._domain(found)
            yield domain, domain.format(machine.definition, style, flags, active=domain.ID() >= 0)

    def getAllDomainStats(
        self, stats: int = 0, flags: int = 0, *, progress: Progress = None, left_out: LeftOut = log
    ) -> list[tuple[Domain, dict[str, Any]]]:
        """Return the domains with their statistics: the groups ``VIR_DOMAIN_STATS_*`` of ``stats``, 0 for all.

        vSphere has STATE, CPU_TOTAL, BALLOON, VCPU, INTERFACE and BLOCK; of domains that do not run, what needs no
        counter. Totals begin with the first request of this connection after a domain's start, with the host's latest
        sample of 20 seconds, and rise from request to request as the host takes samples. Other groups are left out;
        with VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS they raise ARGUMENT_UNSUPPORTED. NOWAIT and BACKING make
        no difference, the other flags choose domains. Without BLOCK it takes two round trips, the first time three,
        and one more for each further 512 domains that run.
        ``progress`` and ``left_out`` are those of :meth:`getAllXMLDesc`.
        """
        return self._statistics("virConnectGetAllDomainStats", stats, flags, None, progress, left_out)

    def domainListGetStats(
        self,
        doms: Sequence[Domain],
        stats: int = 0,
        flags: int = 0,
        *,
        progress: Progress = None,
        left_out: LeftOut = log,
    ) -> list[tuple[Domain, dict[str, Any]]]:
        """Return statistics as :meth:`getAllDomainStats`, of these domains alone; one that is gone is left out.

        Raises INVALID_ARG for an empty list.
        """
        if not doms:
            raise error(libvirt.VIR_ERR_INVALID_ARG, "the list of domains is empty")
        if not all(hasattr(each, "ref") for each in doms):
            raise error(libvirt.VIR_ERR_INVALID_ARG, "domain list contains non-domain elements")
        refs = list({each.ref._moId: each.ref for each in doms}.values())
        return self._statistics("virDomainListGetStats", stats, flags, refs, progress, left_out)

    def getAllDomainRates(self) -> "list[tuple[Domain, Rates]]":
        """Return the domains with how busy each is, by the host's last sample: two round trips, the first time three.

        libvirt has no such method: its clients ask for totals twice. Here samples cover 20 seconds.
        """
        from esxdriver.vsphere.bulk.rates import rates

        backend = self.backend
        with translated("cannot read the domains' statistics"):
            found = rates(backend.session, backend.scope, backend.statistics)
        return [(self._domain(each), known) for each, known in found]

    def _statistics(
        self, function: str, stats: int, flags: int, refs: Sequence[Any] | None, progress: Progress, left_out: LeftOut
    ) -> list[tuple[Domain, dict[str, Any]]]:
        from esxdriver.vsphere.bulk.stats import SUPPORTED, Wanted, statistics

        enforce = flags & libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS
        if enforce and stats & ~SUPPORTED:
            raise error(
                libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED,
                f"vSphere has no such statistics (0x{stats & ~SUPPORTED & 0xFFFFFFFF:x})",
            )
        filters = flags & ~(enforce | _STATS_NO_DIFFERENCE)
        check_flags(filters, _STATS_FILTERS, function)
        backend = self.backend
        with translated("cannot list the domains"):
            known = self._known_for(filters)
        wanted = Wanted(
            stats or SUPPORTED,
            lambda each: bool(selected([each], filters, known)),
            refs,
            lambda paths: backend.known(refs, *paths),
        )
        with translated("cannot read the domains' statistics"):
            found = statistics(backend.session, backend.scope, backend.statistics, wanted, progress, left_out)
        return [(self._domain(each), self._shown(each, figures)) for each, figures in found]

    def _shown(self, found: Found, figures: dict[str, Any]) -> dict[str, Any]:
        """Return statistics with the state that is reported to libvirt, which may be a managed save."""
        if "state.state" not in figures or not self.backend.is_saved(found):
            return figures
        saved = {"state.state": PowerState.SHUTOFF.number, "state.reason": int(libvirt.VIR_DOMAIN_SHUTOFF_SAVED)}
        return figures | saved
