"""virsh, unmodified, on ESX."""

import shlex
import subprocess

import pytest

from esxdriver.conf.devices.disk_backing import Backing
from tests.daemon.conftest import eventually
from tests.daemon.process import COMMAND, ROOT, VIRSH, Virtesxd, environment, needs_virsh, virsh
from tests.live.test_modes import BUSES, DEFINABLE, document

from .conftest import Host, address, credentials

pytestmark = needs_virsh

# What is typed, and what it must show
SHOWS = [
    ("list --all", ["db01 running", "susp01 paused", "web01 shut off"]),
    ("list --all --name", ["web01"]),
    ("list --all --uuid", ["97a43ce7-31e1-441d-aa90-5291c6c4de6a"]),
    ("dominfo web01", ["OS Type: hvm", "State: shut off", "Max memory: 2097152 KiB", "Persistent: yes"]),
    ("domstate db01", ["running"]),
    ("domid db01", ["2"]),
    ("domuuid web01", ["97a43ce7-31e1-441d-aa90-5291c6c4de6a"]),
    ("domblklist web01 --details", ["file disk sda [datastore1] web01/web01.vmdk"]),
    ("domiflist web01", ["bridge"]),
    ("vcpucount web01", ["maximum config 2"]),
    ("dumpxml web01", ["snapshot='no' persistent='yes'", "snapshot='no' persistent='no'"]),
    ("domname 2", ["db01"]),
    ("version", ["Using API: ESX", "Running hypervisor: ESX 8.0"]),
    ("hostname", ["esx1"]),
    ("nodeinfo", ["CPU socket(s): 2"]),
    ("capabilities", ["<domain type='vmware'/>"]),
    ("maxvcpus", ["32"]),
    ("domcapabilities --machine vmx-13 --arch i686", ["<machine>vmx-13</machine>", "<value>lsisas1068</value>"]),
    ("nodecpumap", ["CPUs online: 32"]),
    ("domstats web01", ["state.state=5", "vcpu.maximum=2"]),
    ("snapshot-list snap01 --tree", ["\n"]),
    ("nodedev-list --tree", ["computer", "| +- pci_0000_04_00_1"]),
    ("nodedev-info pci_0000_04_00_1", ["Parent: pci_0000_00_01_0", "Active: yes", "Persistent: no", "Autostart: no"]),
    ("nodedev-list --cap pci", ["pci_0001_81_00_0"]),
    ("nodedev-dumpxml pci_0000_04_00_1", ["<product id='0x10fb'>82599 10 Gigabit Network Connection</product>"]),
    ("secret-list", []),
    ("nwfilter-list", []),
    ("checkpoint-list web01", []),
    ("domblkerror db01", []),
    ("event --list", ["lifecycle"]),
    ("domxml-to-native vmware-vmx --domain web01", ['scsi0:1.mode = "independent-persistent"']),
]


def plain(text):
    """Return text whose columns are one blank apart."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines()) + "\n"


@pytest.mark.parametrize(("line", "shown"), SHOWS, ids=[line for line, _ in SHOWS])
def test_virsh_shows(host, line, shown):
    out = plain(host.virsh(*line.split()))
    for each in shown:
        assert each in out


# What is typed, and what the refusal says
REFUSES = [
    ("domstate nobody", "failed to get domain 'nobody'"),
    ("resume db01", "Requested operation is not valid"),
    ("save db01 /tmp/x", "not supported by the connection driver: virDomainSave"),
    ("iface-undefine vmk0", "not supported by the connection driver: virInterfaceUndefine"),
    ("nodedev-destroy computer", "not supported by the connection driver: virNodeDeviceDestroy"),
    ("migrate db01 test:///default", "not supported"),
    ("define /dev/null", "XML error"),
    ("console web01", "domain is not running"),
    ("undefine db01", "Requested operation is not valid"),
]


@pytest.mark.parametrize(("line", "said"), REFUSES, ids=[line for line, _ in REFUSES])
def test_virsh_is_refused_in_libvirts_words_and_nothing_is_done(host, line, said):
    before = host.sim.inventory()
    assert said in host.refused(*line.split())
    assert host.sim.inventory() == before


# -- the modes


@pytest.mark.parametrize("bus", BUSES)
def test_every_mode_survives_virshs_define_and_dumpxml(host, tmp_path, bus):
    file = tmp_path / "d.xml"
    for mode in DEFINABLE:
        name = f"modes-{mode.name.lower()}"  # undefine keeps the files of the one before
        text = document(bus, Backing.FLAT, mode, "attributes").replace("<name>modes<", f"<name>{name}<")
        assert name in text
        file.write_text(text)
        host.virsh("define", str(file))
        assert host.modes(name) == [mode.vim]
        file.write_text(host.virsh("dumpxml", name))
        before = host.sim.inventory()
        host.sim.reset_calls()
        host.virsh("define", str(file))
        assert host.writes() == []
        assert host.sim.inventory() == before
        host.virsh("undefine", name)


def test_virsh_edit_changes_one_mode_in_place(host):
    before = host.modes("web01")
    place = before.index("independent_persistent")
    host.sim.reset_calls()
    host.virsh("edit", "web01", EDITOR="sed -i \"s/snapshot='no' persistent='yes'/snapshot='yes' persistent='yes'/\"")
    assert host.writes() == ["ReconfigVM_Task"]
    assert host.modes("web01") == [*before[:place], "persistent", *before[place + 1 :]]


def test_virsh_edit_that_changes_nothing_asks_for_nothing(host):
    host.sim.reset_calls()
    host.virsh("edit", "web01", EDITOR="true")
    assert host.writes() == []


# -- a domain's life


def test_virsh_runs_a_domain_from_start_to_undefine(host):
    steps = [
        ("start web01", "running"),
        ("suspend web01", "paused"),
        ("resume web01", "running"),
        ("reset web01", "running"),
        ("destroy web01", "shut off"),
    ]
    for line, state in steps:
        host.virsh(*line.split())
        assert host.virsh("domstate", "web01").split("\n")[0] == state
    host.virsh("setmem", "web01", "1G", "--config")
    host.virsh("setvcpus", "web01", "1", "--config")
    host.virsh("domrename", "web01", "web02")
    assert "Used memory: 1048576 KiB" in plain(host.virsh("dominfo", "web02"))
    host.virsh("undefine", "web02")
    assert "web02" not in host.virsh("list", "--all")


def test_virsh_has_a_domain_start_with_its_host(host):
    assert "disable" in next(line for line in host.virsh("dominfo", "web01").splitlines() if "Autostart" in line)
    for option, shown in (("", "enable"), ("--disable", "disable")):
        host.sim.reset_calls()
        host.virsh("autostart", "web01", *option.split())
        host.virsh("autostart", "web01", *option.split())  # is so already
        assert host.sim.calls().count("ReconfigureAutostart") == 1
        (line,) = [line for line in host.virsh("dominfo", "web01").splitlines() if "Autostart" in line]
        assert line.split() == ["Autostart:", shown]
    host.virsh("autostart", "web01")
    assert host.virsh("list", "--all", "--autostart", "--name").split() == ["web01"]


def test_virsh_takes_reverts_and_deletes_snapshots(host):
    host.virsh("snapshot-create-as", "db01", "s1", "--disk-only")
    host.virsh("snapshot-create-as", "db01", "s2", "größe & <mehr>", "--disk-only")
    assert host.virsh("snapshot-list", "db01", "--name").split() == ["s1", "s2"]
    assert "größe" in host.virsh("snapshot-dumpxml", "db01", "s2")
    assert "s1" in host.virsh("snapshot-parent", "db01", "s2")
    assert host.virsh("snapshot-current", "db01", "--name").strip() == "s2"
    host.virsh("snapshot-revert", "db01", "s1")
    host.virsh("snapshot-delete", "db01", "s1", "--children")
    assert host.virsh("snapshot-list", "db01", "--name").split() == []


def test_virsh_batches_and_keeps_its_connection_alive(host):
    assert host.virsh("-k", "1", "-K", "3", "domstate db01; domstate web01") == "running\nshut off\n"


def test_a_read_only_virsh_reads_and_is_refused_the_rest(host):
    out, err, status = virsh(host.uri(read_only=True), "-r", "dumpxml", "web01")
    assert (err, status) == ("", 0)
    assert "persistent='no'" in out
    out, err, status = virsh(host.uri(read_only=True), "-r", "destroy", "db01")
    assert "read only access" in err


# -- who logs in


@pytest.fixture
def sasl(host, tmp_path):
    """A daemon without any credentials, to which every user brings a login."""
    with Virtesxd(tmp_path, "--connect", address(host.sim), config='auth_unix = "sasl"\n') as daemon:
        yield Host(host.sim, daemon)


def auth_file(tmp_path, user, password):
    path = tmp_path / "auth.conf"
    path.write_text(
        f"[credentials-me]\nauthname={user}\npassword={password}\n[auth-libvirt-localhost]\ncredentials=me\n"
    )
    return path


def test_a_user_brings_his_own_login(sasl, tmp_path):
    file = auth_file(tmp_path, sasl.sim.user, sasl.sim.password)
    out, err, status = virsh(f"{sasl.uri()}&authfile={file}", "list", "--all")
    if "No worthy mechs" in err:
        pytest.skip("needs libsasl2-modules")
    assert (err, status) == ("", 0)
    assert "web01" in out


def test_a_wrong_password_is_refused_whatever_the_daemon_knows(host, tmp_path):
    """The daemon has the right one for its own use; a client's login never falls back to it."""
    config = 'auth_unix = "sasl"\n'
    own = tmp_path / "own.conf"
    own.write_text(
        f"[credentials-c]\nusername={host.sim.user}\npassword={host.sim.password}\n[auth-esx-{host.sim.host}]\ncredentials=c\n"
    )
    env = credentials(host.sim) | {"LIBVIRT_AUTH_FILE": str(own)}
    with Virtesxd(tmp_path, "--connect", address(host.sim), config=config, env=env) as daemon:
        file = auth_file(tmp_path, host.sim.user, "wrong")
        _, err, status = virsh(f"{daemon.uri()}&authfile={file}", "list", "--all")
        assert status == 1
        assert "authentication failed" in err
        assert "wrong" not in err
        assert "wrong" not in daemon.said()
        assert host.sim.password not in daemon.said()


# -- bad luck


def test_a_session_that_the_host_has_dropped_comes_back(host):
    host.virsh("list")
    assert host.sim.expire_sessions() >= 1
    assert "db01" in host.virsh("list")


def test_a_client_that_dies_in_a_define_leaves_it_done(host, tmp_path):
    file = tmp_path / "d.xml"
    file.write_text(host.virsh("dumpxml", "web01").replace("<description>front end", "<description>changed"))
    host.sim.fault("ReconfigVM_Task", "slow", seconds=1, execute=True)
    client = subprocess.Popen(
        [VIRSH, "-c", host.uri(), "define", str(file)], env=environment(), stdout=subprocess.DEVNULL
    )
    eventually(lambda: "ReconfigVM_Task" in host.sim.calls())
    client.kill()
    client.wait()
    eventually(lambda: "changed" in host.virsh("desc", "web01") or "changed" in host.virsh("dumpxml", "web01"))


def test_the_end_of_the_daemon_logs_out(host, tmp_path):
    with Virtesxd(tmp_path, "--connect", address(host.sim), env=credentials(host.sim)) as daemon:
        virsh(daemon.uri(), "list")
        during = {each["key"] for each in host.sim.sessions()}
    assert len(during - {each["key"] for each in host.sim.sessions()}) == 1


def test_without_a_daemon_each_command_logs_out(host, tmp_path):
    """libvirt ends the program some milliseconds after the connection is closed: by then it has logged out."""
    program = tmp_path / "virtesxd"
    words = [f"{name}={value}" for name, value in {"PYTHONPATH": str(ROOT), **credentials(host.sim)}.items()]
    program.write_text(f"#!/bin/sh\nexec env {shlex.join([*words, *COMMAND, '-c', address(host.sim)])}\n")
    program.chmod(0o755)
    before = {each["key"] for each in host.sim.sessions()}
    host.sim.reset_calls()
    assert virsh(f"esx+ext:///?command={program}", "domstate", "db01") == ("running\n", "", 0)
    assert {"Login", "Logout"} <= set(host.sim.calls())
    assert {each["key"] for each in host.sim.sessions()} == before


def test_one_client_after_the_other_uses_one_session(host):
    host.virsh("list")
    host.sim.reset_calls()
    for _ in range(10):
        host.virsh("domstate", "db01")
    assert "Login" not in host.sim.calls()
