"""Commands at a domain's console: what is handed on, and what is written where."""

import re
from pathlib import Path
from unittest.mock import create_autospec

import libvirt
import pytest

from esxdriver.driver.stream import Stream
from esxdriver.errors import error


@pytest.fixture(autouse=True)
def stream(conn):
    made = create_autospec(Stream, instance=True)
    made.recvAll.side_effect = lambda handler, opaque: [handler(made, part, opaque) for part in (b"pic", b"ture")]
    conn.newStream.return_value = made
    for domain in conn.domains:
        domain.screenshot.return_value = "image/png"
    return made


def test_a_screenshot_is_written_to_the_file_that_is_named(esxdriver, tmp_path):
    file = tmp_path / "a.png"
    found = esxdriver("screenshot", "db01", "--file", file)
    assert (found.exit_code, file.read_bytes()) == (0, b"picture")
    assert found.output == f"Screenshot saved to {file}, with type of image/png\n"


def test_a_screenshot_has_its_domains_name_and_the_time(esxdriver, conn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    conn.domains[1].name.return_value = "../db/01"
    assert esxdriver("screenshot", "2").exit_code == 0
    (file,) = Path().iterdir()
    assert re.fullmatch(r"%2e\.%2fdb%2f01-\d{4}-\d\d-\d\d-\d\d:\d\d:\d\d\.png", file.name)


def test_a_screenshot_that_fails_leaves_no_file(esxdriver, conn, tmp_path):
    conn.domains[1].screenshot.side_effect = error(libvirt.VIR_ERR_OPERATION_INVALID, "it is shut off")
    found = esxdriver("screenshot", "db01", "--file", tmp_path / "a.png")
    assert (found.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "could not take a screenshot of db01" in found.output


# What is given, and what the method gets.
SENT = [
    (["KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_DELETE"], (0, 0, [29, 56, 111], 3)),
    (["30", "0x1e"], (0, 0, [30, 30], 2)),
    (["--codeset", "usb", "4"], (7, 0, [4], 1)),
    (["--codeset", "win32", "--holdtime", "50", "65"], (8, 50, [65], 1)),
    (["--keycode", "KEY_A", "--keycode", "KEY_B"], (0, 0, [30, 48], 2)),
]


@pytest.mark.parametrize(("given", "sent"), SENT)
def test_keys_become_numbers(esxdriver, conn, given, sent):
    found = esxdriver("send-key", "db01", *given)
    assert (found.exit_code, found.output) == (0, "")
    conn.domains[1].sendKey.assert_called_once_with(*sent)


@pytest.mark.parametrize("given", [["KEY_NOSUCH"], ["--codeset", "usb", "KEY_A"], ["--codeset", "nosuch", "1"], []])
def test_what_is_no_key_is_refused(esxdriver, conn, given):
    assert esxdriver("send-key", "db01", *given).exit_code != 0
    conn.domains[1].sendKey.assert_not_called()


GRAPHICS = "<domain type='vmware'><devices><graphics type='vnc' port='{}'{}/></devices></domain>"
CONSOLES = [
    (GRAPHICS.format(5901, ""), ":1\n", "vnc://esx1.example.test:1\n"),
    (GRAPHICS.format(5950, " listen='0.0.0.0'"), ":50\n", "vnc://esx1.example.test:50\n"),
    (GRAPHICS.format(5900, " listen='192.0.2.1'"), "192.0.2.1:0\n", "vnc://192.0.2.1:0\n"),
]


@pytest.mark.parametrize(("document", "display", "uri"), CONSOLES)
def test_says_where_a_console_listens(esxdriver, conn, document, display, uri):
    conn.domains[1].XMLDesc.return_value, conn.domains[1].isActive.return_value = document, 1
    assert esxdriver("vncdisplay", "db01").stdout == display
    assert esxdriver("domdisplay", "db01", "--type", "vnc").stdout == uri
    assert esxdriver("domdisplay", "db01", "--all").stdout == uri
    conn.domains[1].XMLDesc.return_value = conn.domains[1].XMLDesc().replace("type='vnc'", "type='vnc' passwd='pass'")
    assert esxdriver("domdisplay", "db01", "--include-password").stdout == uri.replace("//", "//:pass@")


NO_CONSOLE = [
    (("vncdisplay",), 0, GRAPHICS.format(5901, ""), "Domain is not running"),
    (("vncdisplay",), 1, "<domain/>", "Failed to get VNC port. Is this domain using VNC?"),
    (("domdisplay",), 1, GRAPHICS.format(-1, ""), "Failed to get VNC port. Is this domain using VNC?"),
    (("domdisplay", "--type", "spice"), 1, GRAPHICS.format(5901, ""), "No graphical display with type 'spice' found"),
]


@pytest.mark.parametrize(("words", "active", "document", "said"), NO_CONSOLE)
def test_says_why_there_is_no_console(esxdriver, conn, words, active, document, said):
    conn.domains[1].XMLDesc.return_value, conn.domains[1].isActive.return_value = document, active
    result = esxdriver(words[0], "db01", *words[1:])
    assert (result.exit_code, result.stderr) == (1, f"error: {said}\n")


def test_a_pictures_file_may_stand_without_its_name(esxdriver, tmp_path, conn):
    conn.domains[1].screenshot.return_value = "image/png"
    assert esxdriver("screenshot", "db01", tmp_path / "a.png").exit_code == 0
    assert (tmp_path / "a.png").exists()
