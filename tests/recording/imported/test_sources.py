"""What somebody sends is read with suspicion: nothing is unpacked, no link followed, and there is a limit to everything."""

import gzip
import os
import tarfile

import libvirt
import pytest

from esxdriver.recording.imported import sources
from tests.recording.imported.saved import tar

FILES = {"dump/0000-a.xml": b"<a/>", "dump/sub/b.xml": b"<b/>", "dump/README": b"no XML"}


def read(path):
    return [(name, content) for name, content in sources.documents(path)]


def refusal(path):
    with pytest.raises(libvirt.libvirtError) as raised:
        read(path)
    assert raised.value.get_error_code() in (libvirt.VIR_ERR_CONF_SYNTAX, libvirt.VIR_ERR_OPEN_FAILED)
    return str(raised.value)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_of_any_kind_gives_its_xml_files(tmp_path, mode):
    path = tmp_path / "dump.tar"
    path.write_bytes(tar(FILES, mode))
    assert read(path) == [("dump/0000-a.xml", b"<a/>"), ("dump/sub/b.xml", b"<b/>")]


def test_a_directory_gives_its_xml_files_and_follows_no_link(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.xml").write_text("<secret/>")
    dump = tmp_path / "dump"
    (dump / "sub").mkdir(parents=True)
    (dump / "a.xml").write_text("<a/>")
    (dump / "sub/b.xml").write_text("<b/>")
    (dump / "away").symlink_to(tmp_path / "outside")
    assert read(dump) == [("a.xml", b"<a/>"), ("sub/b.xml", b"<b/>")]
    (dump / "c.xml").symlink_to(tmp_path / "outside/secret.xml")
    assert "Too many levels of symbolic links" in refusal(dump)


@pytest.mark.parametrize(("kind", "linkname"), [(tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "../x"), (tarfile.CHRTYPE, ""), (tarfile.FIFOTYPE, "")])  # fmt: skip
def test_links_and_devices_in_a_tar_are_passed_over(tmp_path, kind, linkname):
    member = tarfile.TarInfo("evil.xml")
    member.type, member.linkname = kind, linkname
    path = tmp_path / "dump.tar"
    path.write_bytes(tar({"evil.xml": member, "../../a.xml": b"<a/>"}))
    assert read(path) == [("../../a.xml", b"<a/>")]
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.xml")
    assert "no regular file" in refusal(tmp_path)
    assert "no regular file" in refusal(tmp_path / "pipe.xml")


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_BYTES"])
@pytest.mark.parametrize("form", ["directory", "tar", "gz"])
def test_there_is_a_limit_to_files_and_bytes(tmp_path, monkeypatch, form, limit):
    monkeypatch.setattr(sources, limit, 3)
    files = {f"{number}.xml": b"<a/>" for number in range(4)}
    path = tmp_path / "dump"
    if form == "directory":
        path.mkdir()
        for name, content in files.items():
            (path / name).write_bytes(content)
    else:
        path.write_bytes(tar(files, "w" if form == "tar" else "w:gz"))
    assert "it has more than 3" in refusal(path)


@pytest.mark.parametrize("name", ["x.xml", "x.bin"])
def test_what_unpacks_to_too_much_is_refused_whatever_it_is(tmp_path, monkeypatch, name):
    monkeypatch.setattr(sources, "MAX_BYTES", 100_000)
    path = tmp_path / "dump.tgz"
    path.write_bytes(tar({name: b"\0" * 1_000_000}, "w:gz"))
    assert path.stat().st_size < 10_000
    assert "more than 100000 bytes" in refusal(path)


def test_so_is_what_only_the_head_of_a_member_says(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 100_000)
    member = tarfile.TarInfo("x" * 200_000)  # a name in a head of its own
    path = tmp_path / "dump.tgz"
    path.write_bytes(tar({"a": member}, "w:gz"))
    assert "more than 100000 bytes" in refusal(path)


@pytest.mark.parametrize(
    "content",
    [tar(FILES, "w:gz")[:100], tar(FILES)[:700], gzip.compress(b"no tar"), b"\x1f\x8bx", b"BZhx", b"\xfd7zXZ\x00"],
    ids=["cut gzip", "cut tar", "gzip of no tar", "gzip", "bzip2", "xz"],
)
def test_a_damaged_archive_is_refused(tmp_path, content):
    path = tmp_path / "dump.tar"
    path.write_bytes(content)
    assert str(path) in refusal(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "No such file" in refusal(tmp_path / "nothing")
