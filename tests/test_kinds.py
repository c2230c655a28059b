"""Every kind of device is whole: it has an identity, VMX reads and writes it, and the properties draw all of it."""

from dataclasses import fields
from enum import Enum

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from esxdriver.conf.devices.chardev import ChardevDef
from esxdriver.conf.devices.controller import ControllerModel
from esxdriver.conf.devices.disk import DiskDef
from esxdriver.conf.devices.hostdev import HostdevBacking
from esxdriver.conf.devices.interface import InterfaceDef, Network
from esxdriver.conf.devices.kinds import KINDS
from esxdriver.conf.devices.mac_address import MacType
from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.enums import MappedEnum
from esxdriver.vmx.device_writer import DeviceWriter
from esxdriver.vmx.devices import Devices
from esxdriver.vmx.paths import Paths
from esxdriver.vmx.text import Keys
from esxdriver.vsphere.machine.surface import vim_type
from tests.strategies import domains

EACH_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@EACH_KIND
def test_a_kind_is_a_field_of_the_domain(kind):
    assert kind.name in {each.name for each in fields(DomainDef)}


@EACH_KIND
def test_a_kind_has_an_identity(kind):
    assert kind.identity


@EACH_KIND
def test_a_kind_has_a_reader_and_a_writer_of_vmx(kind):
    assert kind.name in Devices(Keys(), Paths(), 19, print).read()
    assert kind.name in DeviceWriter.WRITERS


@EACH_KIND
def test_the_classes_of_a_kind_are_vspheres(kind):
    assert all(issubclass(vim_type(name), vim_type("VirtualDevice")) for name in kind.vim)


def test_no_two_kinds_share_an_element_or_a_class():
    for shared in ([kind.element for kind in KINDS], [name for kind in KINDS for name in kind.vim]):
        assert len(shared) == len(set(shared))


# What no property draws, and why.
NEVER_DRAWN = {
    (DiskDef, "blank"),  # what is to be made: no dump says it
    (DiskDef, "driver"),  # parsing turns it into a controller's model
    (InterfaceDef, "target"),  # hosted products' networks, which vSphere has not
    (InterfaceDef, "port"),  # the host chooses these two in a group
    (InterfaceDef, "connection"),
    (DomainDef, "vmx_path"),  # only a VMX file's definition has it
    (DomainDef, "hardware"),
    Network.VIRTUAL,  # a document's names of a host's networks, of which a bridge or vds is made
    (InterfaceDef, "virtual_network"),
    (InterfaceDef, "virtual_portgroup"),
    ControllerModel.SCSI,  # a document's silence: what comes of it has a model
    ControllerModel.USB,
    MacType.ASSIGNED,  # a word of vSphere's: libvirt's is GENERATED
    HostdevBacking.USB_REMOTE,  # of a client's device, which only vSphere's own clients add
}


def drawn():
    """Return the fields that hold something else than their default, and the members of enums, of many domains."""
    found = set()

    @settings(
        max_examples=250, derandomize=True, deadline=None, phases=[Phase.generate], database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(domains())
    def look(definition):
        for record in (definition, *definition.devices()):
            for each in fields(record):
                value = getattr(record, each.name)
                if isinstance(value, Enum):
                    found.add(value)
                if value != each.default:
                    found.add((type(record), each.name))

    look()
    return found


def mapped():
    """Return every mapped field of a domain and its devices, and every member of the enums in their package."""
    definitions = [DomainDef, *(kind.definition for kind in KINDS)]
    for definition in definitions:
        yield from ((definition, each.name) for each in fields(definition) if "fact" in each.metadata)
    for enum in MappedEnum.__subclasses__():
        if enum.__module__.startswith("esxdriver.conf.devices") or enum.__name__ in ("DiskMode", "Firmware"):
            yield from enum


def test_the_properties_draw_every_field_and_every_member():
    constant = {(kind.definition, name) for kind in KINDS for name in ("type", "model") if _is_constant(kind, name)}
    assert set(mapped()) - drawn() - NEVER_DRAWN - constant - _of_serial_ports_alone() == set()


def _is_constant(kind, name):
    """Whether a field has one value, its default: the type of graphics, the model of a video card."""
    return any(each.name == name and isinstance(each.default, str) for each in fields(kind.definition))


def _of_serial_ports_alone():
    (parallel,) = (kind.definition for kind in KINDS if kind.name == "parallels")
    assert issubclass(parallel, ChardevDef)
    return {(parallel, name) for name in ("listens", "endpoint", "proxy", "pipe_end")}
