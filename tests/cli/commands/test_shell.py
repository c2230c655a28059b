"""Several commands over one session, the shell, and ``help``."""

import os
import pty
import subprocess
import sys

import pytest

from tests.cli.conftest import uuid_of

LINES = [
    (["domid db01; domuuid db01"], f"2\n{uuid_of(2)}\n"),
    (["domid", "db01", ";", "domuuid", "db01"], f"2\n{uuid_of(2)}\n"),
    (["domid db01;"], "2\n"),
    (["domid 'db01' # what follows is no command"], "2\n"),
    (["domid db01; quit; domuuid db01"], "2\n"),
]


@pytest.mark.parametrize(("words", "shown"), LINES, ids=lambda value: str(value)[:30])
def test_several_commands_use_one_session(esxdriver, conn, words, shown):
    result = esxdriver(*words)
    assert (result.exit_code, result.stdout) == (0, shown)
    assert len(esxdriver.opened) == 1
    assert conn.__exit__.call_count == 1


def test_the_first_command_that_fails_ends_several(esxdriver, conn):
    result = esxdriver("domid nosuch; start web01")
    assert result.exit_code == 1
    assert "failed to get domain 'nosuch'" in result.stderr
    conn.domains[0].createWithFlags.assert_not_called()


def test_an_exit_status_of_its_own_ends_several(esxdriver, conn):
    result = esxdriver("help nosuch ; start web01")
    assert result.exit_code == 2
    conn.domains[0].createWithFlags.assert_not_called()


def test_the_shell_reads_commands_from_a_pipe(esxdriver):
    result = esxdriver("shell", stdin="domid db01\n\n# nothing\ndomname 2; domname 1\nquit\ndomid 2\n")
    assert result.exit_code == 1  # no domain has the ID 1: web01 is off
    assert result.stdout == "2\ndb01\n"
    assert len(esxdriver.opened) == 1


def test_an_open_quote_is_misuse(esxdriver):
    result = esxdriver("domid 'db01")
    assert result.exit_code == 2
    assert "No closing quotation" in result.stderr


def test_help_shows_a_commands_options(esxdriver):
    assert "--security-info" in esxdriver("help", "dumpxml").stdout
    assert esxdriver("help", "dumpxml").stdout.startswith("Usage: esxdriver dumpxml")
    assert "Look at domains" in esxdriver("help").stdout


def test_python_runs_the_package():
    shown = subprocess.run([sys.executable, "-m", "esxdriver", "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("esxdriver ")


def test_on_a_terminal_an_error_ends_nothing_and_tab_completes():
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "esxdriver", "--replay", "cassettes/demo.yaml"]
    with subprocess.Popen(
        command, stdin=child, stdout=child, stderr=child, env={**os.environ, "TERM": "dumb"}
    ) as shell:
        os.close(child)
        seen = b""
        for wait_for, typed in ((b"# ", b"domid nosuch\n"), (b"# ", b"domuu\t--domain=db01\n"), (b"# ", b"quit\n")):
            while not seen.endswith(wait_for):
                seen += os.read(parent, 4096)
            os.write(parent, typed)
            seen += b"\n"
        seen += _rest(parent)
        assert shell.wait(30) == 0
    os.close(parent)
    assert b"no domain with matching name 'nosuch'" in seen
    assert b"\n93f2ae3e-15ee-4b1d-b9e9-35be8a5f9d4c\r\n" in seen


def _rest(parent):
    found = b""
    while True:
        try:
            some = os.read(parent, 4096)
        except OSError:  # the other end is closed
            return found
        found += some
        if not some:
            return found
