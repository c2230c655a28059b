"""How the process ends, whatever is done to it: with a message of its own, and never a traceback."""

import os
import pty
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from tests.vsphere.fakehost import FakeHost, content, serving

MAIN = [sys.executable, "-m", "esxdriver"]


def run(*arguments, shell="exec {}", env=None, stdin=subprocess.DEVNULL):
    """Run the command in a shell that may close or bend its streams."""
    line = shell.format('"$@"')
    return subprocess.run(
        ["/bin/sh", "-c", line, "sh", *MAIN, *arguments],
        check=False, capture_output=True, timeout=60, stdin=stdin, env=os.environ | (env or {}),
    )  # fmt: skip


def clean(ended):
    text = ended.stderr.decode(errors="replace")
    assert "Traceback" not in text
    assert "Exception ignored" not in text
    assert "bug of esxdriver" not in text
    return ended.returncode, text


# --- streams


@pytest.mark.parametrize("shell", ["exec {} >&-", "exec {} >/dev/full", "exec {} <&- >&-"])
def test_an_output_that_cannot_be_written_is_a_clean_error(shell):
    status, text = clean(run("--help", shell=shell))
    assert status == 1
    assert text.startswith("error: ")
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("shell", ["exec {} <&-", "exec {} 2>&-", "exec {} 2>/dev/full", "exec {} <&- 2>&-"])
def test_a_stream_that_nobody_needs_may_be_closed(shell):
    ended = run("--version", shell=shell)
    assert clean(ended)[0] == 0
    assert ended.stdout.startswith(b"esxdriver ")


def test_an_input_that_is_closed_is_a_clean_error():
    status, text = clean(run("domxml-from-native", "vmware-vmx", "/dev/stdin", shell="exec {} <&-"))
    assert status != 0
    assert text.startswith("error: ")


def test_a_connection_never_takes_the_number_of_a_closed_stream():
    with serving(FakeHost()) as host:
        ended = run("-c", f"esx://root@127.0.0.1:{host.port}/?transport=http", "hostname", shell="exec {} 2>&- >&-")
    assert ended.returncode == 1
    assert all(body.startswith("<?xml") for *_, body in host.seen)


# --- arguments and surroundings


@pytest.mark.parametrize(
    "arguments",
    [
        ("-c", "esx://esx1/?cacert=%00", "list"),
        ("-c", "esx://esx1/?authfile=%00", "list"),
        ("-c", "esx://esx1/?replay=%00", "list"),
        (b"-c", b"esx://es\xffx1/", b"list"),
        (b"-c", b"esx://ro\xffot@127.0.0.1:1/", b"list"),
        (b"--replay", b"no\xffsuch", b"list"),
        (b"li\xffst",),
        (b"domxml-from-native", b"vmware-vmx", b"no\xffsuch.vmx"),
    ],
)
def test_an_argument_that_is_no_text_is_a_clean_error(arguments):
    status, text = clean(run(*arguments))
    assert status in (1, 2)
    assert text.startswith(("error: ", "Usage: "))


def test_nobody_has_to_have_a_home():
    without = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CONFIG_HOME")}
    ended = subprocess.run(
        [*MAIN, "-c", "esx://root@127.0.0.1:1/?transport=http", "list"],
        check=False, capture_output=True, timeout=60, env=without, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert clean(ended)[0] == 1


# --- signals


INTERRUPTED_IMPORT = """
    import builtins, os, signal, sys
    real = builtins.__import__
    def importing(name, *arguments, **options):
        if name == sys.argv[1]:
            builtins.__import__ = real
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                if sys.argv[2] == "swallowed":
                    raise ImportError("cannot import name 'x' from partially initialized module")
                raise
        return real(name, *arguments, **options)
    builtins.__import__ = importing
    sys.argv[:] = ["esxdriver", "-c", "esx://root@127.0.0.1:1/?transport=http", "list"]
    from esxdriver.__main__ import main
    main()
"""


@pytest.mark.parametrize(
    ("module", "how"),
    [("esxdriver.cli", "raised")]
    + [(name, how) for name in ("esxdriver.cli.logs", "libvirt", "lxml") for how in ("raised", "swallowed")],
)
def test_ctrl_c_during_an_import_is_no_bug(module, how):
    code = textwrap.dedent(INTERRUPTED_IMPORT).replace("sys.argv[1]", repr(module)).replace("sys.argv[2]", repr(how))
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, timeout=60)
    status, _ = clean(ended)
    assert status == 130


def test_a_signal_ends_the_waiting_for_a_host_that_hangs_and_the_host_is_named():
    silent = threading.Event()
    with serving(FakeHost()) as host:
        host.answers["RetrieveServiceContent"] = [lambda _: silent.wait(60) and content()]
        near, far = pty.openpty()
        started = time.monotonic()
        command = subprocess.Popen(
            [*MAIN, "-c", f"esx://root@127.0.0.1:{host.port}/?transport=http", "list"],
            stdin=subprocess.DEVNULL, stdout=far, stderr=far, env=os.environ | {"GOVC_USERNAME": "root", "GOVC_PASSWORD": "x"},
        )  # fmt: skip
        os.close(far)
        shown = os.read(near, 1000)
        assert shown == b"waiting for 127.0.0.1...\r\n"
        assert 2 < time.monotonic() - started < 30
        command.send_signal(signal.SIGTERM)
        signalled = time.monotonic()
        assert command.wait(30) == 128 + signal.SIGTERM
        assert time.monotonic() - signalled < 10
        silent.set()
    os.close(near)
