"""What Tab offers: domains, snapshots and files, without a question and without a word."""

import os
import subprocess
import sys
import time

import click
import pytest

from esxdriver.cli import SECTIONS, cli

MAIN = "from esxdriver.cli import main; main()"


def offered(words, tmp_path, **environment):
    """Return what bash is offered for the last of the words."""
    line = ["esxdriver", *words]
    result = subprocess.run(
        [sys.executable, "-c", MAIN], capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "_ESXDRIVER_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(line),
             "COMP_CWORD": str(len(line) - 1), "XDG_CACHE_HOME": str(tmp_path), **environment},
    )  # fmt: skip
    assert result.stderr == ""
    return [each.partition(",")[2] for each in result.stdout.split()]


DEMO = ["--replay", "cassettes/demo.yaml"]


def test_domains_are_completed_and_kept_for_their_owner_alone(tmp_path):
    assert offered([*DEMO, "dumpxml", "w"], tmp_path) == ["web01"]
    (kept,) = (tmp_path / "esxdriver" / "completion").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert offered([*DEMO, "domstate", "s"], tmp_path) == ["snap01", "susp01"]


@pytest.mark.parametrize("age", [-100, 120])
def test_names_that_are_not_fresh_are_asked_for_again(tmp_path, age):
    offered([*DEMO, "dumpxml", "w"], tmp_path)
    (kept,) = (tmp_path / "esxdriver" / "completion").iterdir()
    kept.write_text("wrong")
    assert offered([*DEMO, "dumpxml", "w"], tmp_path) == ["wrong"]
    os.utime(kept, (time.time() - age,) * 2)
    assert offered([*DEMO, "dumpxml", "w"], tmp_path) == ["web01"]


def test_a_host_that_cannot_be_asked_offers_nothing(tmp_path):
    assert offered(["--replay", "nosuch.yaml", "dumpxml", "w"], tmp_path) == []
    assert offered(["-c", "esx://root@127.0.0.1:1/", "dumpxml", "w"], tmp_path) == []


# What is on the line, and what is offered for its last word.
OFFERED = [
    (["domblkinfo", "web01", "s"], ["sda", "sdb", "sdc"]),
    (["domif-getlink", "web01", "nic"], ["nic0"]),
    (["send-key", "web01", "KEY_LEFT"], ["KEY_LEFT", "KEY_LEFTALT", "KEY_LEFTBRACE", "KEY_LEFTCTRL", "KEY_LEFTMETA",
                                          "KEY_LEFTSHIFT"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), OFFERED, ids=[" ".join(line) for line, _ in OFFERED])
def test_what_a_domain_has_is_completed(tmp_path, line, expected):
    assert sorted(offered([*DEMO, *line], tmp_path)) == expected


# What completes arguments and options of these names, in whichever command they are.
COMPLETES = {
    "domain": "domains", "domains": "domains", "file": "files", "files": "files", "pool": "pools", "vol": "volumes",
    "datastore": "pools", "inputpool": "pools", "snapshot": "snapshots", "network": "networks", "keycode": "keys",
    "output_dir": "directories",
}  # fmt: skip
# Names that mean something else there.
OTHERS = {
    ("register", "file"): "a file on a datastore",
    ("check-host", "datastore"): "the host is the one of its own -c",
    ("record", "file"): "click completes a path",
    ("diskmodes", "file"): "click completes a path",
    ("carry", "domains"): "domains of the other host",
    ("attach-disk", "snapshot"): "yes or no",
}


@pytest.mark.parametrize("name", [name for *_, names in SECTIONS for name in names.split()])
def test_what_a_command_asks_for_is_completed(name):
    for each in cli.get_command(click.Context(cli), name).params:
        wanted = COMPLETES.get(each.name)
        if wanted is None or (name, each.name) in OTHERS or getattr(each, "is_flag", False):
            continue
        assert getattr(each._custom_shell_complete, "__name__", None) == wanted, each.name


def test_files_are_left_to_the_shell(tmp_path):
    assert offered(["define", "x"], tmp_path) == ["x"]
