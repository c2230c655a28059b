"""What goes wrong on the way to a host and there, and the errors that libvirt's users see of it.

vSphere's own faults are pyVmomi classes (the "Faults" of the vSphere Web Services API reference); what
happens between here and the host are the :class:`HostError` classes of this module. Both stay what they are
inside ``vsphere/`` and become a ``libvirtError`` where a caller writes ``with translated("doing what"):``.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import libvirt
from pyVmomi import vmodl

from esxdriver import errors, outcome
from esxdriver.vsphere.wire.fault_codes import ELEMENTS, FAULTS, GONE

T = TypeVar("T")


class HostError(Exception):
    """What the way to the host can do to a call; the text says what happened and what to do."""


class SettingError(HostError):
    """A setting of the connection cannot be used, such as a cacert= file."""


class UnreachableError(HostError):
    """No connection came about; nothing was sent."""


class NotVSphereError(HostError):
    """Somebody answered who is no vSphere host."""


class WrongProductError(HostError):
    """An esx:// URI names a vCenter, or a vpx:// URI a host."""


class ConnectionLostError(HostError):
    """A request was sent, or partly, and no usable answer came."""


class NoAnswerError(ConnectionLostError):
    """A request was sent and the answer took longer than the limit."""


class OutcomeUnknownError(HostError):
    """A change was asked for, and whether it was made is unknown."""


class SessionExpiredError(HostError):
    """A change was refused because the session had expired; a new session is open."""


class SessionEndedError(HostError):
    """The session has expired, and logging in again has failed: for the calls that follow, too. ``advice`` ends it."""

    def __init__(self, reason: Exception, said: str, advice: str = "open the connection again") -> None:
        super().__init__(f"the session had expired, and logging in again failed: {said}; {advice}")
        self.reason = reason
        self._said, self._advice = said, advice

    def again(self) -> "SessionEndedError":
        """Return the same error for another call."""
        return SessionEndedError(self.reason, self._said, self._advice)


class SessionClosedError(HostError):
    """A call was made after close()."""


class RequestError(HostError):
    """A call could not be written: nothing was sent."""


class UnreadableError(HostError):
    """An answer came that could not be decoded."""


class BadPropertyError(HostError):
    """A property has a value that cannot be used: of another type, or with characters that XML does not have."""


class UnfinishedError(HostError):
    """A long answer came in pages, and the host has forgotten the last of them; asking again did not help."""


class TaskFailedError(HostError):
    """A task has failed without a reason, or was done without a result."""


class TransferError(HostError):
    """The host does not give or take the data of a file."""


class MissingFileError(TransferError):
    """There is no such file."""


class LockedFileError(TransferError):
    """The host does not let a file be read or written now."""


class UnansweredQuestionError(HostError):
    """A virtual machine waits for an answer before it goes on."""


_OF_LIBVIRT = (libvirt.VIR_ERR_AUTH_FAILED, "")  # what the credentials themselves raise

# What a call to a host raises: a fault of its own, or what went wrong on the way there.
HOST_FAULTS = (vmodl.MethodFault, HostError)
# The same, and an answer that makes no sense. Whoever undoes something, or says what is left of it, meets both: an
# error on that way must not take the place of the first one.
CALL_FAILURES = (*HOST_FAULTS, *errors.MALFORMED)

_NOT_SHOWN = {"dynamicType", "dynamicProperty", "msg", "faultMessage", "faultCause"}


class translated:  # noqa: N801 - a block, which is written as a function
    """Turn every fault that leaves the block into the ``libvirtError`` of ``FAULTS``.

    ``failure`` starts the text: what could not be done and to what, as in "cannot start web01". ``devices`` name
    the device changes that were asked for, for a fault that points at one. A ``libvirtError`` passes through, and what
    an answer of another shape raises (TypeError and so on) becomes an INTERNAL_ERROR. Whatever leaves the block tells
    what became of the changes that were sent in it: see :mod:`esxdriver.outcome`. It is a class, because every read
    goes through it, and a generator takes several times as long.
    """

    def __init__(self, failure: str, devices: Sequence[str] = ()) -> None:
        self._failure, self._devices = failure, devices

    def __enter__(self) -> None:
        self._changes = outcome.enter()

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            if error is None:
                return
            fault = isinstance(error, CALL_FAILURES)
            known = as_libvirt(error, self._failure, self._devices) if fault else None
            outcome.tell(known or error, self._changes)
            if known is not None:
                raise known from error
        finally:
            outcome.leave(self._changes)


def translated_items(items: Iterator[T], failure: str) -> Iterator[T]:
    """Yield the items, translating what fetching one raises; while they are worked with, no block is open."""
    while True:
        with translated(failure):
            try:
                item = next(items)
            except StopIteration:
                return
        yield item


def as_libvirt(error: BaseException, failure: str = "", devices: Sequence[str] = ()) -> libvirt.libvirtError | None:
    """Return the ``libvirtError`` for a fault or a mistake of the code, None for what is neither."""
    if isinstance(error, HOST_FAULTS):
        return translation(error, _pointing(failure, error, devices))
    if isinstance(error, errors.WrongTypeError) or not isinstance(error, errors.MALFORMED):
        return None
    return errors.misunderstood(failure, error)


def extended(cause: Exception, failure: str, text: str) -> Exception:
    """Return the ``libvirtError`` for a fault, with ``text`` behind its own; what is none stays as it is."""
    known = as_libvirt(cause, failure) or cause
    if isinstance(known, libvirt.libvirtError):
        errors.extend(known, text)
    return known


def is_refusal(error: libvirt.libvirtError) -> bool:
    """Whether the host itself has refused: then it has done nothing."""
    return isinstance(error.__cause__, vmodl.MethodFault)


def _pointing(failure: str, fault: Exception, devices: Sequence[str]) -> str:
    """Return what was being done, with the device or the element of the document that the fault is about."""
    if element := ELEMENTS.get(getattr(fault, "invalidProperty", None) or ""):
        return f"{failure}: {element} is not as this host can have it"
    index = getattr(fault, "deviceIndex", None)
    return f"{failure}: {devices[index]}" if isinstance(index, int) and 0 <= index < len(devices) else failure


def translation(fault: Exception, failure: str) -> libvirt.libvirtError:
    """Return the error for ``fault``: vSphere's own message, the fault's fields, and what to do."""
    cause = fault.reason if isinstance(fault, SessionEndedError) else fault
    code, hint = next((FAULTS[name] for name in map(class_name, type(cause).__mro__) if name in FAULTS), _OF_LIBVIRT)
    gone = getattr(fault, "obj", None)
    if gone is not None:
        code = GONE.get(type(gone).__name__, libvirt.VIR_ERR_OPERATION_FAILED)
    return errors.error(code, (failure and f"{failure}: ") + describe(fault) + (hint and f"; {hint}"))


def class_name(kind: type) -> str:
    """Return the last part of a class's name: pyVmomi's hold the whole path, as ``vim.fault.InvalidName``."""
    return kind.__name__.rpartition(".")[2]


def describe(fault: Exception) -> str:
    """Return what ``fault`` says, then, for vSphere's, its class and fields in parentheses."""
    if not isinstance(fault, vmodl.MethodFault):
        return str(fault)
    fields = ", ".join(f"{name} {text}" for name, text in _fields(fault))
    name = class_name(type(fault))
    return f"{_message(fault)} ({name}{': ' if fields else ''}{fields})"


def _message(fault: vmodl.MethodFault) -> str:
    """Return vSphere's text, each part once: the fault's message, its entries, and its cause's."""
    texts = [fault.msg, *(entry.message for entry in fault.faultMessage or [])]
    if fault.faultCause is not None:
        texts.append(f"because: {_message(fault.faultCause)}")
    once = dict.fromkeys(text.strip().rstrip(".") for text in texts if text and text.strip())
    return ": ".join(once) or "refused by the host"


def _fields(fault: vmodl.DynamicData) -> list[tuple[str, str]]:
    """Return the fault's own fields that are set, as text: name, file, property, deviceIndex and so on."""
    names = [each.name for each in fault._GetPropertyList() if each.name not in _NOT_SHOWN]
    texts = [(name, _text(getattr(fault, name))) for name in names]
    return [(name, text) for name, text in texts if text]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, vmodl.MethodFault):
        return describe(value)
    if isinstance(value, list):
        return " and ".join(map(_text, value))
    if isinstance(value, vmodl.DynamicData):
        return " ".join(text for _, text in _fields(value))
    return str(value).strip("'")
