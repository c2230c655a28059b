"""The old spelling of a SCSI controller's model: ``<driver name='lsilogic'/>`` on a disk of that controller."""

from dataclasses import replace

from esxdriver.conf.devices.address import Bus
from esxdriver.conf.devices.controller import ControllerDef, ControllerModel
from esxdriver.conf.domain.domain import DomainDef

_MODELS = {row.model: row for row in ControllerModel if row.type == "scsi" and row.model}


def with_driver_models(definition: DomainDef) -> DomainDef:
    """Return the definition with a controller for each model that disks name; what a ``<controller>`` says itself wins.

    Names of ``<driver>`` that are no controller's model say nothing to ESX.
    """
    if not any(disk.driver for disk in definition.disks):
        return definition
    named = {
        disk.address.controller: _MODELS[disk.driver]
        for disk in reversed(definition.disks)
        if disk.address and disk.bus is Bus.SCSI and disk.driver in _MODELS
    }
    controllers = [_modelled(each, named) for each in definition.controllers]
    listed = {each.index for each in controllers if each.type == "scsi"}
    added = [ControllerDef(index=index, model=named[index]) for index in sorted(named.keys() - listed)]
    return replace(
        definition,
        disks=tuple(replace(disk, driver=None) for disk in definition.disks),
        controllers=(*controllers, *added),
    )


def _modelled(controller: ControllerDef, named: dict[int, ControllerModel]) -> ControllerDef:
    if controller.model is ControllerModel.SCSI and controller.index in named:
        return replace(controller, model=named[controller.index])
    return controller
