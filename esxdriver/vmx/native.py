"""VMX text to a definition and back, so that nothing is ever lost.

Whatever of a file its definition does not give back, value for value, becomes an option of the definition, and is
written back from there. An option never changes what the rest of a document says: one that would is dropped.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace

import libvirt

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.domain.validate import validate
from esxdriver.conf.mapping.hardware import DEFAULT_HARDWARE, OLDEST_HARDWARE
from esxdriver.conf.mapping.keys import ABSENT, NUMBERS
from esxdriver.errors import error, unsupported
from esxdriver.vmx.boot import has_order
from esxdriver.vmx.devices import TPM_HARDWARE
from esxdriver.vmx.domain import read, write
from esxdriver.vmx.encoding import UTF_8, bytes_of_text
from esxdriver.vmx.numbering import CARDS, numbers_of
from esxdriver.vmx.paths import Missing, Paths
from esxdriver.vmx.text import Keys, decoded, parsed, text_of

log = logging.getLogger(__name__)

_NAME = re.compile(r'[^\s="#|][^="#\r\n]*(?<!\s)')
_ENCODING = ".encoding"
_ANYWHERE = Paths()


def from_native(text: str | bytes, *, paths: Paths = _ANYWHERE, legacy_uuid: bool = False) -> DomainDef:
    """Return the definition that a VMX file holds; the keys that libvirt's XML has no place for are its ``options``.

    ``legacy_uuid`` is for a dump in that style, which has no place for the UUID that vCenter gave: it becomes an
    option. A device that libvirt's XML cannot say is left out and logged. Raises INVALID_ARG for what is no text,
    XML_ERROR with the line for what is no VMX or lacks a key that it must have, CONFIG_UNSUPPORTED for a file that is
    encrypted, NO_STORAGE_POOL for a hard disk on a datastore that is not there.
    """
    keys = parsed(decoded(text) if isinstance(text, bytes) else text)
    try:
        definition = read(keys, paths, _warn)
    except Missing as cause:
        raise error(libvirt.VIR_ERR_NO_STORAGE_POOL, f"VMX: {cause}") from None
    if legacy_uuid:
        definition = replace(definition, uuid=None)
    again = write(definition, definition.hardware or DEFAULT_HARDWARE, paths)
    lost = {keys.names[key]: value for key, value in keys.values.items() if again.values.get(key) != value}
    gained = [name for key, name in again.names.items() if key not in keys.values and key != _ENCODING]
    absent = {ABSENT: ",".join(gained)} if gained else {}
    return replace(definition, options={**(definition.options or {}), **absent, **lost})


def to_native(definition: DomainDef, *, hardware: int | None = None, paths: Paths = _ANYWHERE) -> str:
    """Return the VMX text of a definition, for ``hardware`` or its own hardware version, or 19.

    It is text to be written in UTF-8, and says so; where all of it is ASCII, another encoding's name stays. Raises
    CONFIG_UNSUPPORTED, naming the element, for what such a machine cannot have.
    """
    keys, encoding = _written(definition, hardware, paths)
    text = text_of(keys)
    return text_of(keys.with_values([encoding])) if encoding and text.isascii() else text


def to_file(definition: DomainDef, *, hardware: int | None = None, paths: Paths = _ANYWHERE) -> bytes:
    """Return the VMX file of a definition, as :func:`to_native`, in the encoding that its ``.encoding`` names.

    A text with a character which that encoding does not have is in UTF-8, and this is logged.
    """
    keys, encoding = _written(definition, hardware, paths)
    if encoding is not None:
        try:
            return bytes_of_text(text_of(keys.with_values([encoding])), encoding[1])
        except (LookupError, UnicodeEncodeError) as cause:
            log.warning("VMX: written in %s instead of '%s': %s", UTF_8, encoding[1], cause)
    return text_of(keys).encode()


def _written(definition: DomainDef, hardware: int | None, paths: Paths) -> tuple[Keys, tuple[str, str] | None]:
    """Return the keys of a definition with its options, and apart from them the one that names another encoding."""
    hardware = hardware or definition.hardware or DEFAULT_HARDWARE
    _check(definition, hardware)
    paths = paths.beside(definition.vmx_path)
    options = {name.lower(): (name, value) for name, value in (definition.options or {}).items()}
    encoding = options.pop(_ENCODING, None)
    keys = write(definition, hardware, paths)
    if not has_order(definition, keys, numbers_of(CARDS, definition, ())):
        _warn("boot/@order: kinds of device and hard disks are ordered, each for itself: another order is written")
    return _with_options(keys, list(options.values()), paths), encoding


def _warn(message: str) -> None:
    log.warning("VMX: %s", message)


def _check(definition: DomainDef, hardware: int) -> None:
    if hardware < OLDEST_HARDWARE:
        raise unsupported(f"hardware version {hardware}: the oldest is {OLDEST_HARDWARE}")
    validate(replace(definition, hardware=hardware))
    if definition.tpms and hardware < TPM_HARDWARE:
        raise unsupported(f"tpm: needs hardware version {TPM_HARDWARE}, this machine has {hardware}")
    for name in definition.options or ():
        if not _NAME.fullmatch(name):
            raise unsupported(f"option {name!r}: VMX has no such names")


def _with_options(keys: Keys, options: list[tuple[str, str]], paths: Paths) -> Keys:
    """Return the keys with those of the options that do not change what the keys say already.

    The same goes for taking away the keys that the file did not have: each product has defaults of its own.
    """
    meaning = _meaning(keys, paths, keys)
    said = keys

    def joined(keys: Keys, options: Sequence[tuple[str, str | None]]) -> Keys:
        tried = keys.with_values(options)
        if not options or _meaning(tried, paths, said) == meaning:
            return tried
        if len(options) == 1:
            if options[0][1] is not None:
                log.info("option %s: dropped, the document says otherwise", options[0][0])
            return keys
        half = len(options) // 2
        return joined(joined(keys, options[:half]), options[half:])

    kept = [each for each in options if not each[0].startswith((NUMBERS, ABSENT))]
    absent = [(name, None) for key, value in options if key == ABSENT for name in value.split(",") if name in keys]
    return joined(keys, [*absent, *kept])


def _meaning(keys: Keys, paths: Paths, said: Keys) -> DomainDef | None:
    """Return the definition that keys hold, without a UUID of vCenter's that ``said`` lacks; None where broken."""
    try:
        definition = read(keys, paths, lambda _: None)
    except (libvirt.libvirtError, Missing):
        return None
    return definition if "vc.uuid" in said else replace(definition, uuid=None)
