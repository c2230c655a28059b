"""Runs libvirt-python's own tests on the daemon, with libvirt's test driver behind it.

``python -m tests.clients.libvirt_python DIRECTORY``: DIRECTORY is ``tests`` of its source distribution. Each
``test:///default`` in the files is replaced by the daemon's URI. What fails is printed, and fails the run unless it is
known to be true of local drivers only.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from esxdriver.daemon import doors
from tests.daemon.conftest import ended, started

# What no remote driver does: no event handle is left after the end, and nobody else has destroyed a domain meanwhile.
# Checkpoints are not served: no vSphere host has them.
LOCAL_ONLY = {
    "TestLibvirtAio.testEventsPreInitExplicit",
    "TestLibvirtAio.testEventsWithAsyncioRun",
    "TestLibvirtAio.testEventsWithManualLoopSetup",
    "TestLibvirtDomainLifecycle.testDomainIDReturnsValidValue",
    "TestLibvirtDomainCheckpoint.testCheckpointCreate",
}


def main(directory: str) -> int:
    with tempfile.TemporaryDirectory() as temporary:
        daemon = started("-m", "tests.daemon.testdriver", temporary)
        uri = f"esx+unix:///system?socket={temporary}/{doors.NAME}"
        copied = Path(temporary) / "tests"
        copied.mkdir()
        for file in Path(directory).glob("*.py"):  # but for what compares the binding with libvirt's sources
            if file.name == "test_api_coverage.py":
                continue
            (copied / file.name).write_text(file.read_text().replace("test:///default", uri))
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider", "-c", "/dev/null", str(copied)],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        ended(daemon)
    sys.stdout.write(ran.stdout)
    failed = set(re.findall(r"^FAILED \S+?::(\w+::\w+|\w+)", ran.stdout, re.MULTILINE))
    return 0 if {each.replace("::", ".") for each in failed} <= LOCAL_ONLY else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
