"""``pool-event`` and ``net-event``: virsh's lines, and what they register for."""

import pytest

from esxdriver.cli import event_lines
from esxdriver.cli.event_loop import NETWORKS, POOLS
from tests.daemon.process import needs_virsh, virsh


class Named:
    """What an event is about."""

    def name(self):
        return "ds one"


HEARD = [
    # command, the kind, how the connection registers, the details, the line
    ("pool-event", "lifecycle", "storagePoolEvent", (0, 0), "event 'lifecycle' for storage pool ds one: Defined"),
    ("pool-event", "lifecycle", "storagePoolEvent", (3, 0), "event 'lifecycle' for storage pool ds one: Stopped"),
    ("pool-event", "lifecycle", "storagePoolEvent", (9, 0), "event 'lifecycle' for storage pool ds one: unknown"),
    ("pool-event", "refresh", "storagePoolEvent", (), "event 'refresh' for storage pool ds one"),
    ("net-event", "lifecycle", "networkEvent", (1, 0), "event 'lifecycle' for network ds one: Undefined"),
    ("net-event", "lifecycle", "networkEvent", (2, 0), "event 'lifecycle' for network ds one: Started"),
]


@pytest.mark.parametrize(("command", "kind", "methods", "details", "line"), HEARD)
def test_the_line_is_virshs_and_the_first_event_ends_it(esxdriver, conn, command, kind, methods, details, line):
    def register(about, number, callback, opaque):
        assert (about, number, opaque) == (None, ["lifecycle", "refresh"].index(kind), None)
        callback(conn, Named(), *details, opaque)
        return 7

    getattr(conn, f"{methods}RegisterAny").side_effect = register
    result = esxdriver(command, "--event", kind)
    assert (result.exit_code, result.stdout) == (0, f"{line}\nevents received: 1\n")
    getattr(conn, f"{methods}DeregisterAny").assert_called_once_with(7)


@pytest.mark.parametrize(
    ("words", "found", "method"),
    [
        (["pool-event", "--pool", "ds", "--all"], "storagePoolLookupByName", "storagePoolEventRegisterAny"),
        (["net-event", "--network", "sw", "--all"], "networkLookupByName", "networkEventRegisterAny"),
    ],
)
def test_one_object_may_be_meant_and_all_kinds(esxdriver, conn, words, found, method):
    result = esxdriver(*words, "--timeout", "1")
    assert (result.exit_code, result.stdout) == (1, "event loop timed out\nevents received: 0\n")
    registered = getattr(conn, method).call_args_list
    assert [each.args[:2] for each in registered] == [(getattr(conn, found).return_value, kind) for kind in (0, 1)]


MISUSED = [
    (["pool-event"], 2, "either --list or --event <type> is required"),
    (["net-event"], 2, "either --list or --event <type> is required"),
    (["pool-event", "--event", "nosuch"], 1, "unknown event type nosuch"),
    (["net-event", "--all", "--event", "lifecycle"], 2, "--all does not go with --event"),
]


@pytest.mark.parametrize(("words", "status", "said"), MISUSED, ids=[" ".join(words) for words, *_ in MISUSED])
def test_misuse_registers_for_nothing(esxdriver, conn, words, status, said):
    result = esxdriver(*words)
    assert result.exit_code == status
    assert said in result.stderr
    assert not conn.storagePoolEventRegisterAny.called
    assert not conn.networkEventRegisterAny.called


@needs_virsh
@pytest.mark.parametrize(("command", "family"), [("pool-event", POOLS), ("net-event", NETWORKS)])
def test_the_kinds_are_virshs_and_in_libvirts_order(esxdriver, command, family):
    shown = esxdriver(command, "--list").stdout.split()
    assert shown == list(family.kinds)
    known, *_ = virsh("test:///default", command, "--list")
    assert shown[: len(known.split())] == known.split()  # older ones know fewer


def test_a_network_has_no_line_that_it_does_not_know():
    assert event_lines.NETWORK_KINDS["lifecycle"](4, 0) == ": unknown"
