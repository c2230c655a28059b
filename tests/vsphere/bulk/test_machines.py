"""What bulk reads leave out of an answer is nothing that a definition is made of."""

import pytest
from hypothesis import given
from pyVmomi import SoapAdapter, vim
from pyVmomi.VmomiSupport import newestVersions

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.vsphere.bulk import machines as bulk
from esxdriver.vsphere.change.plan import plan_creation
from esxdriver.vsphere.machine.match import match
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
    config = created(plan_creation(match(None, definition), "[datastore1] disks/domain.vmx").spec)
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


# -- one domain does not end all

WANT = DomainDef(name="web01", memory=4096)
OTHER = vim.host.DnsConfig(dhcp=True, hostName="x", domainName="x")
WITHHELD = (
    "<missingSet><path>config.extraConfig</path><fault><fault xsi:type='NoPermission'><object type='VirtualMachine'>vm-b"
    "</object><privilegeId>System.Read</privilegeId></fault></fault></missingSet></objects>"
)


def machine_of(name, **other):
    config = created(plan_creation(match(None, WANT), "[datastore1] disks/domain.vmx").spec)
    values = {f"config.{path}": value for path in bulk._NEEDED if (value := getattr(config, path)) not in (None, [])}
    return properties(("VirtualMachine", f"vm-{name}", {"name": name} | values | other))


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (machine_of("b").replace("</val></propSet>", "\x01</val></propSet>", 1), "that XML does not have"),
        (machine_of("b").replace("</objects>", WITHHELD), "System.Read"),
        (machine_of("b", **{"config.hardware": OTHER}), "vim.host.DnsConfig in the place of a"),
        (machine_of("b", **{"config.extraConfig": "none"}), "in the place of a"),
        (properties(("VirtualMachine", "vm-b", {"name": "b"})), "cannot read its configuration now"),
    ],
    ids=["characters", "withheld", "another type", "text", "out of reach"],
)
def test_a_machine_that_cannot_be_read_is_left_out_by_name_and_no_other_is(spoilt, why, host, session):
    listed = properties(*[("VirtualMachine", f"vm-{name}", {"name": name}) for name in "abc"])
    between = [each.removeprefix("<returnval>").removesuffix("</returnval>") for each in map(machine_of, "ac")]
    body = spoilt.removeprefix("<returnval>").removesuffix("</returnval>")
    host.answers["RetrievePropertiesEx"] = [listed, f"<returnval>{between[0]}{body}{between[1]}</returnval>"]
    reported = []
    read = bulk.machines(
        session, Scope(session.content.rootFolder, "dc"), left_out=lambda name, reason: reported.append((name, reason))
    )
    names = [found["name"] for found, _ in read]
    assert names == ["a", "c"]
    [(name, reason)] = reported
    assert name in ("b", "vm-b")
    assert why in reason
