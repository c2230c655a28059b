"""``carry``, between two hosts of libvirt's test driver."""

import re

import libvirt
import pytest
from click.testing import CliRunner

import esxdriver
from esxdriver.cli import cli
from tests.qemu.conftest import NODE, WEB01, _silent  # noqa: F401


@pytest.fixture
def origin(tmp_path):
    file = tmp_path / "node.xml"
    file.write_text(NODE.format(domain=WEB01))
    return f"test://{file}"


@pytest.fixture
def there():
    """A host with the domain as a converter leaves it, shut off: other targets, every mode lost."""
    text = re.sub("<uuid>.*</uuid>", "", WEB01).replace(" snapshot='no'", "").replace("<transient/>", "")
    text = re.sub(r"dev='vd(.)' bus='virtio'", r"dev='sd\1' bus='scsi'", text)
    with esxdriver.open("test:///default") as conn:
        conn.defineXML(f"<domain type='test'>{text}</domain>")
        yield conn
        conn.lookupByName("web01").undefine()


def carry(origin, *arguments):
    return CliRunner().invoke(cli, ["carry", "--from", origin, "--to", "test:///default", *map(str, arguments)],
                              standalone_mode=True, terminal_width=80)  # fmt: skip


def modes(conn):
    return re.findall(r"device='disk'(.*?)>", conn.lookupByName("web01").XMLDesc())


LOST = [" snapshot='yes' persistent='yes'"] * 3
HAD = [LOST[0], " snapshot='no' persistent='yes'", " snapshot='no' persistent='no'"]


def test_a_dry_run_shows_a_table_and_changes_nothing(origin, there):
    run = carry(origin, "web01")
    assert run.exit_code == 0
    assert [line.split() for line in run.stdout.splitlines()[2:] if line] == [
        ["web01/vda", "1024.00", "GiB", "persistent", "web01/sda", "persistent", "same"],
        ["web01/vdb", "1024.00", "GiB", "independent_persistent", "web01/sdb", "persistent", "set"],
        ["web01/vdc", "1024.00", "GiB", "independent_nonpersistent", "web01/sdc", "persistent", "set"],
    ]
    assert modes(there) == LOST


def test_apply_defines_the_modes_that_they_had(origin, there):
    run = carry(origin, "--apply", "web01")
    assert (run.exit_code, run.stdout.splitlines()[-1]) == (0, "Domain 'web01' defined")
    assert modes(there) == HAD
    again = carry(origin, "--apply", "web01")
    assert (again.exit_code, "defined" in again.stdout) == (0, False)


def test_sizes_that_differ_are_refused_and_nothing_is_defined(origin, there, monkeypatch):
    sizes = {"vdc": 5}
    monkeypatch.setattr(libvirt.virDomain, "blockInfo", lambda _, disk, flags=0: [sizes.get(disk, 7), 0, 0])
    run = carry(origin, "--apply", "web01")
    assert run.exit_code == 1
    assert "disk 'vdc' of domain 'web01': the sizes differ: 5 bytes, and 7" in run.stderr
    assert "Nothing is carried" in run.stderr
    assert modes(there) == LOST


def test_a_map_says_which_is_which(origin, there, tmp_path):
    file = tmp_path / "map.toml"
    file.write_text('web01 = { to = "web01", disks = { vda = "sdc", vdb = "sdb", vdc = "sda" } }\n')
    assert carry(origin, "--apply", "--map", file).exit_code == 0
    assert modes(there) == HAD[::-1]


@pytest.mark.parametrize(
    ("text", "arguments", "status", "said"),
    [
        ("", [], 2, "name a DOMAIN or more, or give --map"),
        ("", ["nobody"], 1, "failed to get domain 'nobody' of the original host"),
        ("", ["plain"], 1, "failed to get domain 'plain'"),
        ("web01 = ", [], 1, "Failed to read the map"),
        ("web01 = 5", [], 1, "'web01' is neither a name nor"),
        ("web01 = { disks = { a = 'b' } }", [], 1, "'web01' is neither a name nor"),
        ("web01 = { to = 'web01', disks = { a = 1 } }", [], 1, "'web01' is neither a name nor"),
        ("web01 = { to = 'web01', disk = { a = 'b' } }", [], 1, "'web01' is neither a name nor"),
        ("web01 = 'x'\nplain = 'x'", [], 2, "domain 'x' would be given the modes of several"),
        ("web01 = 'gone'", [], 1, "failed to get domain 'gone'"),
        ("web01 = { to = 'web01', disks = { vda = 'sda' } }", [], 1, "the map does not say which disk it has become"),
    ],
)
def test_what_does_not_match_is_refused(origin, there, tmp_path, text, arguments, status, said):
    file = tmp_path / "map.toml"
    file.write_text(text)
    run = carry(origin, "--apply", *(["--map", file] if text else []), *arguments)
    assert (run.exit_code, said in run.stderr) == (status, True), run.stderr
    assert "Traceback" not in run.stderr
    assert modes(there) == LOST


def test_a_disk_that_cannot_be_transient_there_is_named_before_anything_is_defined(origin, there):
    text = there.lookupByName("web01").real.XMLDesc().replace("file='/img/tmp.qcow2'", "dev='/dev/x'")
    before, disk, after = text.partition("<disk type='file' device='disk'>\n      <source dev")
    there.defineXML(before + disk.replace("type='file'", "type='block'") + after)
    run = carry(origin, "--apply", "web01")
    assert run.exit_code == 1
    assert "disk 'sdc' (/dev/x): persistent='no' needs <transient/>, but it is of type 'block'" in run.stderr
    assert modes(there) == LOST
