"""Ansible's community.libvirt, unmodified: what its modules ask, and that a play changes only what it says."""

import json
import shutil
import subprocess

import pytest

from tests.daemon.process import environment

ANSIBLE = shutil.which("ansible-playbook")

pytestmark = pytest.mark.skipif(
    ANSIBLE is None, reason="needs Ansible: apt install ansible python3-libvirt python3-lxml"
)

MODULE = "community.libvirt.virt"


@pytest.fixture
def play(host, tmp_path):
    """Return what runs tasks of a module and returns each one's result."""

    def run(*tasks, module=MODULE):
        book = [
            {
                "hosts": "localhost",
                "gather_facts": False,
                "tasks": [{module: {"uri": host.uri(), **task}} for task in tasks],
            }
        ]
        file = tmp_path / "play.yml"
        file.write_text(json.dumps(book))  # which is YAML, too
        env = environment(
            HOME=str(tmp_path), ANSIBLE_STDOUT_CALLBACK="json", ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3"
        )
        del env["PYTHONPATH"]
        ran = subprocess.run(
            [ANSIBLE, "-i", "localhost,", "-c", "local", str(file)],
            check=False, capture_output=True, text=True, timeout=120, env=env,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        (played,) = json.loads(ran.stdout)["plays"]
        return [task["hosts"]["localhost"] for task in played["tasks"]]

    return run


def test_it_lists_and_tells_what_domains_are(host, play):
    everything, running, status, info, document, node, kind = play(
        {"command": "list_vms"},
        {"command": "list_vms", "state": "running"},
        {"command": "status", "name": "db01"},
        {"command": "info", "name": "db01"},
        {"command": "get_xml", "name": "web01"},
        {"command": "nodeinfo"},
        {"command": "virttype"},
    )
    assert set(everything["list_vms"]) == {"db01", "old01", "snap01", "susp01", "web01"}
    assert "db01" in running["list_vms"]
    assert "web01" not in running["list_vms"]
    assert status["status"] == "running"
    assert info["db01"]["state"] == "running"
    assert int(info["db01"]["memory"]) == 8388608
    assert "snapshot='no' persistent='yes'" in document["get_xml"]
    assert info["db01"]["autostart"] == 0
    assert int(node["cpus"]) > 0
    assert kind["virttype"] == "ESX"
    assert host.writes() == []


def test_it_defines_starts_and_stops_and_keeps_every_mode(host, play):
    modes = host.modes("web01")
    document = host.virsh("dumpxml", "web01")
    host.sim.reset_calls()
    same, started, again, stopped = play(
        {"command": "define", "xml": document},
        {"name": "web01", "state": "running", "autostart": True},
        {"name": "web01", "state": "running", "autostart": True},
        {"name": "web01", "state": "destroyed"},
    )
    assert [each["changed"] for each in (same, started, again, stopped)] == [False, True, False, True]
    assert host.writes() == ["PowerOnVM_Task", "PowerOffVM_Task"]
    assert host.sim.calls().count("ReconfigureAutostart") == 1
    assert host.modes("web01") == modes


def test_it_changes_a_domain_in_place(host, play):
    modes = host.modes("web01")
    document = host.virsh("dumpxml", "web01").replace(">front end<", ">changed<")
    host.sim.reset_calls()
    play({"command": "define", "xml": document})
    assert host.writes() == ["ReconfigVM_Task"]
    assert "changed" in host.virsh("dumpxml", "web01")
    assert host.modes("web01") == modes


def test_it_lists_and_tells_what_networks_are(host, play):
    listed, status, info, document, same = play(
        {"command": "list_nets"},
        {"command": "status", "name": "vSwitch0"},
        {"command": "info"},
        {"command": "get_xml", "name": "vSwitch1"},
        {"name": "vSwitch0", "state": "active", "autostart": True},
        module="community.libvirt.virt_net",
    )
    assert set(listed["list_nets"]) == {"vSwitch0", "vSwitch1"}
    assert status["status"] == "active"
    shown = info["networks"]["vSwitch0"]
    assert (shown["state"], shown["bridge"], shown["autostart"], shown["persistent"]) == (
        "active",
        "vSwitch0",
        "yes",
        "yes",
    )
    assert shown["forward_mode"] == "bridge"
    assert "<portgroup name='backup net'>" in document["get_xml"]
    assert not same["changed"]
