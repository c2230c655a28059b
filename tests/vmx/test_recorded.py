"""Machines of real hosts, which lie beside the project and not in it, go to VMX and back: nothing is planned."""

import pytest
from lxml import etree
from pyVmomi import SoapAdapter

from esxdriver import vmx
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.vsphere.change.plan import plan_edit
from esxdriver.vsphere.machine import machine
from esxdriver.vsphere.machine.match import match
from tests.corpus import FOLDER, needed

pytestmark = needed

SECURE = Style(secure=True)


def configurations(path):
    for found in etree.parse(path).iter("{*}propSet"):
        if found.findtext("{*}name") == "config" and "VirtualMachineConfigInfo" in str(found.find("{*}val").attrib):
            yield SoapAdapter.Deserialize(etree.tostring(found.find("{*}val")))


@pytest.mark.parametrize("host", sorted(path.name for path in (FOLDER / "recorded").glob("*")))
def test_a_machine_of_a_real_host_goes_to_vmx_and_back_and_nothing_is_planned(host):
    for path in sorted((FOLDER / "recorded" / host).glob("*.xml")):
        for config in configurations(path):
            found = machine.read(config, moref="vm-1")
            native = vmx.to_native(domain_xml.parse(domain_xml.format(found.definition, SECURE)))
            again = domain_xml.parse(domain_xml.format(vmx.from_native(native), SECURE))
            assert plan_edit(match(found, again)) is None, path
