"""Definitions read in one go: the same as one by one, in as few calls, and never older than promised."""

import logging

import libvirt
import pytest

import esxdriver
from esxdriver.vsphere.bulk import machines as bulk

CALLS = {"RetrievePropertiesEx", "ContinueRetrievePropertiesEx"}


def reads(conn):
    return sum(conn.backend.session.calls[name] for name in CALLS)


def one_by_one(conn, flags=0):
    return {domain.UUIDString(): domain.XMLDesc(flags) for domain in conn.listAllDomains()}


def test_all_definitions_are_those_of_each_domain(esx):
    for flags in (0, libvirt.VIR_DOMAIN_XML_SECURE, libvirt.VIR_DOMAIN_XML_INACTIVE):
        together = {domain.UUIDString(): text for domain, text in esx.getAllXMLDesc(flags)}
        assert together == one_by_one(esx, flags)
        assert len(together) > 3


@pytest.mark.esx(model="vpx", uri_params="disk_mode=libvirt&legacy_uuid=1")
def test_of_a_vcenter_in_another_spelling(esx):
    assert {domain.UUIDString(): text for domain, text in esx.getAllXMLDesc()} == one_by_one(esx)


def test_progress_is_reported_in_percentages_as_domains_are_taken(esx):
    reported = []
    coming = esx.getAllXMLDesc(progress=reported.append)
    next(coming)
    assert reported == []
    count = 1 + len(list(coming))
    assert reported == [100 * done // count for done in range(1, count + 1)]


def test_all_definitions_take_two_calls(esx):
    before = reads(esx)
    assert list(esx.getAllXMLDesc())
    assert reads(esx) == before + 2


def test_unknown_flags_are_refused_at_once(esx):
    with pytest.raises(libvirt.libvirtError, match="unsupported flags") as refused:
        esx.getAllXMLDesc(1 << 20)
    assert refused.value.get_error_code() == libvirt.VIR_ERR_INVALID_ARG


def test_prefetched_definitions_are_the_same_in_two_calls(esx):
    expected = one_by_one(esx)
    with esxdriver.prefetch(esx) as same:
        assert same is esx
        domains = esx.listAllDomains()
        before = reads(esx)
        assert {domain.UUIDString(): domain.XMLDesc() for domain in domains} == expected
        assert {domain.UUIDString(): domain.XMLDesc() for domain in reversed(domains)} == expected
        assert reads(esx) == before + 2


def test_by_default_each_definition_is_read(esx):
    domain = esx.lookupByName("web01")
    with esxdriver.prefetch(esx):
        domain.XMLDesc()
    before = reads(esx)
    domain.XMLDesc()
    assert reads(esx) == before + 1


def test_a_change_through_the_connection_throws_the_batch_away(esx):
    domain = esx.lookupByName("web01")
    with esxdriver.prefetch(esx):
        assert "<name>web01</name>" in domain.XMLDesc()
        domain.rename("web99")
        try:
            assert "<name>web99</name>" in domain.XMLDesc()
        finally:
            domain.rename("web01")


def test_a_domain_that_the_batch_lacks_is_asked_for(esx, monkeypatch):
    domain = esx.lookupByName("web01")
    expected = domain.XMLDesc()
    monkeypatch.setattr("esxdriver.vsphere.bulk.machines.machines", lambda *_: iter(()))
    with esxdriver.prefetch(esx):
        assert domain.XMLDesc() == expected


def test_a_domain_that_cannot_be_read_now_is_left_out_and_logged(esx, monkeypatch, caplog):
    scan = bulk.scan

    def unreadable(*arguments, **options):
        for found in scan(*arguments, **options):
            if found["name"] == "web01":
                found.properties.pop("config.hardware")
            yield found

    monkeypatch.setattr(bulk, "scan", unreadable)
    with caplog.at_level(logging.WARNING):
        names = [domain.name() for domain, _ in esx.getAllXMLDesc()]
    assert names
    assert "web01" not in names
    assert "domain 'web01' is left out" in caplog.text
