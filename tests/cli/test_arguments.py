"""Arguments by name, and flags: virsh's options for the commands that both have."""

import re
import subprocess

import click
import libvirt
import pytest

from esxdriver.cli import SECTIONS, cli, flags
from esxdriver.cli.absent import ABSENT
from tests.cli.conftest import XML

# The same command by place and by name.
SAME = [
    ("domstate web01", "domstate --domain web01"),
    ("domstate web01", "domstate --domain=web01"),
    ("domrename web01 web02", "domrename --new-name web02 --domain web01"),
    ("domrename web01 web02", "domrename --domain web01 web02"),
    ("domrename web01 web02", "domrename web01 --new-name web02"),
    ("setmem web01 2G", "setmem --size 2G web01"),
    ("setvcpus web01 2 --config", "setvcpus --config --count 2 --domain web01"),
    ("snapshot-delete web01 s --children", "snapshot-delete --children --snapshotname s --domain web01"),
    ("domstats web01 db01", "domstats --domain web01 --domain db01"),
    ("domblklist web01 --details", "domblklist --details --domain web01"),
]


@pytest.mark.parametrize(("by_place", "by_name"), SAME, ids=[each for _, each in SAME])
def test_an_argument_may_be_given_by_its_name(esxdriver, conn, by_place, by_name):
    outcomes = []
    for line in (by_place, by_name):
        conn.domains[0].reset_mock()
        result = esxdriver(*line.split())
        outcomes.append(
            (
                result.exit_code,
                result.output,
                [
                    str(each)
                    for each in conn.domains[0].mock_calls
                    if "__" not in str(each) and " at 0x" not in str(each)
                ],
            )
        )
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == 0


MISUSED = [
    ("domstate --domain", "requires an argument"),
    ("domstate --domain a --domain b", "--domain is given twice"),
    ("domstate web01 --domain web01", "unexpected extra argument"),
    ("domstate --nosuch web01", "--nosuch"),
    ("setmem web01 1G --current --live", "--current does not go with --live"),
    ("setvcpus web01 1 --current --config --live", "--current does not go with --config and --live"),
    ("dumpxml web01 --wrap", "--wrap goes with --xpath"),
    ("snapshot-list web01 --current --from s", "--current does not go with --from"),
    ("snapshot-list web01 --tree --roots", "--tree does not go with"),
]


@pytest.mark.parametrize(("line", "text"), MISUSED, ids=[line for line, _ in MISUSED])
def test_misuse_is_reported_before_anything_is_asked(esxdriver, conn, line, text):
    result = esxdriver(*line.split())
    assert result.exit_code == 2
    assert text in result.stderr


def test_what_follows_two_dashes_is_no_name(esxdriver):
    result = esxdriver("domstate", "--", "--domain")
    assert "failed to get domain '--domain'" in result.stderr


# Command, the method's arguments.
FLAGGED = [
    ("start web01 --paused", "createWithFlags", (libvirt.VIR_DOMAIN_START_PAUSED,)),
    ("start web01", "createWithFlags", (0,)),
    ("start web01 --force-boot", "createWithFlags", (libvirt.VIR_DOMAIN_START_FORCE_BOOT,)),
    ("managedsave web01 --running --verbose", "managedSave", (libvirt.VIR_DOMAIN_SAVE_RUNNING,)),
    ("managedsave web01 --paused", "managedSave", (libvirt.VIR_DOMAIN_SAVE_PAUSED,)),
    ("destroy web01 --graceful", "destroyFlags", (libvirt.VIR_DOMAIN_DESTROY_GRACEFUL,)),
    ("shutdown web01 --mode acpi", "shutdownFlags", (libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN,)),
    ("undefine web01 --nvram", "undefineFlags", (libvirt.VIR_DOMAIN_UNDEFINE_NVRAM,)),
    ("undefine web01 --tpm --managed-save", "undefineFlags",
     (libvirt.VIR_DOMAIN_UNDEFINE_TPM | libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE,)),
    ("dumpxml web01 --update-cpu --inactive", "XMLDesc",
     (libvirt.VIR_DOMAIN_XML_UPDATE_CPU | libvirt.VIR_DOMAIN_XML_INACTIVE,)),
    ("setvcpus web01 2 --guest", "setVcpusFlags", (2, libvirt.VIR_DOMAIN_VCPU_GUEST)),
    ("setvcpus web01 2 --maximum --config", "setVcpusFlags",
     (2, libvirt.VIR_DOMAIN_VCPU_MAXIMUM | libvirt.VIR_DOMAIN_AFFECT_CONFIG)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "method", "arguments"), FLAGGED, ids=[line for line, *_ in FLAGGED])
def test_flags_are_handed_on_for_the_driver_to_refuse(esxdriver, conn, line, method, arguments):
    assert esxdriver(*line.split()).exit_code == 0
    getattr(conn.domains[0], method).assert_called_once_with(*arguments)


TABLES = {name: table for name, table in vars(flags).items() if name.isupper()}
PREFIXES = {
    "LIST": "VIR_CONNECT_LIST_DOMAINS_", "DUMP": "VIR_DOMAIN_XML_", "STATS": "VIR_DOMAIN_STATS_",
    "STATS_OF": "VIR_CONNECT_GET_ALL_DOMAINS_STATS_", "DEFINE": "VIR_DOMAIN_DEFINE_",
    "UNDEFINE": "VIR_DOMAIN_UNDEFINE_", "AFFECT": "VIR_DOMAIN_AFFECT_", "VCPUS": "VIR_DOMAIN_VCPU_",
    "GUEST_INFO": "VIR_DOMAIN_GUEST_INFO_", "START": "VIR_DOMAIN_START_", "CREATE": "VIR_DOMAIN_START_",
    "SAVE": "VIR_DOMAIN_SAVE_", "NETWORK_LIST": "VIR_CONNECT_LIST_NETWORKS_", "NETWORK_DEFINE": "VIR_NETWORK_DEFINE_",
    "MIGRATE": "VIR_MIGRATE_", "DESTROY": "VIR_DOMAIN_DESTROY_",
    "SNAPSHOT_LIST": "VIR_DOMAIN_SNAPSHOT_LIST_", "SNAPSHOT_DUMP": "VIR_DOMAIN_SNAPSHOT_XML_",
    "SNAPSHOT_CREATE": "VIR_DOMAIN_SNAPSHOT_CREATE_", "SNAPSHOT_REDEFINE": "VIR_DOMAIN_SNAPSHOT_CREATE_",
    "SNAPSHOT_REVERT": "VIR_DOMAIN_SNAPSHOT_REVERT_", "SNAPSHOT_DELETE": "VIR_DOMAIN_SNAPSHOT_DELETE_",
    "POOL_LIST": "VIR_CONNECT_LIST_STORAGE_POOLS_", "VOL_CREATE": "VIR_STORAGE_VOL_CREATE_",
    "VOL_VALIDATE": "VIR_STORAGE_VOL_CREATE_", "VOL_RESIZE": "VIR_STORAGE_VOL_RESIZE_",
}  # fmt: skip


def test_every_flag_is_one_of_libvirts():
    assert TABLES.keys() == PREFIXES.keys()
    for name, table in TABLES.items():
        assert flags.total(PREFIXES[name], [flag for _, flag, _ in table]) >= 0


def test_a_flag_that_the_installed_libvirt_does_not_know_is_named():
    with pytest.raises(click.UsageError, match="too old for VIR_DOMAIN_START_NOSUCH"):
        flags.total("VIR_DOMAIN_START_", ["NOSUCH"])


# Options of virsh that are about its own process, or about what ESX has nothing of at all.
WITHOUT = {
    "start": {"--console", "--pass-fds"},
    "create": {"--console", "--pass-fds"},
    "version": {"--daemon"},
    "snapshot-current": {"--snapshotname"},
    # How QEMU's own migration goes about it.
    "migrate": {
        "--auto-converge-increment",
        "--auto-converge-initial",
        "--comp-methods",
        "--comp-mt-dthreads",
        "--comp-mt-level",
        "--comp-mt-threads",
        "--comp-xbzrle-cache",
        "--copy-storage-synchronous-writes",
        "--disks-port",
        "--disks-uri",
        "--graphicsuri",
        "--listen-address",
        "--migrate-disks",
        "--parallel-connections",
        "--persistent-xml",
        "--postcopy-after-precopy",
        "--postcopy-bandwidth",
        "--postcopy-resume",
        "--timeout",
        "--timeout-postcopy",
        "--timeout-suspend",
        "--tls-destination",
        "--xml",
        "--zerocopy",
    },
}


def _virsh_options(command):
    """Return the options that the installed virsh has for a command; None without virsh or the command."""
    try:
        shown = subprocess.run(["virsh", "help", command], capture_output=True, text=True, timeout=30, check=False)
    except FileNotFoundError:
        return None
    options = shown.stdout.partition("OPTIONS")[2]
    return set(re.findall(r"^\s+(?:\[?)(--[a-z0-9-]+)", options, re.MULTILINE)) if options else set()


@pytest.mark.parametrize("name", [name for _, _, names in SECTIONS for name in names.split()])
def test_has_every_option_of_virsh_for_the_commands_both_have(name):
    wanted = _virsh_options(name)
    if wanted is None:
        pytest.skip("virsh is not installed")
    command = cli.get_command(click.Context(cli), name)
    has = {option for each in command.params for option in (*each.opts, *getattr(each, "names", ()))}
    assert wanted - has - WITHOUT.get(name, set()) == set()


def _virsh_commands():
    try:
        shown = subprocess.run(["virsh", "help"], capture_output=True, text=True, timeout=30, check=False)
    except FileNotFoundError:
        return None
    return set(re.findall(r"^    ([a-z][a-z0-9-]+) ", shown.stdout, re.MULTILINE))


def test_has_every_command_of_virsh_or_says_why_not():
    wanted = _virsh_commands()
    if wanted is None:
        pytest.skip("virsh is not installed")
    has = {name for _, _, names in SECTIONS for name in names.split()}
    assert wanted - has - ABSENT.keys() == set()
    assert ABSENT.keys() & has == set()
    assert len(wanted) > 200


@pytest.mark.parametrize("words", [["console", "web01"], ["help", "console"], ["blockcopy"], ["quit"]])
def test_a_command_of_virsh_that_is_not_here_says_why(esxdriver, words):
    result = esxdriver(*words)
    name = words[-1] if words[0] == "help" else words[0]
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"error: no command '{name}': {ABSENT[name]}\n")


def test_options_that_are_said_to_be_left_out_are():
    for name, left_out in WITHOUT.items():
        command = cli.get_command(click.Context(cli), name)
        assert not left_out & {option for each in command.params for option in each.opts}, name


PARTS = [
    ("//disk/@snapshot", "yes\nno\nno\n"),
    ("/domain/name", "<name>web01</name>\n"),
    ("string(//title)", "front end\n"),
    ("count(//disk)", "4\n"),
    ("boolean(//nosuch)", "false\n"),
    ("//nosuch", ""),
]


@pytest.mark.parametrize(("expression", "shown"), PARTS)
def test_xpath_shows_parts(esxdriver, expression, shown):
    assert esxdriver("dumpxml", "web01", "--xpath", expression).stdout == shown


def test_wrapped_parts_are_one_document(esxdriver):
    shown = esxdriver("dumpxml", "web01", "--xpath", "//target[@bus='ide']", "--wrap").stdout
    assert shown == '<nodes>\n  <target dev="hdc" bus="ide"/>\n</nodes>\n'
    assert esxdriver("dumpxml", "web01", "--xpath", "//nosuch", "--wrap").stdout == "<nodes/>\n"


@pytest.mark.parametrize("expression", ["//[", "nosuch:name", "", "1 +", "$x", "\x00"])
def test_an_xpath_expression_that_is_none_is_an_error(esxdriver, expression):
    result = esxdriver("dumpxml", "web01", "--xpath", expression)
    assert result.exit_code == 1
    assert "unable to evaluate the XPath expression" in result.stderr


def test_an_unused_namespace_is_left_out_of_parts(esxdriver, conn):
    conn.domains[0].XMLDesc.return_value = XML.replace("<domain", '<domain xmlns:v="urn:v"', 1)
    assert esxdriver("dumpxml", "web01", "--xpath", "//name").stdout == "<name>web01</name>\n"


def test_quiet_says_nothing_but_what_was_asked_for(esxdriver):
    assert esxdriver("-q", "start", "web01").stdout == ""
    assert esxdriver("-q", "list", "--all").stdout == (
        " 2    db01    running\n 5    Lab     paused\n -    web01   shut off\n"
    )
