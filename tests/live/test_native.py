"""VMX files that become domains of a host, and a host's domains that go to VMX and back."""

import re

import libvirt
import pytest
from pyVmomi import vim

import esxdriver
from esxdriver.conf.domain.guest import vmx_guest
from esxdriver.driver.native import FORMAT
from tests.conf.documents import domain
from tests.conftest import password_auth, sim_uri
from tests.corpus import FOLDER, needed
from tests.driver.test_connect import failing
from tests.driver.test_define import writes

pytestmark = pytest.mark.live

NULL = "0" * 8 + "-0000-0000-0000-" + "0" * 12
# Some of each family; Flatcar is younger than the simulator.
GUESTS = sorted(set(map(str, vim.vm.GuestOsDescriptor.GuestOsIdentifier.values)) - {"flatcar_64Guest"})[::6]
DISK = (
    "<disk type='file' device='disk'><source file='[datastore1] spare/spare-1.vmdk'/>"
    "<target dev='sda' bus='scsi'/></disk>"
)


@pytest.fixture
def conn(sim):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as opened:
        yield opened


def vmx_file(name, disk, **keys):
    lines = {
        "config.version": "8", "virtualHW.version": "19", "displayName": name, "memSize": "1024",
        "guestOS": "ubuntu-64", "scsi0.present": "TRUE", "scsi0.virtualDev": "lsilogic", "scsi0:0.present": "TRUE",
        "scsi0:0.deviceType": "scsi-hardDisk", "scsi0:0.fileName": f"/vmfs/volumes/datastore1/spare/{disk}.vmdk",
        **keys,
    }  # fmt: skip
    return "".join(f'{key} = "{value}"\n' for key, value in lines.items())


@pytest.mark.parametrize("keys", [{"uuid.action": "create"}, {"uuid.bios": "00 " * 7 + "00-" + "00 " * 7 + "00"}])
def test_files_without_a_uuid_are_defined_one_after_the_other(conn, keys):
    made = [
        conn.defineXML(conn.domainXMLFromNative(FORMAT, vmx_file(name, disk, **keys)))
        for name, disk in (("first", "spare-1"), ("second", "spare-2"))
    ]
    uuids = {each.UUIDString() for each in made}
    uuids |= {re.search("<hwuuid>(.*)</hwuuid>", each.XMLDesc())[1] for each in made}
    assert len(uuids - {NULL}) == 4


@needed
def test_an_sriov_card_is_none_of_the_ten(conn):
    made = conn.defineXML(
        (FOLDER / "found/sriov-eleventh-card.xml")
        .read_text()
        .replace("</interface></devices>", f"</interface>{DISK}</devices>")
    )
    native = conn.domainXMLToNative(FORMAT, made.XMLDesc())
    assert 'pciPassthru31.systemId = "BYPASS"' in native
    before = writes(conn)
    conn.defineXML(conn.domainXMLFromNative(FORMAT, native))
    assert writes(conn) == before


def test_a_card_on_the_network_none_is_refused_and_told_apart(conn):
    card = "<interface type='bridge'><source bridge='none'/><model type='e1000'/></interface>"
    document = domain(DISK + card).replace("web01", "new01")
    assert "connected to nothing: name a network" in failing(libvirt.VIR_ERR_NO_NETWORK, conn.defineXML, document)


def test_the_null_uuid_finds_nothing(conn):
    failing(libvirt.VIR_ERR_NO_DOMAIN, conn.lookupByUUIDString, NULL)
    made = conn.defineXML(domain(DISK, f"<uuid>{NULL}</uuid>").replace("web01", "new01"))
    assert made.UUIDString() != NULL


def test_a_hosts_own_domain_goes_to_vmx_and_back_and_nothing_is_asked(conn):
    for guest_id in GUESTS:
        metadata = (
            "<metadata><e:domain xmlns:e='urn:x-esxdriver:domain:1'>"
            f"<e:guestId>{guest_id}</e:guestId></e:domain></metadata>"
        )
        made = conn.defineXML(domain(DISK, metadata).replace("web01", guest_id))
        native = conn.domainXMLToNative(FORMAT, made.XMLDesc())
        assert f'guestOS = "{vmx_guest(guest_id)}"' in native
        before = writes(conn)
        conn.defineXML(conn.domainXMLFromNative(FORMAT, native))
        assert writes(conn) == before
        made.undefine()
