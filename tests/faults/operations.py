"""What the driver does, one row each: how it is prepared, and the call that meets the fault."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import libvirt

import esxdriver
from esxdriver.driver import diskmodes
from tests.conf.documents import domain
from tests.live.rig import Rig, finish

DISK = (
    "<disk type='file' device='disk' snapshot='no' persistent='yes'><source file='[datastore1] spare/spare-1.vmdk'/>"
    "<target dev='sda' bus='scsi'/></disk>"
)
EMPTY = "<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/></disk>"
NEW = domain(DISK).replace("web01", "new01")
SIZE = "<esxdriver:disk xmlns:esxdriver='urn:x-esxdriver:domain:1' target='sda' capacity='64' unit='MiB'/>"
BLANK = NEW.replace("spare/spare-1", "new/new").replace(
    "<os>",
    f"<metadata><esxdriver:domain xmlns:esxdriver='urn:x-esxdriver:domain:1'>{SIZE}</esxdriver:domain></metadata><os>",
)
ATTACHED = DISK.replace("sda", "sdf")
ATTACHED_BLANK = ATTACHED.replace("spare/spare-1", "web01/new").replace("</disk>", f"{SIZE}</disk>")
FIRST_DISK = DISK.replace("spare/spare-1", "web01/web01").replace("snapshot='no' ", "")
VOLUME = "<volume><name>spare/{}.vmdk</name><capacity unit='MiB'>64</capacity></volume>"
SNAPSHOT = "<domainsnapshot><name>{}</name></domainsnapshot>"
PORTGROUP = "<portgroup name='{}'><vlan><tag id='{}'/></vlan></portgroup>"
NETWORK = f"<network><name>lab</name><forward mode='bridge' dev='vmnic2'/>{PORTGROUP.format('web', 42)}</network>"
VMX = '.encoding = "UTF-8"\nconfig.version = "8"\nvirtualHW.version = "19"\ndisplayName = "x"\nguestOS = "other"\n'


@dataclass(frozen=True)
class Operation:
    """``prepare`` takes a connection and the simulator, and returns the call that is tried."""

    name: str
    prepare: Callable
    changes: bool = False


def _of(domain_name, method, *arguments):
    """Prepare a call of a domain's method."""
    return lambda conn, _: partial(getattr(conn.lookupByName(domain_name), method), *arguments)


def _managed(domain_name, method, *arguments):
    """Prepare the same where suspension is a managed save."""

    def prepare(conn, sim):
        conn.backend.uri = replace(conn.backend.uri, managed_save=True)
        return _of(domain_name, method, *arguments)(conn, sim)

    return prepare


def _pool(method, *arguments):
    return lambda conn, _: partial(getattr(conn.storagePoolLookupByName("datastore1"), method), *arguments)


def _volume(method, *arguments):
    return lambda conn, _: partial(getattr(_spare(conn.storagePoolLookupByName("datastore1")), method), *arguments)


def _spare(pool):
    return pool.storageVolLookupByName("spare/spare-2.vmdk")


def _copy(conn):
    pool = conn.storagePoolLookupByName("datastore1")
    return partial(pool.createXMLFrom, VOLUME.format("copy"), _spare(pool))


def _network(method, *arguments):
    return lambda conn, _: partial(getattr(conn.networkLookupByName("vSwitch1"), method), *arguments)


def _network_edited(conn, _):
    conn.networkDefineXML(NETWORK)
    return partial(conn.networkDefineXML, NETWORK.replace("web", "www").replace(" dev='vmnic2'", ""))


def _network_removed(conn, _):
    return conn.networkDefineXML(NETWORK).undefine


def _edited(*edit):
    return lambda conn, _: partial(conn.defineXML, conn.lookupByName("web01").XMLDesc().replace(*edit, 1))


def _registered(conn, _):
    conn.lookupByName("web01").undefine()
    return partial(conn.registerDomain, "[datastore1] web01/web01.vmx")


def _defined_again(conn, _):
    text = conn.lookupByName("web01").XMLDesc().replace(">front end<", ">changed<", 1)
    conn.lookupByName("web01").undefine()
    return partial(conn.defineXML, text)


def _snapshot(method, *arguments):
    return lambda conn, _: partial(getattr(conn.lookupByName("snap01").snapshotCurrent(), method), *arguments)


def _family(conn, sim, *flags):
    """Give a snapshot three children, and prepare a call of its method ``delete``."""
    with Rig(sim) as rig:
        vm = rig.vm("snap01")
        root = vm.snapshot.rootSnapshotList[0].snapshot
        for name in ("first child", "second child", "third child"):
            finish(root.RevertToSnapshot_Task())
            finish(vm.CreateSnapshot_Task(name, "", memory=False, quiesce=False))
    return partial(conn.lookupByName("snap01").snapshotLookupByName("before upgrade").delete, *flags)


def _revert(conn, _):
    found = conn.lookupByName("snap01")
    return partial(found.revertToSnapshot, found.snapshotCurrent())


def _reader(read):
    """Prepare what reads with a connection and returns plain values."""
    return lambda conn, _: partial(read, conn)


def _names(conn):
    return [each.name() for each in conn.listAllDomains()]


def _stats(conn):
    return [(each.name(), values) for each, values in conn.getAllDomainStats(0)]


def _dumps(conn):
    return [text for _, text in conn.getAllXMLDesc()]


def _lookup(method, argument):
    return _reader(lambda conn: getattr(conn, method)(argument(conn)).name())


def _uuid(conn):
    return conn.lookupByName("web01").UUIDString()


def _id(conn):
    return next(iter(conn.listDomainsID()), 1)  # an answer without a domain is an answer


_ONLY_CHILDREN = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN_ONLY
_CHILDREN = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN
_CONFIG = libvirt.VIR_DOMAIN_AFFECT_CONFIG

CHANGES = [
    Operation(name, prepare, changes=True)
    for name, prepare in {
        "define new": lambda conn, _: partial(conn.defineXML, NEW),
        "define edit": _edited(">front end<", ">changed<"),
        "define mode": _edited("snapshot='yes' persistent='yes'", "snapshot='no' persistent='yes'"),
        "define and start": lambda conn, _: partial(conn.createXML, NEW),
        "destroy a transient domain": lambda conn, _: conn.createXML(NEW).destroy,
        "define a transient domain": lambda conn, _: partial(conn.defineXML, conn.createXML(NEW).XMLDesc()),
        "define new with its disk": lambda conn, _: partial(conn.defineXML, BLANK),
        "attach a new disk": _of("web01", "attachDeviceFlags", ATTACHED_BLANK, _CONFIG),
        "attach a disk": _of("web01", "attachDeviceFlags", ATTACHED, _CONFIG),
        "detach a disk": _of("web01", "detachDeviceFlags", FIRST_DISK, _CONFIG),
        "update a disk": _of(
            "web01", "updateDeviceFlags", FIRST_DISK.replace(" persistent", " snapshot='no' persistent"), _CONFIG
        ),
        "resize a disk": _of("web01", "blockResize", "sda", 32 << 30, libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES),
        "set the title": _of("web01", "setMetadata", libvirt.VIR_DOMAIN_METADATA_TITLE, "new", None, None, 0),
        "set autostart": _of("web01", "setAutostart", 1),
        "make a volume": _pool("createXML", VOLUME.format("new")),
        "copy a volume": lambda conn, sim: _copy(conn),
        "grow a volume": _volume("resize", 64 << 30),
        "delete a volume": _volume("delete"),
        "undefine": _of("web01", "undefine"),
        "undefine with its storage": _of("web01", "undefineWithStorage", ["sda"]),
        "define a network": lambda conn, _: partial(conn.networkDefineXML, NETWORK),
        "edit a network": _network_edited,
        "undefine a network": _network_removed,
        "add a port group": _network(
            "update",
            libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST,
            libvirt.VIR_NETWORK_SECTION_PORTGROUP,
            -1,
            PORTGROUP.format("web", 42),
        ),
        "register": _registered,
        "define again": _defined_again,
        "change a medium": _of("web01", "updateDeviceFlags", EMPTY),
        "set metadata": _of("web01", "setMetadata", 0, "changed", None, None),
        "start": _of("web01", "create"),
        "shutdown": _of("db01", "shutdown"),
        "destroy": _of("db01", "destroy"),
        "reboot": _of("db01", "reboot"),
        "reset": _of("db01", "reset"),
        "suspend": _of("db01", "suspend"),
        "resume": _of("susp01", "resume"),
        "save": _managed("db01", "managedSave"),
        "remove a saved image": _managed("susp01", "managedSaveRemove"),
        "start without its image": _managed("susp01", "createWithFlags", libvirt.VIR_DOMAIN_START_FORCE_BOOT),
        "undefine with its image": _managed("susp01", "undefineFlags", libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE),
        "clone": lambda conn, _: partial(esxdriver.clone, conn.lookupByName("web01"), "web02"),
        "send keys": _of("db01", "sendKey", libvirt.VIR_KEYCODE_SET_LINUX, 0, [29, 56, 111], 3),
        "set memory": _of("web01", "setMemoryFlags", 1 << 20, _CONFIG),
        "set shares": _of("web01", "setSchedulerParametersFlags", {"shares": -3, "limit": 2000}),
        "set memory limits": _of("web01", "setMemoryParameters", {"hard_limit": 1 << 20, "min_guarantee": 1 << 19}),
        "set vcpus": _of("web01", "setVcpusFlags", 1, _CONFIG),
        "rename": _of("web01", "rename", "web02"),
        "snapshot create": _of("web01", "snapshotCreateXML", SNAPSHOT.format("one")),
        "snapshot revert": _revert,
        "snapshot delete": _snapshot("delete"),
        "snapshot delete with children": lambda conn, sim: _family(conn, sim, _CHILDREN),
        "snapshot delete children": lambda conn, sim: _family(conn, sim, _ONLY_CHILDREN),
    }.items()
]

READS = [
    Operation(name, prepare)
    for name, prepare in {
        "list": _reader(_names),
        "dump": _of("web01", "XMLDesc"),
        "dump all": _reader(_dumps),
        "domstats": _reader(_stats),
        "diskmodes": _reader(diskmodes.of_connection),
        "diskmodes of one": lambda conn, _: partial(diskmodes.of_domain, conn.lookupByName("web01")),
        "lookup by name": _lookup("lookupByName", lambda _: "web01"),
        "lookup by UUID": _lookup("lookupByUUIDString", _uuid),
        "lookup by ID": _lookup("lookupByID", _id),
        "state": _of("web01", "state"),
        "info": _of("web01", "info"),
        "networks": _reader(lambda conn: conn.listNetworks()),
        "dump a network": _network("XMLDesc"),
        "interfaces": _reader(lambda conn: [each.name() for each in conn.listAllInterfaces()]),
        "snapshot list": _of("snap01", "snapshotListNames"),
        "snapshot dump": _snapshot("getXMLDesc"),
        "snapshot preview": _of("web01", "snapshotPreviewXML", SNAPSHOT.format("one")),
        "delete preview": _snapshot("deletePreview"),
        "from native": _reader(lambda conn: conn.domainXMLFromNative("vmware-vmx", VMX)),
        "to native": lambda conn, _: partial(
            conn.domainXMLToNative, "vmware-vmx", conn.lookupByName("web01").XMLDesc()
        ),
        "node info": _reader(lambda conn: conn.getInfo()),
        "host name": _reader(lambda conn: conn.getHostname()),
        "capabilities": _reader(lambda conn: conn.getCapabilities()),
        "most vcpus": _reader(lambda conn: conn.getMaxVcpus()),
        "screenshot": _reader(lambda conn: conn.lookupByName("db01").screenshot(conn.newStream(), 0)),
        "shares": _of("web01", "schedulerParametersFlags"),
        "memory limits": _of("web01", "memoryParameters"),
        "alive": _reader(lambda conn: conn.isAlive()),
    }.items()
]
