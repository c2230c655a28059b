"""What somebody sees and does at a domain's console: its screen, its keyboard.

Reference: https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainScreenshot
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import libvirt

from esxdriver.conf.mapping.states import PowerState
from esxdriver.driver.domain_base import DomainBase
from esxdriver.errors import check_flags, error
from esxdriver.vsphere.wire.faults import translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from esxdriver.driver.stream import Stream

_MOST_KEYS = 16  # VIR_DOMAIN_SEND_KEY_MAX_KEYS, which libvirt-python lacks


class ConsoleMethods(DomainBase):
    """The methods of a domain for its screen and its keyboard."""

    def screenshot(self, stream: Stream, screen: int, flags: int = 0) -> str:
        """Let ``stream`` give a picture of the screen, and return its MIME type, ``image/png``.

        The picture is taken before this returns. Raises INVALID_ARG for another screen than 0, OPERATION_INVALID for a
        domain that does not run, OPERATION_UNSUPPORTED where the host takes no pictures.
        """
        from esxdriver.vsphere.machine.console import picture_of_screen

        check_flags(flags, 0, "virDomainScreenshot")
        if screen != 0:
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"screen {screen} cannot be selected: a domain has one, 0")
        stream.require_free()
        self._require_state("take a screenshot of", "virDomainScreenshot", PowerState.RUNNING)
        with translated(f"cannot take a screenshot of domain '{self.title}'"):
            stream.open(_Picture(picture_of_screen(self.backend.session, self.ref)))
        return "image/png"

    def sendKey(self, codeset: int, holdtime: int, keycodes: Sequence[int], nkeycodes: int, flags: int = 0) -> int:
        """Press keys: modifiers (Ctrl, Shift, Alt, Meta) are held while the others are pressed. Return 0.

        ``keycodes`` are numbers of ``codeset``, a VIR_KEYCODE_SET_* (LINUX, XT, ATSET1, USB, WIN32 or QNUM). vSphere
        lets a key go at once: a ``holdtime`` (milliseconds) other than 0 is refused with ARGUMENT_UNSUPPORTED, as
        other codesets are. Raises INVALID_ARG for what is no key, OPERATION_INVALID for a domain that does not run.
        """
        from esxdriver.conf.mapping.keycodes import usage_of
        from esxdriver.vsphere.machine.console import press_keys

        check_flags(flags, 0, "virDomainSendKey")
        if len(keycodes) != nkeycodes or not 0 < nkeycodes <= _MOST_KEYS:
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"keycodes must be 1 to {_MOST_KEYS}, and nkeycodes as many")
        if holdtime:
            raise error(libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED, "holdtime: vSphere lets keys go at once, use 0")
        usages = [usage_of(codeset, code) for code in keycodes]
        self._require_state("send keys to", "virDomainSendKey", PowerState.RUNNING)
        return self._call("send keys to", lambda: press_keys(self.ref, usages))


class _Picture:
    """A picture on its way to a stream."""

    def __init__(self, picture: bytes) -> None:
        self._left = BytesIO(picture)

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, and none at the end."""
        return self._left.read(size)

    def finish(self) -> None:
        """End it."""

    def abort(self) -> None:
        """Give it up."""
