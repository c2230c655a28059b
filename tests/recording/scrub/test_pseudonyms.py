import re

from esxdriver import recording
from esxdriver.recording.interactions import Interaction
from esxdriver.recording.scrub.pseudonyms import Pseudonyms
from esxdriver.recording.scrub.scrub import Scrubber
from tests.recording.fakehost import FakeHost, answer, ask, properties, read, request, value


def scrub(*replies, done=False, body=b""):
    interactions = [Interaction("POST", "https://host/sdk", body, 200, "OK", reply.encode()) for reply in replies]
    return [one.answer.decode() for one in Scrubber(Pseudonyms(done=done)).scrub(interactions)]


def texts(content, name="val"):
    return re.findall(rf"<{name}\b[^>]*>([^<]*)<", content)


def of(kind, **values):
    return properties("x-1", **values).replace('"VirtualMachine"', f'"{kind}"')


def test_names_are_replaced_and_paths_still_join():
    (host, store, machine) = scrub(
        of("HostSystem", name="esx1.lab.corp"),
        of("Datastore", summary__name="ssd-pool"),
        of(
            "VirtualMachine",
            name="web01",
            config__name="web01",
            config__files__vmPathName="[ssd-pool] web01/web01.vmx",
            backing__fileName="[ssd-pool] web01/web01_1-000002.vmdk",
            guest__hostName="web01.lab.corp",
            note="runs on esx1 (esx1.lab.corp), formerly web01x",
        ),
    )
    assert texts(host) == ["host1.example"]
    assert texts(store) == ["store1"]
    assert texts(machine) == [
        "machine1",
        "machine1",
        "[store1] machine1/machine1.vmx",
        "[store1] machine1/machine1_1-000002.vmdk",
        "host2.example",
        "runs on host1 (host1.example), formerly web01x",
    ]


def test_the_name_of_something_else_stays():
    replies = (
        of("VirtualMachine", name="web01"),
        of("Network", name="VM Network"),
        of("VirtualMachine", config__guestFullName="Other Linux", summary__config__product__name="vApp"),
        answer("X", "<snapshot><name>before</name></snapshot>"),
    )
    assert [texts(one) for one in scrub(*replies)[1:3]] == [["VM Network"], ["Other Linux", "vApp"]]
    assert texts(scrub(*replies)[3], "name") == ["before"]


def test_a_machine_that_is_called_like_a_state_changes_no_state():
    (one,) = scrub(of("VirtualMachine", name="poweredOn", runtime__powerState="poweredOn", guestId="otherGuest"))
    assert texts(one) == ["machine1", "poweredOn", "otherGuest"]
    assert texts(one, "name") == ["name", "runtime.powerState", "guestId"]


def test_a_machine_in_a_request():
    body = request("CreateVM_Task", "<config><name>web01</name><annotation>for Bob</annotation></config>")
    interaction = Interaction("POST", "https://host/sdk", body, 200, "OK", b"")
    (clean,) = Scrubber(Pseudonyms(done=False)).scrub([interaction])
    assert texts(clean.body.decode(), "name") == ["machine1"]
    assert texts(clean.body.decode(), "annotation") == ["scrubbed"]


def test_addresses_are_replaced_consistently():
    (one,) = scrub(
        of(
            "VirtualMachine",
            ip="10.1.2.3",
            again="reach 10.1.2.3 or fe80::250:56ff:fe9a:1 at 00:50:56:9A:12:34",
            mac="00:50:56:9a:12:34",
            version="12.3.0.4",
            mask="255.255.255.0",
            local="127.0.0.1",
            time="10:11:12",
        )
    )
    assert texts(one) == [
        "198.18.0.1",
        "reach 198.18.0.1 or 2001:db8::1 at 00:50:56:00:00:01",
        "00:50:56:00:00:01",
        "12.3.0.4",
        "255.255.255.0",
        "127.0.0.1",
        "10:11:12",
    ]


def test_uuids_are_replaced_and_what_looks_like_one_by_name_is_not():
    uuid = "564d5c9f-1b2f-4f8e-9e55-1f1d0a5b6c7d"
    body = request("FindByUuid", f"<uuid>{uuid}</uuid><instanceUuid>true</instanceUuid>")
    interaction = Interaction("POST", "https://host/sdk", body, 200, "OK", of("VirtualMachine", uuid=uuid).encode())
    (clean,) = Scrubber(Pseudonyms(done=False)).scrub([interaction])
    assert texts(clean.body.decode(), "uuid") == texts(clean.answer.decode())
    assert texts(clean.body.decode(), "uuid") == ["00000000-0000-0000-0000-000000000001"]
    assert texts(clean.body.decode(), "instanceUuid") == ["true"]


def test_pseudonyms_of_pseudonyms_are_the_same():
    replies = (
        of("HostSystem", name="esx1.lab.corp"),
        of("VirtualMachine", name="web01", ip="10.1.2.3", mac="00:50:56:9a:12:34", userName="LAB\\bob"),
    )
    once = scrub(*replies)
    assert scrub(*once, done=True) == once


def test_a_recording_with_pseudonyms_replays_with_pseudonyms(tmp_path):
    path = tmp_path / "lab.yaml"
    host = FakeHost(RetrievePropertiesEx=properties("vm-1", name="web01"))
    with recording.record(path, host.connections(), pseudonyms=True) as cassette:
        ask(cassette.connections(), read("vm-1", "name"))
    assert value(ask(recording.replay(path).connections(), read("vm-1", "name"))) == "machine1"
    assert "web01" not in path.read_text()
    assert recording.describe(path).head["profile"] == "pseudonyms"
    assert recording.scrub_file(path) == 0


def test_a_file_gets_pseudonyms_later(tmp_path):
    path = tmp_path / "lab.yaml"
    host = FakeHost(RetrievePropertiesEx=properties("vm-1", name="web01"))
    with recording.record(path, host.connections()) as cassette:
        ask(cassette.connections(), read("vm-1", "name"))
    assert recording.scrub_file(path, pseudonyms=True) == 1
    assert "web01" not in path.read_text()
