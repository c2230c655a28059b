"""Inputs that came from bug reports and real files, which lie beside the project and not in it."""

import logging

import libvirt
import pytest

from esxdriver import vmx
from esxdriver.conf.devices.interface import NicModel
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.vmx.text import decoded, parsed
from tests.corpus import FOLDER, needed

pytestmark = needed

WHOLE = sorted(path.stem for path in (FOLDER / "found").glob("*.vmx") if path.stem != "encrypted")


def converted(name):
    return vmx.from_native((FOLDER / "found" / name).read_bytes())


@pytest.mark.parametrize("stem", WHOLE)
@pytest.mark.parametrize("legacy", [False, True])
def test_every_key_comes_back(stem, legacy):
    data = (FOLDER / f"found/{stem}.vmx").read_bytes()
    style = Style(secure=True, legacy_uuid=legacy)
    document = domain_xml.format(vmx.from_native(data, legacy_uuid=legacy), style)
    again = parsed(decoded(vmx.to_file(domain_xml.parse(document, legacy_uuid=legacy)))).values
    words = parsed(decoded(data)).values
    assert {key: again.get(key) for key in words} == words


def test_disks_whose_controller_is_absent_are_left_out_each_with_a_line_in_the_log(caplog):
    with caplog.at_level(logging.WARNING):
        assert converted("disk-without-controller.vmx").disks == ()
    assert all(f"{prefix}0:0.present (line " in caplog.text for prefix in ("scsi", "nvme", "sata"))


def test_sriov_cards_are_interfaces_and_the_other_device_is_none():
    definition = converted("sriov.vmx")
    assert [(nic.model, nic.portgroup) for nic in definition.interfaces] == [
        (NicModel.SRIOV, "dvportgroup-28"),
        (NicModel.SRIOV, "dvportgroup-29"),
    ]
    assert [device.address for device in definition.hostdevs] == ["0000:1a:01.2"]
    eleven = domain_xml.parse((FOLDER / "found/sriov-eleventh-card.xml").read_text())
    assert len(vmx.from_native(vmx.to_native(eleven)).interfaces) == 11


def test_an_encrypted_file_is_refused_and_said_to_be_so():
    with pytest.raises(libvirt.libvirtError, match=r"encrypted.*line 4"):
        converted("encrypted.vmx")


@pytest.mark.parametrize(("word", "guest_id"), [("rockylinux", "rockylinux_64Guest"), ("winxppro", "winXPProGuest")])
def test_a_guest_has_vspheres_id(word, guest_id):
    assert converted(f"guest-{word}.vmx").guest_id == guest_id
