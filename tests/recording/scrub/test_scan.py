import base64
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import libvirt
import pytest

from esxdriver import recording
from esxdriver.recording.scrub.scan import leaks
from tests.recording.fakehost import PASSWORD, FakeHost, ask, login, request

_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}


def entities(spelling, text):
    return "".join(spelling.format(ord(c)) if not c.isalnum() else c for c in text)


FORMS = {
    "raw": PASSWORD,
    "XML, as pyvmomi escapes": escape(PASSWORD),
    "XML, every named entity": escape(PASSWORD, {k: v for k, v in _NAMED.items() if k in "\"'"}),
    "XML, decimal": entities("&#{};", PASSWORD),
    "XML, decimal with zeros": entities("&#{:05d};", PASSWORD),
    "XML, hex": entities("&#x{:x};", PASSWORD),
    "XML, upper-case hex": entities("&#x{:X};", PASSWORD),
    "XML, every character": "".join(f"&#{ord(c)};" for c in PASSWORD),
    "XML, twice": escape(escape(PASSWORD)),
    "URL": quote(PASSWORD, safe=""),
    "URL, lower case": quote(PASSWORD, safe="").replace("%3C", "%3c").replace("%3E", "%3e"),
    "URL, every character": "".join(f"%{ord(c):02X}" for c in PASSWORD),
    "URL, of the escaped": quote(escape(PASSWORD)),
    **{
        f"base64, shifted by {n}": base64.b64encode(b"root:"[:n] + PASSWORD.encode() + b"tail").decode()
        for n in range(4)
    },
    "base64, URL-safe": base64.urlsafe_b64encode(b"x" + PASSWORD.encode()).decode(),
    "base64, folded": base64.encodebytes(b"x" * 60 + PASSWORD.encode()).decode(),
    "base64 of UTF-16, as in an answer file": base64.b64encode((PASSWORD + "Password").encode("utf-16-le")).decode(),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_found_in_every_form(form):
    assert list(leaks([("here", f"some{form}thing")], [PASSWORD]))


def test_a_secret_with_spaces_is_found_in_a_query():
    assert list(leaks([("here", "?a=" + quote_plus("two words & more"))], ["two words & more"]))


def test_a_secret_beyond_ascii_is_found_however_it_was_encoded():
    for encoding in ("utf-8", "latin-1"):
        assert list(leaks([("here", quote("Käsekuchen", encoding=encoding))], ["Käsekuchen"]))


def test_nothing_is_found_where_nothing_is():
    text = "The quick brown fox &amp; 100% of the dogs+cats " + base64.b64encode(b"unrelated").decode()
    assert not list(leaks([("here", text)], [PASSWORD, ""]))


@pytest.mark.parametrize(
    ("text", "found"), [("passthrough compass", False), ("u:pass@host", True), ("&#112;ass", True)]
)
def test_a_short_secret_counts_as_a_whole_word(text, found):
    assert bool(list(leaks([("here", text)], ["pass"]))) == found


def record(path, *bodies, secrets=(), **answers):
    with recording.record(path, FakeHost(**answers).connections(), secrets=secrets) as cassette:
        for body in bodies:
            ask(cassette.connections(), body)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_that_is_left_anywhere_means_that_nothing_is_written(tmp_path, form):
    path = tmp_path / "lab.yaml"
    echo = f"<returnval>{escape(form)}</returnval>"
    with pytest.raises(libvirt.libvirtError) as raised:
        record(path, login(), request("ReadLog"), ReadLog=request("ReadLog", echo).decode())
    assert raised.value.get_error_code() == libvirt.VIR_ERR_OPERATION_DENIED
    assert "call 2, ReadLog: answer" in str(raised.value)
    assert PASSWORD not in str(raised.value)
    assert not list(tmp_path.iterdir())


def test_a_secret_that_is_given_is_searched_for_too(tmp_path):
    said = request("Find", "<name>my-own-word</name>")
    with pytest.raises(libvirt.libvirtError, match="call 1, Find: request"):
        record(tmp_path / "lab.yaml", said, secrets=["my-own-word"])
