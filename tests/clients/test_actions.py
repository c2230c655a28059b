"""What is done at a domain's console, and how it is tuned and saved, through virsh, unmodified."""

from tests.daemon.process import needs_virsh

pytestmark = needs_virsh


def test_virsh_takes_a_picture_and_presses_keys(host, tmp_path):
    host.virsh("screenshot", "db01", str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    host.virsh("send-key", "db01", "KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_DELETE")
    (machine,) = [each for each in host.sim.inventory()["machines"] if each["name"] == "db01"]
    assert machine["keys"] == [{"usbHidCode": 76 << 16 | 7, "modifiers": {"leftControl": True, "leftAlt": True}}]
    assert "is shut off" in host.refused("screenshot", "web01", str(tmp_path / "b.png"))
    assert "holdtime" in host.refused("send-key", "db01", "--holdtime", "50", "KEY_A")
