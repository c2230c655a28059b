"""The mapping engine: each column by its own path and codec, on whatever surface."""

from dataclasses import dataclass

import pytest

from esxdriver.conf.mapping.codecs import KIB, NUMBER, TEXT, Size
from esxdriver.conf.mapping.fields import At, differing, dump, fact, load


class Hexadecimal:
    """A number as VMX might have it; None is a statement there."""

    def read(self, surface, path):
        return int(surface.get(path), 16) if surface.get(path) else None

    def write(self, surface, path, value):
        surface.put(path, hex(value))

    def nothing(self, surface, path):
        surface.put(path, "none")


@dataclass(frozen=True, kw_only=True)
class Record:
    number: int | None = fact(NUMBER, xml="@n", vim="n", vmx=At("v", codec=Hexadecimal()), default=None)
    text: str | None = fact(TEXT, xml="t", vmx=At("t", where="number"), default=None)
    memory: int = fact(Size(), xml=At("m", codec=KIB), vim=At("m", codec=Size(step=4)), vmx="m", default=0)


class Keys(dict):
    """A surface of any kind."""

    def __init__(self, kind, **values):
        super().__init__(values)
        self.kind = kind

    def put(self, path, value):
        self[path] = value


SPELLED = [
    # the record, the kind of surface, what stands there
    (Record(number=255, text="a"), "xml", {"@n": "255", "t": "a", "m": "0", "m/@unit": "KiB"}),
    (Record(number=255, text="a"), "vim", {"n": 255, "m": 0}),
    (Record(number=255, text="a"), "vmx", {"v": "0xff", "t": "a", "m": "0"}),
    (Record(memory=1024), "vmx", {"v": "none", "m": "1"}),
    (Record(memory=1025), "xml", {"m": "1025", "m/@unit": "KiB"}),
    (Record(memory=1025), "vim", {"m": 4}),  # in steps
    (Record(memory=1025), "vmx", {"m": "2", "v": "none"}),
]


@pytest.mark.parametrize(("record", "kind", "stands"), SPELLED)
def test_a_column_is_written_by_its_own_codec(record, kind, stands):
    surface = Keys(kind)
    dump(record, surface)
    assert surface == stands


READ = [
    ("xml", {"@n": "255", "m": "2", "m/@unit": "MiB"}, Record(number=255, memory=2048)),
    ("vim", {"n": 255, "m": 2}, Record(number=255, memory=2048)),
    ("vmx", {"v": "ff", "m": "2", "t": "a"}, Record(number=255, memory=2048, text="a")),
    ("vmx", {"t": "a", "m": "-1"}, Record()),  # its condition does not hold; and no limit
]


@pytest.mark.parametrize(("kind", "stands", "record"), READ)
def test_a_column_is_read_by_its_own_codec(kind, stands, record):
    assert load(Record, Keys(kind, **stands)) == record


@pytest.mark.parametrize(("kind", "names"), [("xml", []), ("vim", []), ("vmx", ["number"])])
def test_none_asks_for_something_only_where_the_column_has_something_to_say_for_it(kind, names):
    assert differing(Record(number=1), Record(), kind) == names
    assert differing(Record(), Record(number=1), kind) == ["number"]
