"""Edited inputs, for so many seconds each kind: a value or libvirtError, within seconds and some hundred megabytes."""

import contextlib
import resource
import time
import warnings
from pathlib import Path

import libvirt
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.faults.judge import EndlessError, bounded
from tests.fuzz.edits import EDITED
from tests.fuzz.targets import TARGETS

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(0)]

MEMORY = 1 << 30  # bytes that may be taken beyond what is there when a target begins
BATCH = 100  # inputs between two looks at the clock
QUIETLY = settings(
    max_examples=BATCH,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


@contextlib.contextmanager
def little_memory():
    """Let nothing take more than MEMORY."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def is_good(target, text) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"):
            target.feed(text)
    except libvirt.libvirtError:
        return False
    return True


@pytest.mark.parametrize("target", [pytest.param(each, id=each.name) for each in TARGETS])
def test_every_input_ends_in_a_value_or_an_error(request, target, capsys):
    seeds, counts = target.seeds(), {"inputs": 0, "values": 0}

    assert any(is_good(target, text) for text in seeds), "the seeds are stale"

    @QUIETLY
    @given(EDITED)
    def feed(edited):
        text = edited.of(seeds)
        counts["inputs"] += 1
        try:
            with bounded(), warnings.catch_warnings(action="ignore"):
                target.feed(text)
            counts["values"] += 1
        except libvirt.libvirtError:
            pass
        except EndlessError:
            pytest.fail(f"no end: {text[:2000]!r}")

    end = time.monotonic() + float(request.config.getoption("--seconds"))
    with little_memory():
        while time.monotonic() < end:
            feed()
    with capsys.disabled():
        print(f"\n{target.name}: {counts['inputs']} inputs, {counts['values']} of them good", end=" ")  # noqa: T201 - the figures are what a run is for
