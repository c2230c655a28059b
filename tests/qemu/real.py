"""libvirtd in the foreground, with a configuration, sockets and files of its own, and QEMU under emulation.

It is a user's daemon: as root it runs as nobody, so that it needs no cgroups, no security driver and no user of its
own, and leaves the system's libvirtd alone.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import libvirt
import libvirt_qemu

LIBVIRTD = "/usr/sbin/libvirtd"
QEMU = "/usr/bin/qemu-system-x86_64"
CONFIGURATION = 'stdio_handler = "file"\nsecurity_driver = "none"\ncgroup_controllers = []\n'
HMP = libvirt_qemu.VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP


class Libvirtd:
    """The daemon: ``uri`` leads to it, ``images`` is a directory that it may write to."""

    def __init__(self):
        self.home = Path(tempfile.mkdtemp(prefix="esxdriver-qemu-"))
        self.home.chmod(0o755)
        self.images = self.home / "images"
        self.uri = f"qemu+unix:///session?socket={self.home}/run/libvirt/libvirt-sock"
        for each in ("config/libvirt", "run", "cache", "data", "images"):
            (self.home / each).mkdir(parents=True)
        (self.home / "config/libvirt/qemu.conf").write_text(CONFIGURATION)
        self._who = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self._who:
            for each in (self.home, *self.home.rglob("*")):
                os.chown(each, self._who.pw_uid, self._who.pw_gid)
        with (self.home / "log").open("w") as log:
            self._process = subprocess.Popen(
                [LIBVIRTD], stderr=log, stdout=log, env=self._environment(), **self._as_whom()
            )
        self._wait()

    def _environment(self):
        places = {"CONFIG_HOME": "config", "RUNTIME_DIR": "run", "CACHE_HOME": "cache", "DATA_HOME": "data"}
        own = {f"XDG_{name}": str(self.home / place) for name, place in places.items()}
        return {"PATH": os.environ["PATH"], "HOME": str(self.home)} | own

    def _as_whom(self):
        return {"user": self._who.pw_uid, "group": self._who.pw_gid, "extra_groups": []} if self._who else {}

    def _wait(self):
        for _ in range(300):
            try:
                libvirt.open(self.uri).close()
            except libvirt.libvirtError:
                assert self._process.poll() is None, (self.home / "log").read_text()
                time.sleep(0.1)
            else:
                return
        raise AssertionError("libvirtd does not answer: " + (self.home / "log").read_text())

    def image(self, name):
        """Make an empty image that QEMU may write to, and return its path."""
        path = self.images / f"{name}.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "1M"], check=True)
        if self._who:
            os.chown(path, self._who.pw_uid, self._who.pw_gid)
        return path

    def stop(self):
        """End the domains, then the daemon."""
        conn = libvirt.open(self.uri)
        for each in conn.listAllDomains():
            forget(each)
        conn.close()
        self._process.terminate()
        self._process.wait(30)
        shutil.rmtree(self.home)


def forget(domain):
    """Let a domain, its run and its snapshots' metadata be gone."""
    if domain.isActive():
        domain.destroy()
    domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA)


def write(domain, disk, byte):
    """Fill the first sector of a running domain's disk, as the guest would; ``disk`` counts from 0."""
    device = f"qemu-io -d /machine/peripheral/virtio-disk{disk}/virtio-backend"
    for command in (f"write -P {byte} 0 512", "flush"):
        libvirt_qemu.qemuMonitorCommand(domain.real, f'{device} "{command}"', HMP)


def holds(path, byte):
    """Whether the first sector of an image is filled with a byte."""
    command = ["qemu-io", "-r", "-U", "-f", "qcow2", "-c", f"read -P {byte} 0 512", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "read 512/512" in run.stdout, run.stdout + run.stderr
    return "Pattern verification failed" not in run.stdout
