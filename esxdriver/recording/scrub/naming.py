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
    **dict.fromkeys(SNAPSHOTS, "snapshot"),
}
_NAME_PROPERTIES = {"name", "config.name", "info.name", "summary.name", "summary.config.name"}
_NAME_PLACES = {"config", "info", "summary", "spec", "val", "datastoreUrl"}
# Values whose own name tells what they name.
_TELLING = {
    "hostName": "host",
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
}
# Names that are the same on every site.
_KEPT_NAMES = frozenset(
    (
        "root", "localhost", "scrubbed", "vpxuser", "dcui", "vm", "host", "datastore", "network", "Datacenters",
        "ha-datacenter", "ha-folder-root", "Resources", "Discovered virtual machine", "VM Network",
        "Management Network", "vSwitch0", "check off", "check running", "check memory", "check quiesced",
    )
)  # fmt: skip
_PATH = re.compile(r"\[([^\[\]]{1,255})\] ?(.*)", re.DOTALL)
_OF_MACHINE = re.compile(
    r"(?:.*/)?([^/]+)/([^/]+?)(?:_\d+)?(?:-\d{6})?(?:-(?:flat|delta|ctk|sesparse|rdmp?))?\.(?:vmx|vmdk)"
)
_VOLUME = re.compile(r"(?:ds://)?/vmfs/volumes/([^/]{1,255})/")


def names_given(element: etree._Element) -> list[tuple[str, str]]:
    """Return what a leaf element names: (what it is, its name) each."""
    text = element.text or ""
    if sort := sort_of(element):
        return [(sort, text)] if is_a_name(text) else []
    return [(sort, name) for sort, name in _in_path(text) if is_a_name(name)]


def is_a_name(text: str) -> bool:
    """Whether a text may be a name of something of the site."""
    return bool(text.strip()) and text not in _KEPT_NAMES


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
    return found


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
