"""Other people's programs for libvirt-python, unmodified, with ``esxdriver`` in its place: each on a fresh simulator.

``tox run -e dropin`` fetches them (``install.py``). One that is not there is skipped, and says what it needs. What a
program prints stands in the report of a test that fails.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import sim_uri

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(os.environ.get("DROPIN_PROGRAMS", "/proc/nonexistent"))
SITE = PROGRAMS / "site"  # what came from PyPI
DEBIAN = "/usr/lib/python3/dist-packages"  # where Debian has the bindings of libxml2, and what virtinst needs


def needs(path, package):
    """Mark tests of a program that may not be there."""
    return pytest.mark.skipif(not Path(path).exists(), reason=f"needs {package}: tox run -e dropin")


class Program:
    """Runs programs on a simulator, whose password stands in an auth.conf."""

    def __init__(self, sim, directory):
        self.uri = sim_uri(sim)
        self._auth = directory / "auth.conf"
        self._auth.write_text(
            f"[credentials-sim]\nusername={sim.user}\npassword={sim.password}\n[auth-esx-{sim.host}]\ncredentials=sim\n"
        )
        self._auth.chmod(0o600)

    def started(self, *words, path="", **options):
        """Return the arguments of :class:`subprocess.Popen` that start a program; ``path`` has modules of its own."""
        here = {
            "LIBVIRT_AUTH_FILE": str(self._auth), "LIBVIRT_DEFAULT_URI": self.uri, "uri": self.uri,
            "DROPIN_PATH": os.pathsep.join([*filter(None, [path]), str(SITE), DEBIAN]),
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        }  # fmt: skip
        environment = {**os.environ, **here, **options.pop("env", {})}
        return {
            "args": [sys.executable, "-m", "tests.dropin.program", *words],
            "cwd": ROOT,
            "env": environment,
            **options,
        }

    def __call__(self, *words, status=0, path=""):
        """Run a program; return what it printed. It ends with ``status``."""
        done = subprocess.run(
            **self.started(*words, path=path, stdin=subprocess.DEVNULL, capture_output=True, text=True),
            timeout=120, check=False,
        )  # fmt: skip
        print("$", *words, done.stdout + done.stderr, sep=" ")  # noqa: T201 - for the report of a test that fails
        assert done.returncode == status
        return done.stdout + done.stderr


@pytest.fixture
def program(sim, tmp_path):
    return Program(sim, tmp_path)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("live")
