"""A guest has two names and an architecture, and the table is the only thing that knows them."""

import pytest
from pyVmomi import vim

from esxdriver.conf.domain.guest import GUESTS, arch_of, vim_guest, vmx_guest
from tests.corpus import FOLDER, needed

IDS = [str(each) for each in vim.vm.GuestOsDescriptor.GuestOsIdentifier.values]


def test_every_guest_id_of_vsphere_is_in_the_table():
    assert set(GUESTS.values()) == set(IDS)


@needed
def test_every_guest_id_of_the_corpus_is_in_the_table():
    assert set((FOLDER / "found/guest-ids.txt").read_text().split()) <= set(GUESTS.values())


@pytest.mark.parametrize("guest_id", [*IDS, "rhel11_64Guest", "mars99Guest64"])
def test_every_guest_id_survives_the_way_to_vmx_and_back(guest_id):
    assert vim_guest(vmx_guest(guest_id)) == guest_id
    assert vim_guest(vmx_guest(guest_id).upper()) == guest_id or guest_id not in IDS


@pytest.mark.parametrize(
    ("word", "guest_id"),
    [
        ("other", "otherGuest"),
        ("other-64", "otherGuest64"),
        ("ubuntu-64", "ubuntu64Guest"),
        ("rhel7-64", "rhel7_64Guest"),
        ("centos-64", "centos64Guest"),
        ("centos7-64", "centos7_64Guest"),
        ("rockylinux-64", "rockylinux_64Guest"),
        ("almalinux-64", "almalinux_64Guest"),
        ("windows9-64", "windows9_64Guest"),
        ("winXPPro", "winXPProGuest"),
        ("winXPPro-64", "winXPPro64Guest"),
        ("winNetEnterprise-64", "winNetEnterprise64Guest"),
        ("winvista", "winVistaGuest"),
        ("longhorn-64", "winLonghorn64Guest"),
        ("winHyperV", "windowsHyperVGuest"),
        ("windows8srv-64", "windows8Server64Guest"),
        ("windows2019srv-64", "windows2019srv_64Guest"),
        ("windows2019srvNext-64", "windows2019srvNext_64Guest"),
        ("oraclelinux-64", "oracleLinux64Guest"),
        ("oraclelinux7-64", "oracleLinux7_64Guest"),
        ("turbolinux-64", "turboLinux64Guest"),
        ("freeBSD-64", "freebsd64Guest"),
        ("freeBSD12-64", "freebsd12_64Guest"),
        ("other3xlinux-64", "other3xLinux64Guest"),
        ("genericlinux", "genericLinuxGuest"),
        ("debian10-64", "debian10_64Guest"),
        ("coreos-64", "coreos64Guest"),
        ("CRXPod1-64", "crxPod1Guest"),
        ("vmkernel65", "vmkernel65Guest"),
        ("darwin19-64", "darwin19_64Guest"),
        ("sles12-64", "sles12_64Guest"),
        ("vmware-photon-64", "vmwarePhoton64Guest"),
        ("amazonlinux2-64", "amazonlinux2_64Guest"),
        ("eComStation2", "eComStation2Guest"),
        ("unixware7", "unixWare7Guest"),
    ],
)
def test_a_guest_is_called_by_both_names(word, guest_id):
    assert vim_guest(word) == vim_guest(word.lower()) == guest_id
    assert vmx_guest(guest_id) == word


@pytest.mark.parametrize(
    ("word", "guest_id"),
    [
        ("nt4", "winNTGuest"),
        ("whistler", "winXPHomeGuest"),
        ("linux", "otherLinuxGuest"),
        ("winServer2008EnterpriseCore-64", "winLonghorn64Guest"),
        ("winVistaUltimate-32", "winVistaGuest"),
        ("mandrake-64", "mandriva64Guest"),
        ("otherLinux64Guest", "otherLinux64Guest"),
    ],
)
def test_an_old_word_for_a_guest_is_read(word, guest_id):
    assert vim_guest(word) == guest_id


@pytest.mark.parametrize("word", ["klingon-64", "arm-ubuntu-64", "rhel11-64", "-64", "linux mint"])
def test_no_guest_id_is_invented(word):
    assert vim_guest(word) is None


@pytest.mark.parametrize(
    ("arch", "guests"),
    [
        ("x86_64", "other-64 otherGuest64 rhel7_64Guest klingon-64 windows2019srvNext_64Guest"),
        ("x86_64", "vmkernelGuest vmkernel5Guest vmkernel6Guest vmkernel65Guest vmkernel9Guest vmkernel7"),
        ("x86_64", "crxPod1Guest crxSys1Guest windowsHyperVGuest"),
        ("i686", "otherGuest winXPProGuest rhel6Guest windows9Guest darwin10Guest klingon"),
        ("aarch64", "arm-ubuntu-64 arm-other-64 armUbuntu64Guest"),
    ],
)
def test_the_architecture_is_the_guests_and_not_its_suffixs(arch, guests):
    assert {arch_of(guest) for guest in guests.split()} == {arch}
