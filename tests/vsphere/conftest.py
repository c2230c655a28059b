"""A host with canned answers, and a session with it."""

import pytest

from esxdriver import uri
from esxdriver.auth import Credentials
from esxdriver.vsphere.wire import http as wire
from esxdriver.vsphere.wire.session import Session
from tests.vsphere.fakehost import FakeHost, serving


@pytest.fixture
def host():
    with serving(FakeHost()) as server:
        yield server


@pytest.fixture
def session(host):
    where = uri.parse(f"esx://127.0.0.1:{host.port}/?transport=http")
    with Session(where, lambda: Credentials("root", "x"), wire.live(where)) as opened:
        yield opened
