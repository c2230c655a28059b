import libvirt
import pytest

from esxdriver import vmx


@pytest.mark.parametrize(
    ("vmx_path", "name", "source"),
    [
        (None, "web.vmdk", "web.vmdk"),
        ("[ds 1] dir/web.vmx", "web.vmdk", "[ds 1] dir/web.vmdk"),
        ("[ds 1] dir/web.vmx", "sub/web.vmdk", "[ds 1] dir/sub/web.vmdk"),
        ("/vmfs/volumes/ds 1/dir/web.vmx", "web.vmdk", "[ds 1] dir/web.vmdk"),
        ("[ds 1] web.vmx", "web.vmdk", "[ds 1] web.vmdk"),
        ("[ds 1] dir/web.vmx", "/vmfs/volumes/other/b/c.iso", "[other] b/c.iso"),
        (None, "/vmfs/volumes/498076b2-02796c1a/b/c.iso", "[498076b2-02796c1a] b/c.iso"),
        ("[ds 1] dir/web.vmx", "/usr/lib/linux.iso", "/usr/lib/linux.iso"),
        ("[ds 1] dir/web.vmx", "C:\\vm\\web.vmdk", "C:\\vm\\web.vmdk"),
    ],
)
def test_a_name_is_translated_both_ways(vmx_path, name, source):
    paths = vmx.Paths(vmx_path)
    assert paths.read(name) == source
    assert paths.write(source) == name


@pytest.mark.parametrize("vmx_path", [None, "[ds] dir/web.vmx", "[] /var/run/crx/a/a.vmx"])
def test_a_file_outside_of_a_datastore_is_named_as_the_host_names_it(vmx_path):
    paths = vmx.Paths(vmx_path)
    assert paths.read("/vmimages/linux.iso") == "/vmimages/linux.iso"
    assert paths.write("/vmimages/linux.iso") == paths.write("[] /vmimages/linux.iso") == "/vmimages/linux.iso"
    assert paths.read("[] /vmimages/linux.iso") == "/vmimages/linux.iso"
    assert paths.read("[]") == ""


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("../base/b.vmdk", "[ds] base/b.vmdk"),
        ("ds:///vmfs/volumes/ds/b.vmdk", "[ds] b.vmdk"),
        ("../../b.vmdk", "../../b.vmdk"),
    ],
)
def test_other_ways_to_say_it_are_read(name, source):
    assert vmx.Paths("[ds] dir/web.vmx").read(name) == source


def test_a_connection_knows_volumes_by_uuid():
    names = {"5a-1": "datastore1"}
    paths = vmx.Paths(datastore=names.get, volume=lambda name: "5a-1")
    assert paths.read("/vmfs/volumes/5a-1/a/b.vmdk") == "[datastore1] a/b.vmdk"
    assert paths.write("[datastore1] a/b.vmdk") == "/vmfs/volumes/5a-1/a/b.vmdk"
    head = 'config.version = "8"\nvirtualHW.version = "4"\ndisplayName = "a"\n'
    cdrom = 'ide0:0.present = "TRUE"\nide0:0.deviceType = "cdrom-image"\nide0:0.fileName = "/vmfs/volumes/gone/a.iso"\n'
    assert vmx.from_native(head + cdrom, paths=paths).disks[0].source is None
    with pytest.raises(libvirt.libvirtError, match="no datastore 'gone'"):
        vmx.from_native(head + cdrom.replace("cdrom-image", "ata-hardDisk").replace(".iso", ".vmdk"), paths=paths)
