"""Streams: what a driver gives arrives, what a client sends is passed on, and each end may give up."""

import threading
import time

import libvirt
import pytest

from esxdriver import errors
from esxdriver.daemon.client import MAX_STREAMS
from esxdriver.rpc import messages, protocol
from esxdriver.rpc.messages import Status, Type

from .conftest import eventually

VOLUME = ("datastore1", "web01/web01.vmdk", "[datastore1] web01/web01.vmdk")
FINISH = {"kind": Type.STREAM, "status": Status.OK, "body": b""}
ABORT = {"kind": Type.STREAM, "status": Status.ERROR, "body": b""}


class Stream:
    """A driver's stream, with libvirt-python's methods."""

    def __init__(self):
        self.give, self.taken = [], bytearray()
        self.fails = self.hangs = False
        self.ended = ""
        self.gone = threading.Event()
        self.most = 10**9  # bytes that one send takes

    def recv(self, size):
        if self.hangs:
            self.gone.wait(20)
        if self.fails:
            raise errors.error(libvirt.VIR_ERR_OPERATION_FAILED, "the host has gone")
        return self.give.pop(0) if self.give else b""

    def send(self, data):
        if self.hangs:
            self.gone.wait(20)
        if self.fails:
            raise errors.error(libvirt.VIR_ERR_OPERATION_FAILED, "no room")
        taken = data[: self.most]
        self.taken += taken
        return len(taken)

    def finish(self):
        self.ended = "finished"

    def abort(self):
        self.ended = "aborted"
        self.gone.set()


class Volume:
    def __init__(self):
        self.asked = []

    def download(self, stream, offset, length, flags):
        self.asked.append(("download", stream, offset, length, flags))

    upload = download

    def name(self):
        return VOLUME[1]


class Driver:
    def __init__(self):
        self.streams, self.volume = [], Volume()
        self.prepare = lambda _stream: None

    def getURI(self):  # noqa: N802
        return "esx://esx1/"

    def getType(self):  # noqa: N802
        return "ESX"

    def storageVolLookupByKey(self, _key):  # noqa: N802
        return self.volume

    def newStream(self, _flags):  # noqa: N802
        stream = Stream()
        self.prepare(stream)
        self.streams.append(stream)
        return stream

    def close(self):
        pass


@pytest.fixture
def driver():
    return Driver()


@pytest.fixture
def client(daemon, driver):
    with daemon(lambda _uri, _login: driver).client() as client:
        yield client


def begin(client, name="storage_vol_download"):
    serial = client.send(name, VOLUME, 0, 0, 0)
    assert client.reply() == (serial, None)
    return serial


def packet(client):
    header, body = client.receive()
    assert header.type == Type.STREAM
    return header.status, body


def failure(client):
    status, body = packet(client)
    assert status == Status.ERROR
    return messages.parse(protocol.structure("error"), body)


def test_a_download_ends_when_both_have_said_so(client, driver):
    driver.prepare = lambda stream: stream.give.extend([b"one", b"two"])
    serial = begin(client)
    assert [packet(client) for _ in range(3)] == [
        (Status.CONTINUE, b"one"),
        (Status.CONTINUE, b"two"),
        (Status.CONTINUE, b""),
    ]
    assert driver.streams[0].ended == ""
    client.send("storage_vol_download", serial=serial, **FINISH)
    assert packet(client) == (Status.OK, b"")
    assert driver.streams[0].ended == "finished"


def test_other_calls_go_on_meanwhile(client, driver):
    driver.prepare = lambda stream: setattr(stream, "hangs", True)
    begin(client)
    assert client.call("connect_get_type").type == "ESX"


def test_a_client_that_does_not_read_holds_the_driver_up(client, driver):
    driver.prepare = lambda stream: stream.give.extend([bytes(messages.STREAM_MAX)] * 400)
    begin(client)
    time.sleep(0.3)
    left = len(driver.streams[0].give)
    assert left > 380, "what is read ahead is a few packets"
    time.sleep(0.3)
    assert len(driver.streams[0].give) == left


def test_an_error_in_the_middle_of_a_download_ends_it(client, driver):
    driver.prepare = lambda stream: setattr(stream, "fails", True)
    begin(client)
    assert failure(client).message == "operation failed: the host has gone"
    eventually(lambda: driver.streams[0].ended == "aborted")


@pytest.mark.parametrize("name", ["storage_vol_download", "storage_vol_upload"])
def test_a_client_gives_up_and_the_driver_is_reported_at_once(client, driver, name):
    driver.prepare = lambda stream: setattr(stream, "hangs", True)
    serial = begin(client, name)
    if name == "storage_vol_upload":
        client.send(name, kind=Type.STREAM, status=Status.CONTINUE, body=b"data", serial=serial)
    client.send(name, serial=serial, **ABORT)
    assert packet(client) == (Status.OK, b"")
    eventually(lambda: driver.streams[0].ended == "aborted")


@pytest.mark.parametrize("name", ["storage_vol_download", "storage_vol_upload"])
def test_a_client_that_dies_in_a_stream_ends_it(client, driver, name):
    driver.prepare = lambda stream: setattr(stream, "hangs", True)
    begin(client, name)
    client.socket.close()
    eventually(lambda: driver.streams[0].ended == "aborted")


def test_an_upload_is_confirmed_when_it_is_safe(client, driver):
    driver.prepare = lambda stream: setattr(stream, "most", 3)
    serial = begin(client, "storage_vol_upload")
    for data in (b"one ", b"two ", b"three"):
        client.send("storage_vol_upload", kind=Type.STREAM, status=Status.CONTINUE, body=data, serial=serial)
    client.send("storage_vol_upload", serial=serial, **FINISH)
    assert packet(client) == (Status.OK, b"")
    assert bytes(driver.streams[0].taken) == b"one two three"
    assert driver.streams[0].ended == "finished"


def test_an_upload_that_the_host_refuses_is_an_error(client, driver):
    driver.prepare = lambda stream: setattr(stream, "fails", True)
    serial = begin(client, "storage_vol_upload")
    client.send("storage_vol_upload", kind=Type.STREAM, status=Status.CONTINUE, body=b"data", serial=serial)
    assert failure(client).message == "operation failed: no room"
    client.send("storage_vol_upload", kind=Type.STREAM, status=Status.CONTINUE, body=b"more", serial=serial)
    assert client.call("connect_get_type").type == "ESX"


def test_a_slow_host_holds_an_upload_up(client, driver):
    driver.prepare = lambda stream: setattr(stream, "hangs", True)
    serial = begin(client, "storage_vol_upload")
    client.socket.settimeout(0.5)
    sent = 0
    try:
        while sent < 1000:
            client.send(
                "storage_vol_upload", kind=Type.STREAM, status=Status.CONTINUE, body=bytes(200000), serial=serial
            )
            sent += 1
    except TimeoutError:
        pass
    assert 100 < sent < 300, "some 32 MiB are taken"


def test_a_client_has_so_many_streams_and_no_more(client, driver):
    driver.prepare = lambda stream: setattr(stream, "hangs", True)
    for _ in range(MAX_STREAMS):
        begin(client)
    begin(client)
    assert "streams at once" in failure(client).message


def test_a_driver_without_streams_refuses(daemon):
    class Bare:
        def getURI(self):  # noqa: N802
            return "esx://esx1/"

        def close(self):
            pass

    with daemon(lambda _uri, _login: Bare()).client() as client:
        code, text = client.call("storage_vol_download", VOLUME, 0, 0, 0)
        assert code == libvirt.VIR_ERR_NO_SUPPORT
        assert text.endswith("virStorageVolDownload")


def test_a_read_only_client_downloads_nothing(daemon, driver):
    running = daemon(lambda _uri, _login: driver)
    with running.client("virtesxd-sock-ro") as client:
        assert client.call("storage_vol_download", VOLUME, 0, 0, 0)[0] == libvirt.VIR_ERR_OPERATION_DENIED
    assert driver.volume.asked == []
