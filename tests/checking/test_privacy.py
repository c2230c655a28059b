"""A report without ``--names`` has nothing of the site: of each recorded host, none of what a recording calls its own."""

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from esxdriver import recording
from esxdriver.checking.reading import Limits, read_host
from esxdriver.checking.report import Report
from esxdriver.cli.check_page import check_page

HOSTS = sorted((Path(__file__).parent.parent / "hosts").glob("*.yaml"))
# What pseudonyms are, and so what a report of a recording with them would have of its site.
OF_SITE = re.compile(
    r"(?:machine|store|network|switch|datacenter|folder|cluster|pool|snapshot|user|file|field)\d+\b|\.example\b"
    r"|/(?:mount|export)\d|\b198\.1[89]\.\d|\b2001:db8|(?:[0-9a-f]{2}:){3}00:|\b0{8}-0000|/vmfs/volumes/\w|\[\w+\] "
)


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in HOSTS if path.stat().st_size < 2**20])
def test_a_report_without_names_has_nothing_of_the_site(path):
    assert OF_SITE.search(path.read_text())
    for names in (False, True):
        with recording.connect(recording.recorded_uri(path), recording.replay(path)) as conn:
            report = read_host(conn, Limits(unanswered=10**6), names=names)
        found = {each for shown in shapes(report) for each in OF_SITE.findall(shown)}
        assert bool(found) is names, found


def shapes(report: Report) -> list[str]:
    """Return a report as a page, and all that is in it."""
    return [check_page(report).decode(), json.dumps(asdict(report))]
