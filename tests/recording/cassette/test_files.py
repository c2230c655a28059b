import base64
import gzip
import os
import re
import stat
from pathlib import Path

import libvirt
import pytest

from esxdriver import recording
from esxdriver.recording.cassette import files
from esxdriver.recording.interactions import MAX_BODY, Contents, Interaction
from tests.recording.fakehost import FakeHost, ask, request

GOOD = """\
version: 1
interactions:
- request:
    method: POST
    uri: https://host/sdk
    body: <a/>
    headers: {}
  response:
    status: {code: 200, message: OK}
    headers: {}
    body: {string: <b/>}
"""

# name: (text of the file, line, what is said)
BAD = {
    "empty": ("", 1, "no list of interactions"),
    "cut off": (GOOD + "- request:\n    method: [", 14, "while parsing|did not find|expected"),
    "not YAML": ("a: b: c\n", 1, "mapping values"),
    "a list": ("- 1\n", 1, "no list of interactions"),
    "another version": (GOOD.replace("version: 1", "version: 2"), 1, "format version 2"),
    "no status": (GOOD.replace("status", "state"), 3, "interaction 1 lacks or misspells 'status'"),
    "a body that is a list": (GOOD.replace("<a/>", "[1]"), 3, "body"),
    "a status that is a word": (GOOD.replace("200", "fine"), 3, "fine"),
    "after a call that is not there": (GOOD.replace("- request", "- after: 7\n  request"), 3, "after 7"),
    "a tag that runs code": (
        GOOD.replace("<a/>", "!!python/object/apply:os.mkdir [owned]"), 6, "the tag .*os.mkdir",
    ),
    "a tag of vcrpy's old files": (GOOD.replace("<a/>", "!!python/unicode x"), 6, "the tag"),
    "a private tag": (GOOD.replace("<a/>", "!mine x"), 6, "the tag !mine"),
    "a set": (GOOD.replace("headers: {}", "headers: !!set {a}", 1), 7, "the tag"),
    "aliases, as a bomb has them": (
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n" + GOOD, 2, r"the alias \*a",
    ),
    "an alias of itself": ("a: &a\n  b: *a\n" + GOOD, 2, r"the alias \*a"),
    "deep": ("a: " + "[" * 20 + "]" * 20 + "\n" + GOOD, 1, "nested deeper than 8 levels"),
    "very deep": (GOOD + "- " * 100_000 + "\n", 12, "nested deeper than 8 levels"),
    "two documents": (GOOD + "---\n" + GOOD, 12, "a second document"),
    "a control character": (GOOD.replace("<a/>", "a\x07b"), 6, "special characters|unacceptable"),
    "a huge number": (GOOD.replace("200", "9" * 5000), 9, "a number of 5000 digits"),
}  # fmt: skip


def refusal(path):
    with pytest.raises(libvirt.libvirtError) as raised:
        files.load(path)
    return raised.value


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lab.yaml"


@pytest.mark.parametrize(("text", "line", "said"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_its_line_and_stays_as_it_is(path, text, line, said):
    path.write_text(text)
    refused = refusal(path)
    assert refused.get_error_code() == libvirt.VIR_ERR_CONF_SYNTAX
    assert f"{path}:{line}: refused" in str(refused)
    assert re.search(said, str(refused))
    for mode in ("once", "new_episodes", "all", "rewrite"):
        with pytest.raises(libvirt.libvirtError):
            recording.record(path, FakeHost().connections(), mode=mode)
    assert path.read_text() == text
    assert not Path("owned").exists()


def test_a_file_that_is_not_utf_8_is_refused(path):
    path.write_bytes(GOOD.encode() + b"# \xff\n")
    assert f"{path}:12: refused as a cassette: not UTF-8" in str(refusal(path))


def test_a_file_that_is_too_large_is_not_even_read(path):
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    assert "more than the" in str(refusal(path))


def test_a_missing_file_is_another_error(path):
    assert refusal(path).get_error_code() == libvirt.VIR_ERR_OPEN_FAILED


def packed(body):
    return GOOD.replace("headers: {}\n    body: {s", "headers: {Content-Encoding: [gzip]}\n    body: {s").replace(
        "<b/>", "!!binary " + base64.b64encode(body).decode()
    )


def test_a_compressed_answer_of_stock_vcrpy_is_unpacked(path):
    path.write_text(packed(gzip.compress(b"<b/>")))
    (one,) = files.load(path).interactions
    assert (one.answer, one.headers) == (b"<b/>", {})


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"<b/>")[:-9], b"no gzip", gzip.compress(bytes(MAX_BODY + 1))],
    ids=["cut", "no", "bomb"],
)
def test_a_compressed_answer_that_means_harm_is_refused(path, body):
    path.write_text(packed(body))
    assert f"{path}:3: refused as a cassette: interaction 1 lacks or misspells a compressed body" in str(refusal(path))


def test_a_hand_made_file_replays(path):
    path.write_text(GOOD)
    assert files.load(path).interactions[0].answer == b"<b/>"


@pytest.mark.parametrize(
    "body", [b"", b"<a/>", "é ü 😀".encode(), b"\x00\xff", b"a\n b\n", b"yes", b"2026-01-01", b" x"]
)
def test_what_is_written_is_read_back(path, body):
    one = Interaction("POST", "https://host/sdk", body, 500, "Server Error", body, {"A": ["1"]}, {"B": ["2", "3"]}, 0)
    head = {"recorded": "2026-01-01T00:00:00Z", "host": {"build": "123"}}
    files.save(path, files.dump(Contents(head, [one])))
    assert files.load(path) == Contents(head, [one])


def test_only_the_owner_reads_a_file(path):
    old = os.umask(0)
    try:
        files.save(path, GOOD)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(path, monkeypatch):
    files.save(path, GOOD)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(libvirt.libvirtError, match="No space left") as raised:
        files.save(path, "other")
    assert raised.value.get_error_code() == libvirt.VIR_ERR_WRITE_FAILED
    assert path.read_text() == GOOD
    assert list(path.parent.iterdir()) == [path]


def test_the_head_tells_what_was_recorded_and_by_what(path):
    with recording.record(path, FakeHost().connections()) as cassette:
        ask(cassette.connections(), request("RetrieveServiceContent"))
    head = files.load(path).head
    assert head["host"] == {
        "version": "8.0.2", "build": "23305546", "productLineId": "embeddedEsx",
        "apiType": "HostAgent", "apiVersion": "8.0.2.0",
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", head["recorded"])
    assert set(head) == {"esxdriver", "pyvmomi", "recorded", "host", "profile", "rules"}
    assert (head["profile"], head["rules"]) == ("default", 1)
