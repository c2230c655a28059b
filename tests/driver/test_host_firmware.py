"""What a host's firmware says of it, as libvirt's document."""

from datetime import UTC, datetime

import libvirt
from pyVmomi import vim

from esxdriver.driver.host_firmware import BIOS, PROCESSORS, SYSTEM, document
from esxdriver.vsphere.query.retrieve import Found
from tests.helpers import failing

_Other = vim.host.SystemIdentificationInfo


def other(kind, value):
    return _Other(identifierValue=value, identifierType=vim.ElementDescription(key=kind, label="", summary=""))


def of(**properties):
    return document(Found(vim.HostSystem("host-1"), properties))


def test_a_host_that_says_all():
    bios = vim.host.BIOSInfo(
        biosVersion="2.19.1", releaseDate=datetime(2023, 12, 8, tzinfo=UTC), vendor="Dell Inc.",
        majorRelease=2, minorRelease=19,
    )  # fmt: skip
    system = vim.host.SystemInfo(
        vendor="Dell Inc.", model="PowerEdge R640 <x>", uuid="4c4c4544-0000-4000-8000-000000000001",
        otherIdentifyingInfo=[other("ServiceTag", "ABC1234"), other("AssetTag", " unknown "),
                              other("OemSpecificString", "Dell System"), other("OemSpecificString", "  ")],
    )  # fmt: skip
    package = vim.host.CpuPackage(
        index=0, vendor="intel", hz=2900000000, busHz=1, description="Intel(R)  Xeon(R) Gold 6326", threadId=[0]
    )
    assert of(**{BIOS: bios, SYSTEM: system, PROCESSORS: [package]}) == (
        "<sysinfo type='smbios'>\n"
        "  <bios>\n"
        "    <entry name='vendor'>Dell Inc.</entry>\n"
        "    <entry name='version'>2.19.1</entry>\n"
        "    <entry name='date'>12/08/2023</entry>\n"
        "    <entry name='release'>2.19</entry>\n"
        "  </bios>\n"
        "  <system>\n"
        "    <entry name='manufacturer'>Dell Inc.</entry>\n"
        "    <entry name='product'>PowerEdge R640 &lt;x&gt;</entry>\n"
        "    <entry name='serial'>ABC1234</entry>\n"
        "    <entry name='uuid'>4c4c4544-0000-4000-8000-000000000001</entry>\n"
        "  </system>\n"
        "  <chassis>\n"
        "    <entry name='asset'>unknown</entry>\n"
        "  </chassis>\n"
        "  <processor>\n"
        "    <entry name='socket_destination'>0</entry>\n"
        "    <entry name='manufacturer'>intel</entry>\n"
        "    <entry name='version'>Intel(R) Xeon(R) Gold 6326</entry>\n"
        "    <entry name='max_speed'>2900</entry>\n"
        "  </processor>\n"
        "  <oemStrings>\n"
        "    <entry>Dell System</entry>\n"
        "  </oemStrings>\n"
        "</sysinfo>\n"
    )


def test_a_host_that_says_nothing():
    assert of() == "<sysinfo type='smbios'/>\n"


def test_a_connection_has_it_in_one_round_trip(esx):
    assert "<entry name='uuid'>" in esx.getSysinfo()
    failing(libvirt.VIR_ERR_INVALID_ARG, esx.getSysinfo, 1)
