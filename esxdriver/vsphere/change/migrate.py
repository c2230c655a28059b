"""Moving a machine to another host of its vCenter; its disks stay where they are.

1. Where to is said as the C driver has it: ``vpxmigr://VCENTER/POOL/HOST``, references of a resource pool and a host.
2. The vCenter is asked first whether it can be (``CheckRelocate_Task``): its rules for disks, networks, processors.
3. Then it is asked once (``RelocateVM_Task``).

Source: vSphere API, VirtualMachine.RelocateVM_Task and VirtualMachineProvisioningChecker.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import libvirt
from pyVmomi import vim, vmodl

from esxdriver.errors import error
from esxdriver.vsphere.query.inventory import Scope
from esxdriver.vsphere.query.retrieve import Found, below
from esxdriver.vsphere.query.task import Progress, wait
from esxdriver.vsphere.wire.faults import as_libvirt, describe
from esxdriver.vsphere.wire.session import Session

_URI = re.compile(r"vpxmigr://[^/]*/(?P<pool>[^/?]+)/(?P<host>[^/?]+)/?")


@dataclass(frozen=True)
class Destination:
    """A resource pool and a host, by their references."""

    pool: str
    host: str

    def uri(self, vcenter: str) -> str:
        """Return it as the C driver writes it."""
        return f"vpxmigr://{vcenter}/{self.pool}/{self.host}"

    @classmethod
    def parse(cls, uri: str) -> "Destination":
        """Return what a URI names. Raises INVALID_ARG for another."""
        found = _URI.fullmatch(uri)
        if found is None:
            raise error(libvirt.VIR_ERR_INVALID_ARG, f"'{uri}' is no vpxmigr://VCENTER/POOL/HOST: see 'migrate --help'")
        return cls(found["pool"], found["host"])


def require_vcenter(session: Session) -> None:
    """Raise OPERATION_UNSUPPORTED where a host alone is connected to."""
    if session.about.apiType == "HostAgent":
        text = "a host alone moves no domain to another: connect to its vCenter (vpx://)"
        raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, text)


def destination_named(session: Session, name: str) -> Destination:
    """Return where a host of the vCenter is, by its name or the first part of it: one round trip.

    Raises INVALID_ARG for a name that no host has, or several.
    """
    require_vcenter(session)
    wanted = {vim.HostSystem: ("name", "parent"), vim.ComputeResource: ("name", "resourcePool")}
    found = below(session, session.content.rootFolder, wanted)
    hosts = [each for each in found if isinstance(each.ref, vim.HostSystem)]
    return _only(found, [each for each in hosts if each.name == name]
                 or [each for each in hosts if each.name.partition(".")[0] == name], name, hosts)  # fmt: skip


def destination_of(session: Session, scope: Scope) -> Destination:
    """Return the host that a connection is to: the one that its URI names, or the only one of what it names.

    Raises INVALID_ARG where there are several.
    """
    require_vcenter(session)
    wanted = {vim.HostSystem: ("name", "parent"), vim.ComputeResource: ("name", "resourcePool")}
    found = below(session, scope.computer or scope.root, wanted)
    hosts = [each for each in found if isinstance(each.ref, vim.HostSystem)]
    chosen = [each for each in hosts if scope.host in (None, each.ref)]
    return _only(found, chosen, "/".join(session.uri.path), hosts)


def _only(found: Sequence[Found], chosen: Sequence[Found], name: str, hosts: Sequence[Found]) -> Destination:
    if len(chosen) != 1:
        names = ", ".join(sorted(each.name for each in chosen or hosts)) or "none that this user may see"
        text = f"'{name}' means several hosts, name one" if chosen else f"there is no host '{name}'"
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"{text}: {names}")
    pools = {each.ref: each["resourcePool"] for each in found if isinstance(each.ref, vim.ComputeResource)}
    pool = pools.get(chosen[0]["parent"])
    if pool is None:
        text = f"this user may not see the resource pool of host '{chosen[0].name}'"
        raise error(libvirt.VIR_ERR_ACCESS_DENIED, text)
    return Destination(pool._moId, chosen[0].ref._moId)


def move(
    session: Session, ref: Any, to: Destination, failure: str, *, auto_answer: bool, progress: Progress = None
) -> None:
    """Move a machine, after the vCenter has said that it can be moved. Raises what it has against it."""
    require_vcenter(session)
    stub = session.stub
    spec = vim.vm.RelocateSpec(pool=vim.ResourcePool(to.pool, stub), host=vim.HostSystem(to.host, stub))
    _check(session, ref, spec, failure)
    wait(session, ref.RelocateVM_Task(spec), ref, auto_answer=auto_answer, progress=progress)


def _check(session: Session, ref: Any, spec: Any, failure: str) -> None:
    """Raise the first of the vCenter's reasons against a move, with the others in its text."""
    checker = session.content.vmProvisioningChecker
    try:
        task = checker.CheckRelocate_Task(vm=ref, spec=spec) if checker is not None else None
    except (vmodl.fault.NotSupported, vmodl.fault.NotImplemented, vmodl.fault.MethodNotFound):
        return  # the move itself says then what is against it
    results = wait(session, task, auto_answer=False, changes=False) if task is not None else None
    reasons = [each for result in results or () for each in result.error or ()]
    if reasons:
        others = "".join(f"; and {describe(each)}" for each in reasons[1:])
        refused = as_libvirt(reasons[0], f"{failure}: vCenter has something against it, nothing was done{others}")
        raise refused or error(libvirt.VIR_ERR_OPERATION_FAILED, f"{failure}: {reasons[0]}")
