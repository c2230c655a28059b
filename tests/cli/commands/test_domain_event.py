"""``event`` and ``await``: virsh's lines, and how they end."""

import re
import threading

import libvirt
import pytest

from esxdriver.cli import event_lines
from esxdriver.errors import error
from tests.daemon.process import needs_virsh, virsh

LIFECYCLE = libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE
ON, OFF = (2, 0), (5, 1)  # started and booted, stopped and destroyed


@pytest.fixture
def tell(conn):
    """Give what has the host tell of events as soon as somebody has registered: (kind, place of the domain, details).

    The list holds who is registered.
    """
    told, registered = [], {}

    def register(domain, kind, callback, opaque):
        number = len(registered)
        registered[number] = kind
        for wanted, place, details in told:
            if wanted == kind and domain in (None, conn.domains[place]):
                threading.Thread(target=callback, args=(conn, conn.domains[place], *details, opaque)).start()
        return number

    conn.domainEventRegisterAny.side_effect = register
    conn.domainEventDeregisterAny.side_effect = registered.pop
    told_of = told.append
    yield lambda *event: told_of(event)
    assert registered == {}  # whatever happened, nothing is left


def test_the_first_event_ends_it(esxdriver, tell):
    tell(LIFECYCLE, 0, ON)
    result = esxdriver("event", "--event", "lifecycle")
    assert (result.exit_code, result.stdout) == (
        0,
        "event 'lifecycle' for domain 'web01': Started Booted\nevents received: 1\n",
    )


def test_with_a_loop_all_are_shown_until_the_timeout(esxdriver, tell):
    tell(LIFECYCLE, 0, ON)
    tell(libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, 1, ())
    result = esxdriver("event", "--all", "--loop", "--timeout", "1")
    assert result.exit_code == 0
    assert sorted(result.stdout.splitlines()[:2]) == [
        "event 'lifecycle' for domain 'web01': Started Booted",
        "event 'reboot' for domain 'db01'",
    ]
    assert result.stdout.splitlines()[2:] == ["event loop timed out", "events received: 2"]


def test_only_the_domain_that_is_meant(esxdriver, tell):
    tell(LIFECYCLE, 0, ON)
    result = esxdriver("event", "db01", "lifecycle", "--timeout", "1")
    assert (result.exit_code, result.stdout) == (1, "event loop timed out\nevents received: 0\n")


def test_an_interrupt_ends_it_with_what_was_received(esxdriver, tell, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("queue.SimpleQueue", type("Q", (), {"get": interrupted, "put": print}))
    result = esxdriver("event", "--all", "--loop")
    assert (result.exit_code, result.stdout) == (1, "event loop interrupted\nevents received: 0\n")


LOSSES = [
    (libvirt.VIR_CONNECT_CLOSE_REASON_ERROR, "I/O error"),
    (libvirt.VIR_CONNECT_CLOSE_REASON_EOF, "end of file"),
    (libvirt.VIR_CONNECT_CLOSE_REASON_KEEPALIVE, "keepalive timeout"),
]


@pytest.mark.parametrize(("reason", "cause"), LOSSES)
@pytest.mark.parametrize(
    "command", [["event", "--all", "--loop"], ["await", "web01", "--condition", "domain-inactive"]]
)
def test_it_ends_with_an_error_when_the_host_is_lost(esxdriver, conn, command, reason, cause):
    conn.getURI.return_value = "esx://host/"
    conn.registerCloseCallback.side_effect = lambda callback, opaque: callback(conn, reason, opaque)
    result = esxdriver(*command)
    assert result.exit_code == 1
    assert f"error: Disconnected from esx://host/ due to {cause}" in result.stderr
    assert result.stdout == ("events received: 0\n" if command[0] == "event" else "")
    assert conn.unregisterCloseCallback.called


def test_a_timestamp_is_virshs(esxdriver, tell):
    tell(LIFECYCLE, 0, ON)
    shown = esxdriver("event", "--all", "--timestamp").stdout.splitlines()[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\+0000: event 'lifecycle' for .*", shown)


MISUSED = [
    (["event"], 2, "one of --list, --all, or --event <type> is required"),
    (["event", "--all", "--event", "lifecycle"], 2, "--all does not go with --event"),
    (["event", "--list", "--all"], 2, "--list does not go with --all"),
    (["event", "--all", "--timeout", "0"], 2, "0 is not in the range"),
    (["event", "--event", "nosuch"], 1, "unknown event type nosuch"),
    (["event", "--all", "--domain", "nobody"], 1, "failed to get domain 'nobody'"),
    (["await", "web01"], 2, "Missing option '--condition'"),
    (["await", "web01", "--condition", "nosuch"], 2, "'nosuch' is not one of"),
]


@pytest.mark.parametrize(("words", "status", "said"), MISUSED, ids=[" ".join(words) for words, *_ in MISUSED])
def test_misuse_registers_for_nothing(esxdriver, tell, conn, words, status, said):
    result = esxdriver(*words)
    assert result.exit_code == status
    assert said in result.stderr
    assert not conn.domainEventRegisterAny.called


LINES = [
    # kind, what the callback gets, the end of the line
    ("lifecycle", (0, 1), ": Defined Updated"),
    ("lifecycle", (1, 1), ": Undefined Renamed"),
    ("lifecycle", (2, 3), ": Started Snapshot"),
    ("lifecycle", (5, 99), ": Stopped unknown"),
    ("lifecycle", (99, 0), ": unknown unknown"),
    ("reboot", (), ""),
    ("tray-change", ("hdc", 0), " disk hdc: opened"),
    ("tray-change", ("hdc", 1), " disk hdc: closed"),
    ("device-added", ("nic1",), ": nic1"),
    ("device-removed", ("sdb",), ": sdb"),
    ("agent-lifecycle", (1, 2), ": state: 'connected' reason: 'channel event'"),
    ("agent-lifecycle", (2, 1), ": state: 'disconnected' reason: 'domain started'"),
    ("metadata-change", (0, None), ": type description, uri <null>"),
    ("metadata-change", (2, "urn:x"), ": type element, uri urn:x"),
    ("balloon-change", (1024,), ": 1024KiB"),
]


@pytest.mark.parametrize(("kind", "told", "end"), LINES)
def test_each_kind_has_virshs_line(kind, told, end):
    assert event_lines.KINDS[kind](*told) == end


@needs_virsh
def test_the_kinds_are_virshs_and_in_libvirts_order(esxdriver):
    shown = esxdriver("event", "--list").stdout.split()
    known, *_ = virsh("test:///default", "event", "--list")
    assert shown[: len(known.split())] == known.split()
    for name in filter(lambda name: name.startswith("VIR_DOMAIN_EVENT_ID_"), dir(libvirt)):
        kind = name.removeprefix("VIR_DOMAIN_EVENT_ID_").lower().replace("_", "-").replace("pmw", "pm-w")
        assert shown[getattr(libvirt, name)] == kind.replace("pms", "pm-s")


# -- await


def test_what_is_so_already_is_not_waited_for(esxdriver, tell, conn):
    conn.domains[0].isActive.return_value = 0
    result = esxdriver("await", "web01", "--condition", "domain-inactive")
    assert (result.exit_code, result.output) == (0, "")


def test_it_waits_for_an_event_after_which_the_condition_holds(esxdriver, tell, conn):
    conn.domains[1].isActive.side_effect = [1, 1, 0]
    tell(LIFECYCLE, 1, ON)
    tell(LIFECYCLE, 1, OFF)
    assert esxdriver("await", "db01", "--condition", "domain-inactive", "--timeout", "9").exit_code == 0


def test_it_says_2_when_it_has_waited_in_vain(esxdriver, tell, conn):
    conn.domains[1].isActive.return_value = 1
    result = esxdriver("await", "db01", "--condition", "domain-inactive", "--timeout", "1")
    assert (result.exit_code, result.stdout) == (2, "event loop timed out\n")


def test_the_guests_agent_is_vmware_tools(esxdriver, tell, conn):
    silent = [error(libvirt.VIR_ERR_OPERATION_INVALID, "off"), error(libvirt.VIR_ERR_AGENT_UNRESPONSIVE, "silent")]
    conn.domains[1].interfaceAddresses.side_effect = [*silent, {}]
    for _ in silent:
        tell(libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, 1, (1, 2))
    assert esxdriver("await", "db01", "--condition", "guest-agent-available", "--timeout", "9").exit_code == 0


def test_another_error_is_one(esxdriver, tell, conn):
    conn.domains[1].isActive.side_effect = error(libvirt.VIR_ERR_NO_DOMAIN, "it is gone")
    result = esxdriver("await", "db01", "--condition", "domain-inactive")
    assert (result.exit_code, "it is gone" in result.stderr) == (1, True)
