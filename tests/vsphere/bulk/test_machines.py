"""What bulk reads leave out of an answer is nothing that a definition is made of."""

import pytest
from hypothesis import given
from pyVmomi import SoapAdapter
from pyVmomi.VmomiSupport import newestVersions

from esxdriver.vsphere.bulk import machines as bulk
from esxdriver.vsphere.change.plan import plan_creation
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.wire.decode import Paged, decode
from tests import corpus
from tests.hosting import created
from tests.strategies import domains
from tests.vsphere.answers import property_of
from tests.vsphere.fakehost import ENVELOPE, properties

_STUB = SoapAdapter.SoapStubAdapter(version=newestVersions.GetName("vim"))


def read(config, unread):
    """Return the definition of a machine whose configuration has come over the wire."""
    values = {f"config.{name}": value for name in bulk._NEEDED if (value := getattr(config, name)) not in (None, [])}
    answer = ENVELOPE.format(f"<TestResponse xmlns='urn:vim25'>{_found(values)}</TestResponse>").encode()
    [(ref, values, _)] = decode(_STUB, answer, Paged(unread))
    return bulk._machine(Found(ref, values), Scope(None, "ha-datacenter")).definition


def _found(values):
    return properties(("VirtualMachine", "vm-1", values))


@given(domains())
def test_a_definition_is_the_same_without_what_is_not_read(definition):
    config = created(plan_creation(definition, "[datastore1] disks/domain.vmx").spec)
    assert read(config, bulk.UNREAD) == read(config, frozenset())


@corpus.needed
def test_a_real_machines_definition_is_the_same_without_what_is_not_read():
    config = property_of(corpus.FOLDER / "recorded/vcenter-6.7-vm/config.xml")
    assert read(config, bulk.UNREAD) == read(config, frozenset())


@corpus.needed
@pytest.mark.parametrize("name", ["fileName", "diskMode", "unitNumber", "macAddress"])
def test_what_is_read_makes_a_difference(name):
    """What the tests above rest on: a name too many shows."""
    config = property_of(corpus.FOLDER / "recorded/vcenter-6.7-vm/config.xml")
    assert read(config, bulk.UNREAD | {name}) != read(config, bulk.UNREAD)
