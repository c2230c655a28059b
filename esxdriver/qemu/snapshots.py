"""What a snapshot takes by QEMU's rules: a disk's mode is a preset, which the snapshot's own ``<disks>`` overrides.

1. A disk that is not listed, or listed without a word on snapshots, goes by the domain's preset.
2. ``yes`` is external where memory is left out or in a file, and internal else, as libvirt chooses by itself.
3. What QEMU would refuse is refused before it is asked. Seen with libvirt 9.0: src/qemu/qemu_snapshot.c.

Source: https://libvirt.org/formatsnapshot.html
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import libvirt

from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.mapping.states import PowerState
from esxdriver.conf.snapshot.snapshot import (
    DISKS_ONLY,
    SnapshotDef,
    SnapshotDiskDef,
    memory_leaves_out_no_disk,
    memory_wanted,
)
from esxdriver.conf.snapshot.tree import Snapshot, Tree
from esxdriver.conf.xml import surface as xml
from esxdriver.conf.xml.edit import Change, edited
from esxdriver.conf.xml.surface import ElementSurface
from esxdriver.errors import error, unsupported
from esxdriver.qemu import documents
from esxdriver.qemu.disks import LOCATIONS, Disk, said_of

_DISK_ONLY = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
_MEMORY = {"no": False, "internal": True, "external": True, "yes": True}
_DISK, _MEMORY_PATH = {("domainsnapshot", "disks", "disk")}, {("domainsnapshot", "memory")}
_SPELLED = {"independent": False, "nonpersistent": False, "transient": False}


@dataclass(frozen=True)
class Taken:
    """A disk of the domain, and whether the snapshot holds it."""

    disk: Disk
    inside: bool

    @property
    def mode(self) -> DiskMode:
        """What it amounts to in this snapshot."""
        return DiskMode.having(self.inside, self.disk.mode.persistent)

    @property
    def matters(self) -> bool:
        """Whether leaving it out is left out: there is nothing to take of an empty or a read-only one."""
        return self.disk.is_hard_disk and self.disk.source is not None and not self.disk.readonly


@dataclass(frozen=True)
class Wanted:
    """A snapshot as libvirt is asked for it: the document, the flags, and what that amounts to.

    ``in_file`` is whether its memory goes to a file of its own.
    """

    text: str
    flags: int
    definition: SnapshotDef
    disks: tuple[Taken, ...]
    in_file: bool


def wanted(text: str, flags: int, disks: Sequence[Disk], state: PowerState) -> Wanted:
    """Return the snapshot that ``text`` asks for, of a domain with these disks.

    Raises XML_ERROR for a disk that the domain has not and for what QEMU has no value for, CONFIG_UNSUPPORTED for what
    QEMU cannot take, OPERATION_INVALID for the memory of a domain that is shut off.
    """
    root = xml.parse(text, "domainsnapshot")
    memory_said = _memory_said(root)
    in_file = root.get("memory/@snapshot") == "external" or root.get("memory/@file") is not None
    disk_only = bool(flags & _DISK_ONLY)
    memory = memory_wanted(memory_said, state, disk_only=disk_only) and state.active
    if state.active and not memory:
        flags |= _DISK_ONLY  # libvirt asks for both
    taken = _taken(root, disks)
    definition = SnapshotDef(
        name=root.get("name") or "", description=root.get("description") or "", memory=memory,
        state=state if memory else PowerState.SHUTOFF,
        disks=tuple(SnapshotDiskDef(name=each.disk.target, snapshot=each.inside, persistent=each.disk.mode.persistent)
                    for each in taken if each.disk.is_hard_disk),
    )  # fmt: skip
    yes = "external" if flags & _DISK_ONLY or in_file else "internal"
    found = Wanted(_stored(text, yes), flags, definition, taken, in_file)
    for rule in _RULES:
        rule(found, state)
    return found


def _memory_said(root: ElementSurface) -> bool | None:
    value = root.get("memory/@snapshot")
    if value is None:
        return True if root.get("memory/@file") is not None else None
    if value not in _MEMORY:
        raise _malformed(f"memory/@snapshot '{value}': QEMU has {', '.join(_MEMORY)}")
    return _MEMORY[value]


def _taken(root: ElementSurface, disks: Sequence[Disk]) -> tuple[Taken, ...]:
    listed = [(_meant(each, disks), each) for each in root.children("disks") if each.name == "disk"]
    twice = [target for target, count in Counter(disk.target for disk, _ in listed).items() if count > 1]
    if twice:
        raise _malformed(f"disk '{twice[0]}' is listed twice")
    overrides = {disk.target: _override(disk, element) for disk, element in listed}
    return tuple(Taken(disk, _inside(disk, overrides.get(disk.target))) for disk in disks)


def _inside(disk: Disk, override: bool | None) -> bool:
    preset = disk.mode.snapshot and disk.is_hard_disk and disk.source is not None
    return preset if override is None else override


def _meant(element: ElementSurface, disks: Sequence[Disk]) -> Disk:
    name = element.get("@name")
    found = next((disk for disk in disks if name and name in (disk.target, disk.source)), None)
    if found is None:
        targets = ", ".join(disk.target for disk in disks) or "none"
        raise _malformed(f"no disk '{name or ''}'; the domain has: {targets}")
    return found


def _override(disk: Disk, element: ElementSurface) -> bool | None:
    """Return what is said of whether the snapshot holds the disk, None for nothing."""
    snapshot, persistent = said_of(element, disk.target)
    if persistent not in (None, disk.mode.persistent):
        raise _malformed(
            f"{disk.label}: a snapshot cannot change whether a disk is kept, and the domain has "
            f"persistent='{'yes' if disk.mode.persistent else 'no'}': QEMU has no value for that; define it there"
        )
    return snapshot


def _stored(text: str, yes: str) -> str:
    """Return the document in libvirt's words; ``yes`` is what that means in this snapshot."""
    text = documents.stored(text)
    text = edited(
        text, _DISK, lambda element: Change({"snapshot": _location(element, yes), "persistent": None}, _SPELLED)
    )
    return edited(text, _MEMORY_PATH, _stored_memory)


def _stored_memory(element: ElementSurface) -> Change:
    return Change({"snapshot": "internal"}) if element.get("@snapshot") == "yes" else Change()


def _location(element: ElementSurface, yes: str) -> str | None:
    snapshot, _ = said_of(element, element.get("@name") or "")
    if element.get("@snapshot") in LOCATIONS or snapshot is None:
        return element.get("@snapshot")
    return yes if snapshot else "no"


# -- what QEMU refuses


def _no_transient_disk_while_running(wanted: Wanted, state: PowerState) -> None:
    if not state.active:
        return
    for each in wanted.disks:
        if not each.disk.mode.persistent and (each.inside or wanted.in_file):
            what = "takes no snapshot of" if each.inside else "saves no memory to a file beside"
            raise unsupported(
                f"{each.disk.label}: QEMU {what} a transient disk (persistent='no') while the domain runs: "
                + ("leave it out (snapshot='no') or shut the domain off first" if each.inside else DISKS_ONLY)
            )


def _a_full_one_leaves_out_no_disk(wanted: Wanted, state: PowerState) -> None:
    outside = [(each.disk.target, each.mode) for each in wanted.disks if each.matters and not each.inside]
    if not outside or wanted.flags & _DISK_ONLY or wanted.in_file:
        return
    if state.active:
        raise unsupported(memory_leaves_out_no_disk(outside))
    listed = ", ".join(f"{target} ({mode.vim})" for target, mode in outside)
    raise unsupported(
        f"QEMU leaves no disk out of a full snapshot, as it would {listed}: take it of disks only (--disk-only, "
        "VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY)"
    )


def _something_is_in_it(wanted: Wanted, _state: PowerState) -> None:
    if wanted.definition.memory or any(each.inside for each in wanted.disks):
        return
    disks = ", ".join(f"{each.disk.target} ({each.mode.vim})" for each in wanted.disks if each.disk.is_hard_disk)
    has = f"all its disks are left out, {disks}" if disks else "it has no hard disk"
    raise unsupported(f"nothing of the domain would be in the snapshot: {has}")


_RULES: Sequence[Callable[[Wanted, PowerState], None]] = (
    _no_transient_disk_while_running, _a_full_one_leaves_out_no_disk, _something_is_in_it,
)  # fmt: skip


def _malformed(why: str) -> libvirt.libvirtError:
    return error(libvirt.VIR_ERR_XML_ERROR, why)


# -- a snapshot that exists


def held(text: str, disks: Sequence[Disk]) -> Mapping[str, bool]:
    """Return whether the snapshot that ``text`` of libvirt's describes holds each of ``disks``, by their targets."""
    root = xml.parse(text, "domainsnapshot")
    listed = {each.get("@name"): each.get("@snapshot") or "" for each in root.children("disks") if each.name == "disk"}
    return {disk.target: LOCATIONS.get(listed.get(disk.target, ""), disk.mode.snapshot) for disk in disks}


def tree(texts: Sequence[str], current: str | None) -> Tree:
    """Return the snapshots that libvirt's documents describe, parents first, and the one called ``current``."""
    roots = [xml.parse(text, "domainsnapshot") for text in texts]
    parents = {root.get("parent/name") for root in roots}
    found: dict[str | None, Snapshot] = {}
    for root in roots:
        definition = _existing(root)
        above = found.get(definition.parent)
        external = any(each.get("@snapshot") == "external" for each in root.children("disks"))
        found[definition.name] = Snapshot(
            definition.name, definition, above, leaf=definition.name not in parents, metadata=True,
            location="external" if external else "internal",
        )  # fmt: skip
    return Tree(tuple(found.values()), found.get(current))


def _existing(root: ElementSurface) -> SnapshotDef:
    created = root.get("creationTime") or ""
    return SnapshotDef(
        name=root.get("name") or "", description=root.get("description") or "", parent=root.get("parent/name"),
        state=PowerState.of("xml", root.get("state") or ""), memory=_memory_said(root),
        created=int(created) if created.isdecimal() else None,
    )  # fmt: skip
