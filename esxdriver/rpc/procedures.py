"""Which method of libvirt-python's objects answers which procedure: one row each.

A procedure whose first argument refers to an object is a method of that object, any other one of the connection.
The other arguments are passed in their order, but for those that only say how much room the client has.
The result becomes the reply by the reply's fields (see :mod:`esxdriver.rpc.replies`), unless the row says otherwise.
Sources: https://libvirt.org/html/ for the functions, libvirt-python's classes for the methods' results.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from esxdriver.rpc import special

NO_ANSWER = object()


@dataclass(frozen=True)
class Row:
    """How a procedure is answered.

    ``method`` is the name of the method. ``reply`` makes the reply's values of the result and the arguments.
    ``empty`` is the result where a driver has no such method, for what is empty by its nature. ``perform`` does
    the whole call instead. ``stream`` says that the method takes a stream in front of its other arguments.
    """

    method: str = ""
    reply: Callable[[Any, Any], Any] | None = None
    empty: Any = NO_ANSWER
    perform: Callable[..., Any] | None = None
    stream: bool = False


def _rows(methods: dict[str, str]) -> dict[str, Row]:
    return {name: Row(method) for name, method in methods.items()}


_PLAIN = _rows(
    {
        # the connection and its host
        "connect_get_type": "getType",
        "connect_get_version": "getVersion",
        "connect_get_lib_version": "getLibVersion",
        "connect_get_hostname": "getHostname",
        "connect_get_max_vcpus": "getMaxVcpus",
        "connect_get_capabilities": "getCapabilities",
        "connect_get_domain_capabilities": "getDomainCapabilities",
        "connect_get_storage_pool_capabilities": "getStoragePoolCapabilities",
        "connect_get_cpu_model_names": "getCPUModelNames",
        "connect_get_sysinfo": "getSysinfo",
        "connect_is_secure": "isSecure",
        "connect_domain_xml_from_native": "domainXMLFromNative",
        "connect_domain_xml_to_native": "domainXMLToNative",
        "node_get_free_memory": "getFreeMemory",
        # domains: which there are
        "connect_num_of_domains": "numOfDomains",
        "connect_list_domains": "listDomainsID",
        "connect_num_of_defined_domains": "numOfDefinedDomains",
        "connect_list_defined_domains": "listDefinedDomains",
        "connect_list_all_domains": "listAllDomains",
        "domain_lookup_by_id": "lookupByID",
        "domain_lookup_by_name": "lookupByName",
        "domain_lookup_by_uuid": "lookupByUUID",
        # what they are
        "domain_get_os_type": "OSType",
        "domain_get_info": "info",
        "domain_get_state": "state",
        "domain_get_xml_desc": "XMLDesc",
        "domain_get_max_memory": "maxMemory",
        "domain_get_max_vcpus": "maxVcpus",
        "domain_get_vcpus_flags": "vcpusFlags",
        "domain_get_autostart": "autostart",
        "domain_get_control_info": "controlInfo",
        "domain_get_metadata": "metadata",
        "domain_get_scheduler_type": "schedulerType",
        "domain_is_active": "isActive",
        "domain_is_persistent": "isPersistent",
        "domain_is_updated": "isUpdated",
        "domain_has_managed_save_image": "hasManagedSaveImage",
        # what is done to them
        "domain_create": "create",
        "domain_create_xml": "createXML",
        "domain_define_xml": "defineXML",
        "domain_define_xml_flags": "defineXMLFlags",
        "domain_undefine": "undefine",
        "domain_undefine_flags": "undefineFlags",
        "domain_shutdown": "shutdown",
        "domain_shutdown_flags": "shutdownFlags",
        "domain_reboot": "reboot",
        "domain_reset": "reset",
        "domain_destroy": "destroy",
        "domain_destroy_flags": "destroyFlags",
        "domain_suspend": "suspend",
        "domain_resume": "resume",
        "domain_managed_save": "managedSave",
        "domain_managed_save_remove": "managedSaveRemove",
        "domain_pm_suspend_for_duration": "pMSuspendForDuration",
        "domain_abort_job": "abortJob",
        "domain_inject_nmi": "injectNMI",
        "domain_rename": "rename",
        "domain_set_autostart": "setAutostart",
        "domain_set_max_memory": "setMaxMemory",
        "domain_set_memory": "setMemory",
        "domain_set_memory_flags": "setMemoryFlags",
        "domain_set_memory_stats_period": "setMemoryStatsPeriod",
        "domain_set_vcpus": "setVcpus",
        "domain_set_vcpus_flags": "setVcpusFlags",
        "domain_set_metadata": "setMetadata",
        "domain_set_memory_parameters": "setMemoryParameters",
        "domain_set_scheduler_parameters": "setSchedulerParameters",
        "domain_set_scheduler_parameters_flags": "setSchedulerParametersFlags",
        "domain_attach_device": "attachDevice",
        "domain_attach_device_flags": "attachDeviceFlags",
        "domain_detach_device": "detachDevice",
        "domain_detach_device_flags": "detachDeviceFlags",
        "domain_detach_device_alias": "detachDeviceAlias",
        "domain_update_device_flags": "updateDeviceFlags",
        "domain_block_resize": "blockResize",
        # figures
        "domain_block_stats": "blockStats",
        "domain_block_stats_flags": "blockStatsFlags",
        "domain_interface_stats": "interfaceStats",
        "domain_get_job_info": "jobInfo",
        "domain_get_memory_parameters": "memoryParameters",
        "domain_get_scheduler_parameters": "schedulerParameters",
        "domain_get_scheduler_parameters_flags": "schedulerParametersFlags",
        "domain_get_blkio_parameters": "blkioParameters",
        "domain_get_block_io_tune": "blockIoTune",
        "domain_get_numa_parameters": "numaParameters",
        "domain_get_interface_parameters": "interfaceParameters",
        "domain_get_perf_events": "perfEvents",
        # guests
        "domain_get_hostname": "hostname",
        "domain_get_guest_info": "guestInfo",
        "domain_get_guest_vcpus": "guestVcpus",
        "domain_set_user_password": "setUserPassword",
        # snapshots
        "domain_snapshot_create_xml": "snapshotCreateXML",
        "domain_snapshot_num": "snapshotNum",
        "domain_snapshot_list_names": "snapshotListNames",
        "domain_list_all_snapshots": "listAllSnapshots",
        "domain_snapshot_lookup_by_name": "snapshotLookupByName",
        "domain_has_current_snapshot": "hasCurrentSnapshot",
        "domain_snapshot_current": "snapshotCurrent",
        "domain_snapshot_get_xml_desc": "getXMLDesc",
        "domain_snapshot_get_parent": "getParent",
        "domain_snapshot_num_children": "numChildren",
        "domain_snapshot_list_children_names": "listChildrenNames",
        "domain_snapshot_list_all_children": "listAllChildren",
        "domain_snapshot_is_current": "isCurrent",
        "domain_snapshot_has_metadata": "hasMetadata",
        "domain_snapshot_delete": "delete",
        # networks
        "connect_num_of_networks": "numOfNetworks",
        "connect_list_networks": "listNetworks",
        "connect_num_of_defined_networks": "numOfDefinedNetworks",
        "connect_list_defined_networks": "listDefinedNetworks",
        "connect_list_all_networks": "listAllNetworks",
        "network_lookup_by_name": "networkLookupByName",
        "network_lookup_by_uuid": "networkLookupByUUID",
        "network_get_xml_desc": "XMLDesc",
        "network_get_autostart": "autostart",
        "network_get_bridge_name": "bridgeName",
        "network_is_active": "isActive",
        "network_is_persistent": "isPersistent",
        "network_get_metadata": "metadata",
        "network_create": "create",
        "network_define_xml": "networkDefineXML",
        "network_define_xml_flags": "networkDefineXMLFlags",
        "network_destroy": "destroy",
        "network_undefine": "undefine",
        "network_set_autostart": "setAutostart",
        "network_update": "update",
        # host interfaces
        "connect_num_of_interfaces": "numOfInterfaces",
        "connect_list_interfaces": "listInterfaces",
        "connect_num_of_defined_interfaces": "numOfDefinedInterfaces",
        "connect_list_defined_interfaces": "listDefinedInterfaces",
        "connect_list_all_interfaces": "listAllInterfaces",
        "interface_lookup_by_name": "interfaceLookupByName",
        "interface_lookup_by_mac_string": "interfaceLookupByMACString",
        "interface_get_xml_desc": "XMLDesc",
        "interface_is_active": "isActive",
        # storage pools
        "connect_num_of_storage_pools": "numOfStoragePools",
        "connect_list_storage_pools": "listStoragePools",
        "connect_num_of_defined_storage_pools": "numOfDefinedStoragePools",
        "connect_list_defined_storage_pools": "listDefinedStoragePools",
        "connect_list_all_storage_pools": "listAllStoragePools",
        "connect_find_storage_pool_sources": "findStoragePoolSources",
        "storage_pool_lookup_by_name": "storagePoolLookupByName",
        "storage_pool_lookup_by_uuid": "storagePoolLookupByUUID",
        "storage_pool_lookup_by_target_path": "storagePoolLookupByTargetPath",
        "storage_pool_get_info": "info",
        "storage_pool_get_xml_desc": "XMLDesc",
        "storage_pool_get_autostart": "autostart",
        "storage_pool_is_active": "isActive",
        "storage_pool_is_persistent": "isPersistent",
        "storage_pool_num_of_volumes": "numOfVolumes",
        "storage_pool_list_volumes": "listVolumes",
        "storage_pool_create_xml": "storagePoolCreateXML",
        "storage_pool_define_xml": "storagePoolDefineXML",
        "storage_pool_create": "create",
        "storage_pool_build": "build",
        "storage_pool_destroy": "destroy",
        "storage_pool_delete": "delete",
        "storage_pool_undefine": "undefine",
        "storage_pool_refresh": "refresh",
        "storage_pool_set_autostart": "setAutostart",
        # volumes
        "storage_pool_lookup_by_volume": "storagePoolLookupByVolume",
        "storage_vol_lookup_by_name": "storageVolLookupByName",
        "storage_vol_lookup_by_key": "storageVolLookupByKey",
        "storage_vol_lookup_by_path": "storageVolLookupByPath",
        "storage_vol_create_xml": "createXML",
        "storage_vol_create_xml_from": "createXMLFrom",
        "storage_vol_delete": "delete",
        "storage_vol_get_info": "info",
        "storage_vol_get_info_flags": "infoFlags",
        "storage_vol_get_xml_desc": "XMLDesc",
        "storage_vol_get_path": "path",
        "storage_vol_resize": "resize",
        "storage_vol_wipe": "wipe",
        "storage_vol_wipe_pattern": "wipePattern",
    }
)

# A node device is named, not referred to.
_DEVICES = {
    "node_num_of_devices": Row("numOfDevices"),
    "node_list_devices": Row("listDevices"),
    "connect_list_all_node_devices": Row("listAllDevices"),
    "node_device_lookup_by_name": Row("nodeDeviceLookupByName"),
    "node_device_get_xml_desc": Row(perform=special.node_device("XMLDesc", "flags")),
    "node_device_get_parent": Row(perform=special.node_device("parent")),
    "node_device_num_of_caps": Row(perform=special.node_device("numOfCaps")),
    "node_device_get_autostart": Row(perform=special.node_device("autostart")),
    "node_device_is_active": Row(perform=special.node_device("isActive")),
    "node_device_is_persistent": Row(perform=special.node_device("isPersistent")),
    "node_device_list_caps": Row(perform=special.node_device_caps),
}

# What no vSphere host has; a client asks for it all the same, and fails as a whole when it is refused.
_EMPTY = {
    "connect_num_of_secrets": Row("numOfSecrets", empty=0),
    "connect_list_secrets": Row("listSecrets", empty=()),
    "connect_list_all_secrets": Row("listAllSecrets", empty=()),
    "connect_num_of_nwfilters": Row("numOfNWFilters", empty=0),
    "connect_list_nwfilters": Row("listNWFilters", empty=()),
    "connect_list_all_nwfilters": Row("listAllNWFilters", empty=()),
    "connect_list_all_nwfilter_bindings": Row("listAllNWFilterBindings", empty=()),
    "domain_list_all_checkpoints": Row("listAllCheckpoints", empty=()),
    "domain_get_messages": Row("messages", empty=()),
    "domain_get_disk_errors": Row("diskErrors", special.disk_errors, empty={}),
    "network_get_dhcp_leases": Row("DHCPLeases", special.leases, empty=()),
    "network_list_all_ports": Row("listAllPorts", empty=()),
}

_SPECIAL = {
    "node_get_info": Row("getInfo", special.node_info),
    "node_get_security_model": Row("getSecurityModel", special.security_model),
    "node_get_cells_free_memory": Row("getCellsFreeMemory"),
    "node_get_cpu_map": Row("getCPUMap", special.cpu_map),
    "node_get_cpu_stats": Row("getCPUStats", special.node_figures),
    "node_get_memory_stats": Row("getMemoryStats", special.node_figures),
    "connect_get_all_domain_stats": Row(perform=special.all_domain_stats),
    "domain_create_with_flags": Row(perform=special.create),
    "domain_revert_to_snapshot": Row(perform=special.revert),
    "domain_send_key": Row(perform=special.send_key),
    "domain_migrate_perform": Row(perform=special.migrate),
    "domain_get_vcpus": Row("vcpus", special.vcpus),
    "domain_get_vcpu_pin_info": Row("vcpuPinInfo", special.vcpu_pins),
    "domain_get_emulator_pin_info": Row("emulatorPinInfo", special.emulator_pins),
    "domain_get_cpu_stats": Row(perform=special.cpu_stats),
    "domain_memory_stats": Row(perform=special.memory_stats),
    "domain_get_block_info": Row("blockInfo", special.block_info),
    "domain_get_job_stats": Row("jobStats", special.job_stats),
    "domain_get_security_label": Row("securityLabel", special.security_label),
    "domain_get_security_label_list": Row("securityLabelList", special.security_labels),
    "domain_get_time": Row("getTime", special.time),
    "domain_get_fsinfo": Row("fsInfo", special.filesystems),
    "domain_interface_addresses": Row("interfaceAddresses", special.interface_addresses),
    "storage_pool_list_all_volumes": Row(perform=special.volumes),
    "domain_screenshot": Row("screenshot", stream=True),
    "storage_vol_download": Row("download", stream=True),
    "storage_vol_upload": Row("upload", stream=True),
}

ROWS: dict[str, Row] = _PLAIN | _DEVICES | _EMPTY | _SPECIAL
