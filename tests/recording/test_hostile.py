"""Cassettes that mean harm: limits before anything is read or unpacked, time that grows with the size, clear refusals."""

import base64
import gzip
import os
import time

import libvirt
import pytest

from esxdriver import recording
from esxdriver.recording.cassette import files
from esxdriver.recording.cassette.match import Ids, canonical
from esxdriver.recording.interactions import Contents, Interaction
from esxdriver.recording.scrub.scan import leaks
from esxdriver.recording.scrub.scrub import Scrubber
from tests.cli.commands.test_record import run
from tests.recording.cassette.test_files import GOOD, packed
from tests.recording.fakehost import answer, envelope, request


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lab.yaml"


def refusal(path, code=libvirt.VIR_ERR_CONF_SYNTAX):
    with pytest.raises(libvirt.libvirtError) as raised:
        files.load(path)
    assert raised.value.get_error_code() == code
    return str(raised.value)


def a_pipe(path):
    os.mkfifo(path)


def a_link_to_zeros(path):
    path.symlink_to("/dev/zero")


def a_link_to_a_terminal(path):
    path.symlink_to("/dev/null")


def a_directory(path):
    path.mkdir()


@pytest.mark.parametrize("kind", [a_pipe, a_link_to_zeros, a_link_to_a_terminal, a_directory])
def test_what_is_no_regular_file_is_refused_at_once(path, kind):
    kind(path)
    assert "no regular file" in refusal(path)
    for verb in ("show", "check", "scrub"):
        result = run("cassette", verb, path)
        assert (result.exit_code, "no regular file" in result.stderr) == (1, True)


def test_a_name_that_no_file_can_have_is_a_clear_error(tmp_path):
    assert "null" in refusal(tmp_path / "a\0b", libvirt.VIR_ERR_OPEN_FAILED)  # a byte or a character, as Python has it


def test_bodies_are_counted_together_when_they_are_unpacked(path, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 2**20)
    bomb = packed(gzip.compress(bytes(2**19 + 1)))
    path.write_text(bomb)
    files.load(path)
    path.write_text(bomb + bomb.partition("interactions:\n")[2])
    assert "cut off or too large" in refusal(path)


def test_a_bomb_takes_no_memory(path):
    """Each body fits, all together would take some 6 GB."""
    one = base64.b64encode(gzip.compress(bytes(60 * 2**20), 9)).decode()
    item = packed(b"").partition("interactions:\n")[2].replace("!!binary ", f"!!binary {one}")
    path.write_text("version: 1\ninteractions:\n" + item * 100)
    started = time.process_time()
    assert "interaction 2" in refusal(path)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("limit", "text", "said"),
    [
        ("MAX_INTERACTIONS", GOOD + GOOD.partition("interactions:\n")[2] * 3, "more than 3 interactions"),
        ("MAX_NODES", GOOD + "x: [" + "a, " * 3 + "a]\n", "more than 3 texts and lists"),
    ],
)
def test_what_is_counted_has_a_limit(path, monkeypatch, limit, text, said):
    monkeypatch.setattr(files, limit, 3)
    path.write_text(text)
    assert said in refusal(path)


BAD_HEADS = ["host: 5", "host: [a]", "host: {a: {b: c}}", "uri: [a]", "recorded: {a: [b]}", "1: a", "{a: b}: c"]
GOOD_HEADS = [
    "host: {build: 23305546, version: 8.0}", "recorded: 2026-01-01T00:00:00Z", "recorded: 5", "uri: null", "uri: 5",
    "rules: x", "profile: 1", "recorded: 0001-01-01T00:00:00+14:00", "mine: {a: 1}", "uri: 'http://x y'",
]  # fmt: skip


@pytest.mark.parametrize("head", BAD_HEADS)
def test_a_bad_head_is_refused_and_no_bug(path, head):
    path.write_text(f"metadata:\n  {head}\n{GOOD}")
    assert f"{path}:" in refusal(path)
    for verb in ("show", "check", "scrub"):
        result = run("cassette", verb, path)
        assert (result.exit_code, "refused as a cassette" in result.stderr) == (1, True)


@pytest.mark.parametrize("head", GOOD_HEADS)
def test_an_unusual_head_is_shown(path, head):
    path.write_text(f"metadata:\n  {head}\n{GOOD}")
    for verb in ("show", "check", "scrub"):
        result = run("cassette", verb, path)
        assert "bug" not in result.stderr
        assert result.exit_code in (0, 1)
    assert "bug" not in run("--replay", path, "list").stderr


# Texts of n characters, on which some pattern begins, or tries, again and again.
UNITS = [
    *"a0A-._:[]/= \n\t\"'%!@", "session[", "session[a]", "<token", "&lt;token", "eyJ", "-eyJ",
    "eyJaaaaaaaa.", "-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\n", "-----BEGIN CERTIFICATE-----",
    "AB:", "AAAAA-", "a=", 'a="', "a = \n", "\n\n", "a.b.", "a[", "[a] ", "1.", "12.34.", "::", "a:", "0-", "a ", "%41",
    "&amp;", "&#1", "&#0", "&#x0", "+", "scrubbed-1 ", "CreateCollector", "pass", "é",
]  # fmt: skip


def body(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def recorded(reply, asked=b""):
    return Interaction("POST", "https://host/sdk", asked, 200, "OK", reply)


def as_text(text):
    return recorded(text.encode())


def as_value(text):
    return recorded(answer("X", f"<val>{body(text)}</val>").encode())


def as_path(text):
    content = f"<propSet><name>{body(text)}</name><val>a</val></propSet>"
    return recorded(answer("X", content).encode())


def as_option(text):
    return recorded(answer("X", f"<o><key>{body(text)}</key><value>{body(text)}</value></o>").encode())


def scrub(one):
    list(Scrubber().scrub([one]))


def find(one):
    list(leaks([("here", one.answer.decode())], ["a-secret-of-mine", "short"]))


def learn(one):
    Ids().learn(canonical("POST", "/sdk", request("RetrievePropertiesEx"), Ids()), b"token session[" + one.answer)


def seconds(work, one):
    started = time.process_time()
    work(one)
    return time.process_time() - started


def is_linear(work, make, size):
    """Twice the size takes twice the time, one time in three at least; a square always takes four times, and minutes."""
    return any(seconds(work, make(2 * size)) < 3 * seconds(work, make(size)) + 0.05 for _ in range(3))


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_time_grows_with_the_text(unit):
    def sized(make):
        return lambda size: make((unit * size)[:size].strip("\x0b\x0c") + "!")

    for work in (scrub, find, learn):
        assert is_linear(work, sized(as_text), 10_000), work
    if unit.isprintable():
        for make in (as_value, as_path, as_option):
            assert is_linear(scrub, sized(make), 10_000), make


STRUCTURES = {
    "values without a name": lambda n: recorded(answer("X", "<val>a</val>" * n).encode()),
    "values without a key": lambda n: recorded(answer("X", "<value>a</value>" * n).encode()),
    "properties without an object": lambda n: recorded(
        answer("X", "<r>" + "<propSet><name>name</name><val>a</val></propSet>" * n + "</r>").encode()
    ),
    "fetched properties": lambda n: recorded(
        envelope("<FetchResponse>" + "<returnval>a</returnval>" * n + "</FetchResponse>").encode(),
        envelope("<Fetch>" + "<prop>a</prop>" * n + "</Fetch>").encode(),
    ),
    "an operation of many words": lambda n: recorded(b"", envelope(f"<{'CreateCollector' * n}-/>").encode()),
}


@pytest.mark.parametrize("make", STRUCTURES.values(), ids=STRUCTURES)
def test_time_grows_with_the_number_of_elements(make):
    def check(one):
        scrub(one)
        bool(canonical("POST", "/sdk", one.body, Ids()).is_session)

    assert is_linear(check, make, 1_500)


def test_a_miss_among_huge_calls_is_reported_soon(path):
    def asked(last):
        return request("Find", "<a>1</a><b>2</b>" * 10_000 + f"<c>{last}</c>")

    files.save(path, files.dump(Contents({}, [recorded(b"", asked(n)) for n in range(2)])))
    connection = recording.replay(path).connections()()
    connection.request("POST", "/sdk", asked("x"), {})
    started = time.process_time()
    with pytest.raises(libvirt.libvirtError, match="the closest is call"):
        connection.getresponse()
    assert time.process_time() - started < 10
