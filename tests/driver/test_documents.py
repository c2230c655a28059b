"""Documents that are kept for a version of their machines, and when they are read with others."""

import threading

import pytest

from esxdriver.driver import reading_ahead
from esxdriver.driver.documents import Documents
from esxdriver.vsphere.query.retrieve import Found


class Ref:
    def __init__(self, number):
        self._moId = f"vm-{number}"


class Watch:
    """Knows 30 machines; the version of the last one is withheld."""

    def __init__(self):
        self.refs = [Ref(number) for number in range(30)]
        self.versions = {ref: None if ref is self.refs[-1] else "1" for ref in self.refs}

    def listen(self, listener):
        pass

    def machines(self, paths):
        return [Found(ref, {}) for ref in self.refs]

    def properties(self, ref, paths):
        return Found(ref, {"config.changeVersion": self.versions[ref], "runtime.powerState": "poweredOn"})


class Read:
    """Reads the documents of machines, and remembers of which; it waits until it may."""

    def __init__(self, *, at_once=True):
        self.parts = []
        self.may = threading.Event()
        if at_once:
            self.may.set()

    def __call__(self, refs):
        self.parts.append(list(refs))
        self.may.wait(10)
        yield from ((ref, f"<domain>{ref._moId}</domain>") for ref in refs)


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def documents(watch, monkeypatch):
    monkeypatch.setattr(reading_ahead, "_PATIENCE", 0.01)
    made = Documents(watch)
    yield made
    made.close()


def test_one_document_is_read_alone_however_often_it_is_asked_for(documents, watch):
    read = Read()
    assert [documents.read_ahead(watch.refs[3], 0, read) for _ in range(5)] == [None] * 5
    assert read.parts == []


def test_the_second_machine_begins_the_reading_of_the_others_and_is_not_held_up(documents, watch):
    read = Read(at_once=False)
    assert documents.read_ahead(watch.refs[3], 0, read) is None
    assert documents.read_ahead(watch.refs[4], 0, read) is None  # while nothing of the part has come
    read.may.set()
    assert documents.read_ahead(watch.refs[5], 0, read) == "<domain>vm-5</domain>"
    [part] = read.parts
    assert part == [*watch.refs[5:29], *watch.refs[:4]]  # those behind it first, and none that cannot be kept


def test_another_style_of_document_is_read_alone_meanwhile(documents, watch):
    read = Read(at_once=False)
    for ref in watch.refs[:2]:
        documents.read_ahead(ref, 0, read)
    assert documents.read_ahead(watch.refs[5], 1, read) is None
    read.may.set()


def test_reading_all_waits_for_who_goes_through_them_and_reads_only_what_is_missing_then(documents, watch):
    theirs, ours = Read(at_once=False), Read()
    for ref in watch.refs[:2]:
        documents.read_ahead(ref, 0, theirs)
    done = threading.Thread(target=lambda: list(documents.read_all(0, 10, ours)))
    done.start()
    assert ours.parts == []
    theirs.may.set()
    done.join(10)
    assert ours.parts == [[watch.refs[1]]]  # which was being read alone


def test_a_document_of_another_version_is_not_kept(documents, watch):
    documents.put(watch.refs[0], 0, documents.version(watch.refs[0]), "<domain/>")
    assert documents.get(watch.refs[0], 0) == "<domain/>"
    watch.versions[watch.refs[0]] = "2"
    assert documents.get(watch.refs[0], 0) is None
