"""What a host reports of what it watches: one value that is of no use costs one property of one machine."""

import pytest
from pyVmomi import vim
from pyVmomi.SoapAdapter import SoapStubAdapter
from pyVmomi.VmomiSupport import newestVersions

from esxdriver.vsphere.wire.decode import decode
from esxdriver.vsphere.wire.reports import ReportsResult
from tests.vsphere.fakehost import ENVELOPE, moref

STUB = SoapStubAdapter(version=newestVersions.GetName("vim"))
STATE = '<val xsi:type="VirtualMachinePowerState">poweredOn</val>'


def text(value):
    return f'<val xsi:type="xsd:string">{value}</val>'


def change(path, value, operation="assign"):
    return f"<changeSet><name>{path}</name><op>{operation}</op>{value}</changeSet>"


def missing(path):
    fault = '<fault xsi:type="NoPermission"><object type="VirtualMachine">vm-1</object></fault>'
    return f"<missingSet><path>{path}</path><fault>{fault}<localizedMessage>no</localizedMessage></fault></missingSet>"


def update(name, *changes, kind="modify"):
    return f"<objectSet><kind>{kind}</kind>{moref('VirtualMachine', name, 'obj')}{''.join(changes)}</objectSet>"


def reported(*updates, version="2", truncated=""):
    sets = f"<filterSet>{moref('PropertyFilter', 'filter', 'filter')}{''.join(updates)}</filterSet>"
    value = f"<returnval><version>{version}</version>{sets}{truncated}</returnval>"
    body = f'<WaitForUpdatesExResponse xmlns="urn:vim25">{value}</WaitForUpdatesExResponse>'
    return decode(STUB, ENVELOPE.format(body).encode(), ReportsResult())


USELESS = [
    ("newer", '<val xsi:type="Nonsense"><a>1</a></val>'),  # of no type that anybody knows
    ("name", "<val xsi:type='xsd:int'>12</val>"),  # of another type
    ("name", text("a \x01 b")),  # with a character that XML does not have
    ("runtime.bootTime", '<val xsi:type="xsd:dateTime">yesterday</val>'),
    ("snapshot", '<val xsi:type="ManagedObjectReference"/>'),
]


@pytest.mark.parametrize(("path", "value"), USELESS)
def test_a_value_of_no_use_is_missing_from_its_own_machine_alone(path, value):
    bad = update("vm-1", change(path, value), change("runtime.powerState", STATE))
    one, other = reported(bad, update("vm-2", change("name", text("web02")))).reports
    ref, values, without = one.content
    assert (ref._moId, values, list(without)) == ("vm-1", {"runtime.powerState": "poweredOn"}, [path])
    assert other.content[1:] == ({"name": "web02"}, {})


def test_a_report_of_nothing_costs_itself_alone(caplog):
    nobody = f"<objectSet><kind>modify</kind>{change('name', text('x'))}</objectSet>"
    nameless = update("", change("name", text("x")))
    (left,) = reported(nobody, nameless, update("vm-2", kind="leave")).reports
    assert (left.left, left.content[0]) == (True, vim.VirtualMachine("vm-2"))
    assert caplog.text.count("of no use") == 2


def test_what_is_unset_and_what_may_not_be_read():
    changes = change("name", "", "remove"), change("snapshot", "", "assign"), change("guest", "", "indirectRemove")
    (one,) = reported(update("vm-1", *changes, missing("config.uuid"))).reports
    _, values, without = one.content
    assert values == {"name": None, "snapshot": None, "guest": None}
    assert isinstance(without["config.uuid"], vim.fault.NoPermission)


@pytest.mark.parametrize(("end", "more"), [("", False), ("<truncated>true</truncated>", True)])
def test_the_version_and_whether_more_follows(end, more):
    found = reported(version="17", truncated=end)
    assert (found.version, found.truncated, found.reports) == ("17", more, [])


def test_an_answer_that_leads_nowhere_is_none():
    with pytest.raises(ValueError, match="version"):
        reported(version="")
