"""The keys of a VMX file below a prefix, as a surface of the mapping engine."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, Self

from esxdriver.vmx.paths import Paths
from esxdriver.vmx.text import Keys

_FILE = "file:"


class VmxSurface:
    """The keys that begin with ``prefix``.

    Paths that begin with ``file:`` are files' names, which are translated here. Those that begin with ``@`` are values
    that VMX has no single key for: :attr:`readers` and :attr:`writers` of a subclass make them of several.
    """

    kind: ClassVar[Literal["vmx"]] = "vmx"
    readers: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    writers: ClassVar[Mapping[str, Callable[[Any, Any], None]]] = {}

    def __init__(self, keys: Keys, paths: Paths, prefix: str = "") -> None:
        self.keys = keys
        self.paths = paths
        self.prefix = prefix
        self._values = keys.values
        self._folded = prefix.lower()

    def get(self, path: str) -> str | None:
        """Return a key's value, or None."""
        first = path[0]
        if first == "@":
            reader = self.readers.get(path)
            value: str | None = reader(self) if reader else None
            return value
        if first == "f" and path.startswith(_FILE):
            name = self._values.get(self._folded + path[5:].lower())
            return self.paths.read(name) if name else name
        return self._values.get(self._folded + path.lower())

    def put(self, path: str, value: str | bool | None) -> None:
        """Set a key; None removes it."""
        first = path[0]
        if first == "@":
            if path in self.writers:
                self.writers[path](self, value)
        elif first == "f" and path.startswith(_FILE):
            self.keys.put(self.prefix + path[5:], self.paths.write(value) if isinstance(value, str) else value)
        else:
            self.keys.put(self.prefix + path, value)

    def is_on(self, path: str) -> bool:
        """Whether a switch is there and on."""
        return self.keys.is_on(self._folded + path)

    def turn_on(self, *paths: str) -> Self:
        """Set switches to on; return the surface."""
        self.keys.turn_on(*(self.prefix + path for path in paths))
        return self

    def turn_off(self, *paths: str) -> None:
        """Set switches to off."""
        self.keys.turn_off(*(self.prefix + path for path in paths))
