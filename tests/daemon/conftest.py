"""Daemons for tests: one in a thread with any driver behind it, and one in a process with libvirt's test driver."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from esxdriver.daemon import doors
from esxdriver.daemon.config import Config
from esxdriver.daemon.server import Server
from esxdriver.rpc import messages, protocol
from esxdriver.rpc.messages import Header, Splitter, Status, Type

ROOT = Path(__file__).parents[2]


class Daemon:
    """A server in a thread of its own, with a driver that the test brings."""

    def __init__(self, directory, opener, *, quick=frozenset(), **settings):
        config = {"hosts": {"default": "esx://esx1/"}, "unix_sock_dir": str(directory), **settings}
        self.config = Config(**config)
        self.directory = directory
        self.ready = threading.Event()
        self.server = Server(self.config, opener, ready=self.ready.set, quick=quick)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        asyncio.run(self.server.run(doors.unix_doors(self.config)))

    def __enter__(self):
        self.thread.start()
        assert self.ready.wait(5)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.thread.is_alive():
            self.server.loop.call_soon_threadsafe(self.server.stop)
            self.thread.join(40)
        assert not self.thread.is_alive()

    def client(self, name=doors.NAME, **options):
        return RawClient(self.directory / name, **options)


class RawClient:
    """A client that sends what the test says, and reads messages."""

    def __init__(self, path, *, opened=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.socket.settimeout(10)
        self._splitter = Splitter()
        self._received = []
        self._serial = 0
        if opened:
            self.call("connect_open", "", 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, name, *arguments, kind=Type.CALL, status=Status.OK, body=None, serial=None):
        """Send a call, or a packet of its stream, and return its serial."""
        row = protocol.named(name)
        if serial is None:
            self._serial += 1
        header = Header(protocol.PROGRAM, 1, row.number, kind, serial or self._serial, status)
        if body is None:
            body = messages.write(row.arguments, arguments) if row.arguments else b""
        self.socket.sendall(messages.message(header, body))
        return header.serial

    def receive(self):
        """Return the next message: header and body; None at the end."""
        while not self._received:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self._received.extend(self._splitter.feed(data))
        return self._received.pop(0)

    def reply(self):
        """Return serial and values of the next reply; the values are an error's code and text for a refusal."""
        header, body = self.receive()
        assert header.type == Type.REPLY
        if header.status == Status.ERROR:
            error = messages.parse(protocol.structure("error"), body)
            return header.serial, (error.code, error.message)
        row = protocol.procedures()[header.procedure]
        return header.serial, messages.parse(row.reply, body) if row.reply else None

    def call(self, name, *arguments):
        serial = self.send(name, *arguments)
        answered, values = self.reply()
        assert answered == serial
        return values

    def ping(self):
        self.socket.sendall(messages.message(messages.PONG_HEADER._replace(procedure=messages.PING)))


@pytest.fixture
def daemon(tmp_path):
    """Return what starts a daemon with a driver; it ends with the test."""
    with contextlib.ExitStack() as stack:

        def start(opener, **settings):
            return stack.enter_context(Daemon(tmp_path, opener, **settings))

        yield start


def started(*command, env=None):
    """Start a daemon in a process, and wait until it says that it is ready."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, env=environment, cwd=ROOT, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process):
    process.terminate()
    status = process.wait(40)
    process.stdout.close()
    return status


def eventually(condition, seconds=5):
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(scope="session")
def testdriver(tmp_path_factory):
    """Return the directory of the sockets of a daemon with libvirt's test driver behind it."""
    directory = tmp_path_factory.mktemp("testdriver")
    process = started("-m", "tests.daemon.testdriver", str(directory))
    yield directory
    assert ended(process) == 0
