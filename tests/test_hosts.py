"""Real hosts: whatever was recorded of one, the driver reads it without contradicting itself.

Each ``hosts/PRODUCT-VERSION-BUILD.yaml`` is a test; ``esxdriver cassette import`` makes one of what somebody has sent.
"""

from pathlib import Path

import pytest

from esxdriver import recording
from esxdriver.checking.reading import Limits, read_host
from esxdriver.checking.report import Status

HOSTS = sorted((Path(__file__).parent / "hosts").glob("*.yaml"))
EACH_HOST = pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in HOSTS])


def test_there_are_hosts():
    assert HOSTS


@EACH_HOST
def test_the_driver_reads_it_without_contradicting_itself(path):
    with recording.connect(recording.recorded_uri(path), recording.replay(path)) as conn:
        report = read_host(conn, Limits(unanswered=10**6))
    assert report.failed == ()
    assert report.of(Status.UNANSWERED) == (), f"ask it anew: esxdriver cassette import {path} -o {path}"
    assert report.domains[0] > 0


@EACH_HOST
def test_it_tells_what_host_it_is_and_may_be_shown_to_all(path):
    head = recording.describe(path).head
    assert {"version", "apiType"} <= head["host"].keys()
    assert path.stem.split("-")[1] == head["host"]["version"]
    assert head["profile"] == "pseudonyms"
    assert recording.check(path) == []
