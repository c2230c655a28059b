"""A domain's console: pictures of its screen, and its keyboard."""

import libvirt
import pytest

from tests.helpers import failing
from tests.live.rig import unchanged

pytestmark = pytest.mark.live

LINUX = libvirt.VIR_KEYCODE_SET_LINUX
CTRL_ALT_DELETE = [29, 56, 111]
both = pytest.mark.parametrize(
    "model", [pytest.param(each, marks=pytest.mark.esx(model=each)) for each in ("esx", "vpx")]
)


def picture(domain, piece=50):
    stream = domain.connect().newStream()
    mime = domain.screenshot(stream, 0)
    data = b""
    while part := stream.recv(piece):
        data += part
    stream.finish()
    return mime, data


def pressed(sim, name):
    return next(each for each in sim.inventory()["machines"] if each["name"] == name).get("keys", [])


@both
@pytest.mark.usefixtures("model")
def test_a_picture_of_the_screen_comes_by_a_stream(esx):
    db01 = esx.lookupByName("db01")
    before = esx.backend.session.calls.total()
    mime, data = picture(db01)
    assert (mime, data[:8], data[12:16]) == ("image/png", b"\x89PNG\r\n\x1a\n", b"IHDR")
    assert esx.backend.session.calls.total() - before == 2  # its state, and whether the session is good


def test_a_picture_is_taken_after_the_session_has_expired(esx, sim):
    db01 = esx.lookupByName("db01")
    sim.expire_sessions()
    assert picture(db01)[0] == "image/png"


def test_what_has_no_picture_is_refused(esx):
    web01, susp01, db01 = (esx.lookupByName(name) for name in ("web01", "susp01", "db01"))
    for domain in (web01, susp01):
        assert "not running" in failing(libvirt.VIR_ERR_OPERATION_INVALID, domain.screenshot, esx.newStream(), 0)
    stream = esx.newStream()
    assert "has one, 0" in failing(libvirt.VIR_ERR_INVALID_ARG, db01.screenshot, stream, 1)
    failing(libvirt.VIR_ERR_INVALID_ARG, db01.screenshot, stream, 0, 1)
    db01.screenshot(stream, 0)
    assert "in use" in failing(libvirt.VIR_ERR_OPERATION_INVALID, db01.screenshot, stream, 0)
    stream.abort()


@both
@pytest.mark.usefixtures("model")
def test_keys_are_pressed_with_their_modifiers(esx, sim):
    db01 = esx.lookupByName("db01")
    assert db01.sendKey(LINUX, 0, CTRL_ALT_DELETE, 3) == 0
    assert db01.sendKey(libvirt.VIR_KEYCODE_SET_USB, 0, [4], 1) == 0
    first, second = pressed(sim, "db01")
    assert (first["usbHidCode"], first["modifiers"]) == (76 << 16 | 7, {"leftControl": True, "leftAlt": True})
    assert (second["usbHidCode"], second.get("modifiers")) == (4 << 16 | 7, None)


NOT_PRESSED = [
    (libvirt.VIR_ERR_INVALID_ARG, (LINUX, 0, [], 0)),
    (libvirt.VIR_ERR_INVALID_ARG, (LINUX, 0, [30] * 17, 17)),
    (libvirt.VIR_ERR_INVALID_ARG, (LINUX, 0, [30], 2)),
    (libvirt.VIR_ERR_INVALID_ARG, (LINUX, 0, [30, 9999], 2)),
    (libvirt.VIR_ERR_INVALID_ARG, (99, 0, [30], 1)),
    (libvirt.VIR_ERR_INVALID_ARG, (LINUX, 0, [30], 1, 1)),
    (libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, (LINUX, 50, [30], 1)),
    (libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, (libvirt.VIR_KEYCODE_SET_OSX, 0, [30], 1)),
]


@pytest.mark.parametrize(("code", "arguments"), NOT_PRESSED)
def test_what_is_no_key_is_refused_and_nothing_is_pressed(esx, sim, code, arguments):
    with unchanged(sim):
        failing(code, esx.lookupByName("db01").sendKey, *arguments)


def test_a_domain_that_does_not_run_has_no_keyboard_and_no_more_has_a_read_only_connection(esx, sim):
    with unchanged(sim):
        failing(libvirt.VIR_ERR_OPERATION_INVALID, esx.lookupByName("web01").sendKey, LINUX, 0, [30], 1)
        esx.backend.readonly = True
        db01 = esx.lookupByName("db01")
        failing(libvirt.VIR_ERR_OPERATION_DENIED, db01.sendKey, LINUX, 0, [30], 1)
        failing(libvirt.VIR_ERR_OPERATION_DENIED, db01.screenshot, esx.newStream(), 0)
