"""What goes with a domain: which of its files are meant, and what stays."""

import libvirt
import pytest

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.vsphere.change.removal import removal
from tests.conf.documents import domain
from tests.helpers import failing

WANT = domain_xml.parse(
    domain(
        "<disk type='file' device='disk'><source file='[ds] a/a.vmdk'/><target dev='sda'/></disk>"
        "<disk type='file' device='disk' snapshot='no'><source file='[ds] a/b.vmdk'/><target dev='sdb'/></disk>"
        "<disk type='file' device='cdrom'><source file='[ds] iso/a.iso'/><target dev='hda'/></disk>"
        "<disk type='file' device='cdrom'><target dev='hdb'/></disk>"
        "<disk type='block' device='cdrom'><source dev='/dev/sr0'/><target dev='hdc'/></disk>"
        "<disk type='file' device='cdrom'><source file='/vmimages/tools-isoimages/linux.iso'/><target dev='hdd'/></disk>",
        os="<type>hvm</type><nvram type='file'><source file='[ds] a/a.nvram'/></nvram>",
    )
)
CASES = [
    # named, NVRAM, what goes
    (None, False, ["a/a.vmdk", "a/b.vmdk"]),
    (None, True, ["a/a.vmdk", "a/b.vmdk", "a/a.nvram"]),
    ([], False, []),
    ([], True, ["a/a.nvram"]),
    (["sdb"], False, ["a/b.vmdk"]),
    (["[ds] a/b.vmdk", "sda"], False, ["a/a.vmdk", "a/b.vmdk"]),
    (["hda"], False, ["iso/a.iso"]),
]


@pytest.mark.parametrize(("named", "nvram", "gone"), CASES)
def test_what_is_named_goes_and_all_else_stays(named, nvram, gone):
    files = removal(WANT, named, nvram=nvram)
    assert [each.path.path for each in files if each.goes] == gone
    assert {each.path.path for each in files if not each.goes} == {"a/a.vmdk", "a/b.vmdk", "iso/a.iso"} - set(gone)


@pytest.mark.parametrize("name", ["sdc", "hdb", "a/a.vmdk", "/dev/sr0", "/vmimages/tools-isoimages/linux.iso"])
def test_what_the_domain_does_not_have_or_no_datastore_holds_is_refused(name):
    text = failing(libvirt.VIR_ERR_INVALID_ARG, lambda: removal(WANT, ["sda", name], nvram=False))
    assert f"'{name}'" in text
    assert "sda ([ds] a/a.vmdk)" in text
