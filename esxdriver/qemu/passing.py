"""Objects of libvirt-python, passed through: every method is libvirt's own, documents with disks are translated.

1. What a method takes by a name with ``xml`` in it, and what a method that gives a document returns, is translated:
   see :mod:`~esxdriver.qemu.documents`. No method is written here again, so those of a newer libvirt pass, too.
2. An object of a class that is here is wrapped where libvirt gives it out: alone, in a list, in a tuple, to a callback.
3. Libvirt is given its own objects again.
4. ``progress=`` and ``left_out=``, which this project's own driver takes, are accepted: libvirt has no use for them.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ClassVar

from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.qemu import documents

# The methods that give out a document which may carry disks.
_GIVE_XML = {"XMLDesc", "getXMLDesc", "saveImageGetXMLDesc", "managedSaveGetXMLDesc", "domainXMLFromNative"}
_OURS = ("progress", "left_out")
_CALLBACK, _OPAQUE = "cb", "opaque"


class NotLibvirtsError(AttributeError):
    """What this project's own driver has, and libvirt's have not."""

    def __init__(self, name: str) -> None:
        super().__init__(f"libvirt's own drivers have no '{name}': virsh does what they can", name=name)


class Passing:
    """An object of libvirt-python's. ``of`` names its class there; ``real`` is the object itself."""

    _classes: ClassVar[dict[str, type["Passing"]]] = {}

    def __init__(self, real: Any, style: DiskModeXML, root: "Passing | None" = None) -> None:
        self.real = real
        self.style = style
        self._root = self if root is None else root

    def __init_subclass__(cls, of: str) -> None:
        Passing._classes[of] = cls

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.real!r}>"

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self.real)})

    def __getattr__(self, name: str) -> Any:
        if name == "real":  # asked for by a copy, before it has one
            raise AttributeError(name)
        found = getattr(self.real, name, None)
        if found is None and not hasattr(self.real, name):
            raise NotLibvirtsError(name)
        return self._translating(name, found) if inspect.ismethod(found) else found

    def _translating(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(*arguments: Any, **options: Any) -> Any:
            theirs = {key: value for key, value in options.items() if key not in _OURS}
            bound = inspect.signature(method).bind(*arguments, **theirs)
            for key, value in bound.arguments.items():
                bound.arguments[key] = self._taken(key, value)
            given = method(*bound.args, **bound.kwargs)
            return documents.shown(given, self.style) if name in _GIVE_XML else self.wrapped(given)

        return call

    def _taken(self, name: str, value: Any) -> Any:
        """Return an argument as libvirt understands it; parameters of a migration come in a dictionary."""
        if name == _CALLBACK and callable(value):
            return lambda *given: value(*map(self.wrapped, given))
        if isinstance(value, str):
            return documents.stored(value) if "xml" in name.lower() else value
        if name == _OPAQUE:
            return value
        return self._unwrapped(name, value)

    def _unwrapped(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._taken(str(key), each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._taken(name, each) for each in value]
        return value.real if isinstance(value, Passing) else value

    def wrapped(self, given: Any) -> Any:
        """Return what libvirt has given, with the objects in it wrapped."""
        if isinstance(given, list | tuple):
            return type(given)(map(self.wrapped, given))
        if given is self._root.real:
            return self._root
        cls = Passing._classes.get(type(given).__name__)
        return given if cls is None else cls(given, self.style, self._root)
