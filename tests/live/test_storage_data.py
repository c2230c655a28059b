"""The data of volumes, by streams: whole, in ranges, larger than the volume, ended early, and broken on the way."""

import contextlib
import hashlib
import resource

import libvirt
import pytest
from click.testing import CliRunner

from esxdriver.cli import cli
from esxdriver.cli.target import Target
from esxdriver.conf.mapping.datastore_path import DatastorePath
from esxdriver.vsphere.storage import transfer
from esxdriver.vsphere.wire.faults import ConnectionLostError, LockedFileError, TransferError
from tests.helpers import failing
from tests.live.rig import unchanged

pytestmark = pytest.mark.live

MIB = 1 << 20
INVALID, IN_USE = libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_OPERATION_INVALID
both = pytest.mark.parametrize(
    "model", [pytest.param(each, marks=pytest.mark.esx(model=each)) for each in ("esx", "vpx")]
)


@pytest.fixture
def pool(esx):
    return esx.storagePoolLookupByName("datastore1")


@pytest.fixture
def disk(pool):
    return pool.createXML(f"<volume><name>new/data.vmdk</name><capacity>{4 * MIB}</capacity></volume>")


@pytest.fixture
def image(pool):
    made = pool.createXML("<volume><name>iso/a b&amp;c.iso</name><capacity>1</capacity></volume>")
    put(made, b"0123456789")
    return made


def put(volume, data, length=0, offset=0, piece=100_000):
    stream = volume.connect().newStream()
    volume.upload(stream, offset, length)
    for start in range(0, len(data), piece):
        assert stream.send(data[start : start + piece]) == len(data[start : start + piece])
    return stream.finish()


def got(volume, offset=0, length=0, piece=100_000):
    stream = volume.connect().newStream()
    volume.download(stream, offset, length)
    data = b""
    while part := stream.recv(piece):
        data += part
    stream.finish()
    return data


def leftovers(sim):
    return [each["path"] for each in sim.inventory()["files"]["datastore1"] if ".part" in each["path"]]


@both
def test_what_was_uploaded_to_a_disk_is_what_is_downloaded(disk, model):
    data = bytes(range(256)) * (4 * MIB // 256)
    assert put(disk, data, len(data)) == 0
    assert hashlib.sha256(got(disk)).digest() == hashlib.sha256(data).digest()
    assert disk.info()[1] == 4 * MIB


def test_zeros_follow_data_that_is_shorter_than_the_disk(disk):
    put(disk, b"x" * 4 * MIB)
    put(disk, b"boot")
    assert got(disk) == b"boot" + bytes(4 * MIB - 4)


RANGES = [(0, 0), (0, 3), (4, 0), (4, 2), (9, 1), (10, 0)]


@both
@pytest.mark.parametrize(("offset", "length"), RANGES)
def test_a_part_is_downloaded(image, offset, length, model):
    assert got(image, offset, length, piece=3) == b"0123456789"[offset : offset + length if length else None]


@pytest.mark.parametrize(("offset", "length"), [(11, 0), (5, 6), (0, 11), (-1, 0), (0, -1)])
def test_a_part_that_is_not_there_is_refused(image, offset, length):
    failing(INVALID, image.download, image.connect().newStream(), offset, length)


@pytest.mark.parametrize("length", [0, 4])
def test_an_image_becomes_what_is_uploaded(sim, image, length):
    put(image, b"abcd", length, piece=1)
    assert (got(image), image.info()[1:]) == (b"abcd", [4, 4])
    assert leftovers(sim) == []


REFUSED = [
    ("disk", 1, 0, libvirt.VIR_ERR_OPERATION_UNSUPPORTED),
    ("image", 1, 0, libvirt.VIR_ERR_OPERATION_UNSUPPORTED),
    ("disk", 0, 100, libvirt.VIR_ERR_OPERATION_UNSUPPORTED),
    ("disk", 0, 4 * MIB + 1, INVALID),
    ("disk", 0, -1, INVALID),
]


@pytest.mark.parametrize(("kind", "offset", "length", "code"), REFUSED)
def test_an_upload_that_no_host_takes_is_refused_and_writes_nothing(request, sim, kind, offset, length, code):
    volume = request.getfixturevalue(kind)
    with unchanged(sim):
        failing(code, volume.upload, volume.connect().newStream(), offset, length)


def test_more_than_a_disk_holds_is_refused_and_the_disk_named(disk):
    stream = disk.connect().newStream()
    disk.upload(stream, 0, 0)
    stream.send(bytes(4 * MIB))
    text = failing(INVALID, stream.send, b"x")
    assert "new/data.vmdk" in text
    assert "holds 4194304 bytes and no more" in text


def test_an_image_that_is_more_or_less_than_was_announced_changes_nothing(sim, image):
    with unchanged(sim):
        more, less = image.connect().newStream(), image.connect().newStream()
        image.upload(more, 0, 3)
        failing(INVALID, more.send, b"abcd")
        image.upload(less, 0, 3)
        less.send(b"ab")
        assert "ended 1 bytes early" in failing(libvirt.VIR_ERR_OPERATION_FAILED, less.finish)


class Resets:
    """A host that resets the connection in the middle of an upload; it says nothing then."""

    def __init__(self, made, after):
        self._made, self._left = made, after

    def __getattr__(self, name):
        return getattr(self._made, name)

    def send(self, data):
        self._left -= len(data)
        if self._left < 0:
            self._made.close()
            raise ConnectionResetError(104, "Connection reset by peer")
        self._made.send(data)


@pytest.fixture
def resets(monkeypatch):
    made = transfer.connection
    monkeypatch.setattr(
        transfer, "connection", lambda session, headers: (Resets((pair := made(session, headers))[0], 2 * MIB), pair[1])
    )


@pytest.mark.usefixtures("resets")
def test_a_host_that_resets_leaves_an_image_as_it_was(sim, image):
    with unchanged(sim):
        stream = image.connect().newStream()
        image.upload(stream, 0, 3 * MIB)
        text = failing(libvirt.VIR_ERR_RPC, stream.send, bytes(3 * MIB))
    assert "iso/a b&c.iso" in text
    assert "Connection reset by peer" in text
    assert leftovers(sim) == []


@pytest.mark.usefixtures("resets")
def test_a_host_that_resets_has_a_part_of_a_disk_which_is_named(disk):
    stream = disk.connect().newStream()
    disk.upload(stream, 0, 0)
    stream.send(bytes(MIB))
    text = failing(libvirt.VIR_ERR_RPC, stream.send, bytes(3 * MIB))
    assert "volume 'new/data.vmdk' may hold only the first 1048576 bytes of an upload" in text


@pytest.mark.parametrize("length", [0, 100])
def test_an_aborted_image_is_as_it_was(sim, image, length):
    with unchanged(sim):
        stream = image.connect().newStream()
        image.upload(stream, 0, length)
        stream.send(b"ab")
        assert (stream.abort(), stream.abort()) == (0, 0)
        failing(IN_USE, stream.send, b"c")


def test_an_aborted_disk_is_named(caplog, disk):
    stream = disk.connect().newStream()
    disk.upload(stream, 0, 0)
    stream.send(b"ab")
    stream.abort()
    assert "volume 'new/data.vmdk' may hold only the first 2 bytes" in caplog.text


def test_a_stream_that_nobody_has_any_more_is_aborted(caplog, disk):
    disk.upload(disk.connect().newStream(), 0, 0)
    assert "may hold only the first 0 bytes" in caplog.text


def test_handlers_move_all_of_it_and_what_they_raise_aborts(disk):
    parts = [b"a" * MIB, b"b" * MIB, b""]
    stream = disk.connect().newStream()
    disk.upload(stream, 0, 0)
    stream.sendAll(lambda _stream, _size, waiting: waiting.pop(0), parts)
    stream.finish()
    received = []
    disk.download(stream, 0, 2 * MIB)
    stream.recvAll(lambda _stream, data, into: into.append(data), received)
    stream.finish()
    assert b"".join(received) == b"a" * MIB + b"b" * MIB
    for handler in (lambda *_: -1, lambda *_: 1 / 0):
        disk.download(stream, 0, 0)
        with pytest.raises((RuntimeError, ZeroDivisionError)):
            stream.recvAll(handler, None)
        failing(IN_USE, stream.recv, 1)


def test_a_stream_moves_one_volume_at_a_time(disk, image):
    stream = disk.connect().newStream()
    failing(IN_USE, stream.recv, 1)
    failing(IN_USE, stream.finish)
    image.download(stream, 0, 0)
    failing(IN_USE, disk.upload, stream, 0, 0)
    failing(IN_USE, stream.send, b"x")
    failing(INVALID, disk.connect().newStream, libvirt.VIR_STREAM_NONBLOCK)


def test_a_volume_of_a_domain_that_is_on_or_has_snapshots_is_left_alone(esx, sim, pool):
    with unchanged(sim):
        for name, method in (
            ("db01/db01.vmdk", "download"), ("db01/db01.vmdk", "upload"), ("susp01/susp01.vmdk", "upload"),
            ("snap01/snap01.vmdk", "upload"),
        ):  # fmt: skip
            text = failing(IN_USE, getattr(pool.storageVolLookupByName(name), method), esx.newStream(), 0, 0)
            assert f"domain '{name.partition('/')[0]}' has it" in text
    assert len(got(pool.storageVolLookupByName("web01/web01_1.vmdk"), 0, 100)) == 100


class Broken:
    """An answer that ends before it is whole, as http.client gives it: without a word."""

    status = 200

    def __init__(self, data, length):
        self._data, self._length = data, length

    def getheader(self, _name):
        return str(self._length)

    def read(self, size):
        data, self._data = self._data[:size], self._data[size:]
        return data


def test_a_download_that_ends_early_is_an_error(monkeypatch, esx, image):
    download = transfer.Download(esx.backend.session, esx.backend.scope, image.file.path)
    download.close()
    download._response, download._left = Broken(b"0123", 10), 10
    assert download.read(100) == b"0123"
    with pytest.raises(ConnectionLostError, match="ended early"):
        download.read(100)


def test_a_host_that_knows_no_ranges_gives_the_part_all_the_same(monkeypatch, esx, image):
    class Whole(Broken):
        def close(self):
            pass

    monkeypatch.setattr(
        transfer, "connection", lambda *_: (type("C", (), {
            "request": lambda *_, **__: None, "getresponse": lambda _: Whole(b"0123456789", 10), "close": lambda _: None,
        })(), {}),
    )  # fmt: skip
    part = transfer.Download(esx.backend.session, esx.backend.scope, image.file.path, 4, 3)
    assert part.read(100) + part.read(100) == b"456"


def test_a_locked_file_is_said_to_be(esx, pool):
    path = pool.storageVolLookupByName("db01/db01.vmdk").file.path.beside("db01-flat.vmdk")
    with pytest.raises(LockedFileError):
        transfer.Download(esx.backend.session, esx.backend.scope, path)


def test_an_expired_session_is_renewed_before_data_moves(sim, image):
    sim.fault("CurrentTime", kind="expire")
    assert got(image) == b"0123456789"


DESCRIPTORS = [
    ('RW 2048 VMFS "a-flat.vmdk"', "a/a-flat.vmdk"),
    ('# Extent description\nRW 2048 FLAT "a-flat.vmdk" 0\n', "a/a-flat.vmdk"),
    ('RW 2048 VMFSSPARSE "a-delta.vmdk"', None),
    ('RW 2048 SESPARSE "a-sesparse.vmdk"', None),
    ('RW 2048 VMFSRDM "a-rdm.vmdk"', None),
    ('RW 2048 VMFS "vsan://52a1/b2"', None),
    ('RW 2048 VMFS "../b/b-flat.vmdk"', None),
    ('RW 2048 VMFS "/vmfs/volumes/x/b-flat.vmdk"', None),
    ('RW 2048 FLAT "a-f001.vmdk" 0\nRW 2048 FLAT "a-f002.vmdk" 0', None),
    ("KDMV", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "path"), DESCRIPTORS)
def test_the_data_of_a_disk_lies_where_its_descriptor_says(monkeypatch, text, path):
    class Descriptor:
        def __init__(self, *_):
            self.data = text.encode()

        def read(self, _size):
            data, self.data = self.data, b""
            return data

        def close(self):
            pass

    monkeypatch.setattr(transfer, "Download", Descriptor)
    ask = transfer.extent_of, None, None, DatastorePath("ds", "a/a.vmdk")
    if path is None:
        with pytest.raises(TransferError, match="clone it"):
            ask[0](*ask[1:])
    else:
        assert ask[0](*ask[1:]) == transfer.Extent(DatastorePath("ds", path), 2**20)


def test_memory_stays_flat(pool):
    volume = pool.storageVolLookupByName("spare/spare-1.vmdk")  # 8 GiB
    stream = pool.connect().newStream()
    volume.download(stream, 0, 256 * MIB)
    before, total = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0
    while data := stream.recv(MIB):
        total += len(data)
    assert total == 256 * MIB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024  # KiB


@pytest.fixture
def run(esx, monkeypatch):
    monkeypatch.setattr(Target, "opened", lambda _: contextlib.nullcontext(esx))
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def test_the_commands_move_files(run, disk, image, tmp_path):
    (tmp_path / "in").write_bytes(b"data")
    for volume, whole in ((disk, b"data" + bytes(4 * MIB - 4)), (image, b"data")):
        it = ["--pool", "datastore1", volume.name()]
        assert "uploaded" in run("vol-upload", *it, tmp_path / "in").output
        assert "downloaded" in run("vol-download", *it, tmp_path / "out").output
        assert (tmp_path / "out").read_bytes() == whole
        run("vol-download", *it, tmp_path / "part", "--offset", 1, "--length", 2)
        assert (tmp_path / "part").read_bytes() == b"at"


def test_a_file_that_is_too_large_for_a_disk_writes_nothing(run, sim, disk, tmp_path):
    with (tmp_path / "in").open("wb") as large:
        large.truncate(4 * MIB + 1)
    with unchanged(sim):
        result = run("vol-upload", "--pool", "datastore1", disk.name(), tmp_path / "in")
    assert result.exit_code == 1
    assert run("vol-upload", "--pool", "datastore1", disk.name(), tmp_path / "none").exit_code == 1


def test_a_download_that_fails_leaves_no_file(run, pool, tmp_path):
    (tmp_path / "out").write_bytes(b"before")
    assert run("vol-download", "--pool", "datastore1", "db01/db01.vmdk", tmp_path / "out").exit_code == 1
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("out", b"before")]
