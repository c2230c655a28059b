"""The hosts of a connection: one, or where its URI names a cluster or a datacenter, several.

What libvirt asks of a host is asked of all of them, where a sum or what they have in common is an answer. Where it is
not, the first host's answer would be false: such a call asks for a URI that names one.
"""

from collections.abc import Hashable, Iterable
from typing import TypeVar

import libvirt

from esxdriver.driver.backend import Backend
from esxdriver.errors import error
from esxdriver.lookup import listed
from esxdriver.vsphere.query import inventory
from esxdriver.vsphere.query.retrieve import Found
from esxdriver.vsphere.wire.faults import translated

T = TypeVar("T", bound=Hashable)
_SHOWN = 3  # hosts that an error names


class HostReads:
    """How the methods of a connection read what hosts say."""

    backend: Backend

    def _hosts(self, *paths: str) -> list[Found]:
        """Return every host with these properties, and its name, in one round trip. Raises OPERATION_FAILED."""
        with translated("cannot read the host"):
            found = inventory.host_properties(self.backend.session, self.backend.scope, "name", *paths)
        if not found:
            raise error(
                libvirt.VIR_ERR_OPERATION_FAILED,
                "there is no host in the part of the inventory that the URI names, or none that this user may see",
            )
        return found

    def _only_host(self, what: str, *paths: str) -> Found:
        """Return the one host that there is. Raises OPERATION_UNSUPPORTED where there are several."""
        hosts = self._hosts(*paths)
        if len(hosts) > 1:
            with translated("cannot read the hosts"):
                known = inventory.host_paths(self.backend.session, self.backend.scope)
            raise several(what, known)
        return hosts[0]


def several(what: str, paths: Iterable[str]) -> libvirt.libvirtError:
    """Return the error (OPERATION_UNSUPPORTED) for what one host can tell, and the URI names these."""
    return error(
        libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
        f"{what} is another on each host, and the URI names several: add one to its path "
        f"({listed(sorted(paths), _SHOWN)})",
    )


def common(values: Iterable[T]) -> T | None:
    """Return what all of them are, None where they differ."""
    different = set(values)
    return different.pop() if len(different) == 1 else None
