"""Networks and host interfaces through virsh and others, unmodified."""

import pytest

from tests.daemon.process import needs_virsh

from .test_virsh import plain
from .test_virt_manager import VIRT_INSTALL, env, needs_virtinst, ran  # noqa: F401 - env is a fixture

pytestmark = needs_virsh

UUID = "2f467347-8b4e-8655-e7d6-c4c3fb968009"
SHOWS = [
    ("net-list", ["vSwitch0 active yes yes", "vSwitch1 active yes yes"]),
    ("net-list --all --name", ["vSwitch0", "vSwitch1"]),
    ("net-list --inactive", []),
    ("net-info vSwitch0", [f"UUID: {UUID}", "Active: yes", "Persistent: yes", "Autostart: yes", "Bridge: vSwitch0"]),
    ("net-dumpxml vSwitch1", ["<interface dev='vmnic1'/>", "<portgroup name='backup net'>", "<tag id='20'/>"]),
    ("net-uuid vSwitch0", [UUID]),
    (f"net-name {UUID}", ["vSwitch0"]),
    ("net-autostart vSwitch0", []),
    ("net-dhcp-leases vSwitch0", []),
    ("net-event --list", ["lifecycle"]),
    ("iface-list", ["vmk0 active 00:0c:29:81:d8:a0", "vmnic2 active 00:0c:29:81:d8:b4"]),
    ("iface-dumpxml vmnic0", ["<link speed='10000' state='up'/>"]),
    ("iface-mac vmnic1", ["00:0c:29:81:d8:aa"]),
    ("iface-name 00:0c:29:81:d8:b4", ["vmnic2"]),
]


@pytest.mark.parametrize(("line", "shown"), SHOWS, ids=[line for line, _ in SHOWS])
def test_virsh_shows(host, line, shown):
    out = plain(host.virsh(*line.split()))
    assert [each for each in shown if each not in out] == []


def test_virsh_defines_updates_and_undefines_a_network(host, tmp_path):
    (tmp_path / "n.xml").write_text(
        "<network><name>lab</name><forward mode='bridge' dev='vmnic2'/>"
        "<portgroup name='web'><vlan><tag id='42'/></vlan></portgroup></network>"
    )
    host.virsh("net-define", str(tmp_path / "n.xml"))
    assert "<tag id='42'/>" in host.virsh("net-dumpxml", "lab")
    group = "<portgroup name='app'><vlan><tag id='43'/></vlan></portgroup>"
    host.virsh("net-update", "lab", "add", "portgroup", group, "--live", "--config")
    host.virsh("net-update", "lab", "modify", "portgroup", group.replace("43", "44"))
    host.virsh("net-update", "lab", "delete", "portgroup", "<portgroup name='web'/>")
    out = host.virsh("net-dumpxml", "lab")
    assert "<tag id='44'/>" in out
    assert "web" not in out
    host.virsh("net-undefine", "lab")
    assert "Network not found" in host.refused("net-info", "lab")


REFUSED = [
    ("net-undefine vSwitch1", "'backup net' by db01"),
    ("net-undefine vSwitch0", "host's own adapters"),
    ("net-start vSwitch0", "already active"),
    ("net-destroy vSwitch0", "undefine it"),
    ("net-autostart vSwitch0 --disable", "whenever its host is"),
    ("net-info default", "there are: vSwitch0, vSwitch1"),
    ("iface-mac eth0", "there are: vmk0, vmnic0"),
]


@pytest.mark.parametrize(("line", "part"), REFUSED, ids=[line for line, _ in REFUSED])
def test_virsh_is_refused(host, line, part):
    assert part in host.refused(*line.split())


@needs_virtinst
def test_virt_install_takes_a_network_by_its_name(host, env):  # noqa: F811
    options = (
        "--name new01 --memory 512 --vcpus 1 --disk pool=datastore1,size=8 --import --osinfo detect=off,require=off "
        "--graphics none --noautoconsole --network network=vSwitch0"
    )
    ran(VIRT_INSTALL, "--connect", host.uri(), *options.split(), env=env)
    assert host.virsh("domstate", "new01").strip() == "running"
    assert "bridge VM Network" in plain(host.virsh("domiflist", "new01"))
    assert host.modes("new01") == ["persistent"]
