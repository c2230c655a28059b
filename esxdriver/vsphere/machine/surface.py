"""vSphere's objects as surfaces: a virtual device, a machine's configuration, the specification of a change."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, Literal

from esxdriver.conf.mapping.fields import UnsupportedValueError
from esxdriver.vsphere.machine.types import bus_of, class_of, numbered_as, vim_type
from esxdriver.vsphere.machine.wiring import Wiring

# Properties that ConfigInfo keeps elsewhere than ConfigSpec.
_SPEC_NAMES = {
    "hardware.memoryMB": "memoryMB",
    "hardware.numCPU": "numCPUs",
    "hardware.numCoresPerSocket": "numCoresPerSocket",
}

# The class that stands for an abstract one which a property is declared with.
_CONCRETE = {"slotInfo": "VirtualDevicePciBusSlotInfo"}


class DeviceSurface:
    """A virtual device.

    Paths are property names joined by dots, and some of their own: ``@class`` and ``backing@class`` name types,
    ``@bus`` and ``@controller`` say where the device hangs, ``@boot`` its place in the boot order, ``extra:NAME`` is
    an option of the machine that belongs to it.
    """

    kind: ClassVar[Literal["vim"]] = "vim"

    def __init__(self, device: Any, wiring: Wiring, options: Mapping[str, str] | None = None) -> None:
        self.device = device
        self.written: dict[str, str | None] = {}
        self._wiring = wiring
        self._options = options or {}

    def get(self, path: str) -> Any:
        """Return what stands at ``path``, or None."""
        return self._reader(path)(self)

    @classmethod
    @cache
    def _reader(cls, path: str) -> Callable[["DeviceSurface"], Any]:
        special: Callable[[DeviceSurface], Any] | None = cls._READERS.get(path)
        if special is not None:
            return special
        if path.startswith("extra:"):
            return lambda self: self._options.get(self.option(path[6:]).lower())
        if "." not in path:
            return lambda self: getattr(self.device, path, None)
        return lambda self: reached(self.device, path)

    def put(self, path: str, value: Any) -> None:
        """Set a property, making the objects on the way to it."""
        special = self._WRITERS.get(path)
        if special is not None:
            special(self, value)
        elif path.startswith("extra:"):
            self.written[self.option(path[6:])] = str(value).upper() if isinstance(value, bool) else value
        else:
            set_path(self.device, path, value)

    def option(self, name: str) -> str:
        """Return the whole name of an option of this device; only network cards have such."""
        return f"{numbered_as(self.device)}{self._wiring.number(self.device)}.{name}"

    def _bus(self) -> str | None:
        bus = bus_of(self._wiring.controller(self.device))
        return bus.vim if bus else None

    def _controller(self) -> int | None:
        controller = self._wiring.controller(self.device)
        return controller.busNumber if controller is not None else None

    def _shared_bus(self) -> str | None:
        sharing = getattr(self.device, "sharedBus", None)
        return None if sharing == "noSharing" else sharing

    def _set_backing_class(self, name: str | None) -> None:
        if class_of(self.device.backing) != name:
            self.device.backing = vim_type(name)() if name else None

    def _set_shared_bus(self, value: str | None) -> None:
        if hasattr(self.device, "sharedBus"):
            self.device.sharedBus = value or "noSharing"

    def _leave(self, value: Any) -> None:
        """Leave alone what is not the device's to say: its class, its controller, its place in the boot order."""

    _READERS: ClassVar[Mapping[str, Any]] = {
        "@class": lambda self: class_of(self.device),
        "backing@class": lambda self: class_of(self.device.backing),
        "@bus": _bus,
        "@controller": _controller,
        "@boot": lambda self: self._wiring.boot.get(self.device.key),
        "@sharedBus": _shared_bus,
    }
    _WRITERS: ClassVar[Mapping[str, Any]] = {
        "@class": _leave,
        "backing@class": _set_backing_class,
        "@bus": _leave,
        "@controller": _leave,
        "@boot": _leave,
        "@sharedBus": _set_shared_bus,
    }


class ConfigSurface:
    """A machine's configuration, to read from."""

    kind: ClassVar[Literal["vim"]] = "vim"

    def __init__(self, config: Any) -> None:
        self._config = config
        self.options = {option.key.lower(): str(option.value) for option in config.extraConfig or ()}

    def get(self, path: str) -> Any:
        """Return what stands at ``path``, or None."""
        if path.startswith("extra:"):
            return self.options.get(path[6:].lower())
        return reached(self._config, path)

    def put(self, path: str, value: Any) -> None:
        """Refuse: a configuration is changed through a :class:`SpecSurface`."""
        raise TypeError(f"{path}: a configuration is read only")


class SpecSurface:
    """The specification of a change, to write to; ``options`` gathers what goes to ``extraConfig``."""

    kind: ClassVar[Literal["vim"]] = "vim"

    def __init__(self, spec: Any, vcpus: int, vmx_path: str) -> None:
        self.spec = spec
        self.options: dict[str, str | None] = {}
        self._outcome = {"hardware.numCPU": vcpus, "files.vmPathName": vmx_path}

    def get(self, path: str) -> Any:
        """Return what the specification says; of the vCPUs and the VMX file, what there will be."""
        return self._outcome.get(path) or reached(self.spec, path)

    def put(self, path: str, value: Any) -> None:
        """Set a property under the name it has in a specification."""
        if path.startswith("extra:"):
            self.options[path[6:]] = value
        else:
            set_path(self.spec, _SPEC_NAMES.get(path, path), value)


@cache
def _names(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def reached(data: Any, path: str) -> Any:
    """Return the property that ``path`` leads to, None where anything on the way is missing."""
    for name in _names(path):
        data = getattr(data, name, None)
        if data is None:
            return None
    return data


def set_path(data: Any, path: str, value: Any) -> None:
    """Set the property that ``path`` leads to, making what stands above it.

    Raises UnsupportedValueError when the type has no such property and ``value`` says something.
    """
    *above, last = path.split(".")
    for name in above:
        if getattr(data, name, None) is None:
            if value is None or not hasattr(data, name):
                _leave_unset(data, last, value)
                return
            declared = data._GetPropertyInfo(name).type
            setattr(data, name, vim_type(_CONCRETE[name])() if name in _CONCRETE else declared())
        data = getattr(data, name)
    if hasattr(data, last):
        setattr(data, last, value)
    else:
        _leave_unset(data, last, value)


def _leave_unset(data: Any, name: str, value: Any) -> None:
    if value:
        raise UnsupportedValueError(f"{re.sub('^Virtual', '', class_of(data) or '')} has no {name}")
