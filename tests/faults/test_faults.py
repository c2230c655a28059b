"""The matrix: each operation, each kind of fault, at each of its calls."""

import gc

import pytest
from pyVmomi import vim

import esxdriver
from tests.conftest import password_auth, sim_uri
from tests.faults.judge import run, sessions_left, wrongs
from tests.faults.kinds import KINDS, TIMEOUT
from tests.faults.operations import CHANGES, READS
from tests.live.rig import Rig

# A connection that broke is closed when it is collected.
pytestmark = [
    pytest.mark.live,
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PART = 5  # one cell of so many is in the short part


def pytest_generate_tests(metafunc):
    if "operation" not in metafunc.fixturenames:
        return
    whole = metafunc.config.getoption("--faults") == "whole"
    cells = [
        pytest.param(operation, kind, id=f"{operation.name}-{kind.name}")
        for row, operation in enumerate(CHANGES + READS)
        for column, kind in enumerate(KINDS)
        if whole or (row + column) % PART == 0
    ]
    metafunc.parametrize(("operation", "kind"), cells)


def tried(sim, operation, kind=None, call=0):
    """Run an operation on a fresh host; ``kind`` is what happens to its ``call``-th call."""
    sim.restore()
    conn = esxdriver.openAuth(sim_uri(sim, f"timeout={TIMEOUT}"), password_auth(sim.password))
    try:
        tried_call = operation.prepare(conn, sim)
        if kind:
            kind.arm(sim, call)
        made = run(sim, tried_call)
    finally:
        sim.reset_faults()
        conn.logout()
    made.sessions = sessions_left(sim)
    return made


@pytest.fixture(scope="module")
def clean():
    """Remember the run of each operation that meets no fault."""
    return {}


def test_an_operation_ends_well_or_says_what_is_so(sim, clean, operation, kind):
    meets_every_fault(sim, clean, operation, kind)


def meets_every_fault(sim, clean, operation, kind):
    """Let each call of an operation meet the fault, and look what came of it."""
    if operation.name not in clean:
        clean[operation.name] = tried(sim, operation)
    ideal = clean[operation.name]
    assert ideal.error is None
    assert bool(ideal.changes) == operation.changes
    found = {}
    for call, name in enumerate(ideal.calls):
        if wrong := wrongs(ideal, tried(sim, operation, kind, call), kind, call):
            found[f"{call}: {name}"] = wrong
    gc.collect()
    assert not found, "\n".join(f"{where}: {wrong}" for where, list_ in found.items() for wrong in list_)


def test_the_inventory_that_is_compared_is_what_pyvmomi_sees(sim):
    with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn, Rig(sim) as rig:
        for operation in CHANGES[:2]:
            operation.prepare(conn, sim)()
        machines = {each["name"]: each for each in sim.inventory()["machines"]}
        assert set(machines) == {vm.name for vm in rig.all(vim.VirtualMachine)} >= {"new01", "web01"}
        for name, machine in machines.items():
            vm = rig.vm(name)
            disks = [each for each in vm.config.hardware.device if isinstance(each, vim.vm.device.VirtualDisk)]
            stored = [each for each in machine["config"]["hardware"]["device"] if each["_typeName"] == "VirtualDisk"]
            assert [each["backing"]["diskMode"] for each in stored] == [each.backing.diskMode for each in disks]
            assert machine["config"].get("annotation") == vm.config.annotation
            assert machine["power"] == vm.runtime.powerState
