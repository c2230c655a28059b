"""Replies whose fields are in another shape than libvirt-python's results, and calls that are not one method.

``(result, sent)`` makes the values of a reply; ``(call)`` does a whole call and returns the values.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from esxdriver.rpc import typed_params
from esxdriver.rpc.call import Call
from esxdriver.rpc.methods import method_of
from esxdriver.rpc.replies import check_limit

_KIB_OF_MIB = 1024

# libvirt-python's names of memory statistics. Source: libvirt include/libvirt/libvirt-domain.h
_MEMORY_TAGS = [
    "swap_in", "swap_out", "major_fault", "minor_fault", "unused", "available", "actual", "rss", "usable",
    "last_update", "disk_caches", "hugetlb_pgalloc", "hugetlb_pgfail",
]  # fmt: skip


# --- the host


def node_info(result: Sequence[Any], _sent: Any) -> Sequence[Any]:
    """The model in 32 characters, and memory in KiB where Python has MiB."""
    model, memory, *others = result
    return [_chars(model)[:31].ljust(32, b"\0"), memory * _KIB_OF_MIB, *others]


def security_model(result: Sequence[str], _sent: Any) -> Sequence[Any]:
    return [_chars(each) + b"\0" for each in result]


def cpu_map(result: Sequence[Any], sent: Any) -> Sequence[Any]:
    total, used, online = result
    return [_bits(used) if sent.need_map else b"", online if sent.need_online else 0, total]


def node_figures(result: Mapping[str, int], sent: Any) -> Sequence[Any]:
    return [list(result.items())[: max(sent.nparams, 0)], len(result)]


def node_device(method: str, *fields: str) -> Callable[[Call], Sequence[Any]]:
    """Return a function that calls a method of the device that is named, with these fields of the arguments."""

    def perform(call: Call) -> Sequence[Any]:
        device = call.method(call.conn, "nodeDeviceLookupByName")(call.sent.name)
        return [call.method(device, method)(*(getattr(call.sent, field) for field in fields))]

    return perform


def node_device_caps(call: Call) -> Sequence[Any]:
    """The capabilities of the device that is named, as many as there is room for."""
    (found,) = node_device("listCaps")(call)
    return [list(found)[: max(call.sent.maxnames, 0)]]


# --- domains


def all_domain_stats(call: Call) -> Sequence[Any]:
    """Statistics of the domains that were named, of all when none was."""
    sent = call.sent
    found = _stats_of(call) if sent.doms else call.method(call.conn, "getAllDomainStats")(sent.stats, sent.flags)
    check_limit("domains", found, 16384)
    references = call.references.references("nonnull_domain", [domain for domain, _ in found])
    return [[(each, typed_params.to_wire(stats)) for each, (_, stats) in zip(references, found, strict=True)]]


def _stats_of(call: Call) -> Sequence[Any]:
    """Return the statistics of the domains that were named; a driver may only have those of all."""
    sent = call.sent
    if method_of(call.conn, "domainListGetStats") is not None:
        domains = [call.references.object("nonnull_domain", each) for each in sent.doms]
        return call.conn.domainListGetStats(domains, sent.stats, sent.flags)  # type: ignore[no-any-return]
    wanted = {(each.name, each.uuid) for each in sent.doms}
    found = call.method(call.conn, "getAllDomainStats")(sent.stats, sent.flags)
    return [each for each in found if (each[0].name(), each[0].UUID()) in wanted]


def create(call: Call) -> Sequence[Any]:
    """Start a domain and return it as it is then, with its new ID."""
    domain, flags = call.target, call.sent.flags
    call.method(domain, "createWithFlags")(flags)
    return [call.references.reference("nonnull_domain", call.conn.lookupByUUID(domain.UUID()))]


def revert(call: Call) -> None:
    """Revert the snapshot's domain; in Python it is the domain's method."""
    domain = call.references.object("nonnull_domain", call.sent.snap.dom)
    call.method(domain, "revertToSnapshot")(call.target, call.sent.flags)


def send_key(call: Call) -> None:
    sent = call.sent
    keys = sent.keycodes
    call.method(call.target, "sendKey")(sent.codeset, sent.holdtime, keys, len(keys), sent.flags)


def migrate(call: Call) -> None:
    """Let the hypervisor itself move a domain: all that a client asks for is the URI of the destination."""
    sent = call.sent
    call.method(call.target, "migrateToURI")(sent.uri, sent.flags, sent.dname, sent.resource)


def vcpus(result: Sequence[Any], sent: Any) -> Sequence[Any]:
    figures, affinities = result
    room = max(sent.maxinfo, 0)
    return [[tuple(each) for each in figures[:room]], _cpumaps(affinities[:room], sent.maplen)]


def vcpu_pins(result: Sequence[Any], sent: Any) -> Sequence[Any]:
    return [_cpumaps(result[: max(sent.ncpumaps, 0)], sent.maplen), len(result)]


def emulator_pins(result: Sequence[Any], sent: Any) -> Sequence[Any]:
    return [_cpumaps([result], sent.maplen), 1]


def cpu_stats(call: Call) -> Sequence[Any]:
    """Figures of all CPUs together (``start_cpu`` is -1) or of a range; how many there are when none is asked for."""
    sent = call.sent
    total = sent.start_cpu == -1
    found = call.method(call.target, "getCPUStats")(total, sent.flags & ~4)
    if not sent.ncpus:
        return [[], len(found)]
    if not sent.nparams:
        return [[], len(found[0])]
    chosen = found if total else found[sent.start_cpu : sent.start_cpu + sent.ncpus]
    each = [typed_params.to_wire(stats)[: sent.nparams] for stats in chosen]
    return [[parameter for stats in each for parameter in stats], max(map(len, each), default=0)]


def memory_stats(call: Call) -> Sequence[Any]:
    """Figures by libvirt's numbers for them; the method takes no flags."""
    found = call.method(call.target, "memoryStats")()
    known = [(_MEMORY_TAGS.index(name), value) for name, value in found.items() if name in _MEMORY_TAGS]
    return [sorted(known)[: call.sent.maxStats]]


def block_info(result: Sequence[int], _sent: Any) -> Sequence[Any]:
    capacity, allocation, physical = result
    return [allocation, capacity, physical]


def job_stats(result: Mapping[str, Any], _sent: Any) -> Sequence[Any]:
    others = {name: value for name, value in result.items() if name != "type"}
    return [result["type"], typed_params.to_wire(others)]


def security_label(result: Sequence[Any], _sent: Any) -> Sequence[Any]:
    label, enforcing = result
    return [_chars(label) + b"\0", int(enforcing)]


def security_labels(result: Iterable[Sequence[Any]], _sent: Any) -> Sequence[Any]:
    labels = [security_label(each, None) for each in result]
    return [labels, len(labels)]


def disk_errors(result: Mapping[str, int], sent: Any) -> Sequence[Any]:
    return [list(result.items())[: sent.maxerrors], len(result)]


def time(result: Mapping[str, int], _sent: Any) -> Sequence[Any]:
    return [result["seconds"], result["nseconds"]]


def filesystems(result: Iterable[Sequence[Any]], _sent: Any) -> Sequence[Any]:
    found = [(mountpoint, name, kind, aliases or []) for mountpoint, name, kind, aliases in result]
    return [found, len(found)]


def interface_addresses(result: Mapping[str, Mapping[str, Any]], _sent: Any) -> Sequence[Any]:
    return [
        [
            (name, each["hwaddr"], [(one["type"], one["addr"], one["prefix"]) for one in each["addrs"] or ()])
            for name, each in result.items()
        ]
    ]


# --- networks and storage


def leases(result: Iterable[Mapping[str, Any]], sent: Any) -> Sequence[Any]:
    found = [
        (
            each["iface"], each["expirytime"], each["type"], each["mac"], each["iaid"], each["ipaddr"],
            each["prefix"], each["hostname"], each["clientid"],
        )
        for each in result
    ]  # fmt: skip
    return [found if sent.need_results else [], len(found)]


def volumes(call: Call) -> Sequence[Any]:
    """The volumes of one pool; its name is asked for once, and keys only where the list did not bring them."""
    found = call.method(call.target, "listAllVolumes")(call.sent.flags)
    check_limit("volumes", found, 16384)
    pool = call.target.name()
    listed = {(pool, each.name(), getattr(each, "known_key", each.key)()): each for each in found}
    call.references.remember("nonnull_storage_vol", listed)
    return [list(listed) if call.sent.need_results else [], len(listed)]


# --- C's shapes


def _chars(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _bits(flags: Sequence[bool]) -> bytes:
    """The least significant bit of the first byte stands for CPU 0."""
    number = sum(1 << index for index, flag in enumerate(flags) if flag)
    return number.to_bytes(-(-len(flags) // 8), "little")


def _cpumaps(affinities: Iterable[Sequence[bool]], size: int) -> bytes:
    if size <= 0:
        return b""
    return b"".join(_bits(each)[:size].ljust(size, b"\0") for each in affinities)
