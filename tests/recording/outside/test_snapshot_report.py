"""The tests of that tool. They know nothing of esxdriver but its pytest plugin."""

import pytest
from snapshot_report import left_out


@pytest.mark.esx_cassette("lab.yaml")
def test_the_disks_that_snapshots_leave_out(esx_connection):
    report = left_out(esx_connection)
    assert all(file.startswith("[") for files in report.values() for file in files)
    assert sorted(report) == ["db01", "snap01", "web01"]


@pytest.mark.esx_cassette("lab.yaml")
def test_the_host_is_the_one_that_was_recorded(esx_connection):
    assert esx_connection.getType() == "ESX"
    assert esx_connection.getVersion() // 1_000_000 >= 6
