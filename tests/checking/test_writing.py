"""A check that writes, against esxsim: on its own machine alone, and nothing of that is left, whatever happens."""

import libvirt
import pytest

import esxdriver
from esxdriver.checking.own import NAME, Called, Own, guarded
from esxdriver.checking.removal import remove, remove_remains
from esxdriver.checking.report import Status
from esxdriver.checking.steps import STEPS
from esxdriver.checking.writing import Writing
from tests.conftest import password_auth, sim_uri
from tests.faults.judge import inventory, is_change
from tests.helpers import failing

pytestmark = pytest.mark.live

FEW = [step for step in STEPS if step.id in ("disks", "create", "snapshot", "consolidate")]


@pytest.fixture
def conn(sim):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as connection:
        yield connection


BOTH = pytest.mark.parametrize(
    "model", [pytest.param(each, marks=pytest.mark.esx(model=each)) for each in ("esx", "vpx")]
)


def uri_of(sim):
    """Return a URI with one place for a machine."""
    return sim_uri(sim).replace("/Lab/DC%201", "/Lab/DC%201/cluster1")


def writing(conn, steps=STEPS):
    return Writing(conn, Called.new("datastore1"), steps=steps)


@BOTH
def test_every_step_is_as_predicted_and_as_esxsim_is_said_to_be_and_nothing_is_left(sim, model):
    before = inventory(sim)
    with esxdriver.openAuth(uri_of(sim), password_auth(sim.password)) as conn:
        run = writing(conn)
        run.run()
    assert {each.step: each.answer for each in run.outcomes} == {step.id: step.known for step in STEPS}
    assert {each.status for each in run.outcomes} == {Status.OK}
    assert run.left == ()
    assert inventory(sim) == before


@pytest.mark.esx(model="vpx")
def test_where_a_machine_has_no_one_home_nothing_is_made(sim, conn):
    before = inventory(sim)
    assert "name one in the URI's path" in failing(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, writing(conn).run)
    assert inventory(sim) == before


def test_a_step_needs_only_steps_before_it_and_each_has_a_name_of_its_own():
    known = set()
    for step in STEPS:
        assert set(step.needs) <= known
        assert step.id not in known
        known.add(step.id)


DISK = "<disk type='file'><source file='[datastore1] spare/spare-1.vmdk'/><target dev='sdh' bus='scsi'/></disk>"
NOT_ITS_OWN = {
    "rename": lambda conn: conn.lookupByName("web01").rename("other"),
    "undefine": lambda conn: conn.lookupByName("web01").undefine(),
    "define": lambda conn: conn.defineXML(conn.lookupByName("web01").XMLDesc().replace("front end", "changed")),
    "start": lambda conn: conn.lookupByName("web01").create(),
    "destroy": lambda conn: conn.lookupByName("db01").destroy(),
    "snapshot": lambda conn: conn.lookupByName("web01").snapshotCreateXML("<domainsnapshot/>", 16),
    "revert": lambda conn: conn.lookupByName("snap01").revertToSnapshot(conn.lookupByName("snap01").snapshotCurrent()),
    "delete a snapshot": lambda conn: conn.lookupByName("snap01").snapshotCurrent().delete(),
    "delete a volume": lambda conn: volume(conn).delete(),
    "resize a volume": lambda conn: volume(conn).resize(1 << 40),
    "wipe a volume": lambda conn: volume(conn).wipe(),
    "make a volume": lambda conn: volume(conn).storagePoolLookupByVolume().createXML(
        "<volume><name>other/x.vmdk</name><capacity>1048576</capacity></volume>"),
    "autostart": lambda conn: conn.lookupByName("web01").setAutostart(1),
}  # fmt: skip


def volume(conn):
    return conn.storagePoolLookupByName("datastore1").storageVolLookupByName("spare/spare-2.vmdk")


@pytest.mark.parametrize("change", NOT_ITS_OWN.values(), ids=NOT_ITS_OWN)
def test_what_is_not_its_own_is_never_asked_to_change(sim, conn, change):
    own = Own(conn.backend, Called.new("datastore1"))
    with guarded(own):
        own.claim()
        sim.reset_calls()
        failing(libvirt.VIR_ERR_OPERATION_DENIED, change, conn)
    assert not [call for call in sim.calls() if is_change(call)]
    assert remove(own) == ()


def test_its_own_machine_gets_no_disk_of_another(sim, conn):
    run = writing(conn, [*FEW[:2]])
    scene = run.scene

    def attach(steps):
        yield from steps
        sim.reset_calls()
        failing(
            libvirt.VIR_ERR_OPERATION_DENIED, scene.domain.attachDeviceFlags, DISK, libvirt.VIR_DOMAIN_AFFECT_CONFIG
        )
        assert "ReconfigVM_Task" not in sim.calls()

    run.run(attach)
    assert len(run.outcomes) == 2


def test_a_machine_with_another_uuid_is_not_its_own(sim, conn):
    run = writing(conn, FEW[:2])

    def exchange(steps):
        yield from steps
        run.own._uuids[run.scene.domain.ref._moId] = "another"
        failing(libvirt.VIR_ERR_OPERATION_DENIED, run.scene.domain.create)
        del run.own._uuids[run.scene.domain.ref._moId]

    run.run(exchange)
    assert run.left == ()


def test_a_folder_that_is_there_already_is_left_alone(sim, conn):
    conn.storagePoolLookupByName("datastore1").createXML(
        "<volume><name>esxdriver-check-00000000/x.vmdk</name><capacity>1048576</capacity></volume>"
    )
    before = inventory(sim)
    run = Writing(conn, Called.new("datastore1", "esxdriver-check-00000000"))
    failing(libvirt.VIR_ERR_STORAGE_VOL_EXIST, run.run)
    assert run.left == ()
    assert run.outcomes == []
    assert inventory(sim) == before


def test_a_connection_that_is_read_only_changes_nothing(sim):
    before = inventory(sim)
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password), libvirt.VIR_CONNECT_RO) as conn:
        failing(libvirt.VIR_ERR_OPERATION_DENIED, writing(conn).run)
        failing(libvirt.VIR_ERR_OPERATION_DENIED, remove_remains, conn.backend, Called.new("datastore1"))
    assert inventory(sim) == before


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, RuntimeError])
@pytest.mark.parametrize("after", ["disks", "create", "snapshot"])
def test_an_end_in_its_middle_removes_what_was_made(sim, conn, raised, after):
    before = inventory(sim)
    run = writing(conn, FEW)

    def until(steps):
        for step in steps:
            yield step
            if step.id == after:
                raise raised

    with pytest.raises(raised):
        run.run(until)
    assert run.left == ()
    assert inventory(sim) == before


def test_a_machine_that_runs_is_stopped_and_removed(sim, conn):
    before = inventory(sim)
    run = writing(conn, [step for step in STEPS if step.id in ("disks", "create", "start")])
    run.run()
    assert [each.status for each in run.outcomes] == [Status.OK] * 3
    assert run.left == ()
    assert inventory(sim) == before


def test_what_cannot_be_removed_is_named(sim, conn):
    run = writing(conn, FEW[:2])

    def refuse(steps):
        yield from steps
        sim.fault("UnregisterVM", fault="NoPermission", fields={"privilegeId": "VirtualMachine.Inventory.Unregister"})

    run.run(refuse)
    machine = run.scene.domain.ref._moId
    privilege = "privilege VirtualMachine.Inventory.Unregister"
    assert run.left == (f"machine {machine} in the folder: VIR_ERR_ACCESS_DENIED, NoPermission, {privilege}",)
    assert NAME.fullmatch(run.own.called.name)
    assert remove(run.own) == ()


@pytest.mark.parametrize("withheld", ["", "config"])
def test_a_machine_that_does_not_say_where_it_lies_may_be_the_checks_own_and_is_named(sim, conn, withheld):
    run = writing(conn, FEW)
    run.own.claim()
    for step in FEW[:2]:
        with guarded(run.own):
            step.action(run.scene)
    sim.fault("*", "withheld", property=withheld)
    assert "the machines in the folder cannot be listed: " in remove(run.own)[0]
    assert remove(run.own) == ()


def test_a_machine_of_another_name_that_does_not_say_it_is_anothers(sim, conn):
    run = writing(conn)
    run.own.claim()
    sim.fault("*", "withheld", property="config")
    assert remove(run.own) == ()


def test_a_folder_whose_making_had_no_answer_is_named(sim, conn):
    run = writing(conn)
    sim.fault("MakeDirectory", kind="cut", execute=True)
    failing(libvirt.VIR_ERR_RPC, run.run)
    assert run.left == (f"folder {run.own.called.name}: it may have been made",)


def test_an_answer_that_is_not_as_predicted_fails_its_step_and_those_that_need_it_are_not_tried(sim, conn):
    run = writing(conn, FEW)
    sim.fault("CreateSnapshot_Task", fault="SnapshotDisabled")
    run.run()
    outcomes = {each.step: (each.status, each.answer) for each in run.outcomes}
    assert outcomes["snapshot"] == (Status.FAILED, "SnapshotDisabled")
    assert outcomes["consolidate"] == (Status.SKIPPED, "not tried")
