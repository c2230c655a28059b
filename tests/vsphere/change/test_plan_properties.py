"""What a definition asks of a host is what it becomes there, and the same definition again asks nothing."""

from dataclasses import replace

from hypothesis import given

from esxdriver.conf.devices.interface import NicModel
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.keys import NUMBERS
from esxdriver.vsphere.change.plan import plan_creation, plan_edit
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.match import match
from tests.hosting import created, reconfigured
from tests.strategies import domains

_VMX = "[datastore1] disks/domain.vmx"


def _made(definition):
    known = {"moref": definition.moref, "datacenter_path": definition.datacenter_path}
    return machine.read(created(plan_creation(match(None, definition), _VMX).spec), **known)


def _seen(definition):
    """Return the definition in the order in which devices are dumped.

    A dump names no floppy controller, which every machine has, gives the numbers of cards that have others than
    their places, and lists SR-IOV cards, which are numbered among the passed through devices, after the others.
    """
    named = [each for each in definition.controllers if each.type != "fdc"]
    return replace(
        definition,
        options={key: value for key, value in definition.options.items() if not key.startswith(NUMBERS)},
        controllers=tuple(sorted(named, key=lambda each: each.label)),
        interfaces=tuple(sorted(definition.interfaces, key=lambda each: each.model is NicModel.SRIOV)),
        hostdevs=tuple(sorted(definition.hostdevs, key=lambda each: each.label)),
    )


@given(domains())
def test_a_domain_that_is_defined_dumps_as_it_was_defined(definition):
    assert _seen(_made(definition).definition) == _seen(definition)


@given(domains())
def test_defining_a_dump_asks_nothing(definition):
    made = _made(definition)
    dumped = domain_xml.parse(domain_xml.format(made.definition, Style(secure=True)))
    assert plan_edit(match(made, dumped)) is None


@given(domains())
def test_defining_a_dump_without_secrets_asks_nothing(definition):
    made = _made(definition)
    assert plan_edit(match(made, domain_xml.parse(domain_xml.format(made.definition)))) is None


@given(domains(), domains())
def test_an_edit_makes_any_domain_any_other(have, want):
    made = _made(have)
    want = replace(want, name=have.name, uuid=have.uuid)
    plan = plan_edit(match(made, want))
    edited = machine.read(reconfigured(made.config, plan.spec)) if plan else made
    assert plan_edit(match(edited, want)) is None


@given(domains(), domains())
def test_an_edit_leaves_alone_what_libvirt_has_no_words_for(have, want):
    made = _made(have)
    plan = plan_edit(match(made, replace(want, name=have.name, uuid=have.uuid)))
    config = reconfigured(made.config, plan.spec) if plan else made.config
    kinds = {type(device).__name__ for device in config.hardware.device}
    assert {"vim.vm.device.VirtualKeyboard", "vim.vm.device.VirtualVMCIDevice"} <= kinds
