"""Typed parameters: libvirt's types, of which Python's values say nothing."""

import pytest

from esxdriver.rpc import typed_params

# Name, value, libvirt's type. Source: virConnectGetAllDomainStats' page, and include/libvirt/libvirt-domain.h
KINDS = [
    ("state.state", 1, typed_params.INT),
    ("state.reason", 0, typed_params.INT),
    ("cpu.time", 5, typed_params.ULLONG),
    ("cpu.user", 5, typed_params.ULLONG),
    ("balloon.current", 1, typed_params.ULLONG),
    ("vcpu.current", 2, typed_params.UINT),
    ("vcpu.maximum", 2, typed_params.UINT),
    ("vcpu.0.state", 1, typed_params.INT),
    ("vcpu.0.time", 1, typed_params.ULLONG),
    ("net.count", 1, typed_params.UINT),
    ("net.0.name", "vnet0", typed_params.STRING),
    ("net.0.rx.bytes", 1, typed_params.ULLONG),
    ("block.count", 1, typed_params.UINT),
    ("block.0.backingIndex", 1, typed_params.UINT),
    ("block.0.capacity", 1, typed_params.ULLONG),
    ("rd_bytes", 1, typed_params.LLONG),
    ("wr_operations", 1, typed_params.LLONG),
    ("cpu_shares", 1, typed_params.ULLONG),
    ("vcpu_period", 1, typed_params.ULLONG),
    ("vcpu_quota", -1, typed_params.LLONG),
    ("emulator_quota", 1, typed_params.LLONG),
    ("reservation", 1, typed_params.LLONG),
    ("shares", 1, typed_params.INT),
    ("inbound.average", 1, typed_params.UINT),
    ("hard_limit", 1, typed_params.ULLONG),
    ("weight", 1, typed_params.UINT),
    ("user.count", 1, typed_params.UINT),
    ("fs.0.disk.count", 1, typed_params.UINT),
    ("if.0.addr.0.prefix", 24, typed_params.UINT),
    ("success", True, typed_params.BOOLEAN),
    ("load.1m", 0.5, typed_params.DOUBLE),
    ("anything.else", -1, typed_params.LLONG),
]


@pytest.mark.parametrize(("name", "value", "kind"), KINDS)
def test_a_value_has_the_type_that_clients_ask_for(name, value, kind):
    assert typed_params.to_wire({name: value}) == [(name, (kind, value))]


@pytest.mark.parametrize(("name", "value", "kind"), KINDS)
def test_parameters_come_back_as_they_were(name, value, kind):
    assert typed_params.from_wire(typed_params.to_wire({name: value})) == {name: value}


def test_a_boolean_of_the_wire_is_one_of_python():
    assert typed_params.from_wire([("b", (typed_params.BOOLEAN, 1))])["b"] is True
