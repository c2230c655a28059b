"""Both directions of libvirt's own pairs: everything expected is there; ours may say more."""

import re
from dataclasses import replace

import libvirt
import pytest

from esxdriver import vmx
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.mapping.enums import DiskModeXML
from esxdriver.vmx.text import parsed
from tests.vmx.corpus import PATHS, VMX_PATH, missing_from, pairs, texts

AS_LIBVIRT = Style(DiskModeXML.LIBVIRT, secure=True, legacy_uuid=True)


@pytest.mark.parametrize(("text", "wanted"), pairs("vmx2xml", "vmx", "xml"))
def test_everything_that_libvirt_dumps_is_dumped(text, wanted):
    if wanted is None:
        with pytest.raises(libvirt.libvirtError, match="missing"):
            vmx.from_native(text, paths=PATHS, legacy_uuid=True)
        return
    definition = vmx.from_native(text, paths=PATHS, legacy_uuid=True)
    if "datacenterpath" in wanted:  # a connection knows it
        definition = replace(definition, datacenter_path="folder1/folder2/datacenter1")
    assert missing_from(wanted, domain_xml.format(definition, AS_LIBVIRT)) == []


@pytest.mark.parametrize(("text", "wanted"), pairs("xml2vmx", "xml", "vmx"))
def test_every_key_that_libvirt_writes_is_written(text, wanted):
    expected = parsed(wanted)
    hardware = int(expected.values["virtualhw.version"])
    ours = parsed(vmx.to_native(domain_xml.parse(text), hardware=hardware))
    assert {key: ours.values.get(key) for key in expected.values} == expected.values


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("vmx_path", [None, VMX_PATH])
def test_no_key_of_the_corpus_is_lost(legacy, vmx_path):
    files = [text for text in texts() if "missing" not in text]
    if not files:
        pytest.skip("shared/corpus is not beside the project")
    style = Style(secure=True, legacy_uuid=legacy)
    for text in files:
        document = domain_xml.format(vmx.from_native(text, paths=vmx.Paths(vmx_path), legacy_uuid=legacy), style)
        again = parsed(vmx.to_native(domain_xml.parse(document)))
        words = parsed(text).values
        assert {key: again.values.get(key) for key in words} == words


def test_a_byte_changed_anywhere_is_read_or_refused():
    files = [text for text in texts() if len(text) < 1500]
    if not files:
        pytest.skip("shared/corpus is not beside the project")
    for text in files:
        for at in range(0, len(text), 7):
            for letter in ('"', "\x00", "9", "=", "\n", "|"):
                _read(text[:at] + letter + text[at + 1 :])


def _read(text):
    try:
        definition = vmx.from_native(text)
        again = domain_xml.parse(domain_xml.format(definition, Style(secure=True)))
        vmx.to_native(again)
    except libvirt.libvirtError as error:
        assert re.search("line|VMX|unsupported|name", str(error))  # noqa: PT017
