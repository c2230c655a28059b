"""A suspended machine, for both values of the URI's ``managed_save=``."""

import libvirt
import pytest

from tests.helpers import failing

RUNNING, PAUSED, SHUTOFF = libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_SHUTOFF
SAVED = libvirt.VIR_DOMAIN_SHUTOFF_SAVED
INVALID, NO_SUPPORT = libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_NO_SUPPORT
managed = pytest.mark.esx(uri_params="managed_save=1")


def names(conn, filter_):
    return [each.name() for each in conn.listAllDomains(filter_)]


def looks(conn, domain):
    """Return all that says how a domain is."""
    (figures,) = [stats for each, stats in conn.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE)
                  if each.name() == domain.name()]  # fmt: skip
    return {
        "state": domain.state(),
        "info": domain.info()[0],
        "active": domain.isActive(),
        "id": domain.ID() >= 0,
        "image": domain.hasManagedSaveImage(),
        "xml id": " id='" in domain.XMLDesc().splitlines()[0],
        "stats": [figures["state.state"], figures["state.reason"]],
        "listed": [
            domain.name() in names(conn, each)
            for each in (
                libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE, libvirt.VIR_CONNECT_LIST_DOMAINS_PAUSED,
                libvirt.VIR_CONNECT_LIST_DOMAINS_SHUTOFF, libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE,
            )
        ],
    }  # fmt: skip


IS_PAUSED = {
    "state": [PAUSED, 0], "info": PAUSED, "active": 1, "id": True, "image": 0, "xml id": True, "stats": [PAUSED, 0],
    "listed": [True, True, False, False],
}  # fmt: skip
IS_SAVED = {
    "state": [SHUTOFF, SAVED], "info": SHUTOFF, "active": 0, "id": False, "image": 1, "xml id": False,
    "stats": [SHUTOFF, SAVED], "listed": [False, False, True, True],
}  # fmt: skip
IS_OFF = {
    "state": [SHUTOFF, 0], "info": SHUTOFF, "active": 0, "id": False, "image": 0, "xml id": False,
    "stats": [SHUTOFF, 0], "listed": [False, False, True, False],
}  # fmt: skip


def test_it_is_paused_as_libvirt_has_it(esx):
    assert looks(esx, esx.lookupByName("susp01")) == IS_PAUSED
    db01 = esx.lookupByName("db01")
    assert "managed_save=1" in failing(NO_SUPPORT, db01.managedSave)
    assert "managed_save=1" in failing(NO_SUPPORT, db01.managedSaveRemove)
    assert "paused" in failing(INVALID, esx.lookupByName("susp01").create)


@managed
def test_it_is_shut_off_with_a_managed_save_image(esx):
    susp01 = esx.lookupByName("susp01")
    assert looks(esx, susp01) == IS_SAVED
    assert looks(esx, esx.lookupByName("web01")) == IS_OFF
    failing(libvirt.VIR_ERR_NO_DOMAIN, esx.lookupByID, 5)
    assert "managedsave" in failing(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, esx.lookupByName("db01").suspend)
    for ask in (susp01.resume, susp01.destroy, susp01.managedSave, susp01.shutdown):
        assert "it is shut off" in failing(INVALID, ask)
    assert "no managed save image" in failing(INVALID, esx.lookupByName("web01").managedSaveRemove)


@managed
def test_a_domain_is_saved_and_goes_on(esx):
    db01 = esx.lookupByName("db01")
    booted = db01.info
    assert db01.managedSave(libvirt.VIR_DOMAIN_SAVE_RUNNING) == 0
    assert looks(esx, db01) == IS_SAVED
    assert db01.create() == 0
    assert (booted()[0], db01.hasManagedSaveImage()) == (RUNNING, 0)
    assert esx.backend.session.calls["PowerOffVM_Task"] == 0


@managed
def test_an_image_is_discarded(esx):
    susp01 = esx.lookupByName("susp01")
    assert susp01.managedSaveRemove() == 0
    assert looks(esx, susp01) == IS_OFF
    db01 = esx.lookupByName("db01")
    db01.managedSave()
    assert db01.createWithFlags(libvirt.VIR_DOMAIN_START_FORCE_BOOT) == 0
    assert db01.state() == [RUNNING, 0]
    assert esx.backend.session.calls["PowerOffVM_Task"] == 2
    assert esx.lookupByName("web01").createWithFlags(libvirt.VIR_DOMAIN_START_FORCE_BOOT) == 0


@managed
def test_a_domain_with_an_image_is_undefined_only_with_it(esx):
    susp01 = esx.lookupByName("susp01")
    assert "--managed-save" in failing(INVALID, susp01.undefine)
    assert susp01.hasManagedSaveImage() == 1
    assert susp01.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE) == 0
    failing(libvirt.VIR_ERR_NO_DOMAIN, susp01.XMLDesc)
    assert esx.lookupByName("web01").undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE) == 0


@managed
def test_a_read_only_connection_saves_nothing(esx):
    esx.backend.readonly = True
    failing(libvirt.VIR_ERR_OPERATION_DENIED, esx.lookupByName("db01").managedSave)
    failing(libvirt.VIR_ERR_OPERATION_DENIED, esx.lookupByName("susp01").managedSaveRemove)
    for flags in (libvirt.VIR_DOMAIN_SAVE_PAUSED, libvirt.VIR_DOMAIN_SAVE_BYPASS_CACHE):
        failing(libvirt.VIR_ERR_INVALID_ARG, esx.lookupByName("db01").managedSave, flags)
