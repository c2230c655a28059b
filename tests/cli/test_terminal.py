"""What a terminal is shown and asked, on a terminal of its own."""

import os
import pty
import subprocess
import sys
import textwrap
from contextlib import suppress

import pytest

from esxdriver.cli import terminal

# What a stranger may write into a name or a description to take a terminal over, or to turn what it shows around.
ORDERS = ["\x1b]0;owned\x07", "\x9b2J", "\u202egnp.exe", "\u2066", "\x85", "\u2028", "\r", "\x08", "\x7f"]


def on_a_terminal(script, prompt, typed, stdin):
    """Return what a terminal shows, on which ``typed`` answers the ``prompt`` of a script, and what the script prints."""
    ours, theirs = pty.openpty()
    before = "import fcntl, os, sys, termios; fcntl.ioctl(2, termios.TIOCSCTTY, 0)\n"
    process = subprocess.Popen(
        [sys.executable, "-c", before + textwrap.dedent(script)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while prompt not in shown:
        shown += os.read(ours, 1000)
    os.write(ours, typed)
    out, _ = process.communicate(stdin, timeout=60)
    os.set_blocking(ours, False)
    with suppress(OSError):
        shown += os.read(ours, 1000)
    os.close(ours)
    return shown.decode(), out.decode()


ASKED = [
    # hidden, what the terminal shows in the end
    (False, "alice"),
    (True, ""),
]


@pytest.mark.parametrize(("hidden", "echo"), ASKED)
def test_what_is_missing_is_asked_on_the_terminal_while_standard_input_is_a_document(hidden, echo):
    script = f"""
    from esxdriver.cli import terminal
    assert terminal.is_there()
    print(terminal.ask("User name for esx1", "root", hidden={hidden}), sys.stdin.read())
    """
    shown, out = on_a_terminal(script, b"User name for esx1: ", b"alice\n", b"<domain/>")
    assert shown.strip() == f"User name for esx1: {echo}".strip()
    assert out == "alice <domain/>\n"


@pytest.mark.parametrize("text", ORDERS)
def test_a_document_reaches_a_file_as_it_is_and_a_terminal_escaped(text, monkeypatch, capsys):
    document = f"<domain>\n\t<description>{text}</description>\n</domain>\n"
    terminal.write(document)
    assert capsys.readouterr().out == document
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    terminal.write(document)
    shown = capsys.readouterr().out
    assert text not in shown
    assert "\\" in shown
    assert shown.startswith("<domain>\n\t<description>")
