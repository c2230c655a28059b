"""What each fault is to libvirt: its code, and what to do. The one table of them.

The names are those of vSphere's faults (the "Faults" of the vSphere Web Services API reference) and of the
:class:`~esxdriver.vsphere.wire.faults.HostError` classes.
"""

import libvirt

_AUTO_ANSWER = "answer it on the host, or connect with auto_answer=1 to have the default taken"
_SNAPSHOTS_FIRST = "delete the domain's snapshots first, or leave the disk as it is"
_BUSY = "wait until it is done and ask again"

# Class name -> code and what to do; the nearest class in the MRO counts.
FAULTS: dict[str, tuple[int, str]] = {
    # who may do it
    "InvalidLogin": (libvirt.VIR_ERR_AUTH_FAILED, "check user and password; failed logins lock an account"),
    "PasswordExpired": (libvirt.VIR_ERR_AUTH_FAILED, "set a new password on the host"),
    "NotAuthenticated": (libvirt.VIR_ERR_AUTH_FAILED, "the session has ended: open the connection again"),
    "SecurityError": (libvirt.VIR_ERR_ACCESS_DENIED, ""),
    "NoPermission": (libvirt.VIR_ERR_ACCESS_DENIED, "the user needs a role that has the privilege there"),
    "RestrictedVersion": (
        libvirt.VIR_ERR_OPERATION_DENIED,
        "the host's licence (free ESXi) makes its API read-only: changes need a paid or evaluation licence",
    ),
    "NotEnoughLicenses": (libvirt.VIR_ERR_OPERATION_DENIED, "the host's licence does not cover this"),
    "HostAccessRestrictedToManagementServer": (
        libvirt.VIR_ERR_OPERATION_DENIED,
        "the host takes this only from its vCenter: connect with vpx://",
    ),
    "MethodDisabled": (libvirt.VIR_ERR_OPERATION_DENIED, "vCenter or another product has switched this off"),
    "RestrictedByAdministrator": (libvirt.VIR_ERR_OPERATION_DENIED, ""),
    "DisallowedChangeByService": (libvirt.VIR_ERR_OPERATION_DENIED, ""),
    # when it may be done
    "InvalidState": (libvirt.VIR_ERR_OPERATION_INVALID, ""),
    "InvalidPowerState": (libvirt.VIR_ERR_OPERATION_INVALID, "bring the domain into the other state first"),
    "QuestionPending": (libvirt.VIR_ERR_OPERATION_FAILED, _AUTO_ANSWER),
    "TaskInProgress": (libvirt.VIR_ERR_RESOURCE_BUSY, _BUSY),
    "ResourceInUse": (libvirt.VIR_ERR_RESOURCE_BUSY, _BUSY),
    "VAppOperationInProgress": (libvirt.VIR_ERR_RESOURCE_BUSY, _BUSY),
    "ConcurrentAccess": (
        libvirt.VIR_ERR_OPERATION_FAILED,
        "somebody else changed it meanwhile: dump it again and retry",
    ),
    # what it is done to
    "ManagedObjectNotFound": (libvirt.VIR_ERR_NO_DOMAIN, "it has been removed"),
    "NotFound": (libvirt.VIR_ERR_OPERATION_FAILED, ""),
    "DuplicateName": (libvirt.VIR_ERR_DOM_EXIST, "choose another name"),
    "AlreadyExists": (libvirt.VIR_ERR_DOM_EXIST, ""),
    "InvalidName": (libvirt.VIR_ERR_INVALID_ARG, "a name has 1 to 80 characters"),
    "InvalidFolder": (libvirt.VIR_ERR_INVALID_ARG, ""),
    # files and datastores
    "FileFault": (libvirt.VIR_ERR_OPERATION_FAILED, ""),
    "FileNotFound": (libvirt.VIR_ERR_NO_STORAGE_VOL, ""),
    "FileAlreadyExists": (libvirt.VIR_ERR_STORAGE_VOL_EXIST, ""),
    "FileLocked": (libvirt.VIR_ERR_RESOURCE_BUSY, "a running domain, a snapshot or a backup holds the file"),
    "NoDiskSpace": (libvirt.VIR_ERR_OPERATION_FAILED, "free some space on the datastore"),
    "InsufficientStorageSpace": (libvirt.VIR_ERR_OPERATION_FAILED, "free some space on the datastore"),
    "InvalidDatastore": (libvirt.VIR_ERR_NO_STORAGE_POOL, ""),
    "InvalidDatastorePath": (libvirt.VIR_ERR_INVALID_ARG, "a path reads '[datastore] directory/file'"),
    "InaccessibleDatastore": (libvirt.VIR_ERR_OPERATION_FAILED, "the host cannot reach the datastore now"),
    "DatastoreNotWritableOnHost": (libvirt.VIR_ERR_OPERATION_FAILED, "the host cannot write to it"),
    # what a domain may look like
    "VmConfigFault": (libvirt.VIR_ERR_CONFIG_UNSUPPORTED, ""),
    "InvalidDeviceSpec": (
        libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
        "deviceIndex counts the devices of this change from 0",
    ),
    "InvalidDeviceBacking": (
        libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
        "this kind of file or device does not take that mode or is not there",
    ),
    "DisallowedDiskModeChange": (libvirt.VIR_ERR_OPERATION_INVALID, _SNAPSHOTS_FIRST),
    "CannotAccessVmComponent": (libvirt.VIR_ERR_OPERATION_FAILED, "the host cannot reach the file or device"),
    "InsufficientResourcesFault": (libvirt.VIR_ERR_OPERATION_FAILED, "the host lacks the resources now"),
    # snapshots
    "SnapshotFault": (libvirt.VIR_ERR_OPERATION_FAILED, ""),
    "MemorySnapshotOnIndependentDisk": (
        libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
        "take it without memory (VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY), or make every disk snapshot='yes'",
    ),
    "SnapshotIncompatibleDeviceInVm": (libvirt.VIR_ERR_CONFIG_UNSUPPORTED, ""),
    "TooManySnapshotLevels": (libvirt.VIR_ERR_OPERATION_FAILED, "delete some snapshots first"),
    "MultipleSnapshotsNotSupported": (libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "delete the snapshot first"),
    "SnapshotDisabled": (
        libvirt.VIR_ERR_OPERATION_UNSUPPORTED,
        "the domain's configuration forbids snapshots",
    ),
    "SnapshotLocked": (libvirt.VIR_ERR_RESOURCE_BUSY, _BUSY),
    "ApplicationQuiesceFault": (libvirt.VIR_ERR_OPERATION_FAILED, "see the guest's log, or do not quiesce"),
    "FilesystemQuiesceFault": (libvirt.VIR_ERR_OPERATION_FAILED, "see the guest's log, or do not quiesce"),
    # the guest
    "ToolsUnavailable": (libvirt.VIR_ERR_AGENT_UNRESPONSIVE, "VMware Tools must be running in the guest"),
    "GuestOperationsUnavailable": (
        libvirt.VIR_ERR_AGENT_UNRESPONSIVE,
        "VMware Tools must be running in the guest",
    ),
    # the host and the API
    "NotSupported": (libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "this host or this object cannot do it"),
    "NotImplemented": (libvirt.VIR_ERR_OPERATION_UNSUPPORTED, ""),
    "MethodNotFound": (libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "the host's API is too old for it"),
    "HostCommunication": (libvirt.VIR_ERR_OPERATION_FAILED, "vCenter does not reach the host now"),
    "RequestCanceled": (libvirt.VIR_ERR_OPERATION_ABORTED, "somebody cancelled it"),
    "Timedout": (libvirt.VIR_ERR_OPERATION_TIMEOUT, "look whether it was done before asking again"),
    "InvalidArgument": (libvirt.VIR_ERR_INVALID_ARG, ""),
    "InvalidRequest": (libvirt.VIR_ERR_INTERNAL_ERROR, "please report this"),
    "SystemError": (libvirt.VIR_ERR_INTERNAL_ERROR, "the host's own log says more"),
    "UnexpectedFault": (libvirt.VIR_ERR_INTERNAL_ERROR, "the host's own log says more"),
    "MethodFault": (libvirt.VIR_ERR_OPERATION_FAILED, ""),
    # between here and the host
    "SettingError": (libvirt.VIR_ERR_INVALID_ARG, ""),
    "UnreachableError": (libvirt.VIR_ERR_NO_CONNECT, ""),
    "NotVSphereError": (libvirt.VIR_ERR_NO_CONNECT, ""),
    "WrongProductError": (libvirt.VIR_ERR_NO_CONNECT, ""),
    "NoAnswerError": (libvirt.VIR_ERR_OPERATION_TIMEOUT, ""),
    "SessionExpiredError": (libvirt.VIR_ERR_OPERATION_FAILED, ""),
    "SessionClosedError": (libvirt.VIR_ERR_INVALID_CONN, ""),
    "RequestError": (libvirt.VIR_ERR_INVALID_ARG, ""),
    "UnreadableError": (libvirt.VIR_ERR_INTERNAL_ERROR, "please report this"),
    "BadPropertyError": (libvirt.VIR_ERR_INTERNAL_ERROR, ""),
    "UnfinishedError": (libvirt.VIR_ERR_OPERATION_FAILED, "ask again, or for less at once"),
    "TaskFailedError": (libvirt.VIR_ERR_OPERATION_FAILED, ""),
    "TransferError": (libvirt.VIR_ERR_OPERATION_FAILED, ""),
    "MissingFileError": (libvirt.VIR_ERR_NO_STORAGE_VOL, ""),
    "LockedFileError": (libvirt.VIR_ERR_RESOURCE_BUSY, "a running domain or another host may hold the file"),
    "UnansweredQuestionError": (libvirt.VIR_ERR_OPERATION_FAILED, _AUTO_ANSWER),
    "HostError": (libvirt.VIR_ERR_RPC, ""),
}

# What is missing when an object is gone: its type -> code. Any other object is no domain's business.
GONE = {
    "vim.VirtualMachine": libvirt.VIR_ERR_NO_DOMAIN,
    "vim.vm.Snapshot": libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT,
    "vim.Network": libvirt.VIR_ERR_NO_NETWORK,
    "vim.dvs.DistributedVirtualPortgroup": libvirt.VIR_ERR_NO_NETWORK,
    "vim.Datastore": libvirt.VIR_ERR_NO_STORAGE_POOL,
}

# The element of a document that a property of a machine's specification comes from.
ELEMENTS = {
    "configSpec.guestId": "guestId (or, without one, <os><type arch>)",
    "configSpec.version": "hardwareVersion",
    "configSpec.memoryMB": "<memory>",
    "configSpec.numCPUs": "<vcpu>",
    "configSpec.numCoresPerSocket": "<topology>",
    "configSpec.name": "<name>",
    "configSpec.uuid": "<hwuuid>",
    "configSpec.instanceUuid": "<uuid>",
}
