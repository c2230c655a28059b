"""What is read of a machine or a file, in the one way that a domain's document has to say it.

What the document would say otherwise, or not at all, must not come back from it as a change that nobody has asked for.
"""

from esxdriver.conf.domain.domain import DomainDef
from esxdriver.conf.mapping.enums import Firmware
from esxdriver.conf.mapping.fields import altered


def sayable(definition: DomainDef) -> DomainDef:
    """Return a definition as its document will say it.

    A limit that limits nothing is none, no more memory is guaranteed than there is, cores that do not make whole
    sockets (0 is vSphere's own choice) are sockets of one, and secure boot is said of EFI firmware alone.
    """
    limit, memory, cores = definition.current_memory, definition.memory, definition.cores_per_socket
    return altered(
        definition,
        current_memory=limit if limit is not None and 0 < limit < memory else None,
        min_guarantee=max(0, min(definition.min_guarantee, memory)),
        cores_per_socket=cores if cores > 1 and definition.vcpus % cores == 0 else 1,
        secure_boot=definition.secure_boot if definition.firmware is Firmware.EFI else None,
    )
