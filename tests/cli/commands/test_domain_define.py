"""Defining from the command line: how large new disks are."""

import pytest

from esxdriver.conf.devices.disk_blank import Blank
from esxdriver.conf.domain import xml as domain_xml
from tests.conf.documents import domain

DISK = "<disk type='file' device='disk'><source file='[ds] a/b.vmdk'/><target dev='sda'/></disk>"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "web01.xml"
    path.write_text(domain(DISK + DISK.replace("sda", "sdb").replace("b.vmdk", "c.vmdk")))
    return str(path)


SIZES = [
    ("--size sda=8G", [Blank(8 << 30), None]),
    ("--size sda=8G --size sdb=1M --allocation sdb=0", [Blank(8 << 30), Blank(1 << 20, thin=True)]),
    ("--size sdb=1M --prealloc-metadata", [None, Blank(1 << 20, zeroed=True)]),
    ("", [None, None]),
]


@pytest.mark.parametrize(("command", "method"), [("define", "defineXMLFlags"), ("create", "createXML")])
@pytest.mark.parametrize(("options", "blanks"), SIZES)
def test_says_how_large_new_disks_are(esxdriver, conn, file, command, method, options, blanks):
    getattr(conn, method).return_value = conn.domains[0]
    result = esxdriver(command, file, *options.split())
    assert result.exit_code == 0, result.stderr
    text = getattr(conn, method).call_args.args[0]
    assert [disk.blank for disk in domain_xml.parse(text).disks] == blanks


REFUSED = [
    ("--size 8G", "write the disk's target and its size, as sda=8G"),
    ("--size sda=big", "'big' is malformed"),
    ("--size sdz=8G", "the document has no such disk; it has sda, sdb"),
    ("--allocation sda=0", "go with --size"),
    ("--size sda=8G --allocation sdb=0", "--allocation sdb=... goes with --size sdb=..."),
    ("--prealloc-metadata", "go with --size"),
]


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_refuses_sizes_that_make_no_sense(esxdriver, conn, file, options, said):
    result = esxdriver("define", file, *options.split())
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
    assert not conn.defineXMLFlags.called
