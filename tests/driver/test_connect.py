"""The face of a connection: what libvirt-python's virConnect says, of a host that is replayed or live."""

import libvirt
import pytest

import esxdriver
from esxdriver.vsphere.query.retrieve import Found
from tests.helpers import failing

WEB01 = "97a43ce7-31e1-441d-aa90-5291c6c4de6a"
WEB01_BIOS = "f4fd35c2-3290-4390-8e8c-92fe9d26fac8"
TWINS = ["53f4d4fc-7222-4d94-85cf-42f297e53583", "3354812e-62aa-4edf-9b24-308583027f47"]


def test_a_host_tells_what_it_is(esx):
    assert {type(each) for each in esx.getInfo()} == {str, int}  # none of pyVmomi's own
    assert esx.getType() == "ESX"
    assert esx.getVersion() == 8000002
    assert esx.getLibVersion() == libvirt.getVersion()
    assert esx.getURI().startswith("esx://")
    assert esx.getHostname() == "esx1.example.test"
    assert esx.getInfo() == ["Intel Xeon Gold 6326 CPU @ 2.90", 65536, 16, 2900, 1, 2, 8, 2]
    assert (esx.isAlive(), esx.isEncrypted(), esx.isSecure()) == (1, 1, 1)
    assert esx.getMaxVcpus() > 1
    assert "<domain type='vmware'/>" in esx.getCapabilities()


# Each filter of listAllDomains, and the domains it lets through.
FILTERS = [
    (0, "db01 old01 snap01 susp01 web01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE, "db01 susp01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE, "old01 snap01 web01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT, "db01 old01 snap01 susp01 web01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_TRANSIENT, ""),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_RUNNING, "db01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_PAUSED, "susp01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_SHUTOFF, "old01 snap01 web01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_OTHER, ""),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_RUNNING | libvirt.VIR_CONNECT_LIST_DOMAINS_PAUSED, "db01 susp01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE, ""),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE, "db01 old01 snap01 susp01 web01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART, ""),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART, "db01 old01 snap01 susp01 web01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT, "snap01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT, "db01 old01 susp01 web01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT, ""),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT, "db01 old01 snap01 susp01 web01"),
    (libvirt.VIR_CONNECT_LIST_DOMAINS_INACTIVE | libvirt.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT, "snap01"),
]


def test_every_filter_lets_its_domains_through(esx):
    for flags, names in FILTERS:
        assert " ".join(sorted(domain.name() for domain in esx.listAllDomains(flags))) == names, flags
    assert sorted(esx.listDefinedDomains()) == ["old01", "snap01", "web01"]
    assert (esx.numOfDomains(), esx.numOfDefinedDomains()) == (2, 3)
    assert sorted(esx.listDomainsID()) == [2, 5]
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.listAllDomains, 1 << 30)


def test_a_list_takes_one_round_trip(esx):
    before = esx.backend.session.calls.total()
    assert len(esx.listAllDomains()) == 5
    assert esx.backend.session.calls.total() - before == 1


def test_a_lookup_takes_one_round_trip_and_what_it_did_not_read_another(esx):
    for lookup, key in ((esx.lookupByName, "web01"), (esx.lookupByUUIDString, WEB01), (esx.lookupByID, 2)):
        before = esx.backend.session.calls.total()
        domain = lookup(key)
        assert esx.backend.session.calls.total() == before + 1
        assert (domain.name(), domain.UUIDString(), domain.ID()) == (domain.name(), domain.UUIDString(), domain.ID())
        assert esx.backend.session.calls.total() == before + 2


def test_domains_are_looked_up_by_name_uuid_and_id(esx):
    by_name = esx.lookupByName("web01")
    assert (by_name.name(), by_name.UUIDString(), by_name.ID()) == ("web01", WEB01, -1)
    assert esx.lookupByUUIDString(WEB01.upper()).name() == "web01"
    assert esx.lookupByUUID(by_name.UUID()).name() == "web01"
    assert esx.lookupByID(2).name() == "db01"
    for missing in [
        (esx.lookupByName, "nobody"),
        (esx.lookupByID, 99),
        (esx.lookupByUUIDString, "0" * 32),
    ]:
        failing(libvirt.VIR_ERR_NO_DOMAIN, *missing)
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.lookupByID, -1)
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.lookupByUUIDString, "web01")


@pytest.mark.esx(uri_params="legacy_uuid=1")
def test_legacy_uuid_means_the_bios_uuid(esx):
    domain = esx.lookupByUUIDString(WEB01_BIOS)
    assert (domain.name(), domain.UUIDString()) == ("web01", WEB01_BIOS)
    text = domain.XMLDesc()
    assert f"<uuid>{WEB01_BIOS}</uuid>" in text
    assert "<hwuuid>" not in text


@pytest.mark.esx(model="vpx")
def test_a_name_that_two_domains_have_is_refused_with_their_uuids(esx, monkeypatch):
    text = failing(libvirt.VIR_ERR_OPERATION_FAILED, esx.lookupByName, "twin")
    assert all(uuid in text for uuid in TWINS)
    assert {esx.lookupByUUIDString(uuid).name() for uuid in TWINS} == {"twin"}
    same = [Found(domain.ref, {"config.instanceUuid": WEB01}) for domain in esx.listAllDomains()]
    monkeypatch.setattr(esx.backend, "with_uuid", lambda _: same)
    text = failing(libvirt.VIR_ERR_OPERATION_FAILED, esx.lookupByUUIDString, WEB01)
    assert f"{len(same)} domains share the UUID '{WEB01}'" in text
    assert all(f"({each.ref._GetMoId()}, {WEB01})" in text for each in same)


@pytest.mark.esx(model="vpx")
def test_a_datacenter_is_seen_whole(esx):
    assert sorted(domain.name() for domain in esx.listAllDomains()) == [
        "app01", "db01", "old01", "snap01", "susp01", "twin", "twin", "web01",
    ]  # fmt: skip
    assert "<vmware:datacenterpath>Lab/DC 1</vmware:datacenterpath>" in esx.lookupByName("app01").XMLDesc()


def test_a_connection_is_a_context_that_logs_out(esx):
    with esx as same:
        assert same.isAlive() == 1
    assert esx.isAlive() == 0
    assert esx.close() == 0
    failing(libvirt.VIR_ERR_INVALID_CONN, esx.listAllDomains)


def test_the_public_names_are_libvirt_pythons_and_these():
    own = {name for name in dir(esxdriver) if not name.startswith("_") and not hasattr(libvirt, name)}
    assert own >= {"Connect", "Domain", "DomainSnapshot", "prefetch", "watch"}
    assert {getattr(esxdriver, name).__module__.partition(".")[0] for name in own} == {"esxdriver"}
    with pytest.raises(AttributeError):
        _ = esxdriver.nonsense
