"""Controllers: SCSI, SATA, NVMe, IDE, floppy and USB.

| libvirt             | vSphere                       | VMX              |
|---------------------|-------------------------------|------------------|
| ``type=``, ``model=`` | class of the device         | ``virtualDev``   |
| ``index=``          | ``busNumber``                 | N of ``scsiN``   |
| ``address``         | ``slotInfo.pciSlotNumber``    | ``pciSlotNumber`` |
"""

from dataclasses import dataclass

from esxdriver.conf.devices.pci import PciSlot, pci_slot
from esxdriver.conf.mapping.codecs import NUMBER, TEXT
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.conf.mapping.fields import At, InvalidValueError, Surface, fact


class ControllerModel(MappedEnum):
    """A controller's libvirt type and model, vSphere's class, VMX's ``virtualDev``.

    A row whose model is None is a document without ``model=``: an existing controller keeps its own, a new one gets
    the row's class.
    """

    BUSLOGIC = "scsi", "buslogic", "VirtualBusLogicController", "buslogic"
    LSILOGIC = "scsi", "lsilogic", "VirtualLsiLogicController", "lsilogic"
    LSISAS1068 = "scsi", "lsisas1068", "VirtualLsiLogicSASController", "lsisas1068"
    VMPVSCSI = "scsi", "vmpvscsi", "ParaVirtualSCSIController", "pvscsi"
    SCSI = "scsi", None, None, None
    SATA = "sata", None, "VirtualAHCIController", None
    NVME = "nvme", None, "VirtualNVMEController", None
    IDE = "ide", None, "VirtualIDEController", None
    FDC = "fdc", None, None, None
    EHCI = "usb", "ehci", "VirtualUSBController", None
    XHCI = "usb", "nec-xhci", "VirtualUSBXHCIController", None
    USB = "usb", None, None, None

    def __init__(self, type_: str, model: str | None, vim: str | None, vmx: str | None) -> None:
        self.type = type_
        self.model = model
        self.vim = vim
        self.vmx = vmx
        # A USB controller's bus number means nothing: a machine has one of each model.
        self.is_numbered = type_ != "usb"

    @property
    def built_in(self) -> bool:
        """Whether every vSphere machine has it, so that it is neither added nor removed."""
        return self.type in ("ide", "fdc")

    @property
    def unsaid(self) -> bool:
        """Whether it names no model where the type has several."""
        return self in (ControllerModel.SCSI, ControllerModel.USB)


class _ModelXML:
    """``type`` and ``model``."""

    def read(self, surface: Surface, _: str) -> ControllerModel | None:
        type_, model = surface.get("@type"), surface.get("@model")
        rows = [row for row in ControllerModel if row.type == type_]
        if not rows:
            raise InvalidValueError("controller/@type", type_, {row.type for row in ControllerModel})
        if model in (None, "auto"):
            return rows[-1]
        found = next((row for row in rows if row.model == model), None)
        if found is None:
            raise InvalidValueError("controller/@model", model, {row.model for row in rows if row.model})
        return found

    def write(self, surface: Surface, _: str, value: ControllerModel) -> None:
        surface.put("@type", value.type)
        surface.put("@model", value.model)


class _VmxSharedBus:
    """How a controller's bus is shared with other machines; VMX's value is the first part of vSphere's."""

    def read(self, surface: Surface, path: str) -> str | None:
        value = (TEXT.read(surface, path) or "").lower()
        return f"{value}Sharing" if value in ("virtual", "physical") else None

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, value.removesuffix("Sharing"))


@dataclass(frozen=True, kw_only=True)
class ControllerDef:
    """A controller. ``shared_bus`` is vSphere's ``virtualSharing`` or ``physicalSharing``, None for neither."""

    model: ControllerModel = fact(ControllerModel, xml=At(".", codec=_ModelXML()), vim="@class", vmx="virtualDev")
    index: int = fact(NUMBER, xml="@index", vim=At("busNumber", where="model.is_numbered"), default=0)
    pci: PciSlot | None = pci_slot()
    shared_bus: str | None = fact(
        TEXT, xml="meta:@sharedBus", vim="@sharedBus", vmx=At("sharedBus", codec=_VmxSharedBus()), default=None
    )

    @property
    def type(self) -> str:
        """The ``type`` in libvirt, which is the bus it serves."""
        return self.model.type

    @property
    def vim_class(self) -> str | None:
        """The class that vSphere gives it, None where the document leaves it open."""
        return self.model.vim

    @property
    def label(self) -> str:
        """How errors name it."""
        return f"controller '{self.type}' {self.index}"
