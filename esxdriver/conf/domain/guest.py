"""The guest operating system: vSphere's ``guestId``, VMX's ``guestOS``, and libvirt's architecture.

No rule leads from one of the names to the other: ``rhel7-64`` is ``rhel7_64Guest``, ``ubuntu-64`` ``ubuntu64Guest``,
``other-64`` ``otherGuest64``. So the whole list stands here, VMX's spelling first. A value of VMX that is not in it
means no ID, and stays among the options; an ID that is not in it, of a vSphere newer than this list, is written to
VMX as it is and read back from there.

Sources: vSphere API, VirtualMachineGuestOsIdentifier; VMX's values are those of GUEST_OS_KEY_MAP in open-vm-tools, and
what VMware's products write for guests younger than that.
"""

import re
from collections.abc import Iterator, Mapping

from esxdriver.conf.mapping.fields import Surface

# VMX's value, vSphere's ID, and what stands in place of the braces.
_TABLE = (
    ("{}", "{}Guest", "dos os2 eComStation eComStation2 netware4 netware5 netware6 oes nld9 sjds redhat mandrake"),
    ("win{}", "win{}Guest", "31 95 98 Me NT 2000Pro 2000Serv 2000AdvServ XPHome XPPro"),
    ("winXPPro-64", "winXPPro64Guest", ""),
    ("winNet{}", "winNet{}Guest", "Web Standard Enterprise Datacenter Business"),
    ("winNet{}-64", "winNet{}64Guest", "Standard Enterprise Datacenter"),
    ("winvista", "winVistaGuest", ""),
    ("winvista-64", "winVista64Guest", ""),
    ("longhorn", "winLonghornGuest", ""),
    ("longhorn-64", "winLonghorn64Guest", ""),
    ("windows{}", "windows{}Guest", "7 8 9"),
    ("windows{}-64", "windows{}_64Guest", "7 8 9 11 12"),
    ("windows{}srv-64", "windows{}Server64Guest", "7 8 9"),
    ("windows{}-64", "windows{}_64Guest", "2019srv 2019srvNext 2022srvNext"),
    ("winHyperV", "windowsHyperVGuest", ""),
    ("freeBSD{}", "freebsd{}Guest", " 11 12 13 14 15"),
    ("freeBSD-64", "freebsd64Guest", ""),
    ("freeBSD{}-64", "freebsd{}_64Guest", "11 12 13 14 15"),
    ("rhel{}", "rhel{}Guest", "2 3 4 5 6 7"),
    ("rhel{}-64", "rhel{}_64Guest", "3 4 5 6 7 8 9 10"),
    ("centos{}", "centos{}Guest", " 6 7"),
    ("centos-64", "centos64Guest", ""),
    ("centos{}-64", "centos{}_64Guest", "6 7 8 9"),
    ("oraclelinux{}", "oracleLinux{}Guest", " 6 7"),
    ("oraclelinux-64", "oracleLinux64Guest", ""),
    ("oraclelinux{}-64", "oracleLinux{}_64Guest", "6 7 8 9 10"),
    ("{}", "{}Guest", "suse sles sles10 sles11 sles12 opensuse mandriva ubuntu fedora"),
    ("{}-64", "{}64Guest", "suse sles opensuse mandriva ubuntu fedora coreos"),
    ("sles{}-64", "sles{}_64Guest", "10 11 12 15 16"),
    ("turbolinux", "turboLinuxGuest", ""),
    ("turbolinux-64", "turboLinux64Guest", ""),
    ("debian{}", "debian{}Guest", "4 5 6 7 8 9 10 11 12 13"),
    ("debian{}-64", "debian{}_64Guest", "4 5 6 7 8 9 10 11 12 13"),
    ("asianux{}", "asianux{}Guest", "3 4"),
    ("asianux{}-64", "asianux{}_64Guest", "3 4 5 7 8 9"),
    ("{}-64", "{}_64Guest", "almalinux rockylinux amazonlinux2 amazonlinux3 fusionos kylinlinux miraclelinux"),
    ("{}-64", "{}_64Guest", "flatcar pardus prolinux"),
    ("vmware-photon-64", "vmwarePhoton64Guest", ""),
    ("CRX{}-64", "crx{}Guest", "Pod1 Sys1"),
    ("other{}xlinux", "other{}xLinuxGuest", "24 26 3 4 5 6 7"),
    ("other{}xlinux-64", "other{}xLinux64Guest", "24 26 3 4 5 6 7"),
    ("otherlinux", "otherLinuxGuest", ""),
    ("otherlinux-64", "otherLinux64Guest", ""),
    ("genericlinux", "genericLinuxGuest", ""),
    ("solaris{}", "solaris{}Guest", "6 7 8 9 10"),
    ("solaris{}-64", "solaris{}_64Guest", "10 11"),
    ("darwin{}", "darwin{}Guest", " 10 11"),
    ("darwin-64", "darwin64Guest", ""),
    ("darwin{}-64", "darwin{}_64Guest", "10 11 12 13 14 15 16 17 18 19 20 21 22 23"),
    ("vmkernel{}", "vmkernel{}Guest", " 5 6 65 7 8 9"),
    ("openserver{}", "openServer{}Guest", "5 6"),
    ("unixware7", "unixWare7Guest", ""),
    ("other", "otherGuest", ""),
    ("other-64", "otherGuest64", ""),
)  # fmt: skip

_EDITIONS = (
    "Cluster Datacenter DatacenterCore Enterprise EnterpriseCore EnterpriseItanium ForSmallBusiness MediumManagement "
    "MediumMessaging MediumSecurity SmallBusiness SmallBusinessPremium Standard StandardCore StorageEnterprise "
    "StorageExpress StorageStandard StorageWorkgroup Web"
)
_HOME_EDITIONS = "Ultimate HomePremium HomeBasic Enterprise Business Starter"

# Other values of VMX, which are read and not written; VMware's own but for windows7srv and its like.
_SYNONYMS = (
    ("nt4", "winNTGuest", ""),
    ("win2000", "win2000ProGuest", ""),
    ("whistler", "winXPHomeGuest", ""),
    ("windows{}srv", "windows{}Server64Guest", "7 8 9"),
    ("winServer2008{}-32", "winLonghornGuest", _EDITIONS),
    ("winServer2008{}-64", "winLonghorn64Guest", _EDITIONS),
    ("winVista{}-32", "winVistaGuest", _HOME_EDITIONS),
    ("winVista{}-64", "winVista64Guest", _HOME_EDITIONS),
    ("mandrake-64", "mandriva64Guest", ""),
    ("linux", "otherLinuxGuest", ""),
    ("os2experimental", "os2Guest", ""),
)


def _pairs(table: tuple[tuple[str, str, str], ...]) -> Iterator[tuple[str, str]]:
    """Yield VMX's value and vSphere's ID of each guest of a table."""
    for vmx, vim, fillings in table:
        for filling in fillings.split(" "):
            yield vmx.format(filling), vim.format(filling)


GUESTS: Mapping[str, str] = dict(_pairs(_TABLE))
_IDS = {vim.lower(): vim for vim in GUESTS.values()}
_TO_VIM = {vmx.lower(): vim for vmx, vim in (*_pairs(_SYNONYMS), *GUESTS.items())} | _IDS
_TO_VMX = {vim.lower(): vmx for vmx, vim in GUESTS.items()}

_LOOKS_LIKE_AN_ID = re.compile(r"\w+Guest(?:64)?", re.ASCII)
# Guests that have 64 bits without saying so: ESX, its containers, and Hyper-V.
_LARGE = re.compile("vmkernel|crx|windowshyperv")


def vim_guest(vmx: str) -> str | None:
    """Return vSphere's ID of VMX's ``guestOS``, or None when no guest is known by it; case does not count."""
    known = _TO_VIM.get(vmx.lower())
    return known or (vmx if _LOOKS_LIKE_AN_ID.fullmatch(vmx) else None)


def vmx_guest(guest_id: str) -> str:
    """Return VMX's ``guestOS`` of vSphere's ID: the ID itself where VMX's value is not known."""
    return _TO_VMX.get(guest_id.lower(), guest_id)


def arch_of(guest: str | None) -> str:
    """Return libvirt's architecture of a vSphere guest ID, or of a VMX ``guestOS`` that has none."""
    folded = (guest or "").lower()
    if folded.startswith("arm"):
        return "aarch64"
    return "x86_64" if _LARGE.match(folded) or "64" in folded else "i686"


class _Guest:
    """A guest's ID as VMX spells it."""

    def read(self, surface: Surface, path: str) -> str | None:
        guest = surface.get(path)
        return vim_guest(guest) if guest else None

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, vmx_guest(value))


GUEST = _Guest()
