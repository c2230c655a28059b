"""What a look-up means: the one that has a name, a UUID or a path, or else libvirt's error that names the choices."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from esxdriver.errors import error, invalid_arg

_SHOWN = 20  # names that an error lists


class Named(Protocol):
    """What is looked up."""

    @property
    def name(self) -> str:
        """How errors call it."""


N = TypeVar("N", bound=Named)


def first(found: Iterable[N], is_meant: Callable[[N], bool], code: int, what: str) -> N:
    """Return the first that is meant. Raises the VIR_ERR_NO_* ``code`` for ``what``, as "network with ... name 'x'"."""
    choices = list(found)
    for each in filter(is_meant, choices):
        return each
    raise error(code, f"no {what}; there are: {listed(sorted(each.name for each in choices))}")


def listed(names: Sequence[str], shown: int = _SHOWN) -> str:
    """Return names for an error's text, and how many more there are than it shows."""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return (", ".join(names[:shown]) or "none") + more


def uuid_of(text: str) -> UUID:
    """Return the UUID of a text: 32 hexadecimal digits, with dashes anywhere. Raises INVALID_ARG for another."""
    digits = text.replace("-", "")
    if len(digits) != 32 or not set(digits.lower()) <= set("0123456789abcdef"):
        raise invalid_arg(f"'{text}' is not a UUID")
    return UUID(digits)


def uuid_text(uuid: bytes) -> str:
    """Return the text of a UUID's 16 bytes. Raises INVALID_ARG for others."""
    if isinstance(uuid, str) or len(uuid) != 16:
        raise invalid_arg(f"a UUID is 16 bytes, not {uuid!r}")
    return str(UUID(bytes=bytes(uuid)))
