"""Which operations may be asked again when an answer is lost or a session has expired.

Names are those of the WSDL; whatever is not listed here changes something on the host, or is taken to.
"""

# Operations (their WSDL names) that leave the host as it is and do not depend on an earlier call: repeatable.
READS = frozenset({
    "CheckCustomizationSpec", "CreateContainerView", "CreateFilter", "CreatePropertyCollector", "CurrentTime",
    "Fetch", "FetchDVPortKeys", "FetchDVPorts", "FetchUserPrivilegeOnEntities", "FindAllByDnsName", "FindAllByIp",
    "FindAllByUuid", "FindByDatastorePath", "FindByDnsName", "FindByInventoryPath", "FindByIp", "FindByUuid",
    "FindChild", "HasPrivilegeOnEntities", "HasUserPrivilegeOnEntities", "QueryAssignedLicenses",
    "QueryAvailablePerfMetric", "QueryChangedDiskAreas", "QueryConfigOption", "QueryConfigOptionDescriptor",
    "QueryConfigOptionEx", "QueryConfigTarget", "QueryConnectionInfo", "QueryDateTime", "QueryDescriptions",
    "QueryEvents", "QueryHostConnectionInfo", "QueryMemoryOverhead", "QueryMemoryOverheadEx", "QueryNetworkHint",
    "QueryOptions", "QueryPerf", "QueryPerfComposite", "QueryPerfCounter", "QueryPerfProviderSummary",
    "QueryPnicStatus", "QueryResourceConfigOption", "QueryVirtualDiskFragmentation", "QueryVirtualDiskGeometry",
    "QueryVirtualDiskUuid", "QueryVnicStatus", "RetrieveAllPermissions", "RetrieveDescription",
    "RetrieveDiskPartitionInfo", "RetrieveEntityPermissions", "RetrieveEntityScheduledTask",
    "RetrieveHardwareUptime", "RetrieveObjectScheduledTask", "RetrieveProperties", "RetrievePropertiesEx",
    "SessionIsActive", "ValidateMigration",
})  # fmt: skip
# They leave the host as it is too, but go on from an earlier call of the same session: whoever made it starts anew.
CONTINUED = frozenset({
    "CancelRetrievePropertiesEx", "CancelWaitForUpdates", "CheckForUpdates", "ContinueRetrievePropertiesEx",
    "DestroyPropertyCollector", "DestroyPropertyFilter", "DestroyView", "ReadNextEvents", "ReadPreviousEvents",
    "WaitForUpdates", "WaitForUpdatesEx",
})  # fmt: skip
# The operations that open and end a session, and the one before it.
WITHOUT_SESSION = frozenset({"RetrieveServiceContent", "Login", "Logout"})
