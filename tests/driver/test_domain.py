"""The face of a domain: what it is, what it does, and what it cannot do in the state it is in."""

import re

import libvirt
import pytest

from tests.driver.test_connect import WEB01
from tests.helpers import failing

DENIED, INVALID, BAD_ARGUMENT = (
    libvirt.VIR_ERR_OPERATION_DENIED,
    libvirt.VIR_ERR_OPERATION_INVALID,
    libvirt.VIR_ERR_INVALID_ARG,
)


def test_a_domain_tells_what_it_is(esx):
    web, db, suspended = (esx.lookupByName(name) for name in ("web01", "db01", "susp01"))
    assert (web.UUIDString(), web.UUID().hex(), web.OSType()) == (WEB01, WEB01.replace("-", ""), "hvm")
    assert web.info() == [libvirt.VIR_DOMAIN_SHUTOFF, 2097152, 2097152, 2, 0]
    *sizes, time = db.info()
    assert (sizes, time > 0) == ([libvirt.VIR_DOMAIN_RUNNING, 8388608, 8388608, 4], True)
    assert [each.state() for each in (web, db, suspended)] == [[5, 0], [1, 0], [3, 0]]
    assert [each.isActive() for each in (web, db, suspended)] == [0, 1, 1]
    assert [each.ID() for each in (web, db, suspended)] == [-1, 2, 5]
    assert (web.isPersistent(), web.isUpdated(), web.hasManagedSaveImage()) == (1, 0, 0)
    assert (web.maxMemory(), web.vcpusFlags(), db.maxVcpus()) == (2097152, 2, 4)
    assert web.maxVcpus() == esx.getMaxVcpus()
    assert web.connect() is esx


def test_a_dump_takes_one_round_trip(esx):
    domain = esx.lookupByName("db01")
    before = esx.backend.session.calls.total()
    domain.XMLDesc()
    assert esx.backend.session.calls.total() - before == 1


def test_flags_of_a_dump(esx):
    domain = esx.lookupByName("db01")
    assert "id='2'" in domain.XMLDesc().splitlines()[0]
    assert "id='2'" not in domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE).splitlines()[0]
    assert domain.XMLDesc(libvirt.VIR_DOMAIN_XML_MIGRATABLE) == domain.XMLDesc()
    text = failing(BAD_ARGUMENT, domain.XMLDesc, libvirt.VIR_DOMAIN_XML_UPDATE_CPU)
    assert "unsupported flags (0x4) in function virDomainGetXMLDesc" in text


def test_a_domain_lives(esx):
    domain = esx.lookupByName("web01")
    for step, state in [
        (domain.create, libvirt.VIR_DOMAIN_RUNNING),
        (domain.suspend, libvirt.VIR_DOMAIN_PAUSED),
        (domain.resume, libvirt.VIR_DOMAIN_RUNNING),
        (domain.reset, libvirt.VIR_DOMAIN_RUNNING),
        (domain.destroy, libvirt.VIR_DOMAIN_SHUTOFF),
    ]:
        assert step() == 0
        assert domain.state()[0] == state
    running, suspended = esx.lookupByName("db01"), esx.lookupByName("susp01")
    assert running.reboot() == 0
    assert running.shutdown() == 0
    assert suspended.destroy() == 0
    assert suspended.state()[0] == libvirt.VIR_DOMAIN_SHUTOFF


def test_a_state_in_which_something_cannot_be_done_is_named(esx):
    off, on = esx.lookupByName("web01"), esx.lookupByName("db01")
    for step in (off.destroy, off.suspend, off.resume, off.reset, off.shutdown, off.reboot):
        assert "shut off" in failing(INVALID, step)
    for step in (on.create, on.undefine, on.resume):
        assert "running" in failing(INVALID, step)
    assert "running" in failing(INVALID, on.setMaxMemory, 4096)


def test_flags_nobody_knows_are_refused(esx):
    domain = esx.lookupByName("web01")
    for ask in (
        domain.state, domain.XMLDesc, domain.createWithFlags, domain.destroyFlags, domain.undefineFlags, domain.reset,
        domain.shutdownFlags, domain.reboot, domain.vcpusFlags,
    ):  # fmt: skip
        assert "unsupported flags (0x40000000)" in failing(BAD_ARGUMENT, ask, 1 << 30)


def test_memory_vcpus_and_names_change(esx):
    domain = esx.lookupByName("web01")
    assert domain.setMaxMemory(1024 * 1024 + 1) == 0
    assert domain.maxMemory() == 1024 * 1024 + 4096
    assert domain.setMemory(512 * 1024) == 0
    assert domain.info()[1:3] == [1024 * 1024 + 4096, 512 * 1024]
    assert domain.setVcpus(3) == 0
    assert domain.vcpusFlags() == 3
    assert domain.rename("web/02") == 0
    assert domain.name() == "web/02"
    assert esx.lookupByName("web/02").UUIDString() == WEB01
    for ask, amount in (
        (domain.setMemory, 0),
        (domain.setMemory, 2**40),
        (domain.setVcpus, 0),
        (domain.setVcpus, 10**6),
        (domain.setVcpus, 2**40),
    ):
        failing(BAD_ARGUMENT, ask, amount)
    with pytest.raises(OverflowError):
        domain.setMaxMemory(2**80)
    failing(BAD_ARGUMENT, domain.rename, "")
    assert "control character" in failing(BAD_ARGUMENT, domain.rename, "web\x07")


def test_an_undefined_domain_is_gone_and_its_handle_says_so(esx):
    domain = esx.lookupByName("web01")
    assert domain.undefine() == 0
    failing(libvirt.VIR_ERR_NO_DOMAIN, esx.lookupByName, "web01")
    failing(libvirt.VIR_ERR_NO_DOMAIN, domain.XMLDesc)


@pytest.mark.esx(readonly=True)
def test_a_read_only_connection_changes_nothing(esx):
    esx.backend.readonly = True
    domain = esx.lookupByName("web01")
    for ask in (domain.create, domain.undefine, domain.destroy):
        assert "read only access prevents" in failing(DENIED, ask)
    failing(DENIED, domain.rename, "x")
    failing(DENIED, domain.setVcpus, 1)
    failing(DENIED, domain.setMemory, 1)
    failing(DENIED, esx.defineXML, domain.XMLDesc())


def test_the_interfaces_of_a_running_domain_have_stable_targets_by_which_they_are_asked_about(esx):
    """A definition takes them and does not care; what is not running, and what is stored, has none."""
    db01, web01 = esx.lookupByName("db01"), esx.lookupByName("web01")
    shown = re.findall(r"<target dev='(nic\d+)'/>", db01.XMLDesc())
    assert shown == [name for name, _ in db01.networkCards()]
    assert "nic0" in shown
    for target in shown:
        db01.interfaceStats(target)
    assert "<target dev='nic" not in db01.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) + web01.XMLDesc()
    before = esx.backend.session.calls["ReconfigVM_Task"]
    esx.defineXML(db01.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE))
    assert esx.backend.session.calls["ReconfigVM_Task"] == before
