"""Why something was refused or failed, in the API's own names: a fault's class, a privilege, a property."""

import re
from dataclasses import dataclass
from functools import cache

import libvirt

from esxdriver.checking.report import Status
from esxdriver.errors import MALFORMED
from esxdriver.vsphere.wire.fault_codes import FAULTS
from esxdriver.vsphere.wire.faults import class_name, is_refusal

# The groups of vSphere's own privileges; others are made by products, whose names may be anybody's.
_GROUPS = {
    "Alarm", "Authorization", "Certificate", "ContentLibrary", "Cryptographer", "DVPortgroup", "DVSwitch", "Datacenter",
    "Datastore", "EAM", "Extension", "Folder", "Global", "Host", "Network", "Performance", "Profile", "Resource",
    "ScheduledTask", "Sessions", "StoragePod", "StorageProfile", "StorageViews", "System", "Task", "VApp",
    "VirtualMachine",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z]+(\.[A-Za-z]+)*")

_UNANSWERED = {
    libvirt.VIR_ERR_RPC, libvirt.VIR_ERR_NO_CONNECT, libvirt.VIR_ERR_AUTH_FAILED, libvirt.VIR_ERR_OPERATION_TIMEOUT,
}  # fmt: skip
# The question does not apply: not in the domain's present state, or not with this driver.
_NOT_NOW = {
    libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_AGENT_UNRESPONSIVE, libvirt.VIR_ERR_NO_DOMAIN_METADATA,
    libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_OPERATION_DENIED, libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
    libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
}  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """Why: libvirt's ``code`` by name, the class of vSphere's ``fault``, and the ``privilege`` that is missing."""

    status: Status
    code: str
    fault: str = ""
    privilege: str = ""
    is_known: bool = True

    @property
    def text(self) -> str:
        """The code, the fault and the privilege, in one line."""
        parts = [self.code, self.fault, self.privilege and f"privilege {self.privilege}"]
        unknown = [] if self.is_known else ["the driver has no code for this fault"]
        return ", ".join(filter(None, parts + unknown))


def reason(raised: BaseException) -> Reason:
    """Return why something has raised."""
    if not isinstance(raised, libvirt.libvirtError):
        return Reason(Status.FAILED, type(raised).__name__)
    code, cause = raised.get_error_code(), raised.__cause__
    named = _codes().get(code, str(code))
    if is_refusal(raised):
        assert cause is not None
        known = any(class_name(kind) in FAULTS for kind in type(cause).__mro__)
        return Reason(Status.REFUSED, named, class_name(type(cause)), _privilege(cause), known)
    if isinstance(cause, MALFORMED) or code in (libvirt.VIR_ERR_INTERNAL_ERROR, libvirt.VIR_ERR_XML_ERROR):
        return Reason(Status.FAILED, named, type(cause).__name__ if cause else "")
    if code in _UNANSWERED:
        return Reason(Status.UNANSWERED, named, type(cause).__name__ if cause else "")
    return Reason(Status.SKIPPED if code in _NOT_NOW else Status.REFUSED, named)


def _privilege(fault: object) -> str:
    """Return the privilege that a fault says is missing, if it is one of vSphere's own."""
    text = getattr(fault, "privilegeId", None) or ""
    if not text:
        return ""
    return text if _NAME.fullmatch(text) and text.partition(".")[0] in _GROUPS else "of a product's own"


@cache
def _codes() -> dict[int, str]:
    return {value: name for name, value in vars(libvirt).items() if name.startswith("VIR_ERR_") and value > 3}
