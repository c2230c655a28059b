"""Calls as a client makes them, on libvirt's own test driver: what arrives is what libvirt-python gives locally."""

import uuid

import libvirt
import pytest

from esxdriver.rpc import dispatch, messages, protocol
from esxdriver.rpc.references import References


class Client:
    """Asks as a client does, in bytes, and gives the reply's values."""

    def __init__(self, conn):
        self.conn = conn
        self.references = References(conn)

    def call(self, name, *arguments):
        row = protocol.named(name)
        body = messages.write(row.arguments, arguments) if row.arguments else b""
        reply = dispatch.perform(row, dispatch.parse(row, body), self.conn, self.references)
        return messages.parse(row.reply, reply) if row.reply else None

    def refused(self, name, *arguments):
        with pytest.raises(libvirt.libvirtError) as caught:
            self.call(name, *arguments)
        return caught.value


@pytest.fixture
def client():
    conn = libvirt.open("test:///default")
    yield Client(conn)
    conn.close()


@pytest.fixture
def domain(client):
    return client.call("domain_lookup_by_name", "test").dom


@pytest.fixture
def local(client):
    return client.conn.lookupByName("test")


def test_the_connection(client):
    conn = client.conn
    assert client.call("connect_get_type").type == conn.getType()
    assert client.call("connect_get_version").hv_ver == conn.getVersion()
    assert client.call("connect_get_hostname").hostname == conn.getHostname()
    assert client.call("connect_get_capabilities").capabilities == conn.getCapabilities()
    assert client.call("connect_get_max_vcpus", None).max_vcpus == conn.getMaxVcpus(None)
    assert client.call("connect_is_secure").secure == 1


def test_the_host(client):
    """Python has MiB, the wire KiB, and the model in 32 characters."""
    found = client.call("node_get_info")
    model, memory, *others = client.conn.getInfo()
    assert found.model == model.encode().ljust(32, b"\0")
    assert found.memory // 1024 == memory
    assert list(found[2:]) == others


def test_lists(client, local):
    one = [("test", local.UUID(), local.ID())]
    assert client.call("connect_list_all_domains", 1, 0) == (one, 1)
    assert client.call("connect_list_all_domains", 0, 0) == ([], 1)
    assert client.call("connect_list_domains", 16).ids == [local.ID()]
    assert client.call("connect_list_domains", 0).ids == []
    assert client.call("connect_num_of_domains").num == 1
    assert client.call("connect_list_defined_domains", 16).names == []
    assert client.call("connect_list_networks", 16).names == ["default"]
    assert [each.name for each in client.call("connect_list_all_networks", 1, 0).nets] == ["default"]
    assert [each.name for each in client.call("connect_list_all_storage_pools", 1, 0).pools] == ["default-pool"]
    assert [each.name for each in client.call("connect_list_all_interfaces", 1, 0).ifaces] == ["eth1"]
    assert [each.name for each in client.call("connect_list_all_node_devices", 1, 0).devices].count("computer") == 1


def test_looking_up(client, local):
    found = ("test", local.UUID(), local.ID())
    assert client.call("domain_lookup_by_name", "test").dom == found
    assert client.call("domain_lookup_by_uuid", local.UUID()).dom == found
    assert client.call("domain_lookup_by_id", local.ID()).dom == found
    assert client.refused("domain_lookup_by_name", "none").get_error_code() == libvirt.VIR_ERR_NO_DOMAIN


def test_a_domain(client, domain, local):
    assert client.call("domain_get_xml_desc", domain, 0).xml == local.XMLDesc()
    state, memory, current, vcpus, _ = local.info()
    assert client.call("domain_get_info", domain)[:4] == (state, memory, current, vcpus)
    assert list(client.call("domain_get_state", domain, 0)) == local.state()
    assert client.call("domain_get_os_type", domain).type == local.OSType()
    assert client.call("domain_get_max_memory", domain).memory == local.maxMemory()
    assert client.call("domain_get_vcpus_flags", domain, 0).num == local.vcpusFlags()
    assert client.call("domain_is_active", domain).active == 1
    assert client.call("domain_get_autostart", domain).autostart == 0
    assert client.call("domain_get_time", domain, 0).seconds == local.getTime()["seconds"]
    assert client.call("domain_get_hostname", domain, 0).hostname == local.hostname()


def test_figures(client, domain, local):
    state = [(f"state.{name}", (1, value)) for name, value in zip(("state", "reason"), local.state(), strict=True)]
    assert client.call("domain_get_scheduler_type", domain) == ("fair", 1)
    assert client.call("domain_get_scheduler_parameters", domain, 1).params == [("weight", (2, 50))]
    (record,) = client.call("connect_get_all_domain_stats", [], libvirt.VIR_DOMAIN_STATS_STATE, 0).retStats
    assert record.dom == domain
    assert [each for each in record.params if each[0].startswith("state.")] == state
    assert client.call("connect_get_all_domain_stats", [domain], 0, 0).retStats[0].dom == domain
    figures, maps = client.call("domain_get_vcpus", domain, 16, 8)
    assert [tuple(each[:2]) for each in figures] == [(0, 1), (1, 1)]
    assert len(maps) == 16
    assert client.call("node_get_cells_free_memory", 0, 2).cells == client.conn.getCellsFreeMemory(0, 2)
    total, online = client.call("node_get_cpu_map", 1, 1, 0).ret, client.call("node_get_cpu_map", 1, 1, 0).online
    assert (total, online) == (client.conn.getCPUMap()[0], client.conn.getCPUMap()[2])


def test_memory_has_libvirts_numbers(client, domain, local):
    found = local.memoryStats()
    numbers = {0: "swap_in", 4: "unused", 5: "available", 6: "actual", 7: "rss", 8: "usable", 10: "disk_caches"}
    stats = dict(client.call("domain_memory_stats", domain, 16, 0).stats)
    assert {name: stats[number] for number, name in numbers.items()} == {name: found[name] for name in numbers.values()}
    assert len(client.call("domain_memory_stats", domain, 2, 0).stats) == 2


def test_node_devices_are_named(client):
    local = client.conn.nodeDeviceLookupByName("computer")
    assert client.call("node_device_lookup_by_name", "computer").dev == ("computer",)
    assert client.call("node_device_get_xml_desc", "computer", 0).xml == local.XMLDesc()
    assert client.call("node_device_get_parent", "computer").parentName == local.parent()
    assert client.call("node_device_list_caps", "computer", 9).names == local.listCaps()
    assert client.call("node_device_num_of_caps", "computer").num == local.numOfCaps()


def test_what_a_guest_says(client, domain, local):
    ((name, hwaddr, addresses),) = client.call("domain_interface_addresses", domain, 0, 0).ifaces
    assert (name, addresses) == ("testnet0", [(0, "192.168.122.3", 24)])
    assert hwaddr == local.interfaceAddresses(0)["testnet0"]["hwaddr"]
    found, count = client.call("domain_get_fsinfo", domain, 0)
    assert count == len(found) == len(local.fsInfo())


def test_snapshots(client, domain):
    made = client.call("domain_snapshot_create_xml", domain, "<domainsnapshot><name>s1</name></domainsnapshot>", 0).snap
    try:
        assert made == ("s1", domain)
        assert client.call("domain_list_all_snapshots", domain, 1, 0) == ([made], 1)
        assert client.call("domain_snapshot_list_names", domain, 16, 0).names == ["s1"]
        assert client.call("domain_snapshot_is_current", made, 0).current == 1
        assert "<name>s1</name>" in client.call("domain_snapshot_get_xml_desc", made, 0).xml
        client.call("domain_revert_to_snapshot", made, 0)
        gone = client.refused("domain_snapshot_get_parent", made, 0)
        assert gone.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT
    finally:
        client.call("domain_snapshot_delete", made, 0)
    assert client.call("domain_snapshot_num", domain, 0).num == 0


XML = "<domain type='test'><name>{}</name><uuid>{}</uuid><memory>1024</memory><os><type>hvm</type></os></domain>"


def test_a_domain_from_its_definition_to_its_end(client):
    name, own = "made", uuid.uuid4()
    made = client.call("domain_define_xml", XML.format(name, own)).dom
    assert made == (name, own.bytes, -1)
    started = client.call("domain_create_with_flags", made, 0).dom
    assert started.id > 0
    assert client.refused("domain_create", made).get_error_code() == libvirt.VIR_ERR_INTERNAL_ERROR
    client.call("domain_destroy", started)
    client.call("domain_undefine_flags", made, 0)
    assert client.refused("domain_get_state", made, 0).get_error_code() == libvirt.VIR_ERR_NO_DOMAIN
    again = client.call("domain_define_xml", XML.format(name, own)).dom
    assert client.call("domain_is_active", again).active == 0
    client.call("domain_undefine", again)


def test_networks_pools_and_volumes(client):
    net = client.call("network_lookup_by_name", "default").net
    assert client.call("network_get_xml_desc", net, 0).xml == client.conn.networkLookupByName("default").XMLDesc()
    assert client.call("network_get_bridge_name", net).name == "virbr0"
    pool = client.call("storage_pool_lookup_by_name", "default-pool").pool
    assert (
        list(client.call("storage_pool_get_info", pool)) == client.conn.storagePoolLookupByName("default-pool").info()
    )
    xml = "<volume><name>v</name><capacity>1048576</capacity></volume>"
    volume = client.call("storage_vol_create_xml", pool, xml, 0).vol
    try:
        assert volume[:2] == ("default-pool", "v")
        assert client.call("storage_pool_list_all_volumes", pool, 1, 0) == ([volume], 1)
        assert client.call("storage_vol_get_info", volume).capacity == 1048576
        assert client.call("storage_vol_lookup_by_path", client.call("storage_vol_get_path", volume).name).vol == volume
        assert client.call("storage_pool_lookup_by_volume", volume).pool == pool
    finally:
        client.call("storage_vol_delete", volume, 0)


class Bare:
    """A driver that can do almost nothing."""

    def __init__(self, domains=()):
        self.domains = domains

    def listAllDomains(self, flags):  # noqa: N802
        return self.domains


class Machine:
    def __init__(self, name, own, ref=None):
        self._name, self._uuid, self.ref = name, own, ref

    def name(self):
        return self._name

    def UUID(self):  # noqa: N802
        return self._uuid

    def ID(self):  # noqa: N802
        return -1

    def isActive(self):  # noqa: N802
        return 0


# Procedure, arguments, what a driver without it is made to answer
EMPTY = [
    ("connect_num_of_secrets", (), (0,)),
    ("connect_list_all_secrets", (1, 0), ([], 0)),
    ("connect_list_all_nwfilters", (1, 0), ([], 0)),
    ("connect_list_all_nwfilter_bindings", (1, 0), ([], 0)),
    ("connect_list_nwfilters", (16,), ([],)),
]


@pytest.mark.parametrize(("name", "arguments", "values"), EMPTY)
def test_what_no_vsphere_host_has_is_an_empty_list(name, arguments, values):
    assert Client(Bare()).call(name, *arguments) == values


@pytest.mark.parametrize("name", ["connect_get_type", "domain_migrate_finish", "connect_num_of_networks"])
def test_what_a_driver_does_not_do_is_refused_by_its_public_name(name):
    row = protocol.named(name)
    arguments = () if not row.arguments else ("", b"", "", 0)
    refusal = Client(Bare()).refused(name, *arguments)
    assert refusal.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT
    assert refusal.get_str1().startswith("vir")


# Procedures about an object of a kind that a driver does not have
OF_OTHERS = [
    ("storage_pool_refresh", (("p", bytes(16)), 0)),
    ("storage_vol_get_path", (("p", "v", "k"),)),
    ("storage_vol_create_xml_from", (("p", bytes(16)), "<volume/>", ("p", "v", "k"), 0)),
    ("network_get_xml_desc", (("n", bytes(16)), 0)),
    ("interface_get_xml_desc", (("i", "m"), 0)),
    ("node_device_get_xml_desc", ("d", 0)),
    ("domain_get_state", (("d", bytes(16), -1), 0)),
    ("domain_snapshot_delete", (("s", ("d", bytes(16), -1)), 0)),
]


@pytest.mark.parametrize(("name", "arguments"), OF_OTHERS)
def test_an_object_of_a_kind_that_a_driver_does_not_have_is_refused(name, arguments):
    assert Client(Bare()).refused(name, *arguments).get_error_code() == libvirt.VIR_ERR_NO_SUPPORT


def test_a_list_longer_than_clients_take_is_libvirts_own_error():
    machines = [Machine("x", number.to_bytes(16, "big")) for number in range(16385)]
    refusal = Client(Bare(machines)).refused("connect_list_all_domains", 1, 0)
    assert str(refusal) == "Too many domains '16385' for limit '16384'"
    assert len(Client(Bare(machines[1:])).call("connect_list_all_domains", 1, 0).domains) == 16384


class Lookups(Bare):
    def __init__(self, domains):
        super().__init__(domains)
        self.asked = 0

    def lookupByUUID(self, own):  # noqa: N802
        self.asked += 1
        return next(each for each in self.domains if each.UUID() == own)


def test_an_object_that_a_client_was_given_is_not_searched_for_again():
    client = Client(Lookups([Machine("a", bytes(16))]))
    (listed,) = client.call("connect_list_all_domains", 1, 0).domains
    client.call("domain_is_active", listed)
    assert client.conn.asked == 0


def test_two_machines_under_one_reference_are_left_to_the_drivers_search():
    client = Client(Lookups([Machine("a", bytes(16)), Machine("a", bytes(16))]))
    listed, _ = client.call("connect_list_all_domains", 1, 0).domains
    client.call("domain_is_active", listed)
    assert client.conn.asked == 1


def test_another_machine_under_a_reference_leaves_both_to_the_drivers_search():
    one, other = Machine("a", bytes(16), ref=1), Machine("a", bytes(16), ref=2)
    client = Client(Lookups([one]))
    (listed,) = client.call("connect_list_all_domains", 1, 0).domains
    client.conn.domains = [other]
    for _ in range(2):
        client.call("connect_list_all_domains", 1, 0)
        asked = client.conn.asked
        client.call("domain_is_active", listed)
        assert client.conn.asked == asked + 1


# Program, version, procedure
UNKNOWN = [(protocol.PROGRAM, 1, 9999), (protocol.PROGRAM, 2, 3), (0x20008087, 1, 1), (protocol.PROGRAM, 1, 318)]


@pytest.mark.parametrize(("program", "version", "number"), UNKNOWN)
def test_an_unknown_procedure_is_refused_so_that_clients_degrade(program, version, number):
    with pytest.raises(libvirt.libvirtError, match=r"^unknown procedure") as caught:
        dispatch.find(program, version, number)
    assert (caught.value.get_error_code(), caught.value.get_error_domain()) == (
        libvirt.VIR_ERR_RPC,
        libvirt.VIR_FROM_RPC,
    )


@pytest.mark.parametrize(
    ("number", "function"),
    [(132, "virInterfaceUndefine"), (26, "virDomainPinVcpu"), (456, "virDomainAnnounceInterface")],
)
def test_what_is_never_answered_is_refused_by_its_name(number, function):
    with pytest.raises(libvirt.libvirtError, match=f": {function}$") as caught:
        dispatch.find(protocol.PROGRAM, protocol.VERSION, number)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT


def test_a_body_that_is_none_is_an_rpc_error():
    with pytest.raises(libvirt.libvirtError, match=r"^Unable to decode message payload") as caught:
        dispatch.parse(protocol.named("domain_get_state"), b"\xff" * 8)
    assert caught.value.get_error_code() == libvirt.VIR_ERR_RPC


def test_bytes_behind_the_arguments_are_left_alone():
    row = protocol.named("domain_lookup_by_id")
    assert dispatch.parse(row, messages.write(row.arguments, [5]) + b"more") == (5,)
