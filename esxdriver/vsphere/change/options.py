"""Changes of a machine's ``extraConfig``: the options of a definition, and the fields that are kept in options."""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from esxdriver.conf.devices.filesystem import FilesystemDef
from esxdriver.conf.devices.graphics import GraphicsDef
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.fields import differing, dump
from esxdriver.conf.mapping.keys import KeySurface
from esxdriver.vsphere.machine.extra_config import FOREIGN, is_shown
from esxdriver.vsphere.machine.match import Match, Pair
from esxdriver.vsphere.machine.types import vim_type

Changes = dict[str, str | None]


def option_changes(matched: Match) -> Changes:
    """Return the options to set, and with None those to remove."""
    want = matched.want
    have = matched.have or DomainDef(name=want.name, memory=want.memory, options={})
    changes = _named_options(have.options or {}, want.options)
    for pair in matched.of(GraphicsDef):
        changes |= _graphics(pair.have, pair.want)
    changes |= _filesystems(matched.of(FilesystemDef))
    if want.foreign != have.foreign and (want.foreign or want.options is not None):
        changes[FOREIGN] = "".join(want.foreign) or None
    return changes


def _named_options(have: Mapping[str, str], want: Mapping[str, str] | None) -> Changes:
    """Compare options without regard to the case of their names.

    An option that the document lacks stays: it may be a secret that the dump did not show, or have come since. One
    with an empty value is removed. An option that another field holds, or that the host alone sets, is left alone.
    """
    if want is None:
        return {}
    want = {key: value for key, value in want.items() if is_shown(key.lower())}
    present = {key.lower(): value for key, value in have.items()}
    return {key: value for key, value in want.items() if present.get(key.lower(), "") != value}


def _graphics(have: GraphicsDef | None, want: GraphicsDef | None) -> Changes:
    if want is None:
        return {f"{GraphicsDef.PREFIX}enabled": "FALSE"}
    surface = KeySurface({}, GraphicsDef.PREFIX)
    dump(want, surface, differing(have, want, "vmx") if have else None)
    return surface.written if have else {f"{GraphicsDef.PREFIX}enabled": "TRUE", **surface.written}


def _filesystems(pairs: Iterable[Pair]) -> Changes:
    """Return the options of shared folders; each keeps its number."""
    pairs = list(pairs)
    taken = {pair.have.number for pair in pairs if pair.have}
    free = (number for number in count() if number not in taken)
    changes: Changes = {_folder(pair.have.number, "present"): "FALSE" for pair in pairs if pair.want is None}
    for pair in pairs:
        if pair.want is not None and pair.want != pair.have:
            changes |= _shared(pair.want, pair.have.number if pair.have else next(free))
    return changes


def _shared(folder: FilesystemDef, number: int | None) -> Changes:
    surface = KeySurface({}, _folder(number, ""))
    for key in ("present", "enabled", "readAccess"):
        surface.put(key, "TRUE")
    dump(folder, surface)
    return surface.written


def _folder(number: int | None, key: str) -> str:
    return f"{FilesystemDef.PREFIX}{number}.{key}"


def option_values(changes: Changes, present: Mapping[str, str]) -> list[Any]:
    """Return vSphere's ``OptionValue`` of each change that makes a difference; an empty value removes an option.

    ``present`` are the machine's options by lower-case key.
    """
    return [
        vim_type("OptionValue")(key=key, value=value or "")
        for key, value in changes.items()
        if (present.get(key.lower()) or None) != (value or None)
    ]
