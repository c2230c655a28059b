"""The guest operating system: vSphere's ``guestId`` and VMX's ``guestOS``, two spellings of one list.

Nearly all follow one rule: ``rhel7-64`` is ``rhel7_64Guest``, ``ubuntu-64`` is ``ubuntu64Guest``, ``other`` is
``otherGuest``; what does not stands in a table. Source: vSphere API, VirtualMachineGuestOsIdentifier.
"""

import re
from collections.abc import Mapping

from esxdriver.conf.mapping.fields import Surface

_KERNELS = (24, 26, 3, 4, 5, 6, 7)  # Linux, by version

# VMX's word: vSphere's, where the rule does not lead from one to the other. Letters' case counts in vSphere's alone.
_EXCEPTIONS: Mapping[str, str] = {
    "other-64": "otherGuest64",
    **{f"other{version}xlinux": f"other{version}xLinuxGuest" for version in _KERNELS},
    **{f"other{version}xlinux-64": f"other{version}xLinux64Guest" for version in _KERNELS},
    "longhorn": "winLonghornGuest",
    "longhorn-64": "winLonghorn64Guest",
    "windows7srv": "windows7Server64Guest",
    "windows7srv-64": "windows7Server64Guest",
    "windows8srv": "windows8Server64Guest",
    "windows8srv-64": "windows8Server64Guest",
    "windows9srv": "windows9Server64Guest",
    "windows9srv-64": "windows9Server64Guest",
    "linux": "otherLinuxGuest",
    "otherlinux": "otherLinuxGuest",
    "otherlinux-64": "otherLinux64Guest",
    "oraclelinux": "oracleLinuxGuest",
    "oraclelinux-64": "oracleLinux64Guest",
    "vmware-photon-64": "vmwarePhoton64Guest",
    "freeBSD": "freebsdGuest",
    "freeBSD-64": "freebsd64Guest",
    "openserver5": "openServer5Guest",
    "openserver6": "openServer6Guest",
    "unixware7": "unixWare7Guest",
}
_TO_VIM = {vmx.lower(): vim for vmx, vim in _EXCEPTIONS.items()}
# Of several of VMX's words for one of vSphere's, the last is written.
_TO_VMX = {vim.lower(): vmx for vmx, vim in _EXCEPTIONS.items()}
_STEMS = (("oraclelinux", "oracleLinux"), ("freeBSD", "freebsd"))

_VIM_64 = re.compile(r"(.*?)_?64Guest", re.IGNORECASE)


def vim_guest(word: str) -> str:
    """Return vSphere's ID of VMX's ``guestOS``: ``rhel7-64`` is ``rhel7_64Guest``."""
    known = _TO_VIM.get(word.lower())
    if known is not None:
        return known
    for vmx, vim in _STEMS:
        if word.lower().startswith(vmx.lower()):
            word = vim + word[len(vmx) :]
    stem = word.removesuffix("-64")
    if stem == word:
        return f"{word}Guest"
    return f"{stem}_64Guest" if stem[-1:].isdigit() or stem.endswith(("srv", "srvNext")) else f"{stem}64Guest"


def vmx_guest(guest_id: str) -> str:
    """Return VMX's ``guestOS`` of vSphere's ID; contrary of :func:`vim_guest`."""
    known = _TO_VMX.get(guest_id.lower())
    if known is not None:
        return known
    match = _VIM_64.fullmatch(guest_id)
    word = f"{match[1]}-64" if match else guest_id.removesuffix("Guest")
    return next((vmx + word[len(vim) :] for vmx, vim in _STEMS if word.startswith(vim)), word)


class _Guest:
    """A guest's ID: vSphere's word everywhere but in VMX."""

    def read(self, surface: Surface, path: str) -> str | None:
        word = surface.get(path)
        if not word:
            return None
        return vim_guest(word) if surface.kind == "vmx" else str(word)

    def write(self, surface: Surface, path: str, value: str) -> None:
        surface.put(path, vmx_guest(value) if surface.kind == "vmx" else value)


GUEST = _Guest()
