"""VMX files through the face: as from libvirt's virConnectDomainXMLFromNative, and without any connection."""

import libvirt
import pytest

from esxdriver.conf.domain.style import Style
from esxdriver.driver.native import FORMAT, native_from_xml, paths_of, xml_from_native
from esxdriver.vmx import Paths
from tests.helpers import failing

VMX = """.encoding = "UTF-8"
config.version = "8"
virtualHW.version = "19"
displayName = "web01"
memsize = "1024"
guestOS = "other-64"
scsi0.present = "TRUE"
scsi0:0.present = "TRUE"
scsi0:0.deviceType = "scsi-hardDisk"
scsi0:0.mode = "independent-persistent"
scsi0:0.fileName = "{file}"
"""
AT_HOME = Paths()


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("/vmfs/volumes/datastore1/web01/web01.vmdk", "[datastore1] web01/web01.vmdk"),
        ("/vmfs/volumes/4b8e-77/web01/web01.vmdk", "[datastore1] web01/web01.vmdk"),
    ],
)
def test_a_volume_is_named_as_its_datastore(file, source):
    paths = paths_of({"datastore1": "ds:///vmfs/volumes/4b8e-77/"})
    text = xml_from_native(FORMAT, VMX.format(file=file), Style(), paths)
    assert f"<source file='{source}'/>" in text
    assert "snapshot='no' persistent='yes'" in text
    assert file in native_from_xml(FORMAT, text, Style(), paths)
    assert paths.write(source) == "/vmfs/volumes/4b8e-77/web01/web01.vmdk"


def test_a_hosts_datastores_are_asked_for_once(esx):
    before = esx.backend.session.calls.total()
    text = esx.domainXMLFromNative(FORMAT, VMX.format(file="/vmfs/volumes/datastore1/web01/web01.vmdk"))
    assert "[datastore1] web01/web01.vmdk" in text
    assert esx.backend.session.calls.total() - before == 1
    assert 'scsi0:0.mode = "independent-persistent"' in esx.domainXMLToNative(FORMAT, text)


def test_what_is_no_vmx_or_another_format_is_refused():
    for ask in (xml_from_native, native_from_xml):
        assert FORMAT in failing(libvirt.VIR_ERR_INVALID_ARG, ask, "qemu-argv", "", Style(), AT_HOME)
    failing(libvirt.VIR_ERR_XML_ERROR, xml_from_native, FORMAT, "no vmx", Style(), AT_HOME)
    failing(libvirt.VIR_ERR_XML_ERROR, native_from_xml, FORMAT, "<domain", Style(), AT_HOME)


def test_flags_nobody_knows_are_refused(esx):
    for ask in (esx.domainXMLFromNative, esx.domainXMLToNative):
        assert "unsupported flags (0x1)" in failing(libvirt.VIR_ERR_INVALID_ARG, ask, FORMAT, "", 1)
