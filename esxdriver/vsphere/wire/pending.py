"""A call that is sent before its result is needed."""

import functools
from typing import TYPE_CHECKING, Any

from pyVmomi.VmomiSupport import Object

if TYPE_CHECKING:
    from esxdriver.vsphere.wire import soap
    from esxdriver.vsphere.wire.decode import Direct
    from esxdriver.vsphere.wire.stub import SessionStub


@functools.lru_cache(64)  # a name that is looked for is part of what is asked
def method(kind: Any, name: str, result: "Direct") -> Any:
    """Return a method of a managed object's class, by pyVmomi's name of it, whose answer is read as ``result`` says."""
    known = kind._GetMethodInfo(name)
    return Object(**{**vars(known), "params": known.params, "result": result})


class PendingCall:
    """A call that is asked before its result is needed: the host works on it meanwhile.

    Whoever does not want the result any more closes it.
    """

    def __init__(self, callee: Any, info: Any, args: Any) -> None:
        self.callee = callee
        self.info = info
        self._args = args
        self._stub: SessionStub = callee._stub
        self._started = self._stub.start()
        # Nothing leaves a session that has ended; its rule says so when the result is asked for.
        self._sent: soap.Exchange | None = self._stub.send(callee, info, args) if self._stub.is_usable else None

    def result(self) -> Any:
        """Wait for the result. The rule for the operation says whether it may be asked for again."""
        try:
            return self._stub.call_with_retry(self._answer, self.callee, self.info, self._started)
        finally:
            self.close()

    def close(self) -> None:
        """Give the result up."""
        if self._sent is not None:
            self._sent.close()
            self._sent = None

    def _answer(self) -> Any:
        sent, self._sent = self._sent or self._stub.send(self.callee, self.info, self._args), None
        return sent.result()
