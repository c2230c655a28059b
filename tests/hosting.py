"""The least of a vSphere host, in memory: what a ConfigSpec makes of a machine. For properties, where no host is."""

import copy

from esxdriver.vsphere.machine.types import bus_of, class_of, vim_type
from esxdriver.vsphere.machine.wiring import Wiring, predicted_key

# ConfigSpec's names for what ConfigInfo keeps below ``hardware``.
_HARDWARE = {"memoryMB": "memoryMB", "numCPUs": "numCPU", "numCoresPerSocket": "numCoresPerSocket"}
_PLAIN = ("name", "uuid", "instanceUuid", "guestId", "annotation", "version", "firmware", "files", "cpuAffinity")
_MERGED = ("bootOptions", "cpuAllocation", "memoryAllocation")


def created(spec):
    """Return the ConfigInfo of the machine that ``spec`` creates, with the devices that every machine has."""
    config = vim_type("VirtualMachineConfigInfo")()
    config.changeVersion = "1"
    config.version = "vmx-19"
    config.hardware = vim_type("VirtualHardware")(numCPU=1, numCoresPerSocket=1, memoryMB=32)
    config.hardware.device = [
        vim_type("VirtualIDEController")(key=200, busNumber=0),
        vim_type("VirtualIDEController")(key=201, busNumber=1),
        vim_type("VirtualSIOController")(key=400, busNumber=0),
        vim_type("VirtualKeyboard")(key=600),
        vim_type("VirtualMachineVMCIDevice")(key=12000),
    ]
    return reconfigured(config, spec)


def reconfigured(config, spec):
    """Return what ``spec`` makes of the machine ``config``."""
    assert spec.changeVersion in (None, config.changeVersion)
    made = copy.deepcopy(config)
    made.changeVersion = str(int(config.changeVersion) + 1)
    for name in _PLAIN:
        if getattr(spec, name) is not None:
            setattr(made, name, getattr(spec, name))
    for name, kept in _HARDWARE.items():
        if getattr(spec, name) is not None:
            setattr(made.hardware, kept, getattr(spec, name))
    for name in _MERGED:
        _merge(made, name, getattr(spec, name))
    _change_options(made, spec)
    _change_devices(made, spec)
    return made


def _merge(owner, name, said):
    if said is None:
        return
    if getattr(owner, name) is None:
        setattr(owner, name, type(said)())
    for each in said._GetPropertyList():
        if getattr(said, each.name) not in (None, []):
            setattr(getattr(owner, name), each.name, getattr(said, each.name))


def _change_options(made, spec):
    options = {option.key.lower(): option for option in made.extraConfig}
    for option in spec.extraConfig:
        options.pop(option.key.lower(), None)
        if option.value:
            options[option.key.lower()] = option
    made.extraConfig = vim_type("OptionValue").Array(options.values())


def _change_devices(made, spec):
    devices = {device.key: device for device in made.hardware.device}
    for change in spec.deviceChange:
        device = copy.deepcopy(change.device)
        if change.operation == "remove":
            del devices[device.key]
            continue
        assert change.operation == "add" or device.key in devices
        devices[device.key] = device
    _number(devices)
    _check_places(devices.values())
    made.hardware.device = [devices[key] for key in sorted(devices)]


def _number(devices):
    """Give new devices the keys that vSphere gives them: the first of their kind plus their number."""
    wiring = Wiring(devices.values())
    first = {"VirtualSerialPort": 9000, "VirtualParallelPort": 10000, "VirtualMachineVideoCard": 500}
    for key in [key for key in devices if key < 0]:
        device = devices[key]
        if bus_of(device) is not None:
            new = 100000 + 1000 * list(type(bus_of(device))).index(bus_of(device)) + device.busNumber
        elif hasattr(device.backing, "diskMode") or class_of(device) == "VirtualCdrom" or hasattr(device, "macAddress"):
            # The numbers of a controller's upper units overlap with the next controller's: any free one will do.
            new = next(n for n in range(predicted_key(device, wiring), 10**6) if n not in devices)
        else:
            new = next(n for n in range(first.get(class_of(device), 50000), 10**6) if n not in devices)
        devices[new] = devices.pop(key)
        wiring = Wiring(devices.values())
        device.key = new
        for each in devices.values():
            if each.controllerKey == key:
                each.controllerKey = new
        wiring = Wiring(devices.values())


def _check_places(devices):
    places = [
        (device.controllerKey, device.unitNumber)
        for device in devices
        if device.controllerKey and device.unitNumber is not None
    ]
    assert len(places) == len(set(places)), "two devices in one place"
    keys = {device.key for device in devices}
    assert all(key in keys or key == 100 for key, _ in places), "a device without its controller"
