"""What libvirt's own ESX driver answers, as tables: each of its methods in Python, and each of virsh's commands on it.

Source: the tables of functions in libvirt 9.0's src/esx/esx_driver.c, esx_network_driver.c, esx_interface_driver.c,
esx_storage_driver.c and esx_storage_backend_*.c, and what virsh calls for each command. A row has what to call, and
what comes back: a value, a shape, or the code of a refusal. Where it is other than that driver's on purpose, ``differs``
says how, and why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libvirt

UUID = "97a43ce7-31e1-441d-aa90-5291c6c4de6a"  # web01's
POOL, VOLUME = "datastore1", "[datastore1] web01/web01.vmdk"


@dataclass(frozen=True)
class Code:
    """A refusal with this code."""

    code: int


@dataclass(frozen=True)
class Row:
    """A method of a class of libvirt-python's: ``call`` gets a connection. ``shape`` is a type, or a list of types."""

    name: str
    call: Callable[[Any], Any]
    shape: Any
    differs: str = ""


def web(conn):
    return conn.lookupByName("web01")


def db(conn):
    return conn.lookupByName("db01")


def snap(conn):
    return conn.lookupByName("snap01")


def pool(conn):
    return conn.storagePoolLookupByName(POOL)


def volume(conn):
    return conn.storageVolLookupByPath(VOLUME)


def switch(conn):
    return conn.networkLookupByName(conn.listNetworks()[0])


def nic(conn):
    return conn.interfaceLookupByName(conn.listInterfaces()[0])


def taken(conn):
    return snap(conn).snapshotCurrent()


NEW = """<domain type='vmware'><name>new01</name><memory unit='MiB'>64</memory><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><source file='[datastore1] spare/spare-3.vmdk'/><target dev='sda' bus='scsi'/></disk>
</devices></domain>"""
SNAPSHOT = "<domainsnapshot><name>s1</name></domainsnapshot>"
NETWORK = """<network><name>vSwitch7</name><portgroup name='PG7'/></network>"""
DISK = """<volume type='file'><name>parity/{}.vmdk</name><capacity unit='MiB'>8</capacity><allocation>0</allocation>
<target><format type='vmdk'/></target></volume>"""
VMX = 'config.version = "8"\nvirtualHW.version = "19"\ndisplayName = "n"\nmemsize = "64"\nguestOS = "other"\n'

CONNECTION = [
    Row("getType", lambda c: c.getType(), "ESX"),
    Row("getVersion", lambda c: c.getVersion(), 8000002),
    Row("getLibVersion", lambda c: c.getLibVersion(), int),
    Row("getURI", lambda c: c.getURI(), str),
    Row("getHostname", lambda c: c.getHostname(), "esx1.example.test"),
    Row("getInfo", lambda c: c.getInfo(), [str, int, int, int, int, int, int, int]),
    Row("getFreeMemory", lambda c: c.getFreeMemory(), int),
    Row("getCapabilities", lambda c: c.getCapabilities(), str),
    Row("isAlive", lambda c: c.isAlive(), 1, "it is 0 when the session has ended; the C driver always says 1"),
    Row("isEncrypted", lambda c: c.isEncrypted(), 1),
    Row("isSecure", lambda c: c.isSecure(), 1),
    Row(
        "listDomainsID",
        lambda c: sorted(c.listDomainsID()),
        [int, int],
        "a suspended domain is active, as isActive() says",
    ),
    Row("numOfDomains", lambda c: c.numOfDomains(), 2, "as listDomainsID"),
    Row(
        "listDefinedDomains", lambda c: sorted(c.listDefinedDomains()), ["old01", "snap01", "web01"], "as listDomainsID"
    ),
    Row("numOfDefinedDomains", lambda c: c.numOfDefinedDomains(), 3, "as listDomainsID"),
    Row("listAllDomains", lambda c: len(c.listAllDomains(0)), 5),
    Row("lookupByID", lambda c: c.lookupByID(2).name(), "db01"),
    Row("lookupByName", lambda c: c.lookupByName("web01").name(), "web01"),
    Row("lookupByName", lambda c: c.lookupByName("nobody"), Code(libvirt.VIR_ERR_NO_DOMAIN)),
    Row(
        "lookupByUUIDString",
        lambda c: c.lookupByUUIDString(UUID).name(),
        "web01",
        "the instance's UUID, as 12.4 has it",
    ),
    Row("lookupByUUID", lambda c: c.lookupByUUID(web(c).UUID()).name(), "web01"),
    Row("domainXMLFromNative", lambda c: c.domainXMLFromNative("vmware-vmx", VMX, 0), str),
    Row("domainXMLFromNative", lambda c: c.domainXMLFromNative("qemu-argv", VMX, 0), Code(libvirt.VIR_ERR_INVALID_ARG)),
    Row("domainXMLToNative", lambda c: c.domainXMLToNative("vmware-vmx", NEW, 0), str),
    Row("listNetworks", lambda c: c.listNetworks(), list),
    Row("numOfNetworks", lambda c: c.numOfNetworks(), int),
    Row("listDefinedNetworks", lambda c: c.listDefinedNetworks(), []),
    Row("numOfDefinedNetworks", lambda c: c.numOfDefinedNetworks(), 0),
    Row("listAllNetworks", lambda c: c.listAllNetworks(0), list),
    Row("networkLookupByName", lambda c: switch(c).name(), str),
    Row("networkLookupByName", lambda c: c.networkLookupByName("nowhere"), Code(libvirt.VIR_ERR_NO_NETWORK)),
    Row("networkLookupByUUIDString", lambda c: c.networkLookupByUUIDString(switch(c).UUIDString()).name(), str),
    Row("networkLookupByUUID", lambda c: c.networkLookupByUUID(switch(c).UUID()).name(), str),
    Row("listInterfaces", lambda c: c.listInterfaces(), list),
    Row("numOfInterfaces", lambda c: c.numOfInterfaces(), int),
    Row("listDefinedInterfaces", lambda c: c.listDefinedInterfaces(), []),
    Row("numOfDefinedInterfaces", lambda c: c.numOfDefinedInterfaces(), 0),
    Row("interfaceLookupByName", lambda c: nic(c).name(), str, "the C driver finds none by its name"),
    Row("interfaceLookupByMACString", lambda c: c.interfaceLookupByMACString(nic(c).MACString()).name(), str),
    Row("listStoragePools", lambda c: c.listStoragePools(), list),
    Row("numOfStoragePools", lambda c: c.numOfStoragePools(), int),
    Row("listDefinedStoragePools", lambda c: c.listDefinedStoragePools(), []),
    Row("numOfDefinedStoragePools", lambda c: c.numOfDefinedStoragePools(), 0),
    Row("storagePoolLookupByName", lambda c: pool(c).name(), POOL),
    Row("storagePoolLookupByName", lambda c: c.storagePoolLookupByName("x"), Code(libvirt.VIR_ERR_NO_STORAGE_POOL)),
    Row("storagePoolLookupByUUIDString", lambda c: c.storagePoolLookupByUUIDString(pool(c).UUIDString()).name(), POOL),
    Row("storagePoolLookupByUUID", lambda c: c.storagePoolLookupByUUID(pool(c).UUID()).name(), POOL),
    Row("storageVolLookupByPath", lambda c: volume(c).path(), VOLUME),
    Row("storageVolLookupByKey", lambda c: c.storageVolLookupByKey(volume(c).key()).path(), VOLUME),
]

DOMAIN = [
    Row("name", lambda c: web(c).name(), "web01"),
    Row("ID", lambda c: [web(c).ID(), db(c).ID()], [-1, 2]),
    Row("UUIDString", lambda c: web(c).UUIDString(), UUID),
    Row("OSType", lambda c: web(c).OSType(), "hvm"),
    Row("info", lambda c: web(c).info(), [5, 2097152, 2097152, 2, 0]),
    Row("state", lambda c: web(c).state(0), [5, 0]),
    Row("isActive", lambda c: [web(c).isActive(), db(c).isActive()], [0, 1]),
    Row("isPersistent", lambda c: web(c).isPersistent(), 1),
    Row("isUpdated", lambda c: web(c).isUpdated(), 0),
    Row("hasManagedSaveImage", lambda c: web(c).hasManagedSaveImage(0), 0),
    Row("maxMemory", lambda c: web(c).maxMemory(), 2097152),
    Row("maxVcpus", lambda c: web(c).maxVcpus(), int),
    Row(
        "vcpusFlags",
        lambda c: web(c).vcpusFlags(0),
        2,
        "the domain's own number; the C driver says what its host takes",
    ),
    Row("memoryParameters", lambda c: web(c).memoryParameters(0), dict, "the C driver cannot from 9.0 on: INVALID_ARG"),
    Row("schedulerType", lambda c: web(c).schedulerType(), ("allocation", 3)),
    Row("schedulerParameters", lambda c: sorted(web(c).schedulerParameters()), ["limit", "reservation", "shares"]),
    Row(
        "schedulerParametersFlags",
        lambda c: sorted(web(c).schedulerParametersFlags(0)),
        ["limit", "reservation", "shares"],
        "the C driver cannot from 9.0 on: INVALID_ARG",
    ),
    Row("autostart", lambda c: web(c).autostart(), 0),
    Row("XMLDesc", lambda c: web(c).XMLDesc(0), str),
    Row("XMLDesc", lambda c: web(c).XMLDesc(1 << 20), Code(libvirt.VIR_ERR_INVALID_ARG)),
    Row("hostname", lambda c: web(c).hostname(0), Code(libvirt.VIR_ERR_OPERATION_INVALID)),
    Row("interfaceAddresses", lambda c: web(c).interfaceAddresses(1, 0), Code(libvirt.VIR_ERR_OPERATION_INVALID)),
    Row("snapshotNum", lambda c: snap(c).snapshotNum(0), 1),
    Row("snapshotListNames", lambda c: snap(c).snapshotListNames(0), ["before upgrade"]),
    Row(
        "snapshotLookupByName", lambda c: snap(c).snapshotLookupByName("before upgrade", 0).getName(), "before upgrade"
    ),
    Row(
        "snapshotLookupByName", lambda c: snap(c).snapshotLookupByName("x", 0), Code(libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT)
    ),
    Row("hasCurrentSnapshot", lambda c: [web(c).hasCurrentSnapshot(0), snap(c).hasCurrentSnapshot(0)], [0, 1]),
    Row("snapshotCurrent", lambda c: taken(c).getName(), "before upgrade"),
]

OTHERS = [
    Row("DomainSnapshot.getName", lambda c: taken(c).getName(), "before upgrade"),
    Row("DomainSnapshot.getXMLDesc", lambda c: taken(c).getXMLDesc(0), str),
    Row("DomainSnapshot.numChildren", lambda c: taken(c).numChildren(0), 0),
    Row("DomainSnapshot.listChildrenNames", lambda c: taken(c).listChildrenNames(0), []),
    Row("DomainSnapshot.getParent", lambda c: taken(c).getParent(0), Code(libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT)),
    Row("DomainSnapshot.isCurrent", lambda c: taken(c).isCurrent(0), 1),
    Row("DomainSnapshot.hasMetadata", lambda c: taken(c).hasMetadata(0), 0),
    Row("Network.XMLDesc", lambda c: switch(c).XMLDesc(0), str),
    Row("Network.autostart", lambda c: switch(c).autostart(), 1),
    Row("Network.isActive", lambda c: switch(c).isActive(), 1),
    Row("Network.isPersistent", lambda c: switch(c).isPersistent(), 1),
    Row("Interface.XMLDesc", lambda c: nic(c).XMLDesc(0), str),
    Row("Interface.isActive", lambda c: nic(c).isActive(), 1),
    Row("StoragePool.info", lambda c: pool(c).info(), [int, int, int, int]),
    Row("StoragePool.XMLDesc", lambda c: pool(c).XMLDesc(0), str),
    Row("StoragePool.autostart", lambda c: pool(c).autostart(), 1),
    Row("StoragePool.isActive", lambda c: pool(c).isActive(), 1),
    Row("StoragePool.isPersistent", lambda c: pool(c).isPersistent(), 1),
    Row("StoragePool.numOfVolumes", lambda c: pool(c).numOfVolumes(), int),
    Row("StoragePool.listVolumes", lambda c: pool(c).listVolumes(), list),
    Row(
        "StoragePool.storageVolLookupByName",
        lambda c: pool(c).storageVolLookupByName("web01/web01.vmdk").path(),
        VOLUME,
    ),
    Row("StorageVol.name", lambda c: volume(c).name(), "web01/web01.vmdk"),
    Row("StorageVol.info", lambda c: volume(c).info(), [int, int, int]),
    Row("StorageVol.XMLDesc", lambda c: volume(c).XMLDesc(0), str),
    Row("StorageVol.path", lambda c: volume(c).path(), VOLUME),
    Row("StorageVol.storagePoolLookupByVolume", lambda c: volume(c).storagePoolLookupByVolume().name(), POOL),
]


def screenshot(conn):
    stream = conn.newStream(0)
    kind = db(conn).screenshot(stream, 0, 0)
    start = stream.recv(8)
    stream.abort()
    return [kind, start]


CHANGES = [
    Row("defineXML", lambda c: c.defineXML(NEW).name(), "new01"),
    Row("defineXML", lambda c: c.defineXML(web(c).XMLDesc(0)).name(), "web01", "it edits; the C driver refuses what exists"),
    Row("defineXMLFlags", lambda c: c.defineXMLFlags(NEW, 0).name(), "new01"),
    Row("createXML", lambda c: c.createXML(NEW).isPersistent(), 0, "the C driver has none: a transient domain"),
    Row("Domain.create", lambda c: web(c).create(), 0),
    Row("Domain.create", lambda c: db(c).create(), Code(libvirt.VIR_ERR_OPERATION_INVALID)),
    Row("Domain.createWithFlags", lambda c: web(c).createWithFlags(0), 0),
    Row("Domain.suspend", lambda c: db(c).suspend(), 0),
    Row("Domain.suspend", lambda c: web(c).suspend(), Code(libvirt.VIR_ERR_OPERATION_INVALID)),
    Row("Domain.resume", lambda c: c.lookupByName("susp01").resume(), 0),
    Row("Domain.shutdown", lambda c: db(c).shutdown(), 0),
    Row("Domain.shutdownFlags", lambda c: db(c).shutdownFlags(0), 0),
    Row("Domain.reboot", lambda c: db(c).reboot(0), 0),
    Row("Domain.destroy", lambda c: db(c).destroy(), 0),
    Row("Domain.destroy", lambda c: web(c).destroy(), Code(libvirt.VIR_ERR_OPERATION_INVALID)),
    Row("Domain.destroyFlags", lambda c: c.lookupByName("susp01").destroyFlags(0), 0, "the C driver refuses a suspended one"),
    Row("Domain.undefine", lambda c: web(c).undefine(), 0),
    Row("Domain.undefine", lambda c: db(c).undefine(), Code(libvirt.VIR_ERR_OPERATION_INVALID)),
    Row("Domain.undefineFlags", lambda c: snap(c).undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA), 0),
    Row("Domain.setMaxMemory", lambda c: web(c).setMaxMemory(4194304), 0),
    Row("Domain.setMemory", lambda c: web(c).setMemory(1048576), 0),
    Row("Domain.setMemoryFlags", lambda c: web(c).setMemoryFlags(1048576, 0), 0),
    Row("Domain.setMemoryParameters", lambda c: web(c).setMemoryParameters({"min_guarantee": 65536}, 0), 0,
        "the C driver cannot from 9.0 on: INVALID_ARG"),
    Row("Domain.setVcpus", lambda c: web(c).setVcpus(1), 0),
    Row("Domain.setVcpusFlags", lambda c: web(c).setVcpusFlags(1, 0), 0),
    Row("Domain.setSchedulerParameters", lambda c: web(c).setSchedulerParameters({"shares": 500}), 0),
    Row("Domain.setSchedulerParametersFlags", lambda c: web(c).setSchedulerParametersFlags({"shares": 500}, 0), 0),
    Row("Domain.setAutostart", lambda c: web(c).setAutostart(1), 0),
    Row("Domain.screenshot", screenshot, ["image/png", b"\x89PNG\r\n\x1a\n"]),
    Row("Domain.migrate", lambda c: db(c).migrate(c, 0, None, None, 0), Code(libvirt.VIR_ERR_OPERATION_UNSUPPORTED),
        "a host alone: the C driver needs a vCenter, too"),
    Row("Domain.snapshotCreateXML", lambda c: web(c).snapshotCreateXML(SNAPSHOT, 0).getName(), "s1"),
    Row("Domain.revertToSnapshot", lambda c: snap(c).revertToSnapshot(taken(c), 0), 0),
    Row("DomainSnapshot.delete", lambda c: taken(c).delete(0), 0),
    Row("networkDefineXML", lambda c: c.networkDefineXML(NETWORK).name(), "vSwitch7"),
    Row("networkDefineXMLFlags", lambda c: c.networkDefineXMLFlags(NETWORK, 0).name(), "vSwitch7"),
    Row("Network.undefine", lambda c: c.networkDefineXML(NETWORK).undefine(), 0),
    Row("Network.setAutostart", lambda c: switch(c).setAutostart(1), 0),
    Row("StoragePool.refresh", lambda c: pool(c).refresh(0), 0),
    Row("StoragePool.setAutostart", lambda c: pool(c).setAutostart(1), 0),
    Row("StoragePool.createXML", lambda c: pool(c).createXML(DISK.format("one"), 0).name(), "parity/one.vmdk"),
    Row("StoragePool.createXMLFrom", lambda c: pool(c).createXMLFrom(DISK.format("two"), volume(c), 0).name(),
        "parity/two.vmdk"),
    Row("StorageVol.delete", lambda c: c.storageVolLookupByPath("[datastore1] spare/spare-9.vmdk").delete(0), 0),
    Row("StorageVol.wipe", lambda c: c.storageVolLookupByPath("[datastore1] spare/spare-9.vmdk").wipe(0), 0),
    Row("close", lambda c: c.close(), 0),
]  # fmt: skip

# What is typed, and what it must show; a number is that it must fail with.
COMMANDS = [
    ("autostart web01", "marked as autostarted"), ("capabilities", "<capabilities>"),
    ("define {new}", "Domain 'new01' defined"), ("destroy db01", "Domain 'db01' destroyed"),
    ("domblklist web01", "[datastore1] web01/web01.vmdk"), ("domhostname db01", "db01"), ("domid db01", "2"),
    ("domifaddr db01", "Protocol"), ("domiflist web01", "VM Network"), ("dominfo web01", "Max memory:"),
    ("domname 2", "db01"), ("domstate db01", "running"), ("domuuid web01", UUID),
    ("domxml-from-native vmware-vmx {vmx}", "<domain type='vmware'>"),
    ("domxml-to-native vmware-vmx --domain web01", "displayName"), ("dumpxml web01", "persistent='yes'"),
    ("freecell", "Total:"), ("hostname", "esx1.example.test"), ("iface-list", "vmnic0"),
    ("iface-dumpxml vmnic0", "<interface"), ("iface-mac vmnic0", ":"), ("iface-name {mac}", "vmnic0"),
    ("list --all", "web01"), ("memtune web01", "min_guarantee"), ("migrate db01 {uri}", 1),
    ("net-list", "vSwitch0"), ("net-autostart vSwitch0", "autostarted"), ("net-define {network}", "vSwitch7"),
    ("net-dumpxml vSwitch0", "<network"), ("net-info vSwitch0", "Active:"), ("net-name {net}", "vSwitch0"),
    ("net-undefine vSwitch0", 1), ("net-uuid vSwitch0", "-"), ("nodeinfo", "CPU model:"),
    ("pool-autostart datastore1", "marked as autostarted"), ("pool-dumpxml datastore1", "<pool"),
    ("pool-info datastore1", "Capacity:"), ("pool-list", "datastore1"), ("pool-name {pool}", "datastore1"),
    ("pool-refresh datastore1", "refreshed"), ("pool-uuid datastore1", "-"), ("reboot db01", "is being rebooted"),
    ("resume susp01", "resumed"), ("schedinfo web01", "shares"), ("screenshot db01 {png}", "image/png"),
    ("setmaxmem web01 4G", ""), ("setmem web01 1G --config", ""), ("setvcpus web01 1 --config", ""),
    ("shutdown db01", "is being shutdown"), ("snapshot-create web01", "Domain snapshot"),
    ("snapshot-create-as web01 s1", "Domain snapshot s1 created"), ("snapshot-current snap01 --name", "before upgrade"),
    ("snapshot-delete snap01 --current", "deleted"), ("snapshot-dumpxml snap01 'before upgrade'", "<domainsnapshot>"),
    ("snapshot-info snap01 --current", "State:"), ("snapshot-list snap01", "before upgrade"),
    ("snapshot-parent snap01 --current", 1), ("snapshot-revert snap01 --current", ""), ("start web01", "started"),
    ("suspend db01", "suspended"), ("undefine web01", "has been undefined"), ("uri", "esx://"),
    ("vcpucount web01", "maximum"), ("version", "Running hypervisor: ESX 8.0.2"),
    ("vol-clone --pool datastore1 spare/spare-1.vmdk spare/copy.vmdk", "cloned"),
    ("vol-create datastore1 {volume}", "parity/one.vmdk"),
    ("vol-create-as datastore1 parity/two.vmdk 8M --format vmdk", "parity/two.vmdk"),
    ("vol-create-from datastore1 {volume} --inputpool datastore1 spare/spare-1.vmdk", "parity/one.vmdk"),
    ("vol-delete '[datastore1] spare/spare-9.vmdk'", "deleted"), ("vol-dumpxml '{disk}'", "<volume"),
    ("vol-info '{disk}'", "Capacity:"), ("vol-key '{disk}'", "-"), ("vol-list datastore1", "web01/web01.vmdk"),
    ("vol-name '{disk}'", "web01/web01.vmdk"), ("vol-path --pool datastore1 web01/web01.vmdk", "[datastore1]"),
    ("vol-pool '{disk}'", "datastore1"), ("vol-wipe '[datastore1] spare/spare-9.vmdk'", "wiped"),
    ("vncdisplay web01", 1), ("domdisplay web01", 1),
]  # fmt: skip
