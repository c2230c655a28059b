"""One table says what each operation does to the host; sessions and recordings both go by it."""

import pytest
from pyVmomi import VmomiSupport

from esxdriver.recording.cassette.match import Call, Role
from esxdriver.vsphere.wire import operations

KNOWN = {method[1] for definition in VmomiSupport._managedDefMap.values() for method in definition[5] or []}


def test_the_tables_name_operations_that_exist():
    own = {"Fetch"}  # pyVmomi's own way to read one property
    assert own == operations.READS - KNOWN
    assert KNOWN >= operations.SINGLE
    assert KNOWN >= operations.OF_SESSIONS


def test_an_operation_stands_in_one_row():
    assert not operations.READS & operations.SINGLE
    assert not (operations.READS | operations.SINGLE) & operations.OF_SESSIONS


def test_no_task_is_a_read():
    assert not [name for name in operations.READS if name.endswith("_Task")]


@pytest.mark.parametrize("name", ["PowerOnVM_Task", "UnregisterVM", "AnswerVM", "ReconfigVM_Task", "NobodyKnowsIt"])
def test_what_is_listed_nowhere_is_a_change(name):
    assert operations.is_change(name)


def test_a_session_and_a_recording_agree_on_every_operation():
    roles = {name: Call(name, ()).role for name in KNOWN}
    timeless = {name for name, role in roles.items() if role is Role.TIMELESS}
    assert {name for name, role in roles.items() if role is Role.CHANGE} == set(
        filter(operations.is_change, KNOWN - timeless)
    )
    assert not [name for name in timeless if operations.is_change(name)]
