"""Named options as a surface: the keys of a VMX file, or of vSphere's ``extraConfig``, below a prefix."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

# Options of the project's own, which are never sent to a host: the numbers of devices, where the names in a VMX file do
# not count up from 0, by what stands before the number; and the keys that the VMX file did not have.
NUMBERS = "esxdriver.numbers."
ABSENT = "esxdriver.absent"


class KeySurface:
    """Options whose names begin with ``prefix``, compared without regard to case.

    What is put is kept apart in :attr:`written`, under whole names; None there removes an option.
    """

    kind: ClassVar[Literal["vmx"]] = "vmx"

    def __init__(self, options: Mapping[str, str], prefix: str = "") -> None:
        self._options = {name.lower(): value for name, value in options.items()}
        self._prefix = prefix
        self.written: dict[str, str | None] = {}

    def get(self, path: str) -> str | None:
        """Return an option's value, or None."""
        return self._options.get(f"{self._prefix}{path}".lower())

    def put(self, path: str, value: str | bool | None) -> None:
        """Set an option; None removes it."""
        self.written[self._prefix + path] = str(value).upper() if isinstance(value, bool) else value

    def below(self, prefix: str) -> "KeySurface":
        """Return the surface of the options that begin with ``prefix`` as well."""
        return KeySurface(self._options, self._prefix + prefix)

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)
