import libvirt
import pytest
from pyVmomi import VmomiSupport, vim, vmodl

from esxdriver import errors
from esxdriver.vsphere.wire import faults

VM = vim.VirtualMachine("vm-12", None)


def found(name):
    """Return an instance of the fault called ``name``, wherever pyVmomi or we keep it."""
    if hasattr(faults, name):
        return getattr(faults, name)("what happened")
    paths = [path for path in VmomiSupport._dataDefMap if path.rpartition(".")[2] == name]
    return VmomiSupport.GetVmodlType(paths[0])()


@pytest.mark.parametrize("name", faults.FAULTS)
def test_every_row_is_a_real_class_and_counts_for_itself(name):
    code, hint = faults.FAULTS[name]
    raised = faults.translation(found(name), "cannot do it")
    assert raised.get_error_code() == code
    assert raised.get_error_domain() == libvirt.VIR_FROM_ESX
    assert hint in str(raised)
    assert "cannot do it: " in str(raised)


NEAREST = [
    (vim.fault.InvalidLogin(), libvirt.VIR_ERR_AUTH_FAILED),
    (vim.fault.InvalidClientCertificate(), libvirt.VIR_ERR_AUTH_FAILED),
    (vim.fault.NotAuthenticated(), libvirt.VIR_ERR_AUTH_FAILED),
    (vim.fault.NoPermission(), libvirt.VIR_ERR_ACCESS_DENIED),
    (vim.fault.RestrictedVersion(), libvirt.VIR_ERR_OPERATION_DENIED),
    (vim.fault.LicenseExpired(), libvirt.VIR_ERR_OPERATION_DENIED),
    (vim.fault.InvalidPowerState(), libvirt.VIR_ERR_OPERATION_INVALID),
    (vim.fault.TaskInProgress(), libvirt.VIR_ERR_RESOURCE_BUSY),
    (vim.fault.ConcurrentAccess(), libvirt.VIR_ERR_OPERATION_FAILED),
    (vim.fault.FileNotFound(), libvirt.VIR_ERR_NO_STORAGE_VOL),
    (vim.fault.FileLocked(), libvirt.VIR_ERR_RESOURCE_BUSY),
    (vim.fault.DirectoryNotEmpty(), libvirt.VIR_ERR_OPERATION_FAILED),
    (vim.fault.DuplicateName(), libvirt.VIR_ERR_DOM_EXIST),
    (vim.fault.TooManyDevices(), libvirt.VIR_ERR_CONFIG_UNSUPPORTED),
    (vim.fault.InvalidController(), libvirt.VIR_ERR_CONFIG_UNSUPPORTED),
    (vim.fault.DisallowedDiskModeChange(), libvirt.VIR_ERR_OPERATION_INVALID),
    (vim.fault.VirtualDiskModeNotSupported(), libvirt.VIR_ERR_CONFIG_UNSUPPORTED),
    (vim.fault.MemorySnapshotOnIndependentDisk(), libvirt.VIR_ERR_CONFIG_UNSUPPORTED),
    (vim.fault.SnapshotNoChange(), libvirt.VIR_ERR_OPERATION_FAILED),
    (vim.fault.ToolsUnavailable(), libvirt.VIR_ERR_AGENT_UNRESPONSIVE),
    (vim.fault.HostAccessRestrictedToManagementServer(), libvirt.VIR_ERR_OPERATION_DENIED),
    (vmodl.fault.NotSupported(), libvirt.VIR_ERR_OPERATION_UNSUPPORTED),
    (vmodl.fault.RequestCanceled(), libvirt.VIR_ERR_OPERATION_ABORTED),
    (vim.fault.Timedout(), libvirt.VIR_ERR_OPERATION_TIMEOUT),
    (vmodl.query.InvalidProperty(), libvirt.VIR_ERR_OPERATION_FAILED),
    (vmodl.fault.InvalidType(), libvirt.VIR_ERR_INTERNAL_ERROR),
    (vmodl.MethodFault(), libvirt.VIR_ERR_OPERATION_FAILED),
    (faults.OutcomeUnknownError("x"), libvirt.VIR_ERR_RPC),
    (faults.ConnectionLostError("x"), libvirt.VIR_ERR_RPC),
    (faults.NoAnswerError("x"), libvirt.VIR_ERR_OPERATION_TIMEOUT),
]


@pytest.mark.parametrize(("fault", "code"), NEAREST, ids=[type(fault).__name__ for fault, _ in NEAREST])
def test_the_nearest_class_counts(fault, code):
    assert faults.translation(fault, "cannot do it").get_error_code() == code


@pytest.mark.parametrize(
    ("gone", "code"),
    [
        (VM, libvirt.VIR_ERR_NO_DOMAIN),
        (vim.vm.Snapshot("s", None), libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT),
        (vim.Network("n", None), libvirt.VIR_ERR_NO_NETWORK),
        (vim.Datastore("d", None), libvirt.VIR_ERR_NO_STORAGE_POOL),
        (vim.Task("t", None), libvirt.VIR_ERR_OPERATION_FAILED),
    ],
)
def test_what_is_gone_decides_the_code(gone, code):
    assert faults.translation(vmodl.fault.ManagedObjectNotFound(obj=gone), "x").get_error_code() == code


RIGHTS = vim.fault.NoPermission.EntityPrivileges(entity=VM, privilegeIds=["A.B", "C.D"])
TEXTS = [
    (
        vim.fault.InvalidPowerState(msg="Not now.", existingState="poweredOn", requestedState="poweredOff"),
        "Not now (InvalidPowerState: requestedState poweredOff, existingState poweredOn)",
    ),
    (
        vim.fault.NoPermission(msg="Denied.", object=VM, privilegeId="VirtualMachine.Config.Rename"),
        "Denied (NoPermission: object vim.VirtualMachine:vm-12, privilegeId VirtualMachine.Config.Rename)",
    ),
    (
        vim.fault.NoPermission(msg="Denied", missingPrivileges=[RIGHTS]),
        "Denied (NoPermission: missingPrivileges vim.VirtualMachine:vm-12 A.B and C.D)",
    ),
    (
        vim.fault.FileNotFound(msg="File [ds] a.vmdk was not found", file="[ds] a.vmdk"),
        "File [ds] a.vmdk was not found (FileNotFound: file [ds] a.vmdk)",
    ),
    (
        vim.fault.DisallowedDiskModeChange(msg="No.", property="virtualDevice.backing.diskMode", deviceIndex=0),
        "No (DisallowedDiskModeChange: property virtualDevice.backing.diskMode, deviceIndex 0)",
    ),
    (
        vim.fault.GenericVmConfigFault(
            msg="Bad",
            reason="r",
            faultMessage=[vmodl.LocalizableMessage(key="k", message="Disk 'x' is odd.")],
        ),
        "Bad: Disk 'x' is odd (GenericVmConfigFault: reason r)",
    ),
    (
        vim.fault.SnapshotIncompatibleDeviceInVm(msg="A", fault=vim.fault.RDMNotSupported(msg="B", device="sdb")),
        "A (SnapshotIncompatibleDeviceInVm: fault B (RDMNotSupported: device sdb))",
    ),
    (
        vmodl.fault.SystemError(msg="A", reason="R", faultCause=vim.fault.Timedout(msg="slow")),
        "A: because: slow (SystemError: reason R)",
    ),
    (
        vim.fault.Timedout(msg="Slow.", faultMessage=[vmodl.LocalizableMessage(key="k", message="Slow")]),
        "Slow (Timedout)",
    ),
    (vim.fault.VimFault(), "refused by the host (VimFault)"),
    (faults.UnreachableError("esx1:443: refused"), "esx1:443: refused"),
]


@pytest.mark.parametrize(("fault", "text"), TEXTS, ids=[type(fault).__name__ for fault, _ in TEXTS])
def test_the_text_has_vspheres_words_and_the_fields(fault, text):
    assert faults.describe(fault) == text


def test_translated_says_what_was_being_done_and_keeps_the_cause():
    fault = vim.fault.DuplicateName(msg="The name 'web' already exists.", name="web", object=VM)
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot define web"):
        raise fault
    assert str(caught.value) == (
        "domain already exists: cannot define web: The name 'web' already exists (DuplicateName: name web, "
        "object vim.VirtualMachine:vm-12); choose another name"
    )
    assert caught.value.__cause__ is fault


def test_an_error_of_libvirt_passes_untouched():
    other = errors.error(libvirt.VIR_ERR_XML_ERROR, "x")
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot do it"):
        raise other
    assert caught.value is other


@pytest.mark.parametrize("kind", [AttributeError, TypeError, KeyError, IndexError, ValueError, OverflowError])
def test_what_an_answer_of_another_shape_raises_is_an_error_of_libvirt(kind):
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot do it"):
        raise kind("x")
    assert caught.value.get_error_code() == libvirt.VIR_ERR_INTERNAL_ERROR
    assert "cannot do it: the host's answer makes no sense here" in str(caught.value)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, RuntimeError, OSError])
def test_what_no_answer_raises_passes_untouched(kind):
    with pytest.raises(kind), faults.translated("cannot do it"):
        raise kind


@pytest.mark.parametrize(
    ("name", "element"), [("guestId", "guestId (or"), ("version", "hardwareVersion"), ("memoryMB", "<memory>")]
)
def test_a_specification_that_the_host_cannot_have_names_the_documents_element(name, element):
    with pytest.raises(libvirt.libvirtError) as caught, faults.translated("cannot define domain 'a'"):
        raise vmodl.fault.InvalidArgument(
            msg="A specified parameter was not correct.", invalidProperty=f"configSpec.{name}"
        )
    assert f"cannot define domain 'a': {element}" in str(caught.value)
