import pytest
from hypothesis import given
from hypothesis import strategies as st

from esxdriver.conf.mapping.datastore_path import DatastorePath

NAMES = st.text("ab ./-_ü", max_size=8)


@pytest.mark.parametrize(
    ("text", "datastore", "path", "written"),
    [
        ("[ds 1] dir/a.vmdk", "ds 1", "dir/a.vmdk", "[ds 1] dir/a.vmdk"),
        ("[ds]a.vmdk", "ds", "a.vmdk", "[ds] a.vmdk"),
        ("[ds]", "ds", "", "[ds]"),
        ("[ds] ", "ds", "", "[ds]"),
        ("[] /vmimages/linux.iso", "", "/vmimages/linux.iso", "[] /vmimages/linux.iso"),
        ("[]", "", "", "[]"),
        ("[a] b] c", "a", "b] c", "[a] b] c"),
    ],
)
def test_a_path_is_read_and_written(text, datastore, path, written):
    assert DatastorePath.parse(text) == DatastorePath(datastore, path)
    assert str(DatastorePath(datastore, path)) == written


@pytest.mark.parametrize("text", [None, "", "a.vmdk", "/vmimages/a.iso", "[ds", "ds] a", " [ds] a"])
def test_what_is_none_is_none(text):
    assert DatastorePath.parse(text) is None


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("/vmfs/volumes/ds 1/dir/a.vmdk", DatastorePath("ds 1", "dir/a.vmdk")),
        ("ds:///vmfs/volumes/5a-1//a.vmdk", DatastorePath("5a-1", "a.vmdk")),
        ("/vmfs/volumes/ds", None),
        ("/vmfs/devices/cdrom/mpx", None),
        ("[ds] a", None),
    ],
)
def test_a_volumes_file_is_known_by_its_name(name, path):
    assert DatastorePath.of_volume(name) == path


def test_a_file_has_neighbours():
    home = DatastorePath("ds", "dir/web.vmx")
    assert (home.directory, home.name, home.file) == ("dir", "web.vmx", "/vmfs/volumes/ds/dir/web.vmx")
    assert str(home.beside("web.vmdk")) == "[ds] dir/web.vmdk"
    assert str(home.beside("../base/b.vmdk")) == "[ds] base/b.vmdk"
    assert home.beside("../../b.vmdk") is None
    assert home.is_beside(DatastorePath("ds", "dir/x"))
    assert not home.is_beside(DatastorePath("ds", "dir/sub/x"))
    assert not DatastorePath("ds", "x").is_beside(DatastorePath("ds2", "x"))


@given(NAMES, NAMES.map(str.lstrip))
def test_every_path_survives(datastore, path):
    whole = DatastorePath(datastore, path)
    assert DatastorePath.parse(str(whole)) == whole


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("b.vmdk", "dir/b.vmdk"), ("../b.vmdk", "b.vmdk"), ("../..b.vmdk", "..b.vmdk"), ("..b.vmdk", "dir/..b.vmdk"),
        ("../../b.vmdk", None), ("../..", None),
    ],
)  # fmt: skip
def test_a_name_beside_a_file_leads_out_of_the_datastore_only_by_its_directory(name, path):
    found = DatastorePath("ds", "dir/a.vmx").beside(name)
    assert (found and found.path) == path
