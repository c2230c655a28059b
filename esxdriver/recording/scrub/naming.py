"""Which elements give something its name, by the schema: tables, and how to read them."""

import re
from itertools import islice

from lxml import etree

from esxdriver.recording.scrub.secrets import label, local, sibling, type_of

# Where snapshots have their names and descriptions.
SNAPSHOTS = ("rootSnapshotList", "childSnapshotList", "CreateSnapshot_Task", "CreateSnapshotEx_Task", "RenameSnapshot")
# The object or structure whose "name" it is -> what it names.
_OWNERS = {
    "VirtualMachine": "vm",
    "VirtualMachineConfigInfo": "vm",
    "VirtualMachineConfigSpec": "vm",
    "VirtualMachineConfigSummary": "vm",
    "VirtualMachineSummary": "vm",
    "CreateVM_Task": "vm",
    "CloneVM_Task": "vm",
    "HostSystem": "host",
    "ComputeResource": "host",
    "HostListSummary": "host",
    "HostConfigSummary": "host",
    "Datastore": "datastore",
    "StoragePod": "datastore",
    "DatastoreSummary": "datastore",
    "HostNasVolume": "datastore",
    "HostVmfsVolume": "datastore",
    "nas": "datastore",
    "vmfs": "datastore",
    "DatastoreInfo": "datastore",
    "LocalDatastoreInfo": "datastore",
    "NasDatastoreInfo": "datastore",
    "VmfsDatastoreInfo": "datastore",
    "VirtualMachineConfigInfoDatastoreUrlPair": "datastore",
    "Network": "network",
    "OpaqueNetwork": "network",
    "DistributedVirtualPortgroup": "network",
    "NetworkSummary": "network",
    "OpaqueNetworkSummary": "network",
    "DVPortgroupConfigInfo": "network",
    "DistributedVirtualSwitch": "switch",
    "VmwareDistributedVirtualSwitch": "switch",
    "DVSConfigInfo": "switch",
    "VMwareDVSConfigInfo": "switch",
    "HostVirtualSwitch": "switch",
    "HostPortGroup": "network",
    "HostPortGroupSpec": "network",
    "portgrp": "network",
    "Datacenter": "datacenter",
    "Folder": "folder",
    "ClusterComputeResource": "cluster",
    "ResourcePool": "pool",
    "VirtualApp": "pool",
    "CustomFieldDef": "field",
    "availableField": "field",
    **dict.fromkeys(SNAPSHOTS, "snapshot"),
}
_NAME_PROPERTIES = {"name", "config.name", "info.name", "summary.name", "summary.config.name"}
_NAME_PLACES = {"config", "info", "summary", "spec", "val", "datastoreUrl"}
# Values whose own name tells what they name.
_TELLING = {
    "hostName": "host",
    "remoteHost": "host",
    "remoteHostNames": "host",
    "iScsiAlias": "host",
    "remotePath": "export",
    "diskPath": "mount",
    "pipeName": "file",
    "entityName": "vm",
    "snapshotName": "snapshot",
    "domainName": "domain",
    "searchDomain": "domain",
    "vmName": "vm",
    "datastoreName": "datastore",
    "networkName": "network",
    "portgroupName": "network",
    "pgName": "network",
    "vswitchName": "switch",
    "userName": "user",
    "username": "user",
    "principal": "user",
}
# The same for a name that tells it in one structure alone: (type or name of the owner, name).
_OWNED = {
    ("VirtualEthernetCardNetworkBackingInfo", "deviceName"): "network",
    ("VirtualEthernetCardLegacyNetworkBackingInfo", "deviceName"): "network",
    ("GuestNicInfo", "network"): "network",
    ("net", "network"): "network",
    ("HostNtpConfig", "server"): "host",
    ("ntpConfig", "server"): "host",
    ("file", "owner"): "user",
}
# Names that are the same on every site.
_KEPT_NAMES = frozenset(
    (
        "root", "localhost", "scrubbed", "vpxuser", "dcui", "vm", "host", "datastore", "network", "Datacenters",
        "ha-datacenter", "ha-folder-root", "Resources", "Discovered virtual machine", "VM Network",
        "Management Network", "vSwitch0", "check off", "check running", "check memory", "check quiesced",
        # of files and directories, and what files' names end with
        "iso", "isos", "images", "vmimages", "tools-isoimages", "floppies", "log", "logs", "vmware", "vmx", "vmdk",
        # where guests mount something
        "/", "/boot", "/boot/efi", "/home", "/opt", "/srv", "/usr", "/var", "/var/log",
    )
)  # fmt: skip
_DRIVE = re.compile(r"[A-Z]:\\")
_PATH = re.compile(r"\[([^\[\]]{1,255})\] ?(.*)", re.DOTALL)
_OF_MACHINE = re.compile(
    r"(?:.*/)?([^/]+)/([^/]+?)(?:_\d+)?(?:-\d{6})?(?:-(?:flat|delta|ctk|sesparse|rdmp?))?\.(?:vmx|vmdk)"
)
_VOLUME = re.compile(r"(?:ds://)?/vmfs/volumes/([^/]{1,255})/")
_HOST_OF_URL = re.compile(r"[a-z][a-z0-9+.-]{0,20}://([^/:@?#\[\]]{2,255})")
_OF_EXPORT = re.compile(r"([^:/\[\]]{1,255}):(/.{1,1000})")
_EXPORT = re.compile(r"\Anetfs://[^/]+/(/.*?)/?\Z")
_URLS = {"url", "serviceURI", "proxyURI"}
_STEM = re.compile(r"([^/]+?)(?:_\d+)?(?:-\d{6})?(?:-(?:flat|delta|ctk|sesparse|rdmp?))?(?:\.[0-9A-Za-z]{1,8})?")


def names_given(element: etree._Element) -> list[tuple[str, str]]:
    """Return what a leaf element names: (what it is, its name) each."""
    text = element.text or ""
    if sort := sort_of(element):
        return [(sort, text)] if is_a_name(text) else []
    return [(sort, name) for sort, name in _within(element, text) if is_a_name(name)]


def _within(element: etree._Element, text: str) -> list[tuple[str, str]]:
    """Return the names in a path or a URL, by the element that it is in."""
    above = element.getparent()
    if (export := of_export(element)) is not None:
        return [("host", export[1]), ("export", export[2])]
    if label(element) in _URLS and (url := _HOST_OF_URL.match(text)):
        return [("host", url[1]), *(("export", path) for path in _EXPORT.findall(text))]
    if label(element) == "path" and above is not None and local(above) == "file":
        return _of_files(text)
    return _in_path(text)


def of_export(element: etree._Element) -> re.Match[str] | None:
    """Return the parts of a reference to an ESX host's NFS datastore, which is called by its server and directory."""
    return _OF_EXPORT.fullmatch(element.text or "") if element.get("type") == "Datastore" else None


def is_a_name(text: str) -> bool:
    """Whether a text may be a name of something of the site."""
    return bool(text.strip()) and text not in _KEPT_NAMES and not _DRIVE.fullmatch(text)


def _in_path(text: str) -> list[tuple[str, str]]:
    """Return the names in a path of a machine's file: its datastore, its directory, and the file's own."""
    if volume := _VOLUME.match(text):
        return [("datastore", volume[1])]
    path = _PATH.fullmatch(text)
    if path is None:
        return []
    found = [("datastore", path[1])]
    if machine := _OF_MACHINE.fullmatch(path[2][:1000]):
        found += [("vm", machine[1]), ("vm", machine[2])]
    return found + _of_files(path[2][:1000])


def _of_files(path: str) -> list[tuple[str, str]]:
    """Return what the directories of a path are called, and its file without what its name ends with."""
    *directories, last = path.split("/")
    stem = _STEM.fullmatch(last)
    return [("file", name) for name in (*directories, stem[1] if stem else "") if name]


def sort_of(element: etree._Element) -> str | None:
    """Return what an element names by where it stands, or None."""
    name = label(element)
    if sort := _TELLING.get(name):
        return sort
    if name == "name":
        return None if names_property(element) else _named_sort(element)
    above = element.getparent()
    if above is None:
        return None
    return _OWNED.get((type_of(above), name)) or _OWNED.get((local(above), name))


def _named_sort(element: etree._Element) -> str | None:
    """Return what an element labelled "name" names."""
    above = element.getparent()
    if above is None:
        return None
    if local(element) == "val":
        return _OWNERS.get(_object_type(above)) if sibling(element, "name") in _NAME_PROPERTIES else None
    if local(above) not in _NAME_PLACES | _OWNERS.keys():
        return None
    over = above.getparent()
    owners = (type_of(above), local(above), *(() if over is None else (type_of(over), local(over))))
    if local(above) == "datastoreUrl":
        return "datastore"
    return next((_OWNERS[owner] for owner in owners if owner in _OWNERS), None) or _by_object(above)


def _by_object(element: etree._Element) -> str | None:
    """Return what a name in this element names, by the object whose property it is in.

    ``config`` and ``spec`` in a call about a machine are the machine's.
    """
    for ancestor in (element, *element.iterancestors()):
        if local(ancestor) in ("propSet", "changeSet"):
            return _OWNERS.get(_object_type(ancestor))
    return "vm" if local(element) in ("config", "spec") and _in_machine_call(element) else None


def _in_machine_call(element: etree._Element) -> bool:
    above = element.getparent()
    return above is not None and local(above) in ("CreateVM_Task", "ReconfigVM_Task", "CloneVM_Task")


def _object_type(property_set: etree._Element) -> str:
    above = property_set.getparent()
    before = () if above is None else islice(above, 2)  # an update has its kind before the object
    return next((other.get("type", "") for other in before if local(other) == "obj"), "")


def names_property(element: etree._Element) -> bool:
    """Whether an element has the path of a property, which is the API's and nobody else's."""
    above = element.getparent()
    return local(element) == "name" and above is not None and local(above) in ("propSet", "changeSet", "missingSet")
