"""virt-manager and its tools, unmodified: they look at domains and edit them, and every mode stays."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.daemon.conftest import eventually
from tests.daemon.process import environment

VIRT_XML, VIRT_INSTALL = shutil.which("virt-xml"), shutil.which("virt-install")
VIRT_CLONE = shutil.which("virt-clone")
VIRT_MANAGER, XVFB, DBUS = shutil.which("virt-manager"), shutil.which("Xvfb"), shutil.which("dbus-run-session")
SYSTEMS_PYTHON = "/usr/bin/python3"  # which has gi, as virt-manager needs it

needs_virtinst = pytest.mark.skipif(not (VIRT_XML and VIRT_INSTALL), reason="needs virt-install: apt install virtinst")
needs_screen = pytest.mark.skipif(not (VIRT_MANAGER and XVFB and DBUS), reason="needs virt-manager, xvfb and dbus-x11")


@pytest.fixture
def env(tmp_path):
    kept = {name: value for name, value in environment(HOME=str(tmp_path)).items() if name != "PYTHONPATH"}
    return kept | {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}


def ran(*command, env):
    found = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, env=env)
    assert found.returncode == 0, found.stderr
    return found.stdout


@needs_virtinst
def test_virt_install_makes_a_document_of_the_hosts_capabilities(host, env):
    options = "--name t1 --memory 512 --disk none --import --network none --osinfo detect=off,require=off --print-xml"
    out = ran(VIRT_INSTALL, "--connect", host.uri(), *options.split(), env=env)
    assert '<domain type="vmware">' in out
    assert '<type arch="x86_64" machine="vmx-19">hvm</type>' in out  # the hardware version of the host's new machines


# What is edited, and what the dump shows afterwards
EDITS = [
    ("--memory 1024,maxmemory=1024", "<memory unit='KiB'>1048576</memory>"),
    ("--vcpus 1", "<vcpu placement='static'>1</vcpu>"),
    ("--metadata description=changed", "<description>changed</description>"),
]


@needs_virtinst
@pytest.mark.parametrize(("options", "shown"), EDITS, ids=[options for options, _ in EDITS])
def test_virt_xml_edits_and_keeps_every_mode(host, env, options, shown):
    before = host.modes("web01")
    host.sim.reset_calls()
    ran(VIRT_XML, "--connect", host.uri(), "web01", "--edit", *options.split(), env=env)
    assert host.writes() == ["ReconfigVM_Task"]
    assert host.modes("web01") == before
    assert shown in host.virsh("dumpxml", "web01")


@needs_virtinst
def test_virt_xml_changes_a_disk_and_keeps_its_mode(host, env):
    before = host.modes("web01")
    ran(VIRT_XML, "--connect", host.uri(), "web01", "--remove-device", "--disk", "target=hdc", env=env)
    assert host.modes("web01") == before
    assert "hdc" not in host.virsh("domblklist", "web01")


@needs_virtinst
@pytest.mark.parametrize("options", [["--auto-clone"], ["--name", "web02", "--file", "[datastore1] web02/web02.vmdk"]])
def test_virt_clone_is_refused_before_anything_is_done(host, env, options):
    """It takes the white space in <nvram> for a file here, of which it has a pool defined; and it defines a domain
    before it copies its disks, which vSphere does not take.
    """
    before = host.sim.inventory()
    found = subprocess.run(
        [VIRT_CLONE, "--connect", host.uri(), "--original", "web01", *options],
        check=False, capture_output=True, text=True, timeout=60, env=env,
    )  # fmt: skip
    assert found.returncode == 1
    assert "not supported by the connection driver: virStoragePoolDefineXML" in found.stderr
    assert host.sim.inventory() == before


# As the README has it
CLONED = "/uuid>/d; /<mac /d; /<nvram/,/<.nvram>/d; s/web01/web02/g"


def test_virsh_copies_a_domain_with_every_mode(host, tmp_path):
    for name in ("web02.vmdk", "web02_1.vmdk", "web02_2.vmdk"):
        host.virsh("vol-clone", "--pool", "datastore1", f"web01/{name.replace('web02', 'web01')}", f"web02/{name}")
    copy = subprocess.run(
        ["sed", "-e", CLONED], input=host.virsh("dumpxml", "web01"), capture_output=True, text=True, check=True
    )
    (tmp_path / "web02.xml").write_text(copy.stdout)
    host.virsh("define", str(tmp_path / "web02.xml"))
    assert host.modes("web02") == host.modes("web01")
    assert "[datastore1] web02/web02_1.vmdk" in host.virsh("domblklist", "web02")
    cards = [host.virsh("domiflist", name).split()[-1] for name in ("web01", "web02")]
    assert cards[0] != cards[1]


@pytest.fixture
def display(env, tmp_path):
    """A screen that nobody sees."""
    read, write = os.pipe()
    with (tmp_path / "xvfb").open("wb") as log:
        screen = subprocess.Popen(
            [XVFB, "-displayfd", str(write), "-screen", "0", "1100x700x24"], pass_fds=[write], stderr=log
        )
    os.close(write)
    with os.fdopen(read) as number:
        yield env | {"DISPLAY": f":{number.readline().strip()}", "GSETTINGS_BACKEND": "memory", "NO_AT_BRIDGE": "1"}
    screen.terminate()
    screen.wait()


@needs_screen
@pytest.mark.parametrize(
    ("window", "opened"), [((), "Showing manager"), (("--show-domain-editor", "web01"), "Showing VM details")]
)
def test_virt_manager_opens_its_windows_and_polls(host, display, tmp_path, window, opened):
    log = tmp_path / "log"
    command = [DBUS, "--", VIRT_MANAGER, "--connect", host.uri(), "--no-fork", "--debug", *window]
    with log.open("wb") as file:
        manager = subprocess.Popen(command, env=display, stdout=file, stderr=file)
    try:
        eventually(lambda: opened in log.read_text(), seconds=40)
        host.sim.reset_calls()
        time.sleep(4)
        assert host.sim.calls(), "it asks for states and statistics"
    finally:
        manager.terminate()
        manager.wait(20)
    said = log.read_text()
    assert "changed to state=Active" in said
    failures = [line for line in said.splitlines() if "Error: " in line and "storage pool" not in line]
    assert failures == [], "but for the pool of its own that it wants, which no ESX host lets it make"


GIB = 1 << 30
NEW_VOLUME = Path(__file__).with_name("new_volume.py")
# What somebody fills in, in turn: a new name, the same, which is taken by then, a thin one, and what the host refuses
FORMS = [
    {"vol-name": "new09", "vol-capacity": 2},
    {"vol-name": "new09", "vol-capacity": 3},
    {"vol-name": "new10", "vol-capacity": 1, "vol-nonsparse": False},
    {"vol-name": "new11", "vol-capacity": 1},
]


def files(host):
    return {each["path"]: each for each in host.sim.inventory()["files"]["datastore1"]}


@needs_screen
def test_virt_manager_makes_volumes_in_its_window_and_shows_why_it_does_not(host, display):
    """A volume lies where the driver says, whatever it is called there, and is found again by that name."""
    before = files(host)
    host.sim.fault("CreateVirtualDisk_Task", fault="NoPermission", skip=2)
    host.sim.reset_calls()
    command = [DBUS, "--", SYSTEMS_PYTHON, str(NEW_VOLUME), host.uri(), "datastore1", json.dumps(FORMS)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, env=display)
    assert done.returncode == 0, done.stderr
    made, taken, thin, refused = [json.loads(line) for line in done.stdout.splitlines()]

    new = {"new09/new09.vmdk": 2 * GIB, "new10/new10.vmdk": GIB}
    assert [error for error, _ in (made, thin)] == [None, None]
    assert ["new09/new09.vmdk", 2 * GIB, "vmdk"] in made[1]
    assert taken == ["Error validating volume: Name 'new09' already in use by another volume.", made[1]]
    assert ["new10/new10.vmdk", GIB, "vmdk"] in thin[1]
    assert "access denied: cannot create volume 'new11/new11.vmdk' in storage pool 'datastore1'" in refused[0]
    assert refused[1] == thin[1]

    after = files(host)
    assert after.items() >= before.items()
    added = {path: after[path] for path in after.keys() - before.keys()}
    assert {path: each["capacity"] for path, each in added.items() if each["kind"] != "dir"} == new
    assert {path for path, each in added.items() if each["kind"] == "dir"} == {"new09", "new10"}
    assert [added[path].get("thin", False) for path in new] == [False, True]
    assert host.writes().count("CreateVirtualDisk_Task") == 3, "none for the name that is taken"
