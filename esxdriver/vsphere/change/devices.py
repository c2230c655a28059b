"""Device changes: what to add, edit and remove so that a machine's devices are the wanted ones."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import libvirt

from esxdriver.conf.devices.address import Bus
from esxdriver.conf.devices.controller import ControllerDef
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.graphics import VideoDef
from esxdriver.conf.devices.interface import InterfaceDef
from esxdriver.conf.mapping.fields import UnsupportedValueError, differing, dump
from esxdriver.errors import error
from esxdriver.vsphere.change.defaults import complete, inherit, replug
from esxdriver.vsphere.machine.match import Pair
from esxdriver.vsphere.machine.surface import DeviceSurface
from esxdriver.vsphere.machine.types import class_of, vim_type
from esxdriver.vsphere.machine.wiring import Wiring, predicted_key

# Controllers that every machine is made with, under keys that never change.
_BUILT_IN = {(Bus.IDE, 0): 200, (Bus.IDE, 1): 201, (Bus.FDC, 0): 400}

# What a backing keeps of the thing it used to lead to, and must forget when it leads elsewhere.
_REFERENCES = ("datastore", "backingObjectId", "network")


# What a new device is where the document leaves it open: what vSphere recommends for a guest it knows nothing of.
_DEFAULT_CLASSES = {"scsi": "VirtualLsiLogicController", "usb": "VirtualUSBController", "interface": "VirtualE1000"}


@dataclass(frozen=True)
class Change:
    """One ``VirtualDeviceConfigSpec`` to be: ``operation`` is vSphere's add, edit or remove."""

    operation: str
    device: Any
    label: str
    makes_file: bool = False

    @property
    def spec(self) -> Any:
        """The specification itself. A file may be created, where there is none; none is replaced or destroyed."""
        create = "create" if self.makes_file else None
        return vim_type("VirtualDeviceConfigSpec")(operation=self.operation, fileOperation=create, device=self.device)


class DeviceChanges:
    """Collects the changes of one definition.

    ``ordered`` lists them as vSphere needs them: controllers come before what hangs on them and go after it, and a
    place is freed before it is taken.
    """

    def __init__(self, wiring: Wiring) -> None:
        self.options: dict[str, str | None] = {}
        self.boot: list[tuple[int, Any]] = []
        self.wiring = wiring.copied()
        self._keys = iter(range(-101, -10000, -1))
        self._stages: dict[str, list[Change]] = {
            "controllers": [],
            "remove": [],
            "edit": [],
            "add": [],
            "last": [],
        }

    @property
    def ordered(self) -> list[Change]:
        """All changes, in the order in which vSphere carries them out."""
        return [change for stage in self._stages.values() for change in stage]

    def controllers(self, pairs: Iterable[Pair]) -> None:
        """Plan the controllers: those wanted, and what becomes of the rest."""
        for pair in pairs:
            if pair.want is None:
                self._stages["last"] += self._removal(pair)
            elif pair.want.model.built_in:
                continue
            elif pair.have is None:
                self._added(pair.want, "controllers")
            elif pair.want.vim_class not in (None, class_of(pair.device)):
                self._replaced(pair)
            else:
                self._edited(pair)

    def devices(self, pairs: Sequence[Pair]) -> None:
        """Plan everything else that is a device of vSphere; call it after :meth:`controllers`."""
        for pair in pairs:
            if pair.have is not None and self._goes(pair):
                self._stages["remove"] += self._removal(pair)
                # Its key is free again: what takes its place is named by it in the boot order.
                self.wiring.devices.pop(pair.device.key, None)
        for pair in pairs:
            if pair.want is not None and (pair.have is None or self._goes(pair)):
                self._added(pair.want, "add", pair.device)
            elif pair.want is not None:
                self._edited(pair)
        self._drop_superseded()

    def _goes(self, pair: Pair) -> bool:
        """Whether the device of a pair is not wanted, or only as another class. Every machine has a video card."""
        if pair.want is None:
            return not isinstance(pair.have, VideoDef)
        return pair.want.vim_class not in (None, class_of(pair.device))

    def _removal(self, pair: Pair) -> Iterator[Change]:
        if isinstance(pair.have, ControllerDef) and pair.have.model.built_in:
            return
        if isinstance(pair.have, InterfaceDef):
            # An option of the card that goes must not become one of the next card with its number.
            self.options[DeviceSurface(pair.device, self.wiring).option("checkMACAddress")] = None
        yield Change("remove", pair.device, pair.have.label)

    def _drop_superseded(self) -> None:
        """Drop the edits of what is removed, and the removals of controllers that a device stays on.

        Such a device may be one that libvirt does not know.
        """
        gone = {change.device.key for change in self._stages["remove"]}
        self._stages["edit"] = [change for change in self._stages["edit"] if change.device.key not in gone]
        edited = {change.device.key: change.device for change in self._stages["edit"]}
        staying = (edited.get(key, device) for key, device in self.wiring.devices.items())
        used = {device.controllerKey for device in staying}
        self._stages["last"] = [change for change in self._stages["last"] if change.device.key not in used]

    def _added(self, definition: Any, stage: str, like: Any = None) -> Any:
        """Add a device; one that takes the place of another keeps the other's plug and limits."""
        device = vim_type(definition.vim_class or _default_class(definition))()
        device.key = next(self._keys)
        self.wiring.devices[device.key] = device
        self._written(definition, device, None)
        complete(definition, device)
        inherit(definition, device, like)
        if getattr(definition, "boot_order", None):
            # A boot order names the key of the specification, or the one that comes of it: make them the same.
            self.wiring.rekey(device, predicted_key(device, self.wiring))
        self.wiring.add(device)
        blank = getattr(definition, "blank", None) is not None
        self._stages[stage].append(Change("add", device, definition.label, makes_file=blank))
        return device

    def _replaced(self, pair: Pair) -> None:
        """Put a controller of another class in a controller's place, and move what hangs on it over."""
        want = replace(pair.want, shared_bus=pair.want.shared_bus or pair.have.shared_bus)
        new = self._added(want, "controllers")
        for device in list(self.wiring.devices.values()):
            if device.controllerKey == pair.device.key:
                moved = copy.deepcopy(device)
                moved.controllerKey = new.key
                self.wiring.devices[device.key] = moved
                self._stages["edit"].append(Change("edit", moved, pair.want.label))
        self._stages["last"].append(Change("remove", pair.device, pair.have.label))

    def _edited(self, pair: Pair) -> None:
        names = set(differing(pair.have, pair.want, "vim")) - {"boot_order"}
        moved = next((each for each in self._stages["edit"] if each.device.key == pair.device.key), None)
        if not names:
            self._boots(pair.want, pair.device)
            return
        device = moved.device if moved else copy.deepcopy(pair.device)
        if names & {"backing", "source", "network", "switch", "portgroup"}:
            _forget(device)
            names.update(vars(pair.want))
        self._written(pair.want, device, names)
        replug(pair.have, pair.want, device)
        if moved is None:
            self._stages["edit"].append(Change("edit", device, pair.want.label))

    def _written(self, definition: Any, device: Any, names: set[str] | None) -> None:
        surface = DeviceSurface(device, self.wiring)
        if isinstance(definition, InterfaceDef) and definition.portgroup:
            definition = replace(definition, port=None, connection=None)  # the host chooses them in the group
        try:
            dump(definition, surface, names)
        except UnsupportedValueError as cause:
            raise error(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, f"{definition.label}: {cause}") from None
        self.options.update(surface.written)
        if isinstance(definition, DiskDef) and definition.address is not None:
            device.controllerKey = self._key(definition)
        self._boots(definition, device)

    def _boots(self, definition: Any, device: Any) -> None:
        if getattr(definition, "boot_order", None):
            self.boot.append((definition.boot_order, device))

    def _key(self, disk: DiskDef) -> int:
        assert disk.address is not None
        where = disk.bus, disk.address.controller
        try:
            return self.wiring.key(*where)
        except KeyError:
            return _BUILT_IN[where]


def _default_class(definition: ControllerDef | InterfaceDef) -> str:
    return _DEFAULT_CLASSES[definition.type if isinstance(definition, ControllerDef) else "interface"]


def _forget(device: Any) -> None:
    for name in _REFERENCES:
        if hasattr(device.backing, name):
            setattr(device.backing, name, None)
    if hasattr(device.backing, "port"):
        device.backing.port = vim_type("DistributedVirtualSwitchPortConnection")()
