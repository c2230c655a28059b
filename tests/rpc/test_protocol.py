"""The table: that it is whole, and what its rules mean."""

import inspect

import libvirt
import libvirtmod
import pytest

import esxdriver
from esxdriver.rpc import names, protocol, replies
from esxdriver.rpc.procedures import ROWS
from esxdriver.rpc.session import ANSWERED

CALLS = [row for row in protocol.procedures().values() if row.kind == "call"]

# Nothing answers these: they are refused with NO_SUPPORT.
UNSERVED = {
    "connect_domain_event_deregister",
    "connect_domain_event_deregister_any",
    "connect_domain_event_register",
    "connect_domain_event_register_any",
    "connect_set_identity",
    "domain_get_autostart_once",
    "domain_get_block_job_info",
    "domain_get_iothread_info",
    "domain_get_launch_security_info",
    "domain_migrate_begin3_params",
    "domain_migrate_finish",
    "domain_migrate_perform3",
    "domain_migrate_perform3_params",
    "domain_migrate_prepare",
    "domain_open_console",
    "domain_set_block_io_tune",
}


CLASSES_OF_THE_DRIVER = [
    "virConnect", "virDomain", "virDomainSnapshot", "virInterface", "virNetwork", "virNodeDevice", "virStoragePool",
    "virStorageVol",
]  # fmt: skip

# What libvirt's client library makes other calls of, for servers that filter events.
BY_OTHER_CALLS = {f"virConnectDomainEvent{name}" for name in ("Register", "Deregister", "RegisterAny", "DeregisterAny")}


def test_every_call_of_the_table_is_answered_or_known_not_to_be():
    answered = ROWS.keys() | ANSWERED
    assert {row.name for row in CALLS} - answered == UNSERVED
    assert answered <= {row.name for row in CALLS}


def functions_of_the_driver():
    """Return the functions of libvirt's for which the driver's objects have a method."""
    for name in CLASSES_OF_THE_DRIVER:
        for method, real in inspect.getmembers(getattr(libvirt, name), inspect.isfunction):
            if method[0] != "_" and not getattr(getattr(getattr(esxdriver, name), method), "unsupported", False):
                called = [
                    each for each in real.__code__.co_names if each.startswith("vir") and hasattr(libvirtmod, each)
                ]
                yield from called[:1]


def test_each_number_of_libvirt_stands_there_once_but_for_the_messages_of_events_that_never_come():
    rows, others = protocol.procedures(), protocol.others()
    assert not rows.keys() & others.keys()
    assert not {row.name for row in rows.values()} & set(others.values())
    assert len(set(range(1, 457)) - rows.keys() - others.keys()) == 39 + 1  # polkit


def test_nothing_that_the_driver_has_a_method_for_is_refused():
    refused = {names.function(name) for name in [*UNSERVED, *protocol.others().values()]}
    assert refused & set(functions_of_the_driver()) <= BY_OTHER_CALLS


@pytest.mark.parametrize("row", CALLS, ids=lambda row: row.name)
def test_every_type_can_be_made(row):
    for structure, fields in ((row.arguments, row.argument_fields), (row.reply, row.reply_fields)):
        assert (structure is None) == (fields == "-")
        if structure:
            assert list(structure.fields) == [each.split(":")[0] for each in fields.split()]


# The class of libvirt-python whose method answers, by the first argument of the procedure.
CLASSES = {
    "nonnull_domain": libvirt.virDomain,
    "nonnull_domain_snapshot": libvirt.virDomainSnapshot,
    "nonnull_interface": libvirt.virInterface,
    "nonnull_network": libvirt.virNetwork,
    "nonnull_storage_pool": libvirt.virStoragePool,
    "nonnull_storage_vol": libvirt.virStorageVol,
}
NEWER = {"network_get_metadata"}  # than the libvirt for which a binding may have been built
WITH_METHOD = [row for row in CALLS if row.name in ROWS and ROWS[row.name].method and row.name not in NEWER]


@pytest.mark.parametrize("row", WITH_METHOD, ids=lambda row: row.name)
def test_libvirt_python_has_the_method_and_it_takes_the_arguments(row):
    fields = replies.fields(row.argument_fields)
    of = CLASSES.get(fields[0][1], libvirt.virConnect) if fields and fields[0][2] is None else libvirt.virConnect
    given = [name for name, *_ in fields[of is not libvirt.virConnect :] if name not in replies.ROOM]
    stream = ["stream"] if ROWS[row.name].stream else []
    inspect.signature(getattr(of, ROWS[row.name].method)).bind("self", *stream, *given)


# Procedure, arguments that matter, whether a read-only client is refused. Source: libvirt's public functions
READ_ONLY = [
    ("domain_destroy", {}, True),
    ("domain_get_info", {}, False),
    ("domain_get_xml_desc", {"flags": 0}, False),
    ("domain_get_xml_desc", {"flags": 1}, True),
    ("domain_get_xml_desc", {"flags": 2}, False),
    ("domain_get_xml_desc", {"flags": 8}, True),
    ("domain_snapshot_get_xml_desc", {"flags": 1}, True),
    ("domain_snapshot_get_xml_desc", {"flags": 0}, False),
    ("domain_get_vcpus_flags", {"flags": 8}, True),
    ("domain_get_vcpus_flags", {"flags": 1}, False),
    ("domain_interface_addresses", {"source": 1}, True),
    ("domain_interface_addresses", {"source": 0}, False),
    ("domain_interface_addresses", {"source": 2}, False),
    ("connect_domain_xml_from_native", {}, True),
    ("connect_get_domain_capabilities", {}, True),
    ("domain_get_hostname", {}, True),
    ("storage_vol_download", {}, True),
    ("domain_screenshot", {}, True),
    ("connect_list_all_domains", {}, False),
    ("connect_get_all_domain_stats", {}, False),
]


@pytest.mark.parametrize(("name", "given", "refused"), READ_ONLY)
def test_what_a_read_only_client_is_refused(name, given, refused):
    row = protocol.named(name)
    arguments = row.arguments and row.arguments.of(*(given.get(field, 0) for field in row.arguments.fields))
    assert row.denies(arguments) is refused


# Procedure, libvirt's function. Source: https://libvirt.org/html/
FUNCTIONS = [
    ("connect_get_type", "virConnectGetType"),
    ("connect_get_uri", "virConnectGetURI"),
    ("connect_list_all_nwfilters", "virConnectListAllNWFilters"),
    ("connect_get_cpu_model_names", "virConnectGetCPUModelNames"),
    ("connect_domain_xml_from_native", "virConnectDomainXMLFromNative"),
    ("node_get_cpu_stats", "virNodeGetCPUStats"),
    ("domain_get_xml_desc", "virDomainGetXMLDesc"),
    ("domain_lookup_by_id", "virDomainLookupByID"),
    ("domain_lookup_by_uuid", "virDomainLookupByUUID"),
    ("domain_get_os_type", "virDomainGetOSType"),
    ("domain_create_with_flags", "virDomainCreateWithFlags"),
    ("domain_inject_nmi", "virDomainInjectNMI"),
    ("domain_get_fsinfo", "virDomainGetFSInfo"),
    ("domain_pm_suspend_for_duration", "virDomainPMSuspendForDuration"),
    ("domain_snapshot_get_xml_desc", "virDomainSnapshotGetXMLDesc"),
    ("domain_open_console", "virDomainOpenConsole"),
    ("network_get_dhcp_leases", "virNetworkGetDHCPLeases"),
    ("interface_lookup_by_mac_string", "virInterfaceLookupByMACString"),
    ("storage_vol_create_xml_from", "virStorageVolCreateXMLFrom"),
]


@pytest.mark.parametrize(("procedure", "function"), FUNCTIONS)
def test_errors_call_a_function_by_its_public_name(procedure, function):
    assert names.function(procedure) == function
