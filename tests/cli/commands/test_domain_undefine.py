"""Undefining from the command line: what is deleted is said first, and asked about on a terminal."""

import libvirt
import pytest

from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.errors import error
from esxdriver.vsphere.change.removal import DomainFile, Kind

NVRAM = libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
FILES = [
    DomainFile(Kind.DISK, "sda", DatastorePath("ds", "web01/a.vmdk"), goes=True, mode="persistent"),
    DomainFile(Kind.IMAGE, "hdc", DatastorePath("ds", "iso/a.iso"), goes=False),
    DomainFile(Kind.NVRAM, "", DatastorePath("ds", "web01/web01.nvram"), goes=True),
]
SHOWN = """Disk sda ([ds] web01/a.vmdk), persistent, will be deleted
Image hdc ([ds] iso/a.iso), stays
NVRAM [ds] web01/web01.nvram, will be deleted
"""


@pytest.fixture
def web01(conn):
    conn.domains[0].undefinePreview.return_value = FILES
    return conn.domains[0]


CASES = [
    ("--remove-all-storage", (None, 0), {"wipe": False}),
    ("--remove-all-storage --nvram", (None, NVRAM), {"wipe": False}),
    ("--storage sda,[ds]:iso/a.iso --wipe-storage", (["sda", "[ds] iso/a.iso"], 0), {"wipe": True}),
]


@pytest.mark.parametrize(("options", "arguments", "more"), CASES)
def test_shows_what_is_deleted_and_deletes_it(esxdriver, web01, options, arguments, more):
    result = esxdriver("undefine", "web01", *(each.replace("]:", "] ") for each in options.split()))
    assert result.output == SHOWN + "Domain 'web01' has been undefined\n"
    web01.undefinePreview.assert_called_once_with(*arguments)
    assert web01.undefineWithStorage.call_args.args == arguments
    assert {key: web01.undefineWithStorage.call_args.kwargs[key] for key in more} == more


def test_the_nvram_alone_is_shown_too_and_goes_with_libvirts_flag(esxdriver, web01):
    assert SHOWN in esxdriver("undefine", "web01", "--nvram").output
    web01.undefineFlags.assert_called_once_with(NVRAM)


def test_without_an_option_nothing_is_read_and_all_files_stay(esxdriver, web01):
    esxdriver("undefine", "web01")
    web01.undefineFlags.assert_called_once_with(0)
    assert not web01.undefinePreview.called


@pytest.mark.parametrize(("answer", "yes", "undefined"), [("y", [], True), ("n", [], False), ("", ["--yes"], True)])
def test_asks_on_a_terminal(esxdriver, web01, monkeypatch, answer, yes, undefined):
    monkeypatch.setattr("click.confirm", lambda *_, **__: answer == "y")
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    result = esxdriver("undefine", "web01", "--remove-all-storage", *yes)
    assert web01.undefineWithStorage.called == undefined
    assert ("cancelled: nothing has changed" in result.stderr) != undefined


def test_nothing_is_undefined_when_somebody_else_has_a_file(esxdriver, web01):
    web01.undefinePreview.side_effect = error(libvirt.VIR_ERR_OPERATION_INVALID, "domain 'db01' has it")
    result = esxdriver("undefine", "web01", "--remove-all-storage")
    assert (result.exit_code, "domain 'db01' has it" in result.stderr) == (1, True)
    assert not web01.undefineWithStorage.called


REFUSED = [
    ("--remove-all-storage --storage sda", "does not go with"),
    ("--wipe-storage", "--wipe-storage goes with"),
    ("--delete-storage-volume-snapshots", "snapshot-delete"),
]


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_refuses_options_that_make_no_sense(esxdriver, web01, options, said):
    result = esxdriver("undefine", "web01", *options.split())
    assert (result.exit_code, said in result.stderr) == (2, True)
    assert not web01.undefineFlags.called
