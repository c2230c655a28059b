"""The same matrix for what only a vCenter does."""

from functools import partial

import pytest

import esxdriver
from tests.faults.kinds import KINDS
from tests.faults.operations import Operation
from tests.faults.test_faults import PART, clean, meets_every_fault, pytestmark  # noqa: F401 - a fixture, the marks

pytestmark = [*pytestmark, pytest.mark.esx(model="vpx")]


def _migrated(conn, _):
    web01 = conn.lookupByName("web01")
    return partial(web01.migrateToURI, web01.migrationURI("esx3"))


OPERATIONS = [
    Operation("migrate", _migrated, changes=True),
    Operation("clone", lambda conn, _: partial(esxdriver.clone, conn.lookupByName("web01"), "web02"), changes=True),
]


def pytest_generate_tests(metafunc):
    whole = metafunc.config.getoption("--faults") == "whole"
    cells = [
        pytest.param(operation, kind, id=f"{operation.name}-{kind.name}")
        for row, operation in enumerate(OPERATIONS)
        for column, kind in enumerate(KINDS)
        if whole or (row + column) % PART == 0
    ]
    metafunc.parametrize(("operation", "kind"), cells)


def test_an_operation_ends_well_or_says_what_is_so(sim, clean, operation, kind):  # noqa: F811 - the fixture
    meets_every_fault(sim, clean, operation, kind)
