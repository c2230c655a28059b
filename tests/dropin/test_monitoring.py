"""Programs that look at hosts and domains: munin's plugins of Debian, and virttop and virtomate of PyPI.

Python's only exporter for Prometheus on PyPI that asks libvirt (stealchecker) asks QEMU's monitor for the rest; the one
of Debian is written in Go, and tests/clients runs it on the daemon.
"""

import json
import os
import pty
import select
import subprocess
import time

import pytest

from tests.dropin.conftest import PROGRAMS, SITE, needs

NAMES = ["web01", "db01", "old01", "snap01", "susp01"]
MUNIN = PROGRAMS / "munin/usr/share/munin/plugins"
needs_munin = needs(MUNIN, "Debian's package munin-libvirt-plugins")
needs_pypi = needs(SITE / "virtomate", "virtomate and virttop of PyPI")

PLUGINS = [
    ("libvirt-cputime", ["db01_cputime.value", "total_pc.value"]),
    ("libvirt-mem", ["host_mem.value 68719476736", "db01_mem.value"]),
    ("libvirt-blkstat", ["db01_read.value", "db01_write.value"]),
    ("libvirt-ifstat", ["db01_rx.value", "db01_tx.value"]),
]


@needs_munin
@pytest.mark.parametrize(("plugin", "shown"), PLUGINS, ids=[plugin for plugin, _ in PLUGINS])
def test_a_plugin_of_munin_has_a_figure_of_each_running_domain(program, plugin, shown):
    assert program(str(MUNIN / plugin), "autoconf").strip() == "yes"
    assert "db01" in program(str(MUNIN / plugin), "config")
    figures = program(str(MUNIN / plugin))
    assert [each for each in shown if each not in figures] == []
    assert "web01" not in figures


@pytest.fixture
def virtomate(program):
    return lambda *words, **options: json.loads(program("virtomate", "-c", program.uri, *words, **options))


@needs_pypi
def test_virtomate_lists_domains_pools_and_volumes(virtomate):
    assert {each["name"]: each["state"] for each in virtomate("domain-list")} == {
        "web01": "shut-off", "db01": "running", "old01": "shut-off", "snap01": "shut-off", "susp01": "paused",
    }  # fmt: skip
    pools = {each["name"]: each for each in virtomate("pool-list")}
    assert pools["datastore1"]["active"]
    volumes = {each["name"]: each for each in virtomate("volume-list", "datastore1")}
    assert len(volumes) == pools["datastore1"]["number_of_volumes"]
    assert volumes["web01/web01.vmdk"]["target"]["format_type"] == "vmdk"


@needs_pypi
def test_virtomate_is_told_that_a_host_takes_no_holes(virtomate, tmp_path):
    (tmp_path / "new.iso").write_bytes(bytes(1 << 20))
    said = virtomate("volume-import", str(tmp_path / "new.iso"), "datastore1", "iso/new.iso", status=1)
    assert said["message"] == "invalid argument: unsupported flags (0x1) in function virStorageVolUpload"


@needs_pypi
def test_what_virtomate_does_not_find_it_says_in_json(virtomate):
    assert virtomate("volume-list", "nosuch", status=1) == {
        "type": "NotFoundError",
        "message": "Pool 'nosuch' does not exist",
    }


COLOURS = "\n".join(
    [
        "[color]",
        *(f"{each}_fg = 7\n{each}_bg = 0" for each in ("name_column", "active_row", "inactive_row", "box", "selected")),
    ]
)


@needs_pypi
def test_virttop_shows_every_domain_on_a_terminal(program, tmp_path):
    (tmp_path / "colours.toml").write_text(COLOURS)
    words = ["--uri", program.uri, "--config", str(tmp_path / "colours.toml"), "--logfile", str(tmp_path / "log")]
    screen = on_a_terminal(program, "virttop.virttop", *words, until=NAMES)
    print(screen, log := (tmp_path / "log").read_text())  # noqa: T201 - for the report of a test that fails
    assert [name for name in NAMES if name not in screen] == []
    assert "Traceback" not in log


def on_a_terminal(program, *words, until, seconds=30):
    """Run a program until its screen shows some texts, press q, and return what it has written."""
    ours, terminal = pty.openpty()
    started = program.started(
        *words, stdin=terminal, stdout=terminal, stderr=terminal, env={"TERM": "xterm", "LINES": "24", "COLUMNS": "400"}
    )
    with subprocess.Popen(**started) as process:
        os.close(terminal)
        screen, end = b"", time.monotonic() + seconds
        while time.monotonic() < end and not all(each.encode() in screen for each in until):
            if select.select([ours], [], [], 0.2)[0]:
                screen += os.read(ours, 1 << 16)
        os.write(ours, b"q")
        try:
            process.wait(seconds)
        finally:
            process.kill()
            os.close(ours)
    return screen.decode(errors="replace")
