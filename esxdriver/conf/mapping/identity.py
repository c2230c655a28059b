"""What names a domain: its name, its UUIDs, its generation ID, the file name of its configuration."""

import re
from uuid import UUID

from esxdriver.conf.mapping.fields import InvalidValueError, Surface

# Characters that vSphere escapes in every object's name. Source: vSphere API, ManagedEntity.name.
_ESCAPES = {"/": "%2f", "\\": "%5c", "%": "%25"}
_ESCAPED = re.compile("%(2f|5c|25)", re.IGNORECASE)


def escaped(name: str) -> str:
    """Return an inventory name as vSphere holds it."""
    return "".join(_ESCAPES.get(letter, letter) for letter in name)


def unescaped(name: str) -> str:
    """Return an inventory name as a person reads it: the contrary of :func:`escaped`."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), name)


class _Name:
    """The name of a domain or a snapshot where vSphere holds three characters of it escaped: everywhere but in XML."""

    def read(self, surface: Surface, path: str) -> str | None:
        value = surface.get(path)
        return unescaped(value) if value else None

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, escaped(value))


def uuid_of(digits: str) -> str | None:
    """Return the UUID of 32 hexadecimal digits in libvirt's form; the null UUID is none, wherever it stands."""
    uuid = UUID(digits)
    return str(uuid) if uuid.int else None


class _Uuid:
    """A UUID in libvirt's form, read from any; the null UUID reads as None."""

    def read(self, surface: Surface, path: str) -> str | None:
        value = surface.get(path)
        if not value:
            return None
        digits = str(value).replace(" ", "").replace("-", "").lower()
        if not re.fullmatch("[0-9a-f]{32}", digits):
            raise InvalidValueError(path, value)
        return uuid_of(digits)

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


class _PairedUuid(_Uuid):
    """A UUID in VMX's form: pairs of digits in two groups."""

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, paired(value))


def paired(uuid: str) -> str:
    """Return a UUID as VMX has it: pairs of digits in two groups."""
    pairs = UUID(uuid).bytes.hex(" ").split(" ")
    return " ".join(pairs[:8]) + "-" + " ".join(pairs[8:])


class _SwitchId:
    """A distributed switch's UUID in libvirt's form, read from any; what is none stays as it is."""

    FORM = re.compile("[0-9a-f]{32}")

    def read(self, surface: Surface, path: str) -> str | None:
        value = surface.get(path)
        if not value:
            return None
        digits = re.sub("[ -]", "", str(value)).lower()
        return str(UUID(digits)) if self.FORM.fullmatch(digits) else str(value)

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value)


class _PairedSwitchId(_SwitchId):
    """A distributed switch's UUID as vSphere and VMX have it: pairs of digits."""

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, paired(value) if self.FORM.fullmatch(value.replace("-", "")) else value)


class _GenId:
    """A VM generation ID where it is no UUID: two signed 64-bit numbers under two keys, the second's ending in X."""

    def read(self, surface: Surface, path: str) -> str | None:
        halves = [surface.get(path), surface.get(path + "X")]
        if not all(halves):
            return None
        try:
            digits = "".join(f"{int(half) & (2**64 - 1):016x}" for half in halves)
        except ValueError:
            raise InvalidValueError(path, halves) from None
        return uuid_of(digits)

    def write(self, surface: Surface, path: str, value: str) -> None:
        for key, half in ((path, UUID(value).bytes[:8]), (path + "X", UUID(value).bytes[8:])):
            surface.put(key, str(int.from_bytes(half, "big", signed=True)))


NAME = _Name()
UUID_TEXT, PAIRED_UUID = _Uuid(), _PairedUuid()
SWITCH_ID, PAIRED_SWITCH_ID = _SwitchId(), _PairedSwitchId()
GENID = _GenId()

# What a datastore's browser or another tool would stumble over in a file's name.
_AWKWARD = re.compile(r'["*<>:|?/\\%\x00-\x1f]')


def file_name(name: str) -> str:
    """Return the name that the files of a domain called ``name`` have, without an ending."""
    return _AWKWARD.sub("_", name).strip(" .") or "domain"
