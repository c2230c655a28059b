"""What a client has done so far: login, opening, read-only, events, and the end."""

import libvirt
import pytest

from esxdriver.rpc import messages, protocol
from esxdriver.rpc.messages import Splitter, Type
from esxdriver.rpc.references import References
from esxdriver.rpc.session import MAX_CALLBACKS, Session

UUID = bytes(range(16))


class Domain:
    def name(self):
        return "web01"

    def UUID(self):  # noqa: N802
        return UUID

    def ID(self):  # noqa: N802
        return 7


class Driver:
    """Events as libvirt-python has them: registrations by number, callbacks called by whoever likes."""

    def __init__(self):
        self.registered = {}
        self.destroyed = []

    def lookupByUUID(self, _uuid):  # noqa: N802
        return Domain()

    def domainEventRegisterAny(self, dom, event, callback, opaque):  # noqa: N802
        number = len(self.registered) + 40
        self.registered[number] = (dom, event, callback, opaque)
        return number

    def domainEventDeregisterAny(self, number):  # noqa: N802
        del self.registered[number]

    def happen(self, event, *details):
        for dom, kind, callback, opaque in list(self.registered.values()):
            if kind == event:
                callback(self, dom or Domain(), *details, opaque)


class Host:
    uri = "esx://esx1/"

    def __init__(self):
        self.conn = Driver()
        self.references = References(self.conn)
        self.released = 0
        self.lost = None

    def listen_lost(self, listener):
        self.lost = listener

    def release(self):
        self.released += 1


class Client:
    def __init__(self, **options):
        self.host = Host()
        self.opened = []
        self.sent = []
        self.session = Session(self.open_host, self.sent.append, **options)

    def open_host(self, name, login):
        self.opened.append((name, login))
        return self.host

    def call(self, name, *arguments):
        row = protocol.named(name)
        reply = self.session.perform(row, row.arguments and row.arguments.of(*arguments))
        return messages.parse(row.reply, reply) if row.reply else None

    def refused(self, name, *arguments):
        with pytest.raises(libvirt.libvirtError) as caught:
            self.call(name, *arguments)
        return caught.value.get_error_code(), str(caught.value)

    def events(self):
        """Return procedure and values of each message that was sent."""
        found = []
        for header, body in Splitter().feed(b"".join(self.sent)):
            row = protocol.procedures()[header.procedure]
            assert (header.type, header.serial) == (Type.MESSAGE, 0)
            found.append((row.name, messages.parse(row.arguments, body)))
        return found


@pytest.fixture
def client():
    client = Client()
    client.call("connect_open", "esx:///system", 0)
    return client


def test_a_client_opens_what_it_names_and_leaves(client):
    assert client.opened == [("esx:///system", None)]
    assert client.call("connect_get_uri").uri == "esx://esx1/"
    client.call("connect_close")
    assert client.host.released == 1
    assert client.refused("connect_get_uri") == (libvirt.VIR_ERR_INTERNAL_ERROR, "connection not open")


def test_no_name_is_an_empty_one():
    client = Client()
    client.call("connect_open", None, 0)
    assert client.opened == [("", None)]


def test_nothing_is_asked_before_the_host_is_open():
    assert Client().refused("connect_get_type") == (libvirt.VIR_ERR_INTERNAL_ERROR, "connection not open")


def test_a_client_opens_once(client):
    assert client.refused("connect_open", "", 0)[0] == libvirt.VIR_ERR_INTERNAL_ERROR


def test_a_host_that_is_opened_for_a_client_who_has_gone_is_released():
    client = Client()
    client.session.end()
    client.refused("connect_open", "", 0)
    assert client.host.released == 1


# Feature, whether it is there. Source: libvirt's VIR_DRV_FEATURE_*
FEATURES = [
    (1, 0),
    (3, 0),
    (6, 0),
    (8, 0),
    (9, 1),
    (10, 1),
    (11, 0),
    (13, 0),
    (14, 1),
    (15, 1),
    (16, 1),
    (99, 0),
    (-1, 0),
]


@pytest.mark.parametrize(("feature", "there"), FEATURES)
def test_features_are_reported_before_the_host_is_open(feature, there):
    assert Client().call("connect_supports_feature", feature).supported == there


# -- who it is


def test_without_sasl_nobody_need_say_who_he_is():
    client = Client()
    assert client.call("auth_list").types == [0]
    assert client.refused("auth_sasl_init")[0] == libvirt.VIR_ERR_AUTH_FAILED


def test_with_sasl_a_client_brings_its_own_login():
    client = Client(sasl=True)
    assert client.call("auth_list").types == [1]
    assert client.call("auth_sasl_init").mechlist == "PLAIN"
    assert client.call("auth_sasl_start", "PLAIN", 0, b"\0root\0pass word") == (1, 1, b"")
    client.call("connect_open", "esx:///", 0)
    ((_, login),) = client.opened
    assert (login.username, login.password) == ("root", "pass word")
    assert "pass" not in repr(login)


@pytest.mark.parametrize("name", ["connect_open", "connect_supports_feature", "connect_get_type", "connect_close"])
def test_before_the_login_nothing_else_is_answered(name):
    client = Client(sasl=True)
    arguments = {"connect_open": ("", 0), "connect_supports_feature": (10,)}.get(name, ())
    assert client.refused(name, *arguments) == (libvirt.VIR_ERR_RPC, "authentication required")
    assert client.opened == []


@pytest.mark.parametrize(
    ("mech", "data"),
    [
        ("GSSAPI", b"\0u\0p"),
        ("PLAIN", b""),
        ("PLAIN", b"u\0p"),
        ("PLAIN", b"\0\0p"),
        ("PLAIN", b"other\0u\0p"),
        ("PLAIN", b"\0u\0p\0more"),
    ],
)
def test_a_login_that_is_none_is_refused(mech, data):
    client = Client(sasl=True)
    assert client.refused("auth_sasl_start", mech, 0, data)[0] == libvirt.VIR_ERR_AUTH_FAILED
    assert not client.session.authenticated


# -- read-only


def test_a_read_only_client_changes_nothing():
    client = Client()
    client.call("connect_open", "", 1)
    code, text = client.refused("domain_destroy", ("web01", UUID, 7))
    assert code == libvirt.VIR_ERR_OPERATION_DENIED
    assert text == "operation forbidden: read only access prevents virDomainDestroy"


def test_a_read_only_door_counts_whatever_the_client_says():
    client = Client(read_only=True)
    client.call("connect_open", "", 0)
    assert client.refused("domain_destroy", ("web01", UUID, 7))[0] == libvirt.VIR_ERR_OPERATION_DENIED


# -- events

DOM = ("web01", UUID, 7)

# Event's ID, what the driver's callback is given, message and its values
EVENTS = [
    (0, (2, 0), "domain_event_callback_lifecycle", (DOM, 2, 0)),
    (1, (), "domain_event_callback_reboot", (DOM,)),
    (9, ("a", None, "disk0", 1), "domain_event_callback_disk_change", (DOM, "a", None, "disk0", 1)),
    (10, ("disk0", 1), "domain_event_callback_tray_change", (DOM, "disk0", 1)),
    (13, (1024,), "domain_event_callback_balloon_change", (DOM, 1024)),
    (15, ("net0",), "domain_event_callback_device_removed", (DOM, "net0")),
    (18, (1, 2), "domain_event_callback_agent_lifecycle", (DOM, 1, 2)),
    (19, ("net0",), "domain_event_callback_device_added", (DOM, "net0")),
    (21, ({"time_elapsed": 5},), "domain_event_callback_job_completed", (DOM, [("time_elapsed", (4, 5))])),
    (23, (0, None), "domain_event_callback_metadata_change", (DOM, 0, None)),
]


@pytest.mark.parametrize(("event", "details", "name", "values"), EVENTS)
@pytest.mark.parametrize("of", [None, DOM], ids=["all", "one"])
def test_an_event_becomes_a_message_of_its_registration(client, of, event, details, name, values):
    number = client.call("connect_domain_event_callback_register_any", event, of).callbackID
    client.host.conn.happen(event, *details)
    ((sent, message),) = client.events()
    assert sent == name
    assert message[0] == number
    assert (message[1] if message._fields[1] == "msg" else message[1:]) == values


def test_each_registration_has_its_own_message(client):
    numbers = [client.call("connect_domain_event_callback_register_any", 0, None).callbackID for _ in range(2)]
    client.host.conn.happen(0, 5, 1)
    assert [message.callbackID for _, message in client.events()] == numbers


def test_a_client_hears_no_more_of_what_it_deregistered(client):
    number = client.call("connect_domain_event_callback_register_any", 0, None).callbackID
    client.call("connect_domain_event_callback_deregister_any", number)
    assert client.host.conn.registered == {}
    code, _ = client.refused("connect_domain_event_callback_deregister_any", number)
    assert code == libvirt.VIR_ERR_INVALID_ARG


@pytest.mark.parametrize("event", range(30))
def test_every_event_of_a_domain_may_be_waited_for(client, event):
    assert client.call("connect_domain_event_callback_register_any", event, None).callbackID >= 0


@pytest.mark.parametrize("event", [-1, 30, 2**31 - 1])
def test_an_event_that_nobody_knows_is_refused(client, event):
    assert client.refused("connect_domain_event_callback_register_any", event, None)[0] == libvirt.VIR_ERR_INVALID_ARG


OBJECTS = {
    "network": ("n", UUID),
    "storage_pool": ("p", UUID),
    "node_device": ("d",),
    "secret": (UUID, 0, ""),
}


@pytest.mark.parametrize("of", ["all", "one"])
@pytest.mark.parametrize("family", OBJECTS)
def test_other_objects_events_are_accepted_where_the_driver_has_none(client, family, of):
    reference = OBJECTS[family] if of == "one" else None
    number = client.call(f"connect_{family}_event_register_any", 0, reference).callbackID
    client.call(f"connect_{family}_event_deregister_any", number)


def test_a_client_waits_for_so_many_events_and_no_more(client):
    for _ in range(MAX_CALLBACKS):
        client.call("connect_domain_event_callback_register_any", 3, None)
    assert client.refused("connect_domain_event_callback_register_any", 3, None)[0] == libvirt.VIR_ERR_OPERATION_FAILED


def test_the_end_takes_the_registrations_along(client):
    client.call("connect_domain_event_callback_register_any", 0, None)
    client.session.end()
    assert client.host.conn.registered == {}
    assert client.host.released == 1
    assert client.sent == []


def test_who_wants_to_know_hears_of_the_end(client):
    client.call("connect_register_close_callback")
    client.session.end(libvirt.VIR_CONNECT_CLOSE_REASON_EOF)
    assert client.events() == [("connect_event_connection_closed", (libvirt.VIR_CONNECT_CLOSE_REASON_EOF,))]


def test_a_close_callback_is_registered_once(client):
    client.call("connect_register_close_callback")
    assert client.refused("connect_register_close_callback")[0] == libvirt.VIR_ERR_OPERATION_INVALID
    client.call("connect_unregister_close_callback")
    client.call("connect_register_close_callback")


def test_who_wants_to_know_hears_each_time_that_the_host_is_lost_and_may_go_on(client):
    client.call("connect_register_close_callback")
    for _ in range(2):
        client.host.lost(libvirt.VIR_CONNECT_CLOSE_REASON_ERROR)
    lost = ("connect_event_connection_closed", (libvirt.VIR_CONNECT_CLOSE_REASON_ERROR,))
    assert client.events() == [lost, lost]
    client.call("connect_unregister_close_callback")
    assert client.host.lost is None
    client.call("connect_get_uri")


def test_a_client_that_opens_anew_registers_anew(client):
    client.call("connect_register_close_callback")
    client.call("connect_close")
    client.call("connect_open", "", 0)
    client.call("connect_register_close_callback")
