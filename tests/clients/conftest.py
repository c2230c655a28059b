"""``virtesxd`` before esxsim, for other people's programs.

A test takes ``host``, the daemon and its simulator in its first state, and runs a program with ``host.uri()``.
"""

import contextlib
import subprocess
from pathlib import Path

import pytest

from tests.daemon.process import Virtesxd, virsh
from tests.sim import Sim


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("live")


# How the daemon has the host tell what changes, whatever clients do
WATCH = {"CreateContainerView", "CreatePropertyCollector", "CreateFilter", "WaitForUpdatesEx"}


class Host:
    """A simulator and the daemon that serves it."""

    def __init__(self, sim, daemon):
        self.sim, self.daemon = sim, daemon

    def uri(self, path="system", *, read_only=False):
        return self.daemon.uri(path, read_only=read_only)

    def virsh(self, *arguments, **env):
        """Run virsh and return what it printed; it must not fail."""
        out, err, status = virsh(self.uri(), *arguments, **env)
        assert (err, status) == ("", 0), err
        return out

    def refused(self, *arguments):
        """Run virsh, which must fail, and return what it complained of.

        A job (migrate) that ends before virsh begins to wait for its end is waited for for ever: virsh is run again.
        """
        for timeout in (10, 10, 10, 60):
            with contextlib.suppress(subprocess.TimeoutExpired):
                _, err, status = virsh(self.uri(), *arguments, timeout=timeout)
                assert status == 1
                return err
        raise AssertionError(arguments)

    def modes(self, name):
        """Return the modes of a machine's disks in their order, past everything of ours."""
        (machine,) = [each for each in self.sim.inventory()["machines"] if each["config"]["name"] == name]
        devices = machine["config"]["hardware"]["device"]
        return [device["backing"]["diskMode"] for device in devices if "capacityInKB" in device]

    def asked(self):
        """Return the calls since the last reset, but for those of the daemon's own watch."""
        return [call for call in self.sim.calls() if call not in WATCH]

    def writes(self):
        """Return the calls that changed something, since the last reset."""
        return [call for call in self.sim.calls() if call.endswith("_Task") or call in {"ShutdownGuest", "RebootGuest"}]


def credentials(sim):
    """Return how the daemon logs in: govc's variables, which stand in no file."""
    return {"GOVC_URL": f"{sim.host}:{sim.port}", "GOVC_USERNAME": sim.user, "GOVC_PASSWORD": sim.password}


def address(sim):
    return f"esx://{sim.user}@{sim.host}:{sim.port}/?cacert={sim.cacert()}"


@pytest.fixture(scope="session")
def _esx():
    with Sim.start("esx") as sim:
        yield sim


@pytest.fixture
def host(_esx, tmp_path_factory):
    _esx.restore()  # and a new daemon: another would answer from memory what was before, until the host tells it
    directory = tmp_path_factory.mktemp("virtesxd")
    with Virtesxd(directory, "--connect", address(_esx), "-v", env=credentials(_esx)) as daemon:
        yield Host(_esx, daemon)
