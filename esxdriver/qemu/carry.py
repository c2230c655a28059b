"""Which disk of a converted domain is which of the original, and what its mode has to become.

Converters (virt-v2v and its kin) keep what a disk holds and lose its mode, and often its target. Disks are paired as
somebody says; else by target, where both domains have the same ones; else by order, where sizes are known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from esxdriver.conf.mapping.enums import DiskMode
from esxdriver.conf.xml.edit import Change
from esxdriver.qemu import documents


@dataclass(frozen=True)
class Volume:
    """A hard disk of a domain; ``size`` is its capacity in bytes, None where the host does not tell."""

    target: str
    mode: DiskMode
    size: int | None


class Result(Enum):
    """What is to be done about a pair."""

    SET = "set"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class Pair:
    """A disk, the one that it has become, and what is to be done; ``why`` it is refused."""

    original: Volume
    converted: Volume | None
    why: str | None = None

    @property
    def result(self) -> Result:
        """What is to be done about it."""
        if self.why is not None or self.converted is None:
            return Result.REFUSED
        same = self.original.mode.aspects == self.converted.mode.aspects
        return Result.SAME if same else Result.SET


def paired(originals: Sequence[Volume], converted: Sequence[Volume], named: Mapping[str, str]) -> list[Pair]:
    """Return each original disk with the one that it has become; ``named`` has targets by targets.

    Every disk is there once; what does not match is refused, one by one.
    """
    if named:
        return _by_name(originals, converted, named)
    if len(originals) != len(converted):
        why = f"the original has {_disks(len(originals))}, the converted domain {_disks(len(converted))}"
        return [Pair(each, None, why) for each in originals]
    there = {each.target: each for each in converted}
    if {each.target for each in originals} == set(there):
        return [_compared(each, there[each.target], by_order=False) for each in originals]
    return [_compared(one, other, by_order=True) for one, other in zip(originals, converted, strict=True)]


def _by_name(originals: Sequence[Volume], converted: Sequence[Volume], named: Mapping[str, str]) -> list[Pair]:
    there = {each.target: each for each in converted}
    pairs = []
    for each in originals:
        target = named.get(each.target)
        if target is None:
            pairs.append(Pair(each, None, "the map does not say which disk it has become"))
        elif target not in there:
            pairs.append(Pair(each, None, f"the converted domain has no disk '{target}'"))
        else:
            pairs.append(Pair(each, there[target], _taken_twice(target, named)))
    return pairs + [
        Pair(Volume(name, DiskMode.PERSISTENT, None), None, "the original has no such disk")
        for name in named if name not in {each.target for each in originals}
    ]  # fmt: skip


def _taken_twice(target: str, named: Mapping[str, str]) -> str | None:
    return f"the map has '{target}' twice" if list(named.values()).count(target) > 1 else None


def _compared(original: Volume, converted: Volume, *, by_order: bool) -> Pair:
    if None not in (original.size, converted.size) and original.size != converted.size:
        return Pair(original, converted, f"the sizes differ: {original.size} bytes, and {converted.size}")
    if by_order and None in (original.size, converted.size):
        return Pair(original, converted, "the targets differ and a size is not known: name the pairs with --map")
    return Pair(original, converted)


def _disks(count: int) -> str:
    return f"{count} hard disk" + ("" if count == 1 else "s")


def carried(text: str, pairs: Sequence[Pair]) -> str:
    """Return the converted domain's document with each disk's mode that of the original."""
    changes = {pair.converted.target: _change(pair.original.mode) for pair in pairs
               if pair.converted is not None and pair.result is Result.SET}  # fmt: skip
    return documents.changed(text, changes)


def _change(mode: DiskMode) -> Change:
    said = {"snapshot": mode.snapshot, "persistent": mode.persistent}
    spelled = {"independent": False, "nonpersistent": False, "transient": False}
    return Change({name: "yes" if value else "no" for name, value in said.items()}, spelled)
