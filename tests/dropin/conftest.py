"""Other people's programs for libvirt-python, unmodified, with ``esxdriver`` in its place: each on a fresh simulator.

A program that is not installed is skipped, and says what it needs.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import sim_uri

ROOT = Path(__file__).parents[2]


class Program:
    """Runs programs on a simulator, whose password stands in an auth.conf."""

    def __init__(self, sim, directory):
        self.uri = sim_uri(sim)
        self._auth = directory / "auth.conf"
        self._auth.write_text(
            f"[credentials-sim]\nusername={sim.user}\npassword={sim.password}\n[auth-esx-{sim.host}]\ncredentials=sim\n"
        )
        self._auth.chmod(0o600)

    def __call__(self, *words, status=0, path=""):
        """Run a program; return what it printed. It ends with ``status``."""
        here = {"LIBVIRT_AUTH_FILE": str(self._auth), "LIBVIRT_DEFAULT_URI": self.uri, "DROPIN_PATH": path}
        inherited = os.environ.get("PYTHONPATH", "")
        done = subprocess.run(
            [sys.executable, "-m", "tests.dropin.program", *words],
            cwd=ROOT, env={**os.environ, **here, "PYTHONPATH": f"{ROOT}{os.pathsep}{inherited}"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def program(sim, tmp_path):
    return Program(sim, tmp_path)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("live")
