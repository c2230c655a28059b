"""The decoder against pyVmomi's own: object by object, on answers made here, recorded and of the simulator."""

import base64
import datetime as dt
import gzip
import io
import re
from pathlib import Path

import pytest
from pyVmomi import vim, vmodl
from pyVmomi.SoapAdapter import SoapResponseDeserializer, SoapStubAdapter
from pyVmomi.VmomiSupport import DataObject, GetWsdlMethod, ManagedObject, newestVersions

from esxdriver.recording.cassette.files import load
from esxdriver.vsphere.wire import soap
from esxdriver.vsphere.wire.decode import NoSoapError, Paged, RefusedError, decode
from tests.vsphere.fakehost import ENVELOPE, Fault, moref

ROOT = Path(__file__).parents[3]
CASSETTES = sorted((ROOT / "cassettes").rglob("*.yaml"))
RECORDED = sorted((ROOT.parent / "shared" / "corpus" / "recorded").rglob("*.xml"))
RESULT = vmodl.query.PropertyCollector.RetrieveResult


@pytest.fixture
def stub():
    return SoapStubAdapter(version=newestVersions.GetName("vim"))


def theirs(stub, answer, kind):
    return SoapResponseDeserializer(stub).Deserialize(io.BytesIO(answer), kind)


def plain(value, stub):
    """Return a value as what can be compared: pyVmomi's data objects have no equality."""
    if isinstance(value, ManagedObject):
        return type(value).__name__, value._moId, value._serverGuid, value._stub is stub
    if isinstance(value, list):
        return type(value).__name__, [plain(each, stub) for each in value]
    if isinstance(value, DataObject):
        return type(value).__name__, {name: plain(each, stub) for name, each in vars(value).items()}
    return type(value).__name__, value


def assert_alike(stub, answer, kind):
    assert plain(decode(stub, answer, kind), stub) == plain(theirs(stub, answer, kind), stub)


def response(inner, operation="Test"):
    return ENVELOPE.format(f'<{operation}Response xmlns="urn:vim25">{inner}</{operation}Response>').encode()


def prop(val, name="x"):
    content = f"<objects>{moref('VirtualMachine', 'vm-1', 'obj')}<propSet><name>{name}</name>{val}</propSet></objects>"
    return response(f"<returnval>{content}</returnval>")


def value_of(stub, answer):
    return decode(stub, answer, RESULT).objects[0].propSet[0].val


VALUES = [
    '<val xsi:type="xsd:string">a &lt;b&gt; &amp; <![CDATA[<c>]]>é</val>',
    '<val xsi:type="xsd:string"/>',
    '<val xsi:type="xsd:string">  spaces and\n lines </val>',
    '<val xsi:type="xsd:boolean">true</val>',
    '<val xsi:type="xsd:boolean">0</val>',
    '<val xsi:type="xsd:byte">-7</val>',
    '<val xsi:type="xsd:short">300</val>',
    '<val xsi:type="xsd:int">70000</val>',
    '<val xsi:type="xsd:long">5000000000</val>',
    '<val xsi:type="xsd:double">1.5e3</val>',
    '<val xsi:type="xsd:float">0.25</val>',
    '<val xsi:type="xsd:anyURI">https://host/x</val>',
    '<val xsi:type="xsd:dateTime">2026-01-02T03:04:05.678901Z</val>',
    '<val xsi:type="xsd:dateTime">2026-01-02T03:04:05+02:00</val>',
    f'<val xsi:type="xsd:base64Binary">{base64.b64encode(bytes(range(256))).decode()}</val>',
    '<val xsi:type="ManagedObjectReference" type="Datastore">datastore-1</val>',
    '<val xsi:type="ManagedObjectReference" type="Datastore" serverGuid="4e5">datastore-1</val>',
    '<val xsi:type="VirtualMachinePowerState">poweredOn</val>',
    '<val xsi:type="ArrayOfString"><string>a</string><string/></val>',
    '<val xsi:type="ArrayOfString"/>',
    '<val xsi:type="ArrayOfInt"><int>1</int><int>2</int></val>',
    '<val xsi:type="ArrayOfLong"><long>1</long></val>',
    '<val xsi:type="ArrayOfByte"><byte>1</byte></val>',
    '<val xsi:type="ArrayOfManagedObjectReference">'
    '<ManagedObjectReference type="Network">n-1</ManagedObjectReference></val>',
    '<val xsi:type="ArrayOfAnyType"><anyType xsi:type="xsd:int">1</anyType>'
    '<anyType xsi:type="Description"><label>l</label><summary>s</summary></anyType></val>',
    '<val xsi:type="ArrayOfVirtualDevice">'
    '<VirtualDevice xsi:type="VirtualDisk"><key>2000</key><deviceInfo xsi:type="Description"><label>d</label>'
    '<summary/></deviceInfo><backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[a] b</fileName>'
    '<datastore type="Datastore">ds</datastore><diskMode>persistent</diskMode></backing>'
    "<capacityInKB>1</capacityInKB><iofilter>a</iofilter><iofilter>b</iofilter></VirtualDevice></val>",
    '<val xsi:type="vim25:Description" xmlns:vim25="urn:vim25"><label>l</label><summary>s</summary></val>',
    '<val xsi:type="VirtualMachineConfigInfo"><changeVersion>1</changeVersion><cpuAffinity>'
    "<affinitySet>1</affinitySet><affinitySet>2</affinitySet></cpuAffinity></val>",
    '<val xsi:type="TaskInfo"><key>k</key><name xsi:type="MethodName">PowerOnVM_Task</name>'
    '<error><fault xsi:type="NotFound"><faultMessage><key>k</key><arg><key>1</key>'
    '<value xsi:type="xsd:string">v</value></arg><message>m</message></faultMessage></fault>'
    '<localizedMessage>gone</localizedMessage></error><result xsi:type="xsd:string">r</result>'
    "<state>error</state><queueTime>2026-01-01T00:00:00Z</queueTime></val>",
    '<val xsi:type="LocalizedMethodFault"><fault xsi:type="InvalidPowerState"><requestedState>poweredOn'
    "</requestedState><existingState>poweredOff</existingState></fault>"
    "<localizedMessage>no</localizedMessage></val>",
    '<val xsi:type="DynamicProperty"><name>summary.runtime</name><val xsi:type="xsd:int">1</val></val>',
    '<val xsi:type="TraversalSpec"><type>Folder</type><path>childEntity</path><selectSet><name>a</name></selectSet></val>',
    '<val xsi:type="PropertyPath">config.name</val>',
]


@pytest.mark.parametrize("val", VALUES, ids=range(len(VALUES)))
def test_every_kind_of_value_is_as_pyvmomi_has_it(stub, val):
    assert_alike(stub, prop(val), RESULT)


@pytest.mark.parametrize(
    ("kind", "inner"),
    [
        (type(None), ""),
        (vim.Task, moref("Task", "task-1")),
        (vim.ManagedEntity, moref("VirtualMachine", "vm-1")),
        (vim.ManagedEntity, ""),
        (vim.ManagedEntity.Array, moref("VirtualMachine", "a") + moref("Folder", "b")),
        (vim.ManagedEntity.Array, ""),
        (str, "<returnval>text</returnval>"),
        (str.__base__, '<returnval xsi:type="xsd:string">text</returnval>'),
        (dt.datetime, "<returnval>2026-01-01T00:00:00Z</returnval>"),
        (bool, "<returnval>TRUE</returnval>"),
    ],
)
def test_results_of_methods(stub, kind, inner):
    assert_alike(stub, response(inner), kind)


FAULTS = [
    Fault("InvalidLogin"),
    Fault("InvalidPowerState", fields="<requestedState>poweredOn</requestedState><existingState>suspended</existingState>"),
    Fault("ManagedObjectNotFound", fields='<obj type="VirtualMachine">vm-1</obj>'),
    Fault("CannotAccessFile", fields='<faultCause><fault xsi:type="FileNotFound"><file>[a] b</file></fault>'
          "<localizedMessage>not there</localizedMessage></faultCause><file>[a] b</file>"),
    Fault("NoPermission", fields='<object type="Folder">f</object><privilegeId>System.View</privilegeId>'),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_faults(stub, fault):
    assert_alike(stub, ENVELOPE.format(fault.xml()).encode(), vim.Task)


def test_a_fault_without_details(stub):
    answer = ENVELOPE.format("<soapenv:Fault><faultcode>x</faultcode><faultstring>s</faultstring></soapenv:Fault>")
    assert_alike(stub, answer.encode(), vim.Task)


def test_a_type_newer_than_the_session_is_read_as_its_parent():
    old = SoapStubAdapter(version="vim.version.version9")
    newer = '<val xsi:type="VirtualNVMEController"><key>1</key><busNumber>2</busNumber></val>'
    assert_alike(old, prop(newer), RESULT)
    assert type(value_of(old, prop(newer))) is vim.vm.device.VirtualController


# -- what only a newer host says, on which pyVmomi gives up


def test_an_unknown_type_is_read_as_the_declared_one(stub):
    val = (
        '<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="VirtualHologram"><key>7</key>'
        '<depth>3</depth></VirtualDevice><VirtualDevice xsi:type="VirtualDisk"><key>8</key></VirtualDevice></val>'
    )
    found = value_of(stub, prop(val))
    assert [(type(each), each.key) for each in found] == [
        (vim.vm.device.VirtualDevice, 7),
        (vim.vm.device.VirtualDisk, 8),
    ]


@pytest.mark.parametrize(
    ("val", "expected"),
    [
        ('<val xsi:type="VirtualMachinePowerState">hibernated</val>', "hibernated"),
        ('<val xsi:type="Marvel">a word</val>', "a word"),
        ('<val xsi:type="Marvel"><size>1</size></val>', None),
        ('<val xsi:type="ArrayOfMarvel"><Marvel><size>1</size></Marvel></val>', None),
        ("<val>no type at all</val>", "no type at all"),
        ('<val xsi:type="xsd:anyType">any</val>', "any"),
        ('<val xsi:type="xsd:int">many</val>', None),
        ('<val xsi:type="xsd:int"/>', None),
        ('<val xsi:type="xsd:boolean">perhaps</val>', None),
        ('<val xsi:type="xsd:dateTime">yesterday</val>', None),
        ('<val xsi:type="xsd:base64Binary">a</val>', None),
        ('<val xsi:type="TypeName">Marvel</val>', None),
        ('<val xsi:type="VirtualMachinePowerState"/>', None),
    ],
)
def test_what_makes_no_sense_is_kept_or_left_out(stub, val, expected):
    assert value_of(stub, prop(val)) == expected


def test_an_item_that_makes_no_sense_is_left_out(stub):
    val = '<val xsi:type="ArrayOfInt"><int>1</int><int>?</int><int>3</int></val>'
    assert value_of(stub, prop(val)) == [1, 3]


def test_an_unknown_field_is_left_out_and_the_rest_is_there(stub):
    val = '<val xsi:type="Description"><label>l</label><colour>blue</colour><summary>s</summary></val>'
    found = value_of(stub, prop(val))
    assert (found.label, found.summary, hasattr(found, "colour")) == ("l", "s", False)


def test_a_required_word_that_is_empty_is_unset(stub):
    val = '<val xsi:type="VirtualMachineRuntimeInfo"><powerState>poweredOn</powerState><faultToleranceState/></val>'
    found = value_of(stub, prop(val))
    assert (found.powerState, found.faultToleranceState) == ("poweredOn", None)


def test_an_unknown_managed_object_is_one_of_the_declared_type(stub):
    found = decode(stub, response(moref("Hologram", "h-1")), vim.ManagedEntity)
    assert (type(found), found._moId) == (vim.ManagedEntity, "h-1")


def test_an_unknown_method_and_fault_have_their_names(stub):
    val = '<val xsi:type="TaskInfo"><key>k</key><name>Levitate_Task</name></val>'
    assert value_of(stub, prop(val)).name.name == "Levitate_Task"
    fault = decode(stub, ENVELOPE.format(Fault("GravityLost").xml()).encode(), vim.Task)
    assert type(fault) is vmodl.RuntimeFault
    assert fault.msg == "it went wrong (GravityLost)"


def test_an_unknown_fault_of_a_task_keeps_its_text(stub):
    val = (
        '<val xsi:type="LocalizedMethodFault"><fault xsi:type="GravityLost"/>'
        "<localizedMessage>up</localizedMessage></val>"
    )
    found = value_of(stub, prop(val))
    assert (type(found), found.msg) == (vmodl.MethodFault, "up")


def test_every_object_has_lists_of_its_own(stub):
    content = f"<objects>{moref('VirtualMachine', 'vm-1', 'obj')}</objects>"
    one, two = decode(stub, response(f"<returnval>{content * 2}</returnval>"), RESULT).objects
    one.propSet.append(vmodl.DynamicProperty())
    assert two.propSet == []


# -- pages


def test_a_page_has_its_token_first_and_its_objects_later(stub):
    answer = prop('<val xsi:type="xsd:int">1</val>').replace(b"<returnval>", b"<returnval><token>t</token>")
    page = decode(stub, answer, Paged())
    assert (page.token, len(page.objects)) == ("t", 1)
    [(ref, values, _)] = page
    assert (plain(ref, stub), values) == (("vim.VirtualMachine", "vm-1", None, True), {"x": 1})


def test_no_page(stub):
    assert decode(stub, response(""), Paged()) is None


@pytest.mark.parametrize(("text", "found"), [("1", [1]), ("2", []), ("x", [1]), ("", [])])
def test_an_object_without_the_text_that_is_looked_for_is_left_out(stub, text, found):
    page = decode(stub, prop('<val xsi:type="xsd:int">1</val>'), Paged(text=text))
    assert [values["x"] for _, values, _ in page] == found


def test_what_nobody_reads_of_devices_is_left_out(stub):
    """Only of devices: the same name elsewhere is another thing."""
    disk = "<key>1</key><shares><shares>5</shares><level>low</level></shares><backing xsi:type='{}'>{}</backing>"
    flat = disk.format("VirtualDiskFlatVer2BackingInfo", "<fileName>[d] f</fileName><split>true</split>")
    devices = f'<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="VirtualDisk">{flat}</VirtualDevice></val>'
    [(_, values, _)] = decode(stub, prop(devices), Paged(frozenset({"shares", "split"})))
    [found] = values["x"]
    assert (found.key, found.shares, found.backing.fileName, found.backing.split) == (1, None, "[d] f", None)
    allocation = '<val xsi:type="ResourceAllocationInfo"><shares><shares>5</shares><level>low</level></shares></val>'
    [(_, values, _)] = decode(stub, prop(allocation), Paged(frozenset({"shares"})))
    assert values["x"].shares.shares == 5


# -- bad input


@pytest.mark.parametrize("answer", [b"", b"<html/>", b"this is not XML <", ENVELOPE.encode()[:-1], b"<Envelope/>"])
def test_what_is_no_soap(stub, answer):
    with pytest.raises(NoSoapError):
        decode(stub, answer, RESULT)


@pytest.mark.parametrize("length", [200, 300, 400])
def test_a_truncated_answer(stub, length):
    with pytest.raises(NoSoapError):
        decode(stub, prop('<val xsi:type="xsd:int">1</val>')[:length], RESULT)


BOMB = (
    '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize("before", [BOMB, "<!-- Envelope -->" + BOMB])
def test_an_entity_bomb_is_refused(stub, before):
    answer = prop('<val xsi:type="xsd:string">&c;</val>').decode().replace("?>", "?>" + before, 1)
    with pytest.raises(RefusedError, match="document type definition"):
        decode(stub, answer.encode(), RESULT)


def test_an_external_entity_is_not_fetched(stub, tmp_path):
    (tmp_path / "secret").write_text("secret")
    doctype = f'<!-- Envelope --><!DOCTYPE x [<!ENTITY c SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    answer = prop('<val xsi:type="xsd:string">&c;</val>').decode().replace("?>", "?>" + doctype, 1)
    with pytest.raises(RefusedError):
        decode(stub, answer.encode(), RESULT)


def test_an_answer_that_is_too_deep(stub):
    with pytest.raises(NoSoapError):
        decode(stub, response("<a>" * 5000 + "</a>" * 5000), RESULT)


class Answer:
    status, reason, length = 200, "OK", 0

    def __init__(self, body, encoding=None):
        self.body = io.BytesIO(body)
        self.encoding = encoding

    def read(self, limit):
        return self.body.read(limit)

    def getheader(self, name):
        return self.encoding


@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_a_huge_answer_is_refused_by_a_limit_that_says_its_name(monkeypatch, encoding):
    monkeypatch.setattr(soap, "LARGEST_ANSWER", 2**20)
    body = b" " * (2**20 + 1)
    body = gzip.compress(body) if encoding else body
    with pytest.raises(soap.UnreadableError, match="larger than LARGEST_ANSWER, 1 MiB"):
        soap._body("RetrievePropertiesEx", Answer(body, encoding))


# -- recorded answers


def _operation(body):
    return re.search(r"Body>\s*<(?:\w+:)?(\w+)", body)[1]


@pytest.mark.parametrize("cassette", CASSETTES, ids=lambda path: path.stem)
def test_every_recorded_answer_is_decoded_as_pyvmomi_does(stub, cassette):
    compared = 0
    for each in load(cassette).interactions:
        request = each.body.decode()
        kind = GetWsdlMethod("urn:vim25", _operation(request)).info.result
        try:
            expected = theirs(stub, each.answer, kind)
        except (AttributeError, TypeError, KeyError, ValueError):
            decode(stub, each.answer, kind)  # pyVmomi gives up on it; this must not
            continue
        assert plain(decode(stub, each.answer, kind), stub) == plain(expected, stub)
        compared += 1
    assert compared


@pytest.mark.skipif(not RECORDED, reason="the corpus of a real vCenter's answers is not here")
@pytest.mark.parametrize("path", RECORDED or [None], ids=lambda path: path and path.stem)
def test_a_real_vcenters_answers(stub, path):
    assert_alike(stub, path.read_bytes(), RESULT)
