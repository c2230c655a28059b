import re
import time

import pytest

from esxdriver import recording
from esxdriver.recording.cassette.save import save
from esxdriver.recording.interactions import Contents, Interaction
from esxdriver.recording.scrub.names import Names
from esxdriver.recording.scrub.pseudonyms import Pseudonyms
from esxdriver.recording.scrub.scrub import Scrubber
from tests import corpus
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


def test_a_datastores_name_is_found_in_paths_alone():
    (one,) = scrub(
        of(
            "VirtualMachine",
            name="web01",
            config__files__vmPathName="[ssd-pool] web01/web01.vmx",
            swap="/vmfs/volumes/nfs-7/web01/web01-3f.vswp",
            log="on ssd-pool, then nfs-7",
        )
    )
    assert texts(one)[1:] == [
        "[store1] machine1/machine1.vmx", "/vmfs/volumes/store2/machine1/machine1-3f.vswp", "on store1, then store2",
    ]  # fmt: skip


def test_a_machines_former_name_in_its_files_is_a_name():
    (one,) = scrub(
        of("VirtualMachine", name="web01", file="[ds] payroll-old/payroll-old_1-000002.vmdk", note="payroll-old")
    )
    assert texts(one) == ["machine1", "[store1] machine2/machine2_1-000002.vmdk", "machine2"]


def test_a_port_groups_name_is_replaced_wherever_it_stands():
    card = (
        "<device xsi:type='VirtualVmxnet3'><deviceInfo><label>Network adapter 1</label><summary>{0}</summary></deviceInfo>"
        "<backing xsi:type='VirtualEthernetCardNetworkBackingInfo'><deviceName>{0}</deviceName></backing>"
        "<externalId>{0}:web01.eth0</externalId></device><guestNet xsi:type='GuestNicInfo'><network>{0}</network></guestNet>"
    )
    for name in ("PCI-zone 12", "prod"):
        one, _ = scrub(answer("X", card.format(name)), of("VirtualMachine", name="web01"))
        assert name not in one
        assert texts(one, "deviceName") == texts(one, "network") == texts(one, "summary") == ["network1"]
        assert texts(one, "externalId") == ["network1:machine1.eth0"]
        assert texts(one, "label") == ["Network adapter 1"]


def test_names_of_folders_clusters_pools_and_switches_are_names_of_the_site():
    kinds = ("Datacenter", "Folder", "ClusterComputeResource", "ResourcePool", "VmwareDistributedVirtualSwitch",
             "DistributedVirtualPortgroup")  # fmt: skip
    found = scrub(*(of(kind, name=f"acme-{kind}") for kind in kinds))
    assert not [one for one in found if "acme" in one]
    usual = ["vm", "host", "Resources", "VM Network", "ha-datacenter"]
    assert [texts(one) for one in scrub(*(of("Folder", name=name) for name in usual))] == [[name] for name in usual]


def test_a_hosts_switches_and_port_groups_are_names_of_the_site():
    switch = (
        "<HostVirtualSwitch><name>acme-sw</name><key>key-vim.host.VirtualSwitch-acme-sw</key></HostVirtualSwitch>"
        "<HostVirtualSwitch><name>vSwitch0</name></HostVirtualSwitch>"
    )
    group = (
        "<HostPortGroup><key>key-vim.host.PortGroup-acme-mgmt</key><spec><name>acme-mgmt</name>"
        "<vswitchName>acme-sw</vswitchName></spec></HostPortGroup><HostVirtualNic><portgroup>acme-mgmt</portgroup></HostVirtualNic>"
    )
    network = "<network type='Network'>HaNetwork-acme-mgmt</network>"
    (one,) = scrub(answer("X", switch + group + network))
    assert "acme" not in one
    assert texts(one, "name") == ["switch1", "vSwitch0", "network1"]
    assert texts(one, "key") == ["key-vim.host.VirtualSwitch-switch1", "key-vim.host.PortGroup-network1"]
    assert texts(one, "portgroup") == ["network1"]
    assert texts(one, "network") == ["HaNetwork-network1"]


REQUESTS = [
    "<AddPortGroup><portgrp><name>acme-web</name><vswitchName>acme-sw</vswitchName></portgrp></AddPortGroup>",
    "<RemovePortGroup><pgName>acme-web</pgName></RemovePortGroup>",
    "<AddVirtualSwitch><vswitchName>acme-sw</vswitchName></AddVirtualSwitch>",
]


@pytest.mark.parametrize("sent", REQUESTS)
def test_a_switch_or_port_group_in_a_request_is_a_name_of_the_site(sent):
    assert "acme" not in scrub(answer("X", sent))[0]


def test_a_number_that_is_unique_in_the_world_is_the_same_in_every_form():
    (one,) = scrub(
        of(
            "VirtualMachine",
            config__uuid="564d5c9f-1b2f-4f8e-9e55-1f1d0a5b6c7d",
            bios="56 4d 5c 9f 1b 2f 4f 8e-9e 55 1f 1d 0a 5b 6c 7d",
            sasWWID="50 05 05 6f d8 5f 3a 10",
            volume="/vmfs/volumes/5b7ee5c9-4e8f1921-93b3-90b11c51ac73/",
            lun="naa.600508b1001c3ab0d4e7",
            null="00000000-0000-0000-0000-000000000000",
        )
    )
    assert texts(one) == [
        "00000000-0000-0000-0000-000000000001",
        "00 00 00 00 00 00 00 00-00 00 00 00 00 00 00 01",
        "00 00 00 00 00 00 00 02",
        "/vmfs/volumes/00000000-00000000-0000-000000000003/",
        "naa.00000000000000000004",
        "00000000-0000-0000-0000-000000000000",
    ]


def test_a_machine_that_is_called_like_a_value_changes_no_value():
    for name in ("manual", "any", "true", "5", "inherit"):
        one, other = scrub(of("VirtualMachine", name=name), answer("X", f"<a>{name}</a><b>true</b><c>5</c>"))
        assert texts(one) == ["machine1"]
        assert other.count(f"<a>{name}</a>") == 1


def test_what_people_write_is_taken_out():
    (one,) = scrub(
        answer("X", "<annotation>call Bob</annotation><customValue><key>1</key><value>owner Bob</value></customValue>")
    )
    assert "Bob" not in one


def test_many_names_take_no_more_time_than_few():
    known = Names({f"vm-{n}": f"machine{n}" for n in range(20_000)})
    started = time.process_time()
    assert known.within("reach vm-77, or vm-19999; " * 20_000).startswith("reach machine77, or machine19999; ")
    assert time.process_time() - started < 5


def test_a_uri_of_a_vcenter_has_the_pseudonyms_and_the_old_path_finds_them(tmp_path):
    path = tmp_path / "lab.yaml"
    host = FakeHost(RetrievePropertiesEx=of("Datacenter", name="DC 1"))
    with recording.record(path, host.connections(), pseudonyms=True) as cassette:
        cassette.head["uri"] = "vpx://host/Lab/DC%201"
        ask(cassette.connections(), read("dc-1", "name"))
    assert recording.recorded_uri(path) == "vpx://host/Lab/datacenter1"


CAPTURES = sorted((corpus.FOLDER / "recorded").rglob("*.xml")) if corpus.FOLDER.is_dir() else []


@corpus.needed
@pytest.mark.parametrize("pseudonyms", [False, True])
def test_a_recording_of_each_real_machine_can_be_written(tmp_path, pseudonyms):
    bodies = {read(file.stem, "config"): file.read_bytes() for file in CAPTURES}
    interactions = [Interaction("POST", "https://host/sdk", body, 200, "OK", reply) for body, reply in bodies.items()]
    path = tmp_path / "lab.yaml"
    save(path, Contents({}, interactions), pseudonyms=pseudonyms)
    assert recording.check(path) == []
    assert recording.scrub_file(path) == 0
    left = set(re.findall(r"(?<!guestinfo.)\b(?:vm\d{3}|ds\d)\b", path.read_text()))
    assert (left == set()) is pseudonyms


def test_a_snapshots_name_is_replaced_and_its_description_taken_out():
    tree = "<rootSnapshotList><snapshot>s-1</snapshot><name>before zeus</name><description>of zeus</description>"
    (read_tree,) = scrub(answer("X", f"<snapshot>{tree}</rootSnapshotList></snapshot>"))
    assert texts(read_tree, "name") == ["snapshot1"]
    assert texts(read_tree, "description") == ["scrubbed"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/folder/web01/web01.vmdk?dcPath=Lab%2FDC%201&dsName=ssd%20pool", "/folder/machine1/machine1.vmdk?"
         "dcPath=Lab%2Fdatacenter1&dsName=store1"),
        ("/sdk", "/sdk"),
    ],
)  # fmt: skip
def test_the_parts_of_a_url_are_read_as_they_are_meant(url, shown):
    known = [of("Datacenter", name="DC 1"), of("Datastore", name="ssd pool"), of("VirtualMachine", name="web01")]
    calls = [Interaction("POST", "https://host/sdk", b"", 200, "OK", each.encode()) for each in known]
    calls.append(Interaction("GET", f"https://esx1.corp{url}", b"", 200, "OK", b""))
    assert Scrubber(Pseudonyms(done=False)).scrub(calls)[-1].url == f"https://host{shown}"
