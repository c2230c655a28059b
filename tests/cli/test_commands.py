"""Every command over a connection that answers: what it prints, what it asks, what it says when that fails."""

import libvirt
import pytest

from esxdriver.errors import error
from tests.cli.conftest import XML, a_domain, uuid_of

PRINTS = [
    ("hostname", "esx1.example.test\n"),
    ("uri", "esx://esx1/\n"),
    ("capabilities", "<capabilities/>\n"),
    ("domid db01", "2\n"),
    ("domid web01", "-\n"),
    ("domuuid db01", uuid_of(2) + "\n"),
    ("domname 2", "db01\n"),
    ("domstate db01", "running\n"),
    ("domstate Lab", "paused\n"),
    ("domstate web01 --reason", "shut off (unknown)\n"),
    ("dumpxml web01", XML),
    ("list --all --name", "db01\nLab\nweb01\n"),
    ("list --uuid", "".join(f"{uuid_of(number)}\n" for number in (2, 5, 1))),
    ("list --id", "2\n5\n-\n"),
    ("list --uuid --name", "".join(f"{uuid_of(n)} {name}\n" for n, name in ((2, "db01"), (5, "Lab"), (1, "web01")))),
    ("start web01", "Domain 'web01' started\n"),
    ("shutdown db01", "Domain 'db01' is being shutdown\n"),
    ("reboot db01 --mode agent", "Domain 'db01' is being rebooted\n"),
    ("reset db01", "Domain 'db01' was reset\n"),
    ("suspend db01", "Domain 'db01' suspended\n"),
    ("resume Lab", "Domain 'Lab' resumed\n"),
    ("destroy db01", "Domain 'db01' destroyed\n"),
    ("undefine web01", "Domain 'web01' has been undefined\n"),
    ("domrename web01 web02", "Domain successfully renamed\n"),
    ("setmem web01 1G", ""),
    ("setmaxmem web01 1G", ""),
    ("setvcpus web01 4", ""),
]


@pytest.mark.parametrize(("command", "printed"), PRINTS, ids=[command for command, _ in PRINTS])
def test_prints_what_virsh_prints(esxdriver, conn, command, printed):
    result = esxdriver(*command.split())
    assert (result.exit_code, result.stdout, result.stderr) == (0, printed, "")
    assert conn.__exit__.called  # logged out


LAYOUTS = {
    "list --all": """\
 Id   Name    State
------------------------
 2    db01    running
 5    Lab     paused
 -    web01   shut off
""",
    "list --all --title": """\
 Id   Name    State      Title
------------------------------------
 2    db01    running    front end
 5    Lab     paused     front end
 -    web01   shut off   front end
""",
    "domblklist web01": """\
 Target   Source
---------------------------------
 sda      [ds] web01/web01.vmdk
 sdb      [ds] web01/data.vmdk
 sdc      [ds] web01/tmp.vmdk
 hdc      -
""",
    "domblklist web01 --details": """\
 Type   Device   Target   Source                  Mode                        Snapshot   Persistent
-----------------------------------------------------------------------------------------------------
 file   disk     sda      [ds] web01/web01.vmdk   persistent                  yes        yes
 file   disk     sdb      [ds] web01/data.vmdk    independent_persistent      no         yes
 file   disk     sdc      [ds] web01/tmp.vmdk     independent_nonpersistent   no         no
 file   cdrom    hdc      -                       -                           -          -
""",
    "dominfo web01": f"""\
Id:             -
Name:           web01
UUID:           {uuid_of(1)}
OS Type:        hvm
State:          shut off
CPU(s):         2
Max memory:     2097152 KiB
Used memory:    1048576 KiB
Persistent:     yes
Autostart:      enable
Managed save:   no
""",
    "nodeinfo": """\
CPU model:           Xeon
CPU(s):              16
CPU frequency:       2900 MHz
CPU socket(s):       2
Core(s) per socket:  8
Thread(s) per core:  2
NUMA cell(s):        1
Memory size:         4194304 KiB
""",
    "version": """\
Using library: libvirt 9.1.0
Using API: ESX 9.1.0
Using driver: esxdriver 0.1.0
Running hypervisor: ESX 8.0.2
""",
}


@pytest.mark.parametrize("command", LAYOUTS)
def test_lays_out_as_virsh_does(esxdriver, command):
    assert esxdriver(*command.split()).stdout == LAYOUTS[command]


ASKS = [
    ("list", "listAllDomains", "ACTIVE"),
    ("list --all", "listAllDomains", ""),
    ("list --inactive", "listAllDomains", "INACTIVE"),
    ("list --state-shutoff --state-paused", "listAllDomains", "SHUTOFF PAUSED"),
    ("list --all --with-snapshot --autostart", "listAllDomains", "HAS_SNAPSHOT AUTOSTART"),
    ("list --without-snapshot --no-autostart", "listAllDomains", "NO_SNAPSHOT NO_AUTOSTART ACTIVE"),
]


@pytest.mark.parametrize(("command", "method", "flags"), ASKS, ids=[command for command, *_ in ASKS])
def test_list_asks_with_flags(esxdriver, conn, command, method, flags):
    assert esxdriver(*command.split()).exit_code == 0
    wanted = sum(getattr(libvirt, f"VIR_CONNECT_LIST_DOMAINS_{flag}") for flag in flags.split())
    conn.listAllDomains.assert_called_once_with(wanted)


CALLS = [
    ("dumpxml --security-info --inactive --migratable web01", "XMLDesc", (1 | 2 | 8,)),
    ("domblklist --inactive web01", "XMLDesc", (2,)),
    ("undefine web01 --snapshots-metadata --keep-nvram", "undefineFlags", (2 | 8,)),
    ("shutdown web01", "shutdownFlags", (0,)),
    ("shutdown web01 --mode agent", "shutdownFlags", (libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT,)),
    ("reboot web01 --mode agent", "reboot", (libvirt.VIR_DOMAIN_REBOOT_GUEST_AGENT,)),
    ("domrename web01 web02", "rename", ("web02",)),
    ("setmem web01 1024", "setMemoryFlags", (1024, 0)),
    ("setmem web01 1k", "setMemoryFlags", (1, 0)),
    ("setmem web01 1025b", "setMemoryFlags", (2, 0)),
    ("setmem web01 512MiB --live", "setMemoryFlags", (524288, 1)),
    ("setmem web01 1GB --config --live", "setMemoryFlags", (976563, 3)),
    ("setmaxmem web01 2g --current", "setMemoryFlags", (2097152, 4)),
    ("setvcpus web01 4 --maximum --config", "setVcpusFlags", (4, 4 | 2)),
]


@pytest.mark.parametrize(("command", "method", "arguments"), CALLS, ids=[command for command, *_ in CALLS])
def test_asks_the_domain(esxdriver, conn, command, method, arguments):
    assert esxdriver(*command.split()).exit_code == 0
    getattr(conn.domains[0], method).assert_called_once_with(*arguments)


FAILS = [
    ("start web01", "createWithFlags", "Failed to start domain 'web01'"),
    ("shutdown web01", "shutdownFlags", "Failed to shutdown domain 'web01'"),
    ("reboot web01", "reboot", "Failed to reboot domain 'web01'"),
    ("reset web01", "reset", "Failed to reset domain 'web01'"),
    ("suspend web01", "suspend", "Failed to suspend domain 'web01'"),
    ("resume web01", "resume", "Failed to resume domain 'web01'"),
    ("destroy web01", "destroyFlags", "Failed to destroy domain 'web01'"),
    ("undefine web01", "undefineFlags", "Failed to undefine domain 'web01'"),
    ("domrename web01 x", "rename", "Domain rename failed"),
    ("setmem web01 1G", "setMemoryFlags", "Failed to change the memory of domain 'web01'"),
    ("setmaxmem web01 1G", "setMemoryFlags", "Unable to change MaxMemorySize"),
    ("setvcpus web01 1", "setVcpusFlags", "Failed to change the vCPUs of domain 'web01'"),
    ("dumpxml web01", "XMLDesc", "Failed to dump domain 'web01'"),
    ("domblklist web01", "XMLDesc", "Failed to list the disks of domain 'web01'"),
    ("dominfo web01", "info", "Failed to get information of domain 'web01'"),
    ("domstate web01", "state", "Failed to get state of domain 'web01'"),
    ("list", "listAllDomains", "Failed to list domains"),
    ("define -", "defineXMLFlags", "Failed to define domain from the standard input"),
    ("hostname", "getHostname", "failed to get hostname"),
    ("nodeinfo", "getInfo", "failed to get node information"),
    ("capabilities", "getCapabilities", "failed to get capabilities"),
    ("domcapabilities", "getDomainCapabilities", "failed to get emulator capabilities"),
    ("cpu-models x86_64", "getCPUModelNames", "failed to get CPU model names"),
    ("nodecpumap", "getCPUMap", "Unable to get cpu map"),
    ("version", "getVersion", "failed to get the version"),
    ("dumpxml nope", None, "failed to get domain 'nope'"),
]


@pytest.mark.parametrize(("command", "method", "failure"), FAILS, ids=[command for command, *_ in FAILS])
def test_says_what_failed_and_why(esxdriver, conn, command, method, failure):
    cause = error(libvirt.VIR_ERR_OPERATION_DENIED, "the host says no")
    for one in (conn, conn.domains[0]):
        if method and hasattr(one, method):
            getattr(one, method).side_effect = cause
    reason = (
        "operation forbidden: the host says no" if method else "Domain not found: no domain with matching name 'nope'"
    )
    result = esxdriver(*command.split(), stdin=XML)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {failure}\nerror: {reason}\n"
    assert conn.__exit__.called


MISUSES = [
    ("dumpxml", "Missing argument 'DOMAIN'."),
    ("nosuch", "No such command 'nosuch'."),
    ("list --foo", "No such option"),
    ("list --name --table", "do not go with"),
    ("setmem web01 1Q", "'1Q' is malformed or out of range"),
    ("setmem web01 -- -1", "'-1' is malformed or out of range"),
    ("setmem web01 99999999999999T", "is malformed or out of range"),
    ("setmem web01 1G --current --live", "--current does not go with"),
    ("setvcpus web01 0", "is not in the range"),
    ("shutdown web01 --mode nosuch", "nosuch"),
    ("completion tcsh", "tcsh"),
    ("record --cassette x.yaml", "nothing to record"),
]


@pytest.mark.parametrize(("command", "said"), MISUSES, ids=[command for command, _ in MISUSES])
def test_misuse_has_status_2_and_names_the_help(esxdriver, command, said):
    result = esxdriver(*command.split())
    assert (result.exit_code, result.stdout) == (2, "")
    first, hint = result.stderr.splitlines()
    assert first.startswith("error: ")
    assert said in first
    assert hint.startswith("Try 'esxdriver")


def test_defines_from_a_file(esxdriver, conn, tmp_path):
    file = tmp_path / "web01.xml"
    file.write_text(XML)
    result = esxdriver("define", str(file), "--validate")
    assert result.stdout == f"Domain 'web01' defined from {file}\n"
    conn.defineXMLFlags.assert_called_once_with(XML, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)


def test_defines_from_the_standard_input(esxdriver, conn):
    assert "defined from the standard input" in esxdriver("define", "-", stdin=XML).stdout
    conn.defineXMLFlags.assert_called_once_with(XML, 0)


ENCODED = [
    ("utf-8", "<domain>ü</domain>"),
    ("utf-8-sig", "<domain>ü</domain>"),
    ("utf-16", "<domain>ü</domain>"),
    ("iso-8859-1", "<?xml version='1.0' encoding='ISO-8859-1'?><domain>ü</domain>"),
]


@pytest.mark.parametrize(("encoding", "text"), ENCODED, ids=[encoding for encoding, _ in ENCODED])
def test_reads_a_document_in_its_encoding(esxdriver, conn, tmp_path, encoding, text):
    file = tmp_path / "web01.xml"
    file.write_bytes(text.encode(encoding))
    assert esxdriver("define", str(file)).exit_code == 0
    conn.defineXMLFlags.assert_called_once_with(text, 0)


UNREADABLE = [
    (None, "Failed to open file '{}': No such file or directory"),
    (b"\xff\xff<domain/>", "Failed to read {}: it is not text in utf-8"),
    (b"<?xml version='1.0' encoding='klingon'?>", "Failed to read {}: it is not text in klingon"),
    (b"<?xml version='1.0' encoding='rot13'?>", "Failed to read {}: it is not text in rot13"),
]


@pytest.mark.parametrize(("data", "said"), UNREADABLE)
def test_refuses_a_file_before_it_connects(esxdriver, tmp_path, data, said):
    file = tmp_path / "web01.xml"
    if data is not None:
        file.write_bytes(data)
    result = esxdriver("define", str(file))
    assert (result.exit_code, result.stderr) == (1, f"error: {said.format(file)}\n")
    assert not esxdriver.opened


def test_reads_no_more_of_a_file_than_a_document_may_have(esxdriver, conn):
    esxdriver("define", "/dev/zero")
    assert len(conn.defineXMLFlags.call_args.args[0]) == 16 * 2**20 + 1


def test_a_name_cannot_steer_the_terminal(esxdriver, conn):
    conn.domains[:] = [a_domain(conn, "\x1b]0;owned\x07\n", 7, "poweredOn")]
    assert r" 7    \x1b]0;owned\x07\n   running" in esxdriver("list").stdout
    assert "\x1b" not in esxdriver("start", "7").stdout


def test_options_before_the_command_reach_the_target(esxdriver):
    esxdriver("-c", "esx://a/", "-r", "--replay", "x.yaml", "list")
    (target,) = esxdriver.opened
    assert (target.uri, target.readonly, target.replay) == ("esx://a/", True, "x.yaml")
