"""libvirt-python as it is installed, also while this package stands in its place."""

import sys
from importlib import import_module
from types import ModuleType

_found: list[ModuleType] = []


def libvirt_python() -> ModuleType:
    """Return libvirt-python's module. Raises ImportError when it is not installed."""
    if not _found:
        stands = sys.modules.get("libvirt")
        if stands is not None and stands.__name__ != "libvirt":  # an import would find what stands there
            del sys.modules["libvirt"]
        try:
            _found.append(import_module("libvirt"))
        finally:
            if stands is not None:
                sys.modules["libvirt"] = stands
    return _found[0]
