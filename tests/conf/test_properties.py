"""What a document says survives being read and written, whatever it says."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.conf.mapping.option_secrets import is_secret
from tests.strategies import domains


@given(domains(), st.sampled_from(DiskModeXML))
def test_a_definition_survives_every_spelling(definition, spelling):
    text = domain_xml.format(definition, Style(disk_mode=spelling, secure=True))
    assert domain_xml.parse(text) == definition


@given(domains())
def test_a_dump_without_secrets_differs_in_secrets_alone(definition):
    shown = domain_xml.parse(domain_xml.format(definition))
    options = {key: value for key, value in definition.options.items() if not is_secret(key, value)}
    graphics = tuple(replace(each, password=None) for each in definition.graphics)
    assert shown == replace(definition, options=options, graphics=graphics)


@given(domains())
def test_legacy_uuid_shows_the_bios_uuid_alone(definition):
    text = domain_xml.format(definition, Style(legacy_uuid=True, secure=True))
    assert f"<uuid>{definition.hwuuid}</uuid>" in text
    assert "<hwuuid>" not in text
    assert domain_xml.parse(text, legacy_uuid=True) == replace(definition, uuid=None)
