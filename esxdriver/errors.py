"""The one place where a ``libvirt.libvirtError`` is built.

Every error has the code that libvirt would use, the domain ``VIR_FROM_ESX``, the level ``VIR_ERR_ERROR`` and
libvirt's own phrase for the code in front of a detail that says what to do next.
Source of codes and phrases: https://libvirt.org/html/libvirt-virterror.html
"""

import libvirt

# libvirt's phrase for a code when a detail follows it.
_PHRASES: dict[int, str] = {
    libvirt.VIR_ERR_INTERNAL_ERROR: "internal error: {}",
    libvirt.VIR_ERR_NO_SUPPORT: "this function is not supported by the connection driver: {}",
    libvirt.VIR_ERR_NO_CONNECT: "cannot connect: {}",
    libvirt.VIR_ERR_NO_HOSTNAME: "no hostname found: {}",
    libvirt.VIR_ERR_INVALID_CONN: "invalid connection: {}",
    libvirt.VIR_ERR_INVALID_STREAM: "invalid stream pointer in {}",
    libvirt.VIR_ERR_INVALID_STORAGE_VOL: "invalid storage volume pointer in {}",
    libvirt.VIR_ERR_INVALID_DOMAIN_SNAPSHOT: "Invalid domain snapshot: {}",
    libvirt.VIR_ERR_INVALID_ARG: "invalid argument: {}",
    libvirt.VIR_ERR_OPERATION_FAILED: "operation failed: {}",
    libvirt.VIR_ERR_XML_ERROR: "XML error: {}",
    libvirt.VIR_ERR_DOM_EXIST: "domain already exists: {}",
    libvirt.VIR_ERR_OPEN_FAILED: "failed to open {}",
    libvirt.VIR_ERR_SYSTEM_ERROR: "{}",
    libvirt.VIR_ERR_CONF_SYNTAX: "configuration file syntax error: {}",
    libvirt.VIR_ERR_WRITE_FAILED: "failed to write file: {}",
    libvirt.VIR_ERR_OPERATION_DENIED: "operation forbidden: {}",
    libvirt.VIR_ERR_RPC: "RPC error: {}",
    libvirt.VIR_ERR_NO_DOMAIN: "Domain not found: {}",
    libvirt.VIR_ERR_NO_NETWORK: "Network not found: {}",
    libvirt.VIR_ERR_NETWORK_EXIST: "network already exists: {}",
    libvirt.VIR_ERR_NO_INTERFACE: "interface not found: {}",
    libvirt.VIR_ERR_NO_NODE_DEVICE: "Node device not found: {}",
    libvirt.VIR_ERR_AUTH_FAILED: "authentication failed: {}",
    libvirt.VIR_ERR_NO_STORAGE_POOL: "Storage pool not found: {}",
    libvirt.VIR_ERR_NO_STORAGE_VOL: "Storage volume not found: {}",
    libvirt.VIR_ERR_OPERATION_INVALID: "Requested operation is not valid: {}",
    libvirt.VIR_ERR_CONFIG_UNSUPPORTED: "unsupported configuration: {}",
    libvirt.VIR_ERR_OPERATION_TIMEOUT: "Timed out during operation: {}",
    libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT: "Domain snapshot not found: {}",
    libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED: "argument unsupported: {}",
    libvirt.VIR_ERR_OPERATION_ABORTED: "operation aborted: {}",
    libvirt.VIR_ERR_AGENT_UNRESPONSIVE: "Guest agent is not responding: {}",
    libvirt.VIR_ERR_STORAGE_VOL_EXIST: "storage volume exists already: {}",
    libvirt.VIR_ERR_OPERATION_UNSUPPORTED: "Operation not supported: {}",
    libvirt.VIR_ERR_RESOURCE_BUSY: "resource busy: {}",
    libvirt.VIR_ERR_ACCESS_DENIED: "access denied: {}",
    libvirt.VIR_ERR_NO_DOMAIN_METADATA: "metadata not found: {}",
    libvirt.VIR_ERR_DEVICE_MISSING: "device not found: {}",
    libvirt.VIR_ERR_XML_INVALID_SCHEMA: "XML document failed to validate against schema: {}",
}


# What Python raises where a value is of another kind than expected. A host's answer may hold anything.
MALFORMED = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip


class WrongTypeError(TypeError):
    """A mistake of the caller: an argument of a type for which libvirt-python raises TypeError, too."""


def error(code: int, detail: str) -> libvirt.libvirtError:
    """Return the error to raise: ``code`` is a ``VIR_ERR_*``, ``detail`` says what is wrong and what to do.

    ``libvirtError`` takes code and text from the C library's last error of the thread when there is one, so
    both are set here by hand.
    """
    message = _PHRASES[code].format(detail)
    raised = libvirt.libvirtError(message)
    _set(raised, code, message, detail)
    return raised


def unsupported(detail: str) -> libvirt.libvirtError:
    """Return the error (CONFIG_UNSUPPORTED) for what libvirt's XML can say and ESX cannot do."""
    return error(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, detail)


def xml_error(detail: str) -> libvirt.libvirtError:
    """Return the error (XML_ERROR) for a document that is not well formed or makes no sense."""
    return error(libvirt.VIR_ERR_XML_ERROR, detail)


def invalid_arg(detail: str) -> libvirt.libvirtError:
    """Return the error (INVALID_ARG) for an argument, a URI or a file that cannot be understood."""
    return error(libvirt.VIR_ERR_INVALID_ARG, detail)


def misunderstood(failure: str, cause: Exception) -> libvirt.libvirtError:
    """Return the error (INTERNAL_ERROR) for what no code expected: one of :data:`MALFORMED`, in most cases.

    ``failure`` says what could not be done, and may be empty.
    """
    said = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
    return error(
        libvirt.VIR_ERR_INTERNAL_ERROR,
        (failure and f"{failure}: ")
        + f"the host's answer makes no sense here ({said}); --debug shows where, please report it",
    )


def extend(raised: libvirt.libvirtError, more: str) -> None:
    """Add a sentence to the text of an error, in place. One that libvirt gave no code becomes an INTERNAL_ERROR."""
    code, _, message, _, detail, *_ = raised.err or (libvirt.VIR_ERR_INTERNAL_ERROR, 0, str(raised), 0, str(raised))
    _set(raised, code, f"{message}; {more}", f"{detail}; {more}")


def _set(raised: libvirt.libvirtError, code: int, message: str, detail: str) -> None:
    raised.args = (message,)
    raised.err = (code, libvirt.VIR_FROM_ESX, message, libvirt.VIR_ERR_ERROR, detail, None, None, -1, -1)


def check_flags(flags: int, supported: int, function: str) -> None:
    """Raise INVALID_ARG in libvirt's wording when ``flags`` has a bit outside ``supported``."""
    if unknown := flags & ~supported:
        unknown = unknown & 0xFFFFFFFF or unknown  # as libvirt prints them, negative ones, too
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"unsupported flags (0x{unknown:x}) in function {function}")


def check_exclusive(flags: int, one: int, other: int, names: str) -> None:
    """Raise INVALID_ARG when both flags are set; ``names`` says which they are."""
    if flags & one and flags & other:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"the flags {names} are mutually exclusive")
