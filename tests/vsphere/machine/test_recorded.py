"""Machines of real hosts: each dumps whole, and its own dump asks nothing of it."""

import pytest

from esxdriver import vmx
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.vsphere.change.plan import plan_edit
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.match import match
from esxdriver.vsphere.machine.types import class_of, is_nic
from tests import corpus
from tests.vsphere.answers import configurations

pytestmark = corpus.needed
EACH_MACHINE = pytest.mark.parametrize("config", [pytest.param(config, id=name) for name, config in configurations()])


@EACH_MACHINE
@pytest.mark.parametrize("spelling", DiskModeXML)
def test_defining_its_dump_plans_nothing(config, spelling):
    have = machine.read(config)
    assert (
        plan_edit(match(have, domain_xml.parse(domain_xml.format(have.definition, Style(spelling, secure=True)))))
        is None
    )


@EACH_MACHINE
def test_defining_its_dump_plans_nothing_after_a_trip_through_vmx(config):
    have = machine.read(config)
    document = domain_xml.format(have.definition, Style(secure=True))
    native = vmx.to_native(domain_xml.parse(document))
    again = domain_xml.format(vmx.from_native(native), Style(secure=True))
    assert plan_edit(match(have, domain_xml.parse(again))) is None


@EACH_MACHINE
def test_it_dumps_with_all_its_disks_cards_and_drives(config):
    found = machine.read(config).definition
    drives = [
        each for each in config.hardware.device if class_of(each) in ("VirtualDisk", "VirtualCdrom", "VirtualFloppy")
    ]
    assert len(found.disks) == len(drives)
    assert len(found.interfaces) == sum(map(is_nic, config.hardware.device))
