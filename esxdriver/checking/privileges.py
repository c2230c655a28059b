"""Which of the privileges that the driver's calls need a user lacks, asked before anything is refused.

Source: vSphere Web Services API, "Required privileges" of each method; AuthorizationManager.HasPrivilegeOnEntities.
"""

from typing import TYPE_CHECKING

from esxdriver.vsphere.query.privileges import lacking

if TYPE_CHECKING:
    from esxdriver.driver.connect import Connect

# By vSphere's IDs: READING is what reads need, WRITING what changes need besides.
READING = ("System.View", "System.Read", "Datastore.Browse", "Sessions.ValidateSession")
WRITING = (
    "VirtualMachine.Inventory.Create", "VirtualMachine.Inventory.Delete", "VirtualMachine.Inventory.Register",
    "VirtualMachine.Inventory.Unregister", "VirtualMachine.Config.AddNewDisk", "VirtualMachine.Config.AddExistingDisk",
    "VirtualMachine.Config.RemoveDisk", "VirtualMachine.Config.AddRemoveDevice", "VirtualMachine.Config.EditDevice",
    "VirtualMachine.Config.Settings", "VirtualMachine.Config.CPUCount", "VirtualMachine.Config.Memory",
    "VirtualMachine.Config.Rename", "VirtualMachine.Config.DiskExtend", "VirtualMachine.Config.AdvancedConfig",
    "VirtualMachine.Interact.PowerOn", "VirtualMachine.Interact.PowerOff", "VirtualMachine.Interact.Suspend",
    "VirtualMachine.State.CreateSnapshot", "VirtualMachine.State.RevertToSnapshot",
    "VirtualMachine.State.RemoveSnapshot", "VirtualMachine.State.RenameSnapshot", "Resource.AssignVMToPool",
    "Datastore.AllocateSpace", "Datastore.FileManagement",
)  # fmt: skip


def missing_privileges(conn: "Connect") -> tuple[str, ...]:
    """Return the privileges of the driver's calls that this user lacks at the root of what the URI names."""
    backend = conn.backend
    return tuple(lacking(backend.session, backend.scope.root, (*READING, *WRITING)))
