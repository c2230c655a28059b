"""``virtesxd`` as a process, and virsh."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "esxdriver.daemon"]
VIRSH = shutil.which("virsh")
needs_virsh = pytest.mark.skipif(VIRSH is None, reason="needs virsh: apt install libvirt-clients")


def environment(**more):
    """Return an environment in which the package of this tree is found, and no settings of the user."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "COVERAGE_FILE") if name in os.environ}
    return {**kept, "HOME": "/proc/nonexistent", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **more}


class Virtesxd:
    """A daemon; a context manager that waits until clients may come, and ends it with SIGTERM."""

    def __init__(self, directory, *arguments, config="", env=None, **options):
        self.directory = Path(directory)
        self.file = self.directory / "virtesxd.conf"
        ahead = "" if "read_ahead" in config else "read_ahead = false\n"  # so that no test counts these calls
        self.file.write_text(f'unix_sock_dir = "{directory}"\n{ahead}{config}')
        self.log = self.directory / "log"
        self._arguments, self._env, self._options = arguments, env or {}, options
        self.process = None

    def __enter__(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notice, self.log.open("wb") as log:
            address = self.directory / "notify"
            notice.bind(str(address))
            notice.settimeout(20)
            self.process = subprocess.Popen(
                [*COMMAND, "-f", str(self.file), *self._arguments],
                env=environment(NOTIFY_SOCKET=str(address), **self._env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._options,
            )
            try:
                assert notice.recv(100) == b"READY=1\n"
            except TimeoutError:
                self.process.kill()
                pytest.fail(f"virtesxd did not start: {self.said()}")
            address.unlink()
        return self

    def __exit__(self, *_):
        status = self.end()
        assert status == 0, self.said()

    def end(self, how=signal.SIGTERM):
        """Send a signal and return the exit status."""
        self.process.send_signal(how)
        return self.process.wait(40)

    def said(self):
        return self.log.read_text()

    def uri(self, path="system", *, read_only=False):
        name = "virtesxd-sock-ro" if read_only else "virtesxd-sock"
        separator = "&" if "?" in path else "?"
        return f"esx+unix:///{path}{separator}socket={self.directory / name}"


def virsh(uri, *arguments, timeout=60, **env):
    """Run virsh and return what it printed, what it complained of, and its status."""
    with contextlib.ExitStack() as stack:
        options = stack.enter_context(Path(os.devnull).open())
        ran = subprocess.run(
            [VIRSH, "-q", "-c", uri, *arguments],
            check=False, stdin=options, capture_output=True, text=True, timeout=timeout, env=environment(**env),
        )  # fmt: skip
    return ran.stdout, ran.stderr, ran.returncode
