"""Does one call of a client on a driver's connection: the arguments' bytes in, the reply's bytes out."""

from typing import Any

import libvirt

from esxdriver import errors
from esxdriver.rpc import messages, names, protocol, replies
from esxdriver.rpc.call import Call, no_support
from esxdriver.rpc.methods import method_of
from esxdriver.rpc.procedures import NO_ANSWER, ROWS, Row
from esxdriver.rpc.protocol import Procedure
from esxdriver.rpc.references import References, UnknownKindError
from esxdriver.rpc.xdr import XDRError

_READ_ONLY = "read only access prevents {}"


def find(program: int, version: int, number: int) -> Procedure:
    """Return the procedure that a header names.

    Raises NO_SUPPORT for one that is never answered, and RPC, with a text that clients turn into NO_SUPPORT, for one
    that nobody here has heard of.
    """
    procedure = protocol.procedures().get(number)
    if (program, version) != (protocol.PROGRAM, protocol.VERSION):
        raise messages.rpc_error(f"unknown procedure: {number} of program 0x{program:x}, version {version}")
    if procedure is None and (name := protocol.others().get(number)):
        raise no_support(name)
    if procedure is None or procedure.kind != "call":
        raise messages.rpc_error(f"unknown procedure: {number}")
    return procedure


def parse(procedure: Procedure, body: bytes) -> Any:
    """Return the arguments, None for a procedure without any; raises RPC for a body that cannot be parsed."""
    if procedure.arguments is None:
        return None
    try:
        return messages.parse(procedure.arguments, body)
    except XDRError as error:
        raise messages.rpc_error(f"Unable to decode message payload of {procedure.name}: {error}") from None


def write(procedure: Procedure, values: Any) -> bytes:
    """Return the reply's bytes, none for a procedure without a reply; raises RPC when the values do not fit it."""
    if procedure.reply is None:
        return b""
    try:
        return messages.write(procedure.reply, values)
    except XDRError as error:
        raise messages.rpc_error(f"Unable to encode message payload of {procedure.name}: {error}") from None


def check_allowed(procedure: Procedure, sent: Any) -> None:
    """Raise OPERATION_DENIED for what libvirt refuses a read-only client."""
    if procedure.denies(sent):
        raise errors.error(libvirt.VIR_ERR_OPERATION_DENIED, _READ_ONLY.format(names.function(procedure.name)))


def perform(procedure: Procedure, sent: Any, conn: Any, references: References, stream: Any = None) -> bytes:
    """Do the call and return the reply's bytes.

    Raises what the driver raises, NO_SUPPORT for what it does not do, and RPC for a result that the wire cannot hold.
    A reference to an object that is gone is looked up anew, once, by a call that changes nothing.
    """
    row = ROWS.get(procedure.name)
    if row is None:
        raise no_support(procedure.name)
    try:
        return _performed(row, procedure, sent, conn, references, stream)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in _GONE or not _forget(procedure, sent, references):
            raise
        if "deny" in procedure.rules:
            raise
    return _performed(row, procedure, sent, conn, references, stream)


def _performed(row: Row, procedure: Procedure, sent: Any, conn: Any, references: References, stream: Any) -> bytes:
    try:
        target, given = replies.arguments(procedure, sent, references)
    except UnknownKindError:
        raise no_support(procedure.name) from None
    call = Call(procedure, sent, conn, references, target)
    if row.perform is not None:
        return write(procedure, row.perform(call))
    result = _result(row, call, conn if target is None else target, [*([stream] if row.stream else ()), *given])
    if procedure.reply is None:
        return b""
    if row.reply is not None:
        return write(procedure, row.reply(result, sent))
    return write(procedure, replies.values(procedure, sent, result, references))


def _result(row: Row, call: Call, of: Any, given: list[Any]) -> Any:
    if row.empty is not NO_ANSWER and method_of(of, row.method) is None:
        return row.empty
    return call.method(of, row.method)(*given)


_GONE = {
    libvirt.VIR_ERR_NO_DOMAIN,
    libvirt.VIR_ERR_NO_NETWORK,
    libvirt.VIR_ERR_NO_STORAGE_POOL,
    libvirt.VIR_ERR_NO_STORAGE_VOL,
    libvirt.VIR_ERR_NO_INTERFACE,
}


def _forget(procedure: Procedure, sent: Any, references: References) -> bool:
    """Forget the object that the call is a method of, and say whether there is one."""
    if sent is None or not replies.is_method(procedure):
        return False
    reference = sent[0]
    kind = replies.fields(procedure.argument_fields)[0][1]
    if kind == "nonnull_domain_snapshot":
        kind, reference = "nonnull_domain", reference.dom
    references.forget(kind, [reference])
    return True
