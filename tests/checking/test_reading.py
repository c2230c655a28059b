"""A reading against esxsim: all is asked, the driver agrees with itself, and what it has no word for is named."""

import libvirt
import pytest

import esxdriver
from esxdriver.checking.reading import Limits, read_host
from esxdriver.checking.report import Status
from tests.conftest import password_auth, sim_uri
from tests.live.rig import Rig

pytestmark = pytest.mark.live


def opened(sim, flags=0):
    return esxdriver.openAuth(sim_uri(sim), password_auth(sim.password), flags)


@pytest.fixture(params=[pytest.param(each, marks=pytest.mark.esx(model=each)) for each in ("esx", "vpx")])
def host(sim):
    return sim


def test_everything_is_answered_or_does_not_apply_and_nothing_contradicts_itself(host):
    before = host.inventory()
    with opened(host, libvirt.VIR_CONNECT_RO) as conn:
        report = read_host(conn)
    assert {each.status for each in report.findings} == {Status.OK, Status.SKIPPED}
    assert report.domains[0] == report.domains[1] >= 5
    assert host.inventory() == before


def test_every_domain_is_dumped_read_again_planned_and_converted(host):
    with opened(host) as conn:
        report = read_host(conn, Limits(domains=2))
    assert report.domains[0] == 2 < report.domains[1]
    for check in ("domain: document", "a document is read as it is written", "a document changes nothing",
                  "VMX and back changes nothing", "a bulk read gives the same document"):  # fmt: skip
        assert [each.status for each in report.findings if each.check == check] == [Status.OK] * 2


def test_versions_calls_and_times_are_counted(host):
    with opened(host) as conn:
        report = read_host(conn, Limits(domains=1))
    assert report.host["version"] == "8.0.2"
    assert report.versions["hardware version"]["vmx-19"] == report.domains[1]
    assert report.operations["RetrievePropertiesEx"][0] > 10
    assert all(seconds > 0 for name, (_, seconds) in report.operations.items())
    document = next(each for each in report.timings if each.check == "domain: document")
    assert (document.times, document.calls) == (1, 1)
    assert 0 < document.slowest <= document.seconds


def test_what_has_no_word_is_named_with_class_and_path(sim):
    with Rig(sim) as rig, opened(sim) as conn:
        rig.reconfigure("web01", swapPlacement="vmDirectory")
        report = read_host(conn, Limits(domains=1))
    rows = {(each.kind, each.path): each.why for each in report.unread}
    assert rows["VirtualKeyboard", ""] == "no such device"
    assert rows["VirtualDisk", "shares.level"] == "not read"
    assert rows["VirtualMachineConfigInfo", "swapPlacement"] == "not read"
    assert not [
        path for _, path in rows if path.startswith(("backing.fileName", "backing.diskMode", "hardware.numCPU"))
    ]


def test_what_a_user_may_not_do_is_named_with_the_privilege(sim):
    with opened(sim) as conn:
        sim.fault("QueryPerf", fault="NoPermission", fields={"privilegeId": "Performance.Query"}, times=99)
        report = read_host(conn, Limits(domains=1))
    assert "Performance.Query" in report.privileges
    refused = report.of(Status.REFUSED)
    assert refused
    assert {each.text for each in refused} == {"VIR_ERR_ACCESS_DENIED, NoPermission, privilege Performance.Query"}


def test_what_is_refused_or_not_understood_does_not_end_it(sim):
    with opened(sim) as conn:
        sim.fault("SearchDatastoreSubFolders_Task", fault="FileLocked")
        sim.fault("HasPrivilegeOnEntities", kind="garbage", execute=True, times=9)
        report = read_host(conn, Limits(domains=1))
    statuses = {each.check: each.status for each in report.findings}
    assert statuses["pool: volumes"] is Status.REFUSED
    assert statuses["host: privileges"] is Status.UNANSWERED
    assert statuses["domain: document"] is Status.OK


def test_a_host_that_goes_away_ends_it_with_what_is_known(sim):
    with opened(sim) as conn:
        sim.fault("*", kind="close-before", skip=5, times=10**6)
        report = read_host(conn)
        sim.reset_faults()
    assert report.findings[-1].text == "the host no longer answers: given up"
    assert len(report.of(Status.UNANSWERED)) == Limits().unanswered + 1
    assert report.host["version"] == "8.0.2"
