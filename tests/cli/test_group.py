"""The command line as a whole: its help, completion, what it imports, how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap

import click
import pytest
from click.testing import CliRunner

from esxdriver.cli import SECTIONS, cli

COMMANDS = [name for _, _, names in SECTIONS for name in names.split()]


def test_help_lists_every_command_in_80_columns():
    shown = CliRunner().invoke(cli, ["--help"], terminal_width=78).stdout  # click leaves two columns free
    assert max(map(len, shown.splitlines())) <= 80
    for section, _, names in SECTIONS:
        assert f"\n{section}:\n" in shown
        for name in names.split():
            assert re.search(rf"^  {name} +[A-Z].*[^.]\.$", shown, re.MULTILINE), name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    result = CliRunner().invoke(cli, [command, "--help"])
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: esxdriver {command}")
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_sections_name_what_the_modules_have():
    context = click.Context(cli)
    assert cli.list_commands(context) == COMMANDS
    for name in COMMANDS:
        assert cli.get_command(context, name).name == name
    assert cli.get_command(context, "nosuch") is None


def python(code, *arguments, **environment):
    """Run ``code`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        check=False, capture_output=True, text=True, timeout=60, env={**os.environ, **environment},
    )  # fmt: skip


MAIN = "from esxdriver.cli import main; main()"

IMPORTED = """
    import json, sys
    from esxdriver.cli import main
    try:
        main()
    except SystemExit:
        print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
# The standard library's share that takes long.
SLOW = {"asyncio", "email", "http.client", "multiprocessing", "ssl", "subprocess", "urllib.request", "xml"}

QUICK = [
    (["--help"], {}),
    (["--version"], {}),
    (["dumpxml", "--help"], {}),
    (["record", "--help"], {}),
    ([], {"_ESXDRIVER_COMPLETE": "bash_complete", "COMP_WORDS": "esxdriver dom", "COMP_CWORD": "1"}),
    ([], {"_ESXDRIVER_COMPLETE": "bash_complete", "COMP_WORDS": "esxdriver list --a", "COMP_CWORD": "2"}),
]


def imports_click_alone(code, *arguments, **environment):
    imported = json.loads(python(code, *arguments, **environment).stderr)
    before = set(json.loads(python("import json, sys; print(json.dumps(sorted(sys.modules)))").stdout))
    foreign = {name.partition(".")[0] for name in set(imported) - before} - sys.stdlib_module_names
    return foreign == {"click", "esxdriver"} and not SLOW.intersection(set(imported) - before)


@pytest.mark.parametrize(("arguments", "environment"), QUICK, ids=lambda value: " ".join(value) or "-")
def test_help_and_completion_import_click_alone(arguments, environment):
    assert imports_click_alone(IMPORTED, *arguments, **environment)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_daemons_help_imports_click_alone(option):
    assert imports_click_alone(IMPORTED.replace("esxdriver.cli", "esxdriver.daemon.command"), option)


def test_a_command_imports_its_own_module_alone():
    imported = json.loads(python(IMPORTED, "domxml-to-native", "--help").stderr.splitlines()[-1])
    ours = {name.removeprefix("esxdriver.cli.commands.") for name in imported if "cli.commands." in name}
    assert ours == {"native"}


# What a command that asks a host of one domain has no use for: each would be a good part of its time.
UNUSED = ("asyncio", "esxdriver.recording.cassette", "esxdriver.vmx", "rich", "tempfile", "unittest", "vcr", "yaml")


def test_a_command_that_reads_a_domain_imports_no_more_than_it_needs():
    code = """
        import json, sys
        import esxdriver.cli.commands.domain_dump
        import esxdriver.driver.opening
        from esxdriver import recording
        print(json.dumps(sorted(sys.modules)))
    """
    imported = json.loads(python(code).stdout)
    assert "pyVmomi" in imported
    assert not [name for name in imported if name.startswith(UNUSED)]


# What changes domains, counts or stores: some sixty modules, a millisecond or two each, until a method needs them.
OF_OTHER_METHODS = (
    "esxdriver.conf.snapshot", "esxdriver.conf.storage", "esxdriver.driver.documents",
    "esxdriver.driver.domain_snapshot.", "esxdriver.driver.storage_pool", "esxdriver.driver.storage_vol",
    "esxdriver.driver.stream.", "esxdriver.vmx", "esxdriver.vsphere.bulk.machines", "esxdriver.vsphere.bulk.stats",
    "esxdriver.vsphere.change.attach", "esxdriver.vsphere.change.define", "esxdriver.vsphere.change.devices",
    "esxdriver.vsphere.change.plan", "esxdriver.vsphere.change.rules", "esxdriver.vsphere.change.snapshots",
    "esxdriver.vsphere.machine.match", "esxdriver.vsphere.machine.snapshot_tree", "esxdriver.vsphere.query.watch",
    "esxdriver.vsphere.storage", "esxdriver.vsphere.network", "esxdriver.conf.network", "esxdriver.driver.network.",
    "esxdriver.conf.capabilities", "esxdriver.conf.mapping.keycodes", "esxdriver.conf.sysinfo",
    "esxdriver.conf.xml.schema", "esxdriver.driver.host_firmware", "esxdriver.driver.host_object",
    "esxdriver.driver.keepalive", "esxdriver.driver.node_info",
    "esxdriver.vsphere.change.migrate", "esxdriver.vsphere.machine.console",
    "esxdriver.vsphere.query.processors", "esxdriver.vsphere.query.vcpus", "esxdriver.vsphere.statistics.samples",
    "esxdriver.vsphere.statistics.statistics", "esxdriver.vsphere.statistics.totals",
    "esxdriver.driver.network_define", "esxdriver.driver.network_sources", "esxdriver.driver.interface.",
)  # fmt: skip


def test_a_dump_imports_nothing_that_only_other_methods_need():
    ran = python(IMPORTED, "--replay", "cassettes/demo.yaml", "dumpxml", "web01")
    assert ran.stdout.startswith("<domain ")
    imported = {f"{name}." for name in json.loads(ran.stderr)}
    assert "esxdriver.driver.domain." in imported
    assert not [name for name in imported if name.startswith(OF_OTHER_METHODS)]


def test_a_long_command_is_still_collected():
    """Memory stays bounded: collections are rare, not off."""
    code = """
        import gc
        from esxdriver import cli
        cli.cli = lambda: print(gc.isenabled(), gc.get_threshold()[0])
        cli.main()
    """
    assert python(code).stdout == "True 100000\n"


def test_completes_commands_and_options():
    for words, word, wanted in (("esxdriver dom", 1, "domblklist"), ("esxdriver domblklist --d", 2, "--details")):
        environment = {"_ESXDRIVER_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(word)}
        assert wanted in python(MAIN, **environment).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_writes_a_completion_script(shell):
    result = CliRunner().invoke(cli, ["completion", shell])
    assert "_ESXDRIVER_COMPLETE" in result.stdout


@pytest.mark.parametrize("words", [[], ["cassette"]])
def test_without_a_command_shows_the_help(words):
    result = CliRunner().invoke(cli, words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: esxdriver")


def test_version():
    assert re.fullmatch(r"esxdriver \d+\.\d+\.\d+\n", CliRunner().invoke(cli, ["--version"]).stdout)


def test_a_bug_is_one_line_and_a_hint(esxdriver, conn):
    conn.getHostname.side_effect = ZeroDivisionError("division\x1b by zero")
    result = esxdriver("hostname")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "error: ZeroDivisionError: division\\x1b by zero\nerror: this is a bug of esxdriver; --debug shows where\n"
    )
    assert conn.__exit__.called


def test_debug_shows_where(esxdriver, conn):
    conn.getHostname.side_effect = ZeroDivisionError("division by zero")
    assert "Traceback" in esxdriver("--debug", "hostname").stderr


def test_warnings_of_the_driver_are_reported(esxdriver, conn):
    conn.getHostname.side_effect = lambda: __import__("logging").getLogger("esxdriver.uri").warning("odd %s", "thing")
    assert "warning: odd thing" in esxdriver("hostname").stderr


def test_interrupted_has_status_130_and_logs_out(esxdriver, conn):
    conn.getHostname.side_effect = KeyboardInterrupt
    result = esxdriver("hostname")
    assert (result.exit_code, result.stdout) == (130, "")
    assert "rror" not in result.stderr
    assert conn.__exit__.called


def test_a_full_disk_is_no_bug(esxdriver, conn):
    conn.getHostname.side_effect = OSError(28, "No space left on device", "out.xml")
    assert esxdriver("hostname").stderr == "error: out.xml: No space left on device\n"


def test_a_reader_that_leaves_is_no_error():
    writing = subprocess.Popen([sys.executable, "-c", MAIN, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    writing.stdout.close()
    with writing.stderr as errors:
        assert errors.read() == b""
    assert writing.wait(30) == 1


LEAVING = """
    import os, signal, sys, time
    from contextlib import contextmanager
    from esxdriver.cli import main
    from esxdriver.cli.target import Target

    class Conn:
        def __enter__(self):
            return self
        def __exit__(self, *_):
            print("logged out")
        def getHostname(self):
            os.kill(os.getpid(), getattr(signal, os.environ["SIGNAL"]))
            time.sleep(30)

    Target.opened = lambda self: Conn()
    main()
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_logs_out(name):
    left = python(LEAVING, "hostname", SIGNAL=name)
    assert left.stdout == "logged out\n"
    assert left.returncode == 128 + getattr(signal, name)
    assert "Traceback" not in left.stderr
