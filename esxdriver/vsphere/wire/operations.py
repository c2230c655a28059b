"""What each operation of the API does to the host, in one table: sessions and recordings both go by it.

1. A read leaves the host as it is and depends on no earlier call: it may be asked again when its answer is lost.
2. A single call leaves the host as it is, too, but makes, moves or uses something that lives with the session (a view,
   a page, a ticket, a task that only looks): whoever made it starts anew.
3. Calls about the session itself open it, end it or set how it speaks.
4. Whatever is listed nowhere is a change: it is asked once, and what becomes of it is always reported.

Names are those of the WSDL. Source: vSphere Web Services API, the methods of all managed objects.
"""

# Rule 1.
READS = frozenset({
    "BrowseDiagnosticLog", "CheckCustomizationResources", "CheckCustomizationSpec", "CheckLicenseFeature",
    "CreateContainerView", "CreateFilter", "CreatePropertyCollector", "CurrentTime", "EstimateDatabaseSize",
    "Fetch", "FetchAuditRecords", "FetchDVPortKeys", "FetchDVPorts", "FetchSystemEventLog",
    "FetchUserPrivilegeOnEntities", "FindAllByDnsName", "FindAllByIp", "FindAllByUuid", "FindAssociatedProfile",
    "FindByDatastorePath", "FindByDnsName", "FindByInventoryPath", "FindByIp", "FindByUuid", "FindChild",
    "FindExtension", "FindRulesForVm", "GetAlarm", "GetAlarmState", "GetCryptoKeyStatus", "GetCustomizationSpec",
    "GetDefaultKmsCluster", "GetIOTripAnalyzerSchedulerConfig", "GetMaintenanceModePolicy", "GetPublicKey",
    "GetResourceUsage", "GetSiteInfo", "GetSystemVMsRestrictedDatastores", "GetVchaClusterHealth",
    "GetVpcNetworkSpan", "GetVsanObjExtAttrs", "GetVsanPerfDiagnosisResult", "GetVsanVumConfig",
    "HasMonitoredEntity", "HasPrivilegeOnEntities", "HasPrivilegeOnEntity", "HasProvider",
    "HasUserPrivilegeOnEntities", "ListCACertificateRevocationLists", "ListCACertificates", "ListGuestAliases",
    "ListGuestMappedAliases", "ListKeys", "ListKmipServers", "ListKmsClusters", "ListSmartCardTrustAnchors",
    "ListTagsAttachedToVStorageObject", "ListVStorageObject", "ListVStorageObjectsAttachedToTag", "QueryAboutInfo",
    "QueryActiveAlarm", "QueryAgency", "QueryAgent", "QueryAnswerFileStatus", "QueryArray",
    "QueryArrayAssociatedWithLun", "QueryAssignedLicenses", "QueryAssociatedBackingStoragePool",
    "QueryAvailableDisksForVmfs", "QueryAvailableDvsSpec", "QueryAvailablePartition", "QueryAvailablePerfMetric",
    "QueryAvailableSsds", "QueryAvailableTimeZones", "QueryBootDevices", "QueryBoundVnics", "QueryCandidateNics",
    "QueryChangedDiskAreas", "QueryClusterDataEfficiencyCapacityState", "QueryClusterPowerContext", "QueryCmmds",
    "QueryCompatibleHostForExistingDvs", "QueryCompatibleHostForNewDvs", "QueryCompatibleVmnicsFromHosts",
    "QueryComplianceStatus", "QueryConfig", "QueryConfigOption", "QueryConfigOptionDescriptor",
    "QueryConfigOptionEx", "QueryConfigTarget", "QueryConfiguredModuleOptionString", "QueryConnectionInfo",
    "QueryConnectionInfoViaSpec", "QueryConnections", "QueryCryptoKeyStatus", "QueryDatastoreBackingPoolMapping",
    "QueryDatastoreCapability", "QueryDatastorePerformanceSummary", "QueryDateTime", "QueryDescriptions",
    "QueryDirectoryInfo", "QueryDiskMappings", "QueryDisksForVsan", "QueryDisksUsingFilter",
    "QueryDrsMigrationCapabilityForPerformance", "QueryDrsMigrationCapabilityForPerformanceEx", "QueryDvsByUuid",
    "QueryDvsCheckCompatibility", "QueryDvsCompatibleHostSpec", "QueryDvsConfigTarget", "QueryDvsFeatureCapability",
    "QueryEvents", "QueryExpressionMetadata", "QueryExtensionIpAllocationUsage", "QueryFaultDomain",
    "QueryFaultToleranceCompatibility", "QueryFaultToleranceCompatibilityEx", "QueryFileLockInfo",
    "QueryFileSystemAssociatedWithArray", "QueryFilterEntities", "QueryFilterInfoIds", "QueryFilterList",
    "QueryFilterName", "QueryFirmwareConfigUploadURL", "QueryHealthUpdateInfos", "QueryHealthUpdates",
    "QueryHostAssociatedWithLun", "QueryHostConnectionInfo", "QueryHostProfileMetadata", "QueryHostStatus",
    "QueryHostsWithAttachedLun", "QueryIODiagnosticsInstances", "QueryIODiagnosticsStats", "QueryIORMConfigOption",
    "QueryIPAllocations", "QueryIoFilterInfo", "QueryIoFilterIssues", "QueryIoInsightInstances", "QueryIpPools",
    "QueryIssue", "QueryLicenseSourceAvailability", "QueryLicenseUsage", "QueryLockdownExceptions",
    "QueryLunAssociatedWithArray", "QueryLunAssociatedWithPort", "QueryManagedBy", "QueryMaxQueueDepth",
    "QueryMemoryOverhead", "QueryMemoryOverheadEx", "QueryMigrationDependencies", "QueryModules",
    "QueryMonitoredEntities", "QueryNFSUser", "QueryNetConfig", "QueryNetworkHint",
    "QueryNfsDatastoreAssociatedWithFileSystem", "QueryObjectsOnPhysicalVsanDisk", "QueryOptions",
    "QueryPartitionCreateDesc", "QueryPartitionCreateOptions", "QueryPathSelectionPolicyOptions", "QueryPerf",
    "QueryPerfComposite", "QueryPerfCounter", "QueryPerfCounterByLevel", "QueryPerfProviderSummary",
    "QueryPhysicalVsanDisks", "QueryPnicStatus", "QueryPointInTimeReplica", "QueryPolicyMetadata",
    "QueryPortAssociatedWithArray", "QueryPortAssociatedWithLun", "QueryPortAssociatedWithProcessor",
    "QueryProcessorAssociatedWithArray", "QueryProductLockerLocation", "QueryProfileStructure", "QueryProvider",
    "QueryProviderInfo", "QueryProviderList", "QueryProviderName", "QueryRemoteServerClusters",
    "QueryReplicationGroup", "QueryReplicationGroupInfo", "QueryReplicationPeer", "QueryResourceConfigOption",
    "QueryServiceList", "QuerySessionManager", "QuerySharedWitnessClusterInfo", "QuerySharedWitnessCompatibility",
    "QuerySmsTaskInfo", "QuerySmsTaskResult", "QuerySolutionId", "QueryStorageArrayTypePolicyOptions",
    "QueryStorageContainer", "QueryStorageManager", "QuerySupportedFeatures", "QuerySupportedNetworkOffloadSpec",
    "QuerySyncingVsanObjects", "QuerySyncingVsanObjectsSummary", "QuerySystemUsers", "QueryTargetCapabilities",
    "QueryTpmAttestationReport", "QueryUnmonitoredHosts", "QueryUnownedFiles", "QueryUnresolvedVmfsVolume",
    "QueryUnresolvedVmfsVolumes", "QueryUsedVlanIdInDvs", "QueryVMotionCompatibility",
    "QueryVirtualDiskFragmentation", "QueryVirtualDiskGeometry", "QueryVirtualDiskUuid", "QueryVirtualDiskUuidEx",
    "QueryVmfsConfigOption", "QueryVmfsDatastoreAssociatedWithLun", "QueryVmfsDatastoreCreateOptions",
    "QueryVmfsDatastoreExpandOptions", "QueryVmfsDatastoreExtendOptions", "QueryVnicStatus",
    "QueryVsanCloudHealthStatus", "QueryVsanManagedDisks", "QueryVsanManagedStorageSpaceUsage",
    "QueryVsanObjectUuidsByFilter", "QueryVsanObjects", "QueryVsanPerfHotspotEntities", "QueryVsanPerfTopEntities",
    "QueryVsanStatistics", "QueryVsanUpgradeStatus", "RetrieveAllFlashCapabilities", "RetrieveAllPermissions",
    "RetrieveAnswerFile", "RetrieveAnswerFileForProfile", "RetrieveArgumentDescription",
    "RetrieveCertificateInfoList", "RetrieveClientCert", "RetrieveClientCsr", "RetrieveContent",
    "RetrieveDasAdvancedRuntimeInfo", "RetrieveDescription", "RetrieveDiskPartitionInfo",
    "RetrieveDynamicPassthroughInfo", "RetrieveEntityPermissions", "RetrieveEntityScheduledTask",
    "RetrieveFreeEpcMemory", "RetrieveHardwareUptime", "RetrieveHostAccessControlEntries",
    "RetrieveHostCustomizations", "RetrieveHostCustomizationsForProfile", "RetrieveHostSpecification",
    "RetrieveKmipServerCert", "RetrieveObjectScheduledTask", "RetrieveProductComponents", "RetrieveProperties",
    "RetrievePropertiesEx", "RetrieveRolePermissions", "RetrieveSelfSignedClientCert",
    "RetrieveServiceProviderEntities", "RetrieveSnapshotDetails", "RetrieveSnapshotInfo",
    "RetrieveSupportedVsanFormatVersion", "RetrieveUserGroups", "RetrieveVStorageInfrastructureObjectPolicy",
    "RetrieveVStorageObject", "RetrieveVStorageObjectAssociations", "RetrieveVStorageObjectState",
    "RetrieveVendorDeviceGroupInfo", "RetrieveVgpuDeviceInfo", "RetrieveVgpuProfileInfo", "SessionIsActive",
    "ValidateHCIConfiguration", "ValidateHost", "ValidateMigration", "ValidateStoragePodConfig",
})  # fmt: skip
# Rule 2.
SINGLE = frozenset({
    "AcquireCimServicesTicket", "AcquireCloneTicket", "AcquireCredentialsInGuest", "AcquireGenericServiceTicket",
    "AcquireLocalTicket", "AcquireMksTicket", "AcquireTicket", "CancelRetrievePropertiesEx", "CancelWaitForUpdates",
    "CheckAddHostEvc_Task", "CheckClone_Task", "CheckCompatibility_Task", "CheckConfigureEvcMode_Task",
    "CheckForUpdates", "CheckHostPatch_Task", "CheckInstantClone_Task", "CheckMigrate_Task", "CheckPowerOn_Task",
    "CheckRelocate_Task", "CheckVmConfig_Task", "ContinueRetrievePropertiesEx", "CreateCollectorForEvents",
    "CreateCollectorForTasks", "CreateCollectorWithInfoFilterForTasks", "CreateInventoryView", "CreateListView",
    "CreateListViewFromView", "DestroyCollector", "DestroyPropertyCollector", "DestroyPropertyFilter",
    "DestroyView", "EstimateStorageForConsolidateSnapshots_Task", "FetchIsoDepotCookie", "ListFilesInGuest",
    "ListProcessesInGuest", "ListRegistryKeysInGuest", "ListRegistryValuesInGuest", "ModifyListView", "Query",
    "QueryHostPatch_Task", "QueryNext", "QueryVMotionCompatibilityEx_Task", "ReadEnvironmentVariableInGuest",
    "ReadNextEvents", "ReadNextTasks", "ReadNextTasksByViewSpec", "ReadPreviousEvents", "ReadPreviousTasks",
    "RefreshDatastore", "RefreshStorageInfo", "RefreshStorageSystem", "ResetCollector", "ResetListView",
    "ResetListViewFromView", "RetrieveKmipServersStatus_Task", "RewindCollector", "SearchDatastoreSubFolders_Task",
    "SearchDatastore_Task", "SetCollectorPageSize", "ValidateCredentialsInGuest",
    "ValidateHostProfileComposition_Task", "WaitForUpdates", "WaitForUpdatesEx",
})  # fmt: skip
# They open and end sessions, or set how these speak; none of them changes the host's inventory.
OF_SESSIONS = frozenset({
    "CloneSession", "Login", "LoginByToken", "LoginBySSPI", "LoginExtensionByCertificate",
    "LoginExtensionBySubjectName", "Logout", "SetLocale", "TerminateSession",
})  # fmt: skip
# The operations that need no session: the first that is asked, and those that open and end one.
WITHOUT_SESSION = frozenset({"RetrieveServiceContent", "Login", "Logout"})

_HARMLESS = READS | SINGLE | OF_SESSIONS | WITHOUT_SESSION


def is_change(operation: str) -> bool:
    """Return whether an operation changes something on the host, or is taken to."""
    return operation not in _HARMLESS
