"""Migration within a vCenter: where to, what stays, and what vCenter has against it."""

import libvirt
import pytest
from lxml import etree

import esxdriver
from tests.conf.documents import domain as document
from tests.conftest import password_auth, sim_uri
from tests.helpers import failing
from tests.live.rig import unchanged

pytestmark = [pytest.mark.live, pytest.mark.esx(model="vpx")]

INVALID_ARG, UNSUPPORTED = libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED
LIVE = libvirt.VIR_MIGRATE_LIVE
VOLUME = "<volume><name>afar/afar.vmdk</name><capacity unit='MiB'>1</capacity></volume>"


def host_of(sim, name):
    return next(each["host"] for each in sim.inventory()["machines"] if each["name"] == name)


def modes(domain):
    return [(each.get("snapshot"), each.get("persistent")) for each in etree.fromstring(domain.XMLDesc()).iter("disk")]


def connected(sim, path):
    uri = sim_uri(sim).replace("Lab/DC%201", f"Lab/DC%201/{path}")
    return esxdriver.openAuth(uri, password_auth(sim.password))


def test_a_running_domain_goes_to_a_host_by_its_name_with_its_modes(esx, sim):
    db01 = esx.lookupByName("db01")
    before, at = modes(db01), host_of(sim, "db01")
    name = "esx2" if at.startswith("esx1") else "esx1"
    reported = []
    uri = db01.migrationURI(name)
    assert uri.startswith("vpxmigr://")
    assert db01.migrateToURI(uri, LIVE, progress=reported.append) == 0
    assert host_of(sim, "db01") == f"{name}.example.test"
    assert (modes(db01), db01.state()[0]) == (before, libvirt.VIR_DOMAIN_RUNNING)
    calls = esx.backend.session.calls
    assert (calls["CheckRelocate_Task"], calls["RelocateVM_Task"]) == (1, 1)


def test_a_domain_goes_to_the_host_of_another_connection(esx, sim):
    web01 = esx.lookupByName("web01")
    with connected(sim, "esx3.example.test") as there:
        moved = web01.migrate(there, libvirt.VIR_MIGRATE_OFFLINE)
        assert (moved.UUIDString(), moved.connect()) == (web01.UUIDString(), there)
    assert host_of(sim, "web01") == "esx3.example.test"
    with connected(sim, "cluster1/esx2.example.test") as there:
        web01.migrate3(there, {}, LIVE)
    assert host_of(sim, "web01") == "esx2.example.test"
    web01.migrateToURI3(None, {libvirt.VIR_MIGRATE_PARAM_URI: web01.migrationURI("esx1.example.test")}, 0)
    assert host_of(sim, "web01") == "esx1.example.test"


def test_vcenter_is_asked_first_and_what_it_has_against_it_changes_nothing(esx, sim):
    afar = esx.storagePoolLookupByName("nfs store").createXML(VOLUME)
    disk = f"<disk type='file' device='disk'><source file='{afar.path()}'/><target dev='sda' bus='scsi'/></disk>"
    with connected(sim, "cluster1/esx1.example.test") as here:
        made = here.defineXML(document(disk).replace("web01", "afar"))
        with unchanged(sim):
            said = failing(libvirt.VIR_ERR_OPERATION_FAILED, made.migrateToURI, made.migrationURI("esx3"))
        assert "vCenter has something against it, nothing was done" in said
        assert here.backend.session.calls["RelocateVM_Task"] == 0
        made.migrateToURI(made.migrationURI("esx2"))
    sim.fault("CheckRelocate_Task", "fault", fault="NoPermission")
    web01 = esx.lookupByName("web01")
    with unchanged(sim):
        failing(libvirt.VIR_ERR_ACCESS_DENIED, web01.migrateToURI, web01.migrationURI("esx3"))


def test_a_vcenter_that_checks_nothing_moves_all_the_same(esx, sim):
    web01 = esx.lookupByName("web01")
    uri = web01.migrationURI("esx3")
    sim.fault("CheckRelocate_Task", "fault", fault="NotSupported")
    assert web01.migrateToURI(uri) == 0


REFUSED = [
    (INVALID_ARG, lambda domain: domain.migrationURI("nosuch")),
    (INVALID_ARG, lambda domain: domain.migrateToURI("qemu+ssh://host/system")),
    (INVALID_ARG, lambda domain: domain.migrateToURI("vpxmigr://vc/only-one")),
    (INVALID_ARG, lambda domain: domain.migrateToURI("vpxmigr://vc/a/b", libvirt.VIR_MIGRATE_PAUSED)),
    (UNSUPPORTED, lambda domain: domain.migrateToURI("vpxmigr://vc/a/b", 0, "other")),
    (UNSUPPORTED, lambda domain: domain.migrateToURI("vpxmigr://vc/a/b", 0, None, 10)),
    (UNSUPPORTED, lambda domain: domain.migrateToURI3(None, {"disks_port": 1}, 0)),
    (UNSUPPORTED, lambda domain: domain.migrateToURI3(None, {"migrate_disks": ["sda"]}, 0)),
    (UNSUPPORTED, lambda domain: domain.migrateToURI("vpxmigr://vc/a/b", libvirt.VIR_MIGRATE_NON_SHARED_DISK)),
    (UNSUPPORTED, lambda domain: domain.migrateToURI("vpxmigr://vc/a/b", libvirt.VIR_MIGRATE_NON_SHARED_INC)),
    (UNSUPPORTED, lambda domain: domain.migrateToURI2(None, "vpxmigr://vc/a/b", "<domain/>")),
    (INVALID_ARG, lambda domain: domain.migrate(domain.connect())),
]


@pytest.mark.parametrize(("code", "ask"), REFUSED)
def test_what_cannot_be_is_refused_and_nothing_is_done(esx, sim, code, ask):
    with unchanged(sim):
        failing(code, ask, esx.lookupByName("web01"))


def test_a_read_only_connection_moves_nothing(esx):
    esx.backend.readonly = True
    failing(libvirt.VIR_ERR_OPERATION_DENIED, esx.lookupByName("web01").migrateToURI, "vpxmigr://vc/a/b")


@pytest.mark.esx(model="esx")
def test_a_host_alone_moves_nothing(esx):
    web01 = esx.lookupByName("web01")
    for ask in (lambda: web01.migrateToURI("vpxmigr://vc/a/b"), lambda: web01.migrationURI("x"),
                lambda: web01.migrate(esx)):  # fmt: skip
        assert "connect to its vCenter" in failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, ask)
