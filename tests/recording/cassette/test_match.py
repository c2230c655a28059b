import pytest

from esxdriver.recording.cassette.match import Ids, Role, canonical
from tests.recording.fakehost import answer, envelope, login, read, request

_THIS = "<_this type='Folder'>ha-folder-root</_this>"


def call(body, ids=None):
    return canonical("POST", "https://host/sdk", body, ids or Ids())


SAME = {
    "negotiated version": (
        request("Find", "<name versionId='6.5'>a</name>", "<_this versionId='6.5' type='Folder'>f</_this>"),
        request("Find", "<name versionId='8.0.2.0'>a</name>", "<_this versionId='8.0.2.0' type='Folder'>f</_this>"),
    ),
    "namespace and prefix": (
        request("Find", "<name>a</name>"),
        envelope('<v:Find xmlns:v="urn:vim25/9"><x:_this xmlns:x="urn:y" type="Folder">ha-folder-root</x:_this>'
                 "<v:name>a</v:name></v:Find>").encode(),
    ),
    "layout": (request("Find", "<spec><a>1</a></spec>"), request("Find", "\n <spec>\n  <a>1</a>\n </spec>\n")),
    "operation id": (
        request("Find"),
        request("Find", header="<soapenv:Header><operationID>esxcli-4711</operationID></soapenv:Header>"),
    ),
    "password": (login("one"), login("two", user="other")),
    "guest password": (
        request("ListFilesInGuest", "<auth xsi:type='NamePasswordAuthentication'><password>a</password></auth>"),
        request("ListFilesInGuest", "<auth xsi:type='NamePasswordAuthentication'><password>b</password></auth>"),
    ),
    "collector version": (
        request("WaitForUpdatesEx", "<version>1</version><options><maxWaitSeconds>5</maxWaitSeconds></options>"),
        request("WaitForUpdatesEx", "<version>7</version><options><maxWaitSeconds>5</maxWaitSeconds></options>"),
    ),
    "time": (
        request("QueryEvents", "<begin>2026-01-01T10:00:00Z</begin>"),
        request("QueryEvents", "<begin>2025-07-09T23:59:59.5+02:00</begin>"),
    ),
    "order of paths": (read("vm-1", "name", "config.uuid"), read("vm-1", "config.uuid", "name")),
    "prefix of a type": (
        request("Find", "<value xsi:type='xsd:string'>a</value>"),
        request("Find", "<value xmlns:q='http://www.w3.org/2001/XMLSchema' xsi:type='q:string'>a</value>"),
    ),
    "comment": (request("Find", "<name>a</name>"), request("Find", "<!-- why --><name>a</name>")),
}  # fmt: skip

OTHER = {
    "operation": (request("FindByUuid"), request("FindByIp")),
    "object": (read("vm-1", "name"), read("vm-2", "name")),
    "type of object": (
        request("Find", "", "<_this type='Folder'>1</_this>"),
        request("Find", "", "<_this type='VirtualMachine'>1</_this>"),
    ),
    "path": (read("vm-1", "name"), read("vm-1", "config.name")),
    "text": (request("Find", "<name>a</name>"), request("Find", "<name>A</name>")),
    "space in a text": (request("Find", "<name>a</name>"), request("Find", "<name>a </name>")),
    "type of a value": (
        request("Find", "<value xsi:type='xsd:string'>1</value>"),
        request("Find", "<value xsi:type='xsd:int'>1</value>"),
    ),
    "depth": (request("Find", "<a><b>1</b></a><c>2</c>"), request("Find", "<a><b>1</b><c>2</c></a>")),
    "a text that looks like a line": (
        request("Find", '<a>1"\nb = "2</a>'),
        request("Find", "<a>1</a><b>2</b>"),
    ),
    "order of devices": (
        request("Reconfig", "<device>1</device><device>2</device>"),
        request("Reconfig", "<device>2</device><device>1</device>"),
    ),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_calls_that_ask_for_the_same_are_the_same(one, other):
    assert call(one).key == call(other).key


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_calls_that_ask_for_something_else_are_others(one, other):
    assert call(one).key != call(other).key


def test_the_host_is_not_in_the_key_but_query_and_content_of_a_file_are():
    ids = Ids()
    get = canonical("GET", "https://one/folder/a.vmx?dsName=x&dcPath=y", b"", ids)
    assert get == canonical("GET", "https://two/folder/a.vmx?dcPath=y&dsName=x", b"", ids)
    assert get != canonical("GET", "https://one/folder/a.vmx?dsName=z&dcPath=y", b"", ids)
    put = canonical("PUT", "https://one/folder/a.vmx", b"one", ids)
    assert put != canonical("PUT", "https://one/folder/a.vmx", b"two", ids)


def test_an_id_that_the_session_owns_is_called_after_the_call_that_made_it():
    def session(uuid):
        ids = Ids()
        made = request("CreateContainerView", "<type>VirtualMachine</type>")
        view = f"<returnval type='ContainerView'>session[{uuid}]view-{uuid}</returnval>"
        ids.learn(call(made, ids), answer("CreateContainerView", view).encode())
        return call(request("DestroyView", "", f"<_this type='ContainerView'>session[{uuid}]view-{uuid}</_this>"), ids)

    assert session("52-a").key == session("52-b").key


def test_views_of_different_things_differ():
    ids = Ids()
    for kind in ("VirtualMachine", "HostSystem"):
        made = call(request("CreateContainerView", f"<type>{kind}</type>"), ids)
        ids.learn(made, answer("CreateContainerView", f"<returnval>session[52]{kind}</returnval>").encode())
    destroy = [
        call(request("DestroyView", "", f"<_this type='ContainerView'>session[52]{kind}</_this>"), ids).key
        for kind in ("VirtualMachine", "HostSystem")
    ]
    assert len(set(destroy)) == 2


def test_collectors_of_a_session_differ_by_what_they_collect():
    """They are made by equal calls, and by threads of which any may be first."""

    def waits(*kinds):
        ids, found = Ids(), {}
        for number, kind in enumerate(kinds):
            this = f"<_this type='PropertyCollector'>session[52]{number}</_this>"
            made = answer(
                "CreatePropertyCollector", f"<returnval type='PropertyCollector'>session[52]{number}</returnval>"
            )
            ids.learn(call(request("CreatePropertyCollector"), ids), made.encode())
            ids.learn(call(request("CreateFilter", f"<spec>{kind}</spec>", this), ids), b"")
            found[kind] = call(request("WaitForUpdatesEx", "", this), ids).key
        return found

    machines_first, datastores_first = waits("machines", "datastores"), waits("datastores", "machines")
    assert machines_first == datastores_first
    assert len(set(machines_first.values())) == 2


def test_a_page_token_is_called_after_the_call_that_gave_it():
    def following(machine, token):
        ids = Ids()
        ids.learn(call(read(machine, "name")), answer("RetrievePropertiesEx", f"<token>{token}</token>").encode())
        return call(request("ContinueRetrievePropertiesEx", f"<token>{token}</token>"), ids).key

    assert following("vm-1", "0") == following("vm-1", "9")
    assert following("vm-1", "0") != following("vm-2", "0")


@pytest.mark.parametrize(
    ("operation", "role"),
    [
        ("RetrieveServiceContent", Role.TIMELESS),
        ("Login", Role.TIMELESS),
        ("RetrievePropertiesEx", Role.READ),
        ("WaitForUpdatesEx", Role.READ),
        ("CreateFilter", Role.READ),
        ("CreateContainerView", Role.READ),
        ("DestroyPropertyFilter", Role.READ),
        ("SearchDatastoreSubFolders_Task", Role.READ),
        ("QueryConfigOption", Role.READ),
        ("CreateVM_Task", Role.CHANGE),
        ("ReconfigVM_Task", Role.CHANGE),
        ("Destroy_Task", Role.CHANGE),
        ("CancelTask", Role.CHANGE),
        ("SetScreenResolution", Role.CHANGE),
        ("AnUnknownOperation", Role.CHANGE),
    ],
)
def test_what_may_change_the_host_counts_as_a_change(operation, role):
    assert call(request(operation)).role is role


def test_a_document_type_makes_it_no_soap_call():
    hostile = b'<!DOCTYPE a [<!ENTITY b "c">]>' + request("Login").split(b"?>", 1)[1]
    assert call(hostile).operation == "POST /sdk"
