"""What holds for every file: it is read or refused, and what is read is never lost."""

import libvirt
from hypothesis import example, given
from hypothesis import strategies as st

from esxdriver import vmx
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.vmx.encoding import bytes_of_text
from esxdriver.vmx.text import decoded, parsed
from tests.vmx.corpus import VMX_PATH
from tests.vmx.strategies import files

STYLES = st.builds(
    lambda disk_mode, legacy: Style(disk_mode, secure=True, legacy_uuid=legacy),
    st.sampled_from(DiskModeXML),
    st.booleans(),
)


@given(files(), STYLES, st.sampled_from([None, VMX_PATH, "/vmfs/volumes/ds/a/x.vmx"]))
def test_no_key_is_ever_lost_or_gained(keys, style, vmx_path):
    text = "".join(f'{name} = "{word}"\n' for name, word in keys.items())
    before = parsed(text).values
    try:
        data = bytes_of_text(text, before.get(".encoding", "UTF-8"))
    except UnicodeEncodeError:  # then it is no file in that encoding, and what is written says what it is in
        data = text
        before.pop(".encoding")
    definition = vmx.from_native(data, paths=vmx.Paths(vmx_path), legacy_uuid=style.legacy_uuid)
    read_again = domain_xml.parse(domain_xml.format(definition, style))
    again = parsed(decoded(vmx.to_file(read_again)))
    assert {".encoding": "UTF-8", **again.values} == {".encoding": "UTF-8", **before}


@given(files(), STYLES)
def test_a_second_trip_changes_nothing(keys, style):
    text = "".join(f'{name} = "{word}"\n' for name, word in keys.items())
    once = vmx.to_native(vmx.from_native(text))
    document = domain_xml.format(vmx.from_native(once), style)
    twice = vmx.to_native(vmx.from_native(once))
    assert parsed(twice).values == parsed(once).values
    assert domain_xml.format(vmx.from_native(twice), style) == document


@given(st.text() | st.binary())
@example('config.version = "8"\nvirtualHW.version = "4"\nmemsize = "' + "9" * 5000 + '"\n')
@example(b'.encoding = "odd\x00"\n')
@example(b'.encoding = "hex"\nconfig.version = "8"\n')
@example(b'.encoding = "utf-16"\nconfig.version = "8"\n')
def test_any_text_is_read_or_refused(text):
    _read(text)


@given(files(), st.text(max_size=5), st.integers(0, 2000))
def test_a_damaged_file_is_read_or_refused(keys, damage, at):
    text = "".join(f'{name} = "{word}"\n' for name, word in keys.items())
    _read(text[:at] + damage + text[at + 1 :])


def _read(text):
    try:
        definition = vmx.from_native(text)
        vmx.to_native(domain_xml.parse(domain_xml.format(definition)))
    except libvirt.libvirtError:
        pass
