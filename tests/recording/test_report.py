import pytest

from esxdriver import recording
from esxdriver.recording.cassette import files
from esxdriver.recording.interactions import Contents, Interaction
from tests.recording.fakehost import PASSWORD, SESSION, FakeHost, answer, ask, login, request


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "lab.yaml"
    with recording.record(path, FakeHost().connections()) as cassette:
        for body in (request("RetrieveServiceContent"), login(), request("PowerOnVM_Task"), login()):
            ask(cassette.connections(), body)
    return path


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_a_cassette_holds(path):
    described = recording.describe(path)
    assert described.operations == {"Login": 2, "RetrieveServiceContent": 1, "PowerOnVM_Task": 1}
    assert (described.interactions, described.changes) == (4, 1)
    assert described.bytes == path.stat().st_size
    assert described.head["host"]["apiVersion"] == "8.0.2.0"
    assert 0 <= described.age_days < 1


@pytest.mark.parametrize("recorded", [None, "yesterday", 5])
def test_a_head_without_a_date_has_no_age(recorded):
    assert recording.age_days({"recorded": recorded}) is None


def test_a_scrubbed_cassette_has_no_findings(path):
    assert recording.check(path, secrets=[PASSWORD]) == []


def test_an_untouched_recording_has_findings(path):
    contents = files.load(path)
    dirty = Interaction("POST", "https://host/sdk", login(), 200, "OK", answer("Login", SESSION).encode())
    files.save(path, files.dump(Contents(contents.head, [dirty])))
    found = [(one.where, one.what) for one in recording.check(path, secrets=[PASSWORD])]
    assert ("call 1, Login", "the request has something that the rules take out") in found
    assert ("call 1, Login", "the answer has something that the rules take out") in found
    assert any("a given secret, XML-escaped" in what for _, what in found)


def test_scrubbing_a_file_makes_the_findings_go(path):
    edit(path, "<password>scrubbed", "<password>my-word")
    assert recording.check(path)
    assert recording.scrub_file(path) == 2
    assert "my-word" not in path.read_text()
    assert recording.check(path) == []


def test_a_call_with_an_id_that_no_call_gave_is_dead(path):
    edit(path, "ha-folder-root</_this>", "session[52]view</_this>")
    assert any("cannot be replayed" in one.what for one in recording.check(path))


def test_an_answer_that_is_not_the_hosts_is_reported(path):
    edit(path, "code: 200", "code: 503")
    assert "the answer is HTTP 503, not the host's" in {one.what for one in recording.check(path)}


def test_a_body_that_cannot_be_scrubbed_is_reported(path):
    contents = files.load(path)
    binary = Interaction("GET", "https://host/screen", b"", 200, "OK", b"\x89PNG\xff")
    files.save(path, files.dump(Contents(contents.head, [binary])))
    assert "no rule can scrub" in recording.check(path)[0].what
