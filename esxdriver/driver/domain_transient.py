"""Whether a domain stays when it stops, and what is not done to one that does not."""

from __future__ import annotations

import libvirt

from esxdriver.driver.domain_base import DomainBase
from esxdriver.errors import error, extend
from esxdriver.vsphere.wire.faults import is_refusal, translated


class TransientMethods(DomainBase):
    """The methods of a domain for whether it is transient: made by ``createXML``, and not defined since."""

    def isPersistent(self) -> int:
        """Return 1, or 0 for a transient domain, which is forgotten when it stops: see :meth:`Connect.createXML`."""
        return int(not self._is_transient())

    def _is_transient(self) -> bool:
        with translated(f"cannot read domain '{self.title}'"):
            return self.backend.transients.is_transient(self.ref, self.backend.watch)

    def _require_persistent(self, text: str) -> None:
        """Raise OPERATION_INVALID, in libvirt's words, for a transient domain."""
        if self._is_transient():
            raise error(
                libvirt.VIR_ERR_OPERATION_INVALID, f"{text} (domain '{self.title}': define it, and it is persistent)"
            )

    def _forget(self) -> None:
        """Unregister the domain, which has stopped. Raises what the host says against it."""
        try:
            self._call("unregister", lambda: self.backend.transients.forget(self.ref))
        except libvirt.libvirtError as cause:
            if is_refusal(cause):
                extend(cause, "it was stopped, and stays defined: undefine it")
            raise
