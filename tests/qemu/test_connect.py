"""A connection of libvirt's own, passed through: only what carries disks is spoken of in this project's words."""

import copy as copying
import inspect
import queue
import re
from pathlib import Path

import libvirt
import pytest

import esxdriver
from esxdriver.qemu.connect import Connect
from esxdriver.qemu.domain import Domain, DomainSnapshot
from tests.helpers import failing, run_libvirts_loop

MODES = re.compile(r"<disk [^>]*?device='disk'(.*?)>")
SHOWN = [" snapshot='yes' persistent='yes'", " snapshot='no' persistent='yes'", " snapshot='no' persistent='no'"]


def modes(text):
    return MODES.findall(text)


def test_an_object_can_be_copied_as_libvirts_can(web01):
    assert copying.copy(web01).name() == web01.name()


def test_a_dump_has_the_two_attributes_and_is_else_libvirts_byte_for_byte(web01):
    dump = web01.XMLDesc()
    assert modes(dump) == SHOWN
    assert "<transient/>" not in dump
    bare = re.sub(r" snapshot='no'| snapshot='yes' persistent='\w+'| persistent='\w+'", "", dump)
    theirs = web01.real.XMLDesc().replace(" snapshot='no'", "").replace("\n      <transient/>", "")
    assert bare == theirs


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("attributes", SHOWN),
        ("elements", ["", "", ""]),
        ("libvirt", ["", " snapshot='no'", " snapshot='no'"]),
    ],
)
def test_the_uris_disk_mode_chooses_the_spelling(uri, style, shown):
    with esxdriver.open(f"{uri}?disk_mode={style}") as conn:
        web01 = conn.lookupByName("web01")
        dump = web01.XMLDesc()
        assert modes(dump) == shown
        assert dump.count("<independent/>") == (2 if style == "elements" else 0)
        before = web01.real.XMLDesc()
        assert conn.defineXML(dump).real.XMLDesc() == before
        if style == "libvirt":
            assert dump == before


def test_a_style_that_there_is_not_is_refused(uri):
    assert "attributes or elements or libvirt" in failing(
        libvirt.VIR_ERR_INVALID_ARG, esxdriver.open, uri + "?disk_mode=x"
    )


def test_a_mode_is_defined_and_read_back(conn, web01):
    text = web01.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE).replace(SHOWN[0], SHOWN[2]).replace("web01", "web02")
    text = re.sub("<uuid>.*</uuid>", "", text)
    defined = conn.defineXMLFlags(text, 0)
    assert modes(defined.XMLDesc()) == [SHOWN[2], SHOWN[1], SHOWN[2]]
    assert defined.real.XMLDesc().count("<transient/>") == 2
    assert modes(conn.createXML(re.sub("web02", "web03", text)).XMLDesc())[0] == SHOWN[2]


def test_nothing_is_defined_of_a_document_that_is_refused(conn, web01):
    text = re.sub("<uuid>.*</uuid>", "", web01.XMLDesc()).replace("web01", "web02")
    text = text.replace("device='cdrom'", "device='cdrom' persistent='no'")
    assert "disk 'hdc'" in failing(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, conn.defineXML, text)
    assert sorted(each.name() for each in conn.listAllDomains()) == ["plain", "web01"]


DISK = (
    "<disk type='file' device='disk' snapshot='no' persistent='{kept}'><source file='/img/new.qcow2'/>"
    "<target dev='vdd' bus='virtio'/></disk>"
)


# Methods of libvirt-python's that take or give documents with disks, by class: all are translated, a newer one's too.
TAKE = {
    "virConnect": "createXML createLinux createXMLWithFiles defineXML defineXMLFlags domainXMLToNative restoreFlags "
    "saveImageDefineXML",
    "virDomain": "attachDevice attachDeviceFlags detachDevice detachDeviceFlags updateDeviceFlags checkpointCreateXML "
    " managedSaveDefineXML migrate2 migrateToURI2 saveFlags",
}


@pytest.mark.parametrize("name", [f"{cls}.{method}" for cls, names in TAKE.items() for method in names.split()])
def test_every_method_that_takes_a_document_has_it_translated(conn, web01, name, monkeypatch):
    cls, _, method = name.partition(".")
    real = getattr(getattr(libvirt, cls), method)
    document = next(each for each in inspect.signature(real).parameters if "xml" in each.lower())
    given = {}

    def answer(self, *arguments, **options):
        given.update(inspect.signature(real).bind(self, *arguments, **options).arguments)

    answer.__signature__ = inspect.signature(real)
    monkeypatch.setattr(getattr(libvirt, cls), method, answer)
    holder = conn if cls == "virConnect" else web01
    needed = [each for each in inspect.signature(real).parameters.values() if each.default is each.empty][1:]
    text = DISK.format(kept="no")
    arguments = {each.name: "/x" for each in needed} | {document: text}
    getattr(holder, method)(**arguments)
    assert "<transient/>" in given[document]
    assert "persistent" not in given[document]


def test_a_migrations_documents_are_translated(web01, monkeypatch):
    given = []

    def answer(self, dconn, params, flags=0):
        given.append(params)

    monkeypatch.setattr(libvirt.virDomain, "migrate3", answer)
    web01.migrate3(None, {"destination_xml": DISK.format(kept="no"), "bandwidth": 7})
    assert "<transient/>" in given[0]["destination_xml"]
    assert given[0]["bandwidth"] == 7


def test_what_carries_disks_is_wrapped_wherever_it_comes_from(conn, web01):
    assert isinstance(conn, Connect)
    assert web01.connect() is conn
    assert {type(each) for each in conn.listAllDomains()} == {Domain}
    assert {type(domain) for domain, _ in conn.getAllDomainStats()} == {Domain}
    assert {type(domain) for domain, _ in conn.domainListGetStats([web01])} == {Domain}
    plain = conn.lookupByName("plain")
    snapshot = plain.snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>")
    assert {type(snapshot), type(plain.snapshotCurrent()), *map(type, plain.listAllSnapshots())} == {DomainSnapshot}
    assert type(snapshot.getDomain()) is Domain


def test_what_carries_none_is_libvirts_own_object(conn):
    for each in (*conn.listAllNetworks(), *conn.listAllInterfaces(), conn.newStream()):
        assert type(each).__module__ == "libvirt"


def test_pools_and_volumes_take_what_this_projects_own_take():
    pool = esxdriver.open("test:///default").storagePoolLookupByName("default-pool")
    assert isinstance(pool.listAllVolumes(progress=print), list)
    volume = pool.createXML("<volume><name>v1</name><capacity>1</capacity></volume>", 0, progress=print)
    copy = pool.createXMLFrom("<volume><name>v2</name><capacity>1</capacity></volume>", volume, 0, progress=print)
    assert copy.storagePoolLookupByVolume().name() == "default-pool"


def test_a_callback_is_given_wrapped_objects(conn):
    run_libvirts_loop()
    seen = queue.SimpleQueue()
    conn.domainEventRegisterAny(None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, lambda *given: seen.put(given), "mine")
    conn.lookupByName("plain").destroy()
    where, domain, *_, opaque = seen.get(timeout=20)
    assert (where is conn, type(domain), domain.name(), opaque) == (True, Domain, "plain", "mine")


def test_errors_are_libvirts_own(conn, web01):
    with pytest.raises(libvirt.libvirtError) as raised:
        conn.lookupByName("<disk>nobody")
    assert raised.value.get_error_domain() == libvirt.VIR_FROM_TEST
    assert raised.value.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN
    with pytest.raises(libvirt.libvirtError) as raised:
        conn.networkDefineXML("<network>")
    assert "(network_definition):1" in str(raised.value)
    with pytest.raises(TypeError):
        web01.XMLDesc(1, 2)


def test_what_this_project_alone_has_is_missed_by_name(conn):
    with pytest.raises(AttributeError, match="libvirt's own drivers have no 'getAllDomainRates'"):
        conn.getAllDomainRates()
    assert not hasattr(conn, "backend")


def test_a_connection_may_be_read_only(uri):
    with esxdriver.openReadOnly(uri) as conn, pytest.raises(libvirt.libvirtError, match="read only access"):
        conn.lookupByName("web01").destroy()


def test_libvirtd_that_does_not_run_is_libvirts_own_error(tmp_path: Path):
    where = f"qemu+unix:///system?socket={tmp_path}/none"
    with pytest.raises(libvirt.libvirtError) as raised:
        esxdriver.open(where)
    assert "Failed to connect socket" in str(raised.value)


def test_all_definitions_and_reports_come_at_once(conn):
    found = {domain.name(): text for domain, text in conn.getAllXMLDesc()}
    assert modes(found["web01"]) == SHOWN
    reports = {each.target: [finding.code for finding in each.findings] for each in conn.diskReports()}
    assert reports == {
        "vda": [],
        "vdb": ["not-in-snapshots", "no-memory-snapshots"],
        "vdc": ["not-in-snapshots", "changes-lost", "no-memory-snapshots"],
    }


def test_a_domain_that_cannot_be_read_is_left_out_and_the_others_are_not(conn, monkeypatch):
    real = libvirt.virDomain.XMLDesc

    def answer(self, flags=0):
        if self.name() == "web01":
            self.snapshotLookupByName("none")
        return real(self, flags)

    monkeypatch.setattr(libvirt.virDomain, "XMLDesc", answer)
    missing, percents = [], []
    found = list(conn.getAllXMLDesc(progress=percents.append, left_out=lambda *said: missing.append(said)))
    assert [domain.name() for domain, _ in found] == ["plain"]
    assert [name for name, _ in missing] == ["web01"]
    assert percents == [50, 100]
