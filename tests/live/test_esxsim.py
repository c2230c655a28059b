"""Esxsim on the wire: sessions, faults on demand, tasks, questions, and the same answers every time."""

import base64
import contextlib
import gc
import gzip
import http.client
import ssl
import threading
import time
import urllib.error
import urllib.request
import zlib
from xml.parsers.expat import ExpatError

import pytest
from pyVim.connect import SmartConnect
from pyVmomi import SoapStubAdapter, vim, vmodl

from tests.live.rig import Rig, finish, unchanged
from tests.sim import Sim, SimError

pytestmark = pytest.mark.live

vpx = pytest.mark.esx(model="vpx")
both = pytest.mark.parametrize("model", ["esx", pytest.param("vpx", marks=vpx)])
Filter = vmodl.query.PropertyCollector


# Pyvmomi closes no connection that broke; the fixture sees to it that this shows in no other test.
def leaves_sockets(test):
    return pytest.mark.filterwarnings("ignore::ResourceWarning")(pytest.mark.usefixtures("_collected")(test))


@pytest.fixture
def _collected():
    yield
    gc.collect()


def filters(kind, *paths, objects):
    properties = Filter.PropertySpec(type=kind, pathSet=list(paths), all=not paths)
    return Filter.FilterSpec(objectSet=[Filter.ObjectSpec(obj=one) for one in objects], propSet=[properties])


@leaves_sockets
def test_a_wrong_password_is_refused(sim):
    context = ssl.create_default_context(cadata=sim.cacert_pem)
    with pytest.raises(vim.fault.InvalidLogin):
        SmartConnect(host=sim.host, port=sim.port, user="root", pwd="wrong", sslContext=context)
    assert sim.sessions() == []


def test_the_content_is_there_before_the_login_and_nothing_else(sim):
    context = ssl.create_default_context(cadata=sim.cacert_pem)
    stub = SoapStubAdapter(sim.host, sim.port, version="vim.version.v8_0_2_0", sslContext=context)
    content = vim.ServiceInstance("ServiceInstance", stub).RetrieveContent()
    assert content.about.apiVersion == "8.0.2.0"
    with pytest.raises(vim.fault.NotAuthenticated):
        content.propertyCollector.RetrieveContents([filters(vim.Folder, "name", objects=[content.rootFolder])])
    with pytest.raises(vim.fault.NotAuthenticated):
        content.viewManager.CreateContainerView(content.rootFolder, recursive=True)
    stub.DropConnections()


def test_sessions_are_counted_and_expire(sim):
    with Rig(sim) as one:
        with Rig(sim):
            assert [session["user"] for session in sim.sessions()] == ["root", "root"]
        assert len(sim.sessions()) == 1
        assert sim.expire_sessions() == 1
        with pytest.raises(vim.fault.NotAuthenticated):
            one.all(vim.VirtualMachine)


@both
def test_pyvmomi_decodes_every_object(rig, model):
    for one in [rig.content.rootFolder, *rig.all(vim.ManagedEntity)]:
        contents = rig.content.propertyCollector.RetrieveContents([filters(type(one), objects=[one])])
        assert contents[0].propSet


@both
def test_pyvmomi_decodes_what_stock_vcsim_spoils(rig, model):
    for vm in rig.all(vim.VirtualMachine):
        assert vm.runtime.connectionState == "connected"
        assert (vm.snapshot is None) == (vm.name != "snap01")
        assert vm.guest
        option = vm.environmentBrowser.QueryConfigOption()
        assert option.version == "vmx-19"
        modes = option.hardwareOptions.virtualDeviceOption[0].backingOption[0].diskMode.choiceInfo
        assert [mode.key for mode in modes] == ["persistent", "independent_persistent", "independent_nonpersistent"]
    descriptors = rig.vm("web01").environmentBrowser.QueryConfigOptionDescriptor()
    assert [one.key for one in descriptors if one.defaultConfigOption] == ["vmx-19"]
    assert rig.all(vim.ComputeResource)[0].environmentBrowser.QueryConfigTarget().numCpus == 32


@both
def test_a_restore_leads_back_to_the_beginning(rig, model):
    before = rig.sim.inventory()
    finish(rig.vm("web01").Destroy_Task())
    assert rig.sim.inventory() != before
    rig.sim.restore()
    assert rig.sim.inventory() == before
    assert rig.sim.calls() == rig.sim.sessions() == []


def seen(sim):
    with Rig(sim) as rig:
        vm = rig.vm("web01")
        task = vm.PowerOnVM_Task()
        now = rig.si.CurrentTime()
        return str([task._moId, task.info, now, vm.config, vm.runtime, vm.summary, vm.snapshot, vm.layoutEx])


@pytest.mark.parametrize("model", ["esx", "vpx"])
def test_every_start_is_the_same(model):
    answers = set()
    for _ in range(2):
        with Sim.start(model, vms=2) as sim:
            answers.add(seen(sim))
            sim.restore()
            answers.add(seen(sim))
    assert len(answers) == 1


def test_pages():
    with Sim.start("vpx", vms=5, page=2) as sim, Rig(sim) as rig:
        vms = rig.all(vim.VirtualMachine)
        collector = rig.content.propertyCollector
        page = collector.RetrievePropertiesEx(
            [filters(vim.VirtualMachine, "name", objects=vms)], Filter.RetrieveOptions()
        )
        names = [one.propSet[0].val for one in page.objects]
        while page.token:
            assert len(page.objects) == 2
            page = collector.ContinueRetrievePropertiesEx(page.token)
            names += [one.propSet[0].val for one in page.objects]
        assert names == [vm.name for vm in vms]
        assert sim.calls().count("ContinueRetrievePropertiesEx") == 6


def test_a_free_licence_only_reads():
    with Sim.start(free_licence=True) as sim, Rig(sim) as rig:
        vm = rig.vm("web01")
        with unchanged(sim), pytest.raises(vim.fault.RestrictedVersion):
            vm.PowerOnVM_Task()


def test_plain_http_and_another_password():
    with Sim.start(tls=False, password="p&<ss", user="admin") as sim:
        assert sim.url.startswith("http://")
        stub = SoapStubAdapter(sim.host, -sim.port, version="vim.version.v7_0")
        content = vim.ServiceInstance("ServiceInstance", stub).RetrieveContent()
        assert content.sessionManager.Login("admin", "p&<ss", None).userName == "admin"
        stub.DropConnections()


def test_the_list_of_calls(rig):
    rig.sim.reset_calls()
    rig.si.CurrentTime()
    rig.si.CurrentTime()
    assert rig.sim.calls() == ["CurrentTime", "CurrentTime"]


def test_a_fault_comes_after_so_many_calls_and_so_many_times(rig):
    rig.sim.fault("CurrentTime", fault="NoPermission", fields={"privilegeId": "System.View"}, skip=1, times=2)
    rig.si.CurrentTime()
    for _ in range(2):
        with pytest.raises(vim.fault.NoPermission) as caught:
            rig.si.CurrentTime()
        assert caught.value.privilegeId == "System.View"
    rig.si.CurrentTime()


def test_a_task_ends_with_a_fault_and_nothing_done(rig):
    vm = rig.vm("web01")
    rig.sim.fault("ReconfigVM_Task", "task", fault="TaskInProgress", message="busy", on=vm._moId)
    task = vm.ReconfigVM_Task(vim.vm.ConfigSpec(annotation="x"))
    assert isinstance(task.info.error, vim.fault.TaskInProgress)
    assert task.info.error.msg == "busy"
    assert vm.config.annotation == "front end"


def test_a_task_that_fails_after_its_work(rig):
    vm = rig.vm("web01")
    rig.sim.fault("ReconfigVM_Task", "task", fault="HostCommunication", execute=True)
    assert vm.ReconfigVM_Task(vim.vm.ConfigSpec(annotation="x")).info.state == "error"
    assert vm.config.annotation == "x"


def test_a_slow_task_is_seen_running_and_keeps_others_out(rig):
    vm = rig.vm("web01")
    rig.sim.fault("PowerOnVM_Task", "slow", seconds=0.3)
    task = vm.PowerOnVM_Task()
    assert (task.info.state, task.info.cancelable) == ("running", True)
    assert task in vm.recentTask
    assert vm.runtime.powerState == "poweredOff"
    with pytest.raises(vim.fault.TaskInProgress) as caught:
        finish(vm.ReconfigVM_Task(vim.vm.ConfigSpec(annotation="x")))
    assert caught.value.task == task
    collector = rig.content.propertyCollector
    collector.CreateFilter(filters(vim.Task, "info.state", "info.progress", objects=[task]), partialUpdates=True)
    version, states = "", []
    while "success" not in states:
        update = collector.WaitForUpdatesEx(version, Filter.WaitOptions(maxWaitSeconds=5))
        version = update.version
        changes = [change for part in update.filterSet for one in part.objectSet for change in one.changeSet]
        states += [change.val for change in changes if change.name == "info.state"]
    assert states == ["running", "success"]
    assert vm.runtime.powerState == "poweredOn"


def test_changes_of_a_machine_are_reported(rig):
    vm = rig.vm("web01")
    collector = rig.content.propertyCollector
    paths = ("name", "runtime.powerState", "config.hardware.device", "snapshot")
    collector.CreateFilter(filters(vim.VirtualMachine, *paths, objects=[vm]), partialUpdates=True)
    version = collector.WaitForUpdatesEx("", Filter.WaitOptions(maxWaitSeconds=1)).version
    finish(vm.PowerOnVM_Task())
    finish(vm.Rename_Task("web02"))
    finish(vm.CreateSnapshot_Task("one", "", memory=False, quiesce=False))
    update = collector.WaitForUpdatesEx(version, Filter.WaitOptions(maxWaitSeconds=5))
    changes = [change for part in update.filterSet for one in part.objectSet for change in one.changeSet]
    reported = {change.name: change.val for change in changes}
    assert set(reported) == set(paths)
    assert (reported["name"], reported["runtime.powerState"]) == ("web02", "poweredOn")
    assert reported["snapshot"].rootSnapshotList[0].name == "one"


def test_a_running_task_is_cancelled(rig):
    vm = rig.vm("web01")
    rig.sim.fault("PowerOnVM_Task", "slow", seconds=0.2)
    task = vm.PowerOnVM_Task()
    task.CancelTask()
    assert isinstance(task.info.error, vmodl.fault.RequestCanceled)
    time.sleep(0.3)
    assert (task.info.state, vm.runtime.powerState) == ("error", "poweredOff")


def test_a_question_holds_the_task_until_it_is_answered(rig):
    vm = rig.vm("web01")
    rig.sim.question("web01", "moved or copied?", choices=("Cancel", "Moved"))
    task = vm.PowerOnVM_Task()
    question = vm.runtime.question
    assert (task.info.state, question.text) == ("running", "moved or copied?")
    assert [choice.label for choice in question.choice.choiceInfo] == ["Cancel", "Moved"]
    vm.AnswerVM(question.id, question.choice.choiceInfo[1].key)
    assert (task.info.state, vm.runtime.question, vm.runtime.powerState) == ("success", None, "poweredOn")


def test_a_task_with_a_question_is_cancelled(rig):
    vm = rig.vm("web01")
    rig.sim.question(vm._moId)
    task = vm.PowerOnVM_Task()
    with pytest.raises(vmodl.fault.InvalidArgument):
        vm.AnswerVM("nothing", "0")
    task.CancelTask()
    assert (task.info.state, vm.runtime.question, vm.runtime.powerState) == ("error", None, "poweredOff")


@leaves_sockets
@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        ("close-before", http.client.HTTPException),
        ("close-after", http.client.HTTPException),
        ("503", http.client.HTTPException),
        ("garbage", Exception),
        ("expire", vim.fault.NotAuthenticated),
    ],
)
def test_a_broken_answer(rig, kind, raised):
    vm = rig.vm("web01")
    rig.sim.fault("PowerOnVM_Task", kind)
    with pytest.raises(raised):
        vm.PowerOnVM_Task()
    power = next(one for one in rig.sim.inventory()["machines"] if one["name"] == "web01")["power"]
    assert power == ("poweredOn" if kind == "close-after" else "poweredOff")


def test_an_empty_read(rig):
    rig.sim.fault("RetrievePropertiesEx", "empty")
    collector = rig.content.propertyCollector
    wanted = [filters(vim.Folder, "name", objects=[rig.content.rootFolder])]
    assert collector.RetrievePropertiesEx(wanted, Filter.RetrieveOptions()) is None
    assert collector.RetrievePropertiesEx(wanted, Filter.RetrieveOptions()).objects


CONTENT = """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
<RetrieveServiceContent xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this>
</RetrieveServiceContent></soapenv:Body></soapenv:Envelope>"""


def content(sim):
    """Return status and body of an answer, as they are on the wire."""
    context = ssl.create_default_context(cadata=sim.cacert_pem)
    connection = http.client.HTTPSConnection(sim.host, sim.port, context=context)
    with contextlib.closing(connection):
        connection.request("POST", "/sdk", CONTENT)
        answer = connection.getresponse()
        return answer.status, answer.read()


SPOILT = {
    # what the answer to RetrieveServiceContent becomes
    "blank": lambda body: body == b"",
    "garbage": lambda body: body == b"this is not XML <",
    "empty": lambda body: b'<RetrieveServiceContentResponse xmlns="urn:vim25"></' in body,
    "other": lambda body: b'xsi:type="HostDnsConfig"' in body,
    "dtd": lambda body: b"<!DOCTYPE" in body and b"VMware ESXi" in body,
    "large": lambda body: len(body) < 2**20 and len(gzip.decompress(body)) > 144 * 2**20,
}


@pytest.mark.parametrize("kind", SPOILT)
def test_an_answer_is_spoilt(sim, kind):
    sim.fault("*", kind)
    status, body = content(sim)
    assert (status, SPOILT[kind](body)) == (200, True)
    assert b"VMware ESXi" in content(sim)[1]


def test_an_answer_is_damaged_or_cut_off(sim):
    sim.fault("*", "gzip")
    with pytest.raises((zlib.error, gzip.BadGzipFile)):
        gzip.decompress(content(sim)[1])
    sim.fault("*", "cut")
    with pytest.raises(http.client.IncompleteRead):
        content(sim)


def test_every_kind_of_fault_is_explained(sim):
    kinds = sim.fault_kinds()
    assert {*SPOILT, "gzip", "cut", "503", "withheld", "mistyped", "expire", "hang"} <= set(kinds)
    assert all(kinds.values())


@leaves_sockets
def test_a_task_is_known_though_its_answer_is_lost(rig):
    rig.sim.fault("*", "cut", skip=1)
    vm = rig.content.searchIndex.FindByInventoryPath("ha-datacenter/vm/web01")
    with pytest.raises(ExpatError):
        vm.PowerOnVM_Task()
    last = rig.sim.tasks()[-1]
    assert (last["name"], last["on"], last["state"]) == ("PowerOn_Task", vm._moId, "success")
    assert rig.sim.pending_faults() == []


def test_a_property_is_withheld(rig):
    vm = rig.vm("web01")
    wanted = [filters(vim.VirtualMachine, "name", "config.uuid", "config.version", objects=[vm])]
    rig.sim.fault("RetrievePropertiesEx", "withheld", property="config")
    collector = rig.content.propertyCollector
    found = collector.RetrievePropertiesEx(wanted, Filter.RetrieveOptions()).objects[0]
    assert [one.name for one in found.propSet] == ["name"]
    assert [one.path for one in found.missingSet] == ["config.uuid", "config.version"]
    assert isinstance(found.missingSet[0].fault, vim.fault.NoPermission)
    rig.sim.fault("Fetch", "withheld")
    with pytest.raises(vim.fault.NoPermission):
        vm.name  # noqa: B018 - reading it asks the host


def test_a_property_has_another_type(rig):
    rig.sim.fault("RetrievePropertiesEx", "mistyped", property="name")
    wanted = [filters(vim.VirtualMachine, "name", objects=[rig.vm("web01")])]
    found = rig.content.propertyCollector.RetrievePropertiesEx(wanted, Filter.RetrieveOptions()).objects[0]
    assert isinstance(found.propSet[0].val, vim.host.DnsConfig)


def test_an_update_is_withheld(rig):
    vm = rig.vm("web01")
    collector = rig.content.propertyCollector
    collector.CreateFilter(filters(vim.VirtualMachine, "name", "config", objects=[vm]), partialUpdates=True)
    rig.sim.fault("WaitForUpdatesEx", "withheld", property="config")
    first = collector.WaitForUpdatesEx("", Filter.WaitOptions(maxWaitSeconds=1)).filterSet[0].objectSet[0]
    assert [one.name for one in first.changeSet] == ["name"]
    assert [one.path for one in first.missingSet] == ["config"]


def test_a_late_answer(rig):
    rig.sim.fault("CurrentTime", "hang", seconds=0.2)
    start = time.monotonic()
    rig.si.CurrentTime()
    assert time.monotonic() - start > 0.2


@leaves_sockets
def test_a_late_call_does_not_reach_the_next_test(sim):
    context = ssl.create_default_context(cadata=sim.cacert_pem)
    stub = SoapStubAdapter(sim.host, sim.port, version="vim.version.v8_0_2_0", sslContext=context)
    manager = vim.ServiceInstance("ServiceInstance", stub).RetrieveContent().sessionManager
    sim.fault("Login", "hang", seconds=1)

    def log_in():
        with contextlib.suppress(http.client.HTTPException):
            manager.Login(sim.user, sim.password, None)

    login = threading.Thread(target=log_in)
    login.start()
    time.sleep(0.5)
    sim.restore()
    login.join()
    assert sim.sessions() == []
    stub.DropConnections()


def test_what_the_control_api_does_not_know(sim):
    for options in ({"kind": "nothing"}, {"fault": "NoSuchFault"}, {"kind": "task", "fault": "VirtualDisk"}):
        with pytest.raises(SimError):
            sim.fault("CurrentTime", **options)
    with pytest.raises(SimError):
        sim.question("nobody")


def test_the_datastore_browser_finds_disks(rig):
    flags = vim.host.DatastoreBrowser.VmDiskQuery.Details(
        diskType=True, capacityKb=True, hardwareVersion=False, controllerType=False, diskExtents=False, thin=True
    )
    query = vim.host.DatastoreBrowser.VmDiskQuery(details=flags)
    spec = vim.host.DatastoreBrowser.SearchSpec(query=[query], matchPattern=["spare-2.vmdk", "rdm-3.vmdk"])
    browser = next(one for one in rig.all(vim.Datastore) if one.name == "datastore1").browser
    found = finish(browser.SearchDatastore_Task("[datastore1] spare", spec))
    assert [(one.path, one.capacityKb, one.thin) for one in found.file] == [
        ("rdm-3.vmdk", 40 << 20, False),
        ("spare-2.vmdk", 8 << 20, True),
    ]
    assert len(finish(browser.SearchDatastoreSubFolders_Task("[datastore1]", spec))) > 5
    with pytest.raises(vim.fault.FileNotFound):
        finish(browser.SearchDatastore_Task("[datastore1] nowhere", spec))


@both
def test_machines_are_found(rig, model):
    index = rig.content.searchIndex
    vm = rig.vm("web01")
    assert index.FindByUuid(uuid=vm.config.uuid, vmSearch=True) == vm
    assert index.FindByUuid(uuid=vm.config.instanceUuid.upper(), vmSearch=True, instanceUuid=True) == vm
    where = "Lab/DC 1/vm/web01" if rig.sim.model == "vpx" else "ha-datacenter/vm/web01"
    assert index.FindByInventoryPath(where) == vm


def test_autostart_is_kept(rig):
    manager = rig.all(vim.HostSystem)[0].configManager.autoStartManager
    info = vim.host.AutoStartManager.AutoPowerInfo(
        key=rig.vm("web01"), startOrder=-1, startDelay=-1, stopDelay=-1, waitForHeartbeat="systemDefault",
        startAction="powerOn", stopAction="none",
    )  # fmt: skip
    spec = vim.host.AutoStartManager.Config(powerInfo=[info])
    manager.ReconfigureAutostart(spec)
    assert [one.key for one in manager.config.powerInfo] == [rig.vm("web01")]


def transfer(sim, method, path, data=None):
    """Get or put a file of datastore1 by the password, and return what comes."""
    context = ssl.create_default_context(cadata=sim.cacert_pem)
    login = base64.b64encode(f"{sim.user}:{sim.password}".encode()).decode()
    request = urllib.request.Request(
        f"https://{sim.host}:{sim.port}/folder/{path}?dsName=datastore1", data, {"Authorization": f"Basic {login}"},
        method=method,
    )  # fmt: skip
    with urllib.request.urlopen(request, context=context) as answer:
        return answer.read()


def test_files_are_served_to_those_who_may(sim):
    context = ssl.create_default_context(cadata=sim.cacert_pem)
    base = f"https://{sim.host}:{sim.port}/folder/iso/install.iso?dsName=datastore1"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(base, context=context)


def test_what_files_hold_is_of_the_inventory(sim):
    path = "web01/web01.vmdk"
    old = transfer(sim, "GET", path)
    transfer(sim, "PUT", path, old)
    before = sim.inventory()
    transfer(sim, "PUT", path, old.replace(b"CID=f", b"CID=e"))
    assert len(old) == len(transfer(sim, "GET", path))
    assert sim.inventory() != before


@leaves_sockets
@pytest.mark.parametrize("kind", ["close-before", "half", "close-after"])
def test_a_transfer_goes_wrong_and_the_calls_around_it_do_not(sim, kind):
    sim.fault("/folder", kind)
    assert b"VMware ESXi" in content(sim)[1]
    with pytest.raises(http.client.RemoteDisconnected):
        transfer(sim, "PUT", "notes.txt", b"one, two")
    kept = {"close-before": None, "half": b"one,", "close-after": b"one, two"}[kind]
    if kept is None:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            transfer(sim, "GET", "notes.txt")
    else:
        assert transfer(sim, "GET", "notes.txt") == kept
