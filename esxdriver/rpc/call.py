"""One call of a client, as the functions that answer it see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libvirt

from esxdriver import errors
from esxdriver.rpc import names
from esxdriver.rpc.methods import method_of
from esxdriver.rpc.protocol import Procedure
from esxdriver.rpc.references import References


@dataclass(frozen=True)
class Call:
    """``sent`` are the arguments as they came; ``target`` is the object whose method is meant, None for ``conn``."""

    procedure: Procedure
    sent: Any
    conn: Any
    references: References
    target: Any = None

    def method(self, of: Any, name: str) -> Callable[..., Any]:
        """Return a method of an object of the driver. Raises NO_SUPPORT when this driver has none."""
        found = method_of(of, name)
        if found is None:
            raise no_support(self.procedure.name)
        return found


def no_support(procedure: str) -> libvirt.libvirtError:
    """Return libvirt's error for what a driver does not do: a procedure, by its name."""
    return errors.error(libvirt.VIR_ERR_NO_SUPPORT, names.function(procedure))
