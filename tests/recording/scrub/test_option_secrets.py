"""A dump, a recording and ``cassette check`` have one table of secret options."""

from dataclasses import replace
from xml.sax.saxutils import escape

import pytest

from esxdriver import recording
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.recording.cassette import files
from esxdriver.recording.interactions import Contents, Interaction
from esxdriver.recording.scrub.scrub import Scrubber
from tests.conf.mapping.test_option_secrets import NEITHER, PRIVATE, SECRET
from tests.recording.fakehost import answer

VALUE = "hush-hush-value"
PEM = f"-----BEGIN PRIVATE KEY-----\n{VALUE}\n-----END PRIVATE KEY-----"
HIDDEN = [*((name, VALUE) for name in (SECRET + PRIVATE).split()), ("vendor.note", PEM)]
SHOWN = [(name, VALUE) for name in NEITHER.split()]
CASES = [*((*option, True) for option in HIDDEN), *((*option, False) for option in SHOWN)]

DOMAIN = domain_xml.parse(
    "<domain type='vmware'><name>web01</name><memory>4096</memory><os><type>hvm</type></os></domain>"
)


def told_by_option(name, value):
    """An answer with the option in each way that the API has."""
    pair = f'<key>{name}</key><value xsi:type="xsd:string">{escape(value)}</value>'
    return answer(
        "X",
        f'<extraConfig xsi:type="OptionValue">{pair}</extraConfig><p><id>{name}</id><value>{escape(value)}</value></p>',
    )


def recorded(body):
    return Interaction("POST", "https://host/sdk", b"", 200, "OK", body.encode())


def vmx(name, value):
    return f'.encoding = "UTF-8"\n{name} = "{value}"\n'


@pytest.mark.parametrize(("name", "value", "hidden"), CASES)
def test_dump_recording_and_check_agree(name, value, hidden, tmp_path):
    dumped = domain_xml.format(replace(DOMAIN, options={name: value}))
    assert (VALUE not in dumped) is hidden
    for body in (told_by_option(name, value), vmx(name, value)):
        (clean,) = Scrubber().scrub([recorded(body)])
        assert (VALUE not in clean.answer.decode()) is hidden
        path = tmp_path / "lab.yaml"
        files.save(path, files.dump(Contents({}, [recorded(body)])))
        assert bool(recording.check(path)) is hidden
