"""What is done at a domain's console, and how it is tuned and saved, through virsh, unmodified."""

import esxdriver
from tests.conftest import password_auth, sim_uri
from tests.daemon.process import Virtesxd, needs_virsh
from tests.sim import Sim

from .conftest import Host, address, credentials
from .test_virsh import plain

pytestmark = needs_virsh


def test_virsh_takes_a_picture_and_presses_keys(host, tmp_path):
    host.virsh("screenshot", "db01", str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    host.virsh("send-key", "db01", "KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_DELETE")
    (machine,) = [each for each in host.sim.inventory()["machines"] if each["name"] == "db01"]
    assert machine["keys"] == [{"usbHidCode": 76 << 16 | 7, "modifiers": {"leftControl": True, "leftAlt": True}}]
    assert "is shut off" in host.refused("screenshot", "web01", str(tmp_path / "b.png"))
    assert "holdtime" in host.refused("send-key", "db01", "--holdtime", "50", "KEY_A")


def test_virsh_tunes_a_domain(host):
    assert plain(host.virsh("schedinfo", "web01")).startswith(
        "Scheduler : allocation\nreservation : 0\nlimit : -1\nshares : -2\n"
    )
    assert "shares : 1500" in plain(host.virsh("schedinfo", "web01", "shares=1500", "limit=2000"))
    assert "shares : -3\n" in plain(host.virsh("schedinfo", "web01", "--set", "shares=-3"))
    host.virsh("memtune", "web01", "--min-guarantee", "512M", "--hard-limit", "1G")
    assert plain(host.virsh("memtune", "web01")).startswith("hard_limit : 1048576\nmin_guarantee : 524288\n")
    host.virsh("memtune", "web01", "--hard-limit", "-1")
    assert "hard_limit : unlimited" in plain(host.virsh("memtune", "web01"))
    assert "<min_guarantee unit='KiB'>524288</min_guarantee>" in host.virsh("dumpxml", "web01")


def test_a_host_alone_migrates_nothing(host):
    uri = "vpxmigr://vc/pool/host"
    assert "connect to its vCenter" in host.refused("migrate", "db01", uri, "--direct", "--live", "--migrateuri", uri)


def test_virsh_saves_a_domain_and_lets_it_go_on(host, tmp_path):
    with Virtesxd(tmp_path, "--connect", f"{address(host.sim)}&managed_save=1", env=credentials(host.sim)) as daemon:
        saving = Host(host.sim, daemon)
        saving.virsh("managedsave", "db01")
        assert "db01 saved" in plain(saving.virsh("list", "--all", "--managed-save"))
        assert "susp01" in saving.virsh("list", "--all", "--with-managed-save", "--name")
        assert "shut off (saved)" in saving.virsh("domstate", "db01", "--reason")
        assert "Managed save: yes" in plain(saving.virsh("dominfo", "db01"))
        saving.virsh("start", "db01")
        assert saving.virsh("domstate", "db01").strip() == "running"
        saving.virsh("managedsave-remove", "susp01")
        assert "Managed save: no" in plain(saving.virsh("dominfo", "susp01"))


def test_virsh_migrates_a_running_domain_within_its_vcenter(tmp_path):
    with Sim.start("vpx") as sim:
        site = f"vpx://{sim.user}@{sim.host}:{sim.port}/Lab/DC%201?cacert={sim.cacert()}"
        with Virtesxd(tmp_path, "--connect", site, env=credentials(sim)) as daemon:
            host = Host(sim, daemon)
            modes = host.modes("db01")
            with esxdriver.openAuth(sim_uri(sim), password_auth(sim.password)) as conn:
                uri = conn.lookupByName("db01").migrationURI("esx3")
            host.virsh("migrate", "db01", uri, "--direct", "--live", "--migrateuri", uri)
            (machine,) = [each for each in sim.inventory()["machines"] if each["name"] == "db01"]
            assert (machine["host"], machine["power"]) == ("esx3.example.test", "poweredOn")
            assert host.modes("db01") == modes
