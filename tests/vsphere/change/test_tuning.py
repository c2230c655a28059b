"""Parameters of the scheduler and of memory, both ways."""

import libvirt
import pytest
from pyVmomi import vim

from esxdriver.vsphere.change.tuning import (
    UNLIMITED,
    memory_parameters,
    memory_tuning_spec,
    scheduler_parameters,
    scheduler_spec,
)
from tests.helpers import failing


def allocation(reservation=0, limit=-1, level="normal", shares=1000):
    info = vim.SharesInfo(level=level, shares=shares)
    return vim.ResourceAllocationInfo(reservation=reservation, limit=limit, shares=info)


# libvirt's parameters and vSphere's allocation.
SCHEDULER = [
    ({"reservation": 0, "limit": -1, "shares": -2}, allocation()),
    ({"reservation": 500, "limit": 2000, "shares": -1}, allocation(500, 2000, "low", 500)),
    ({"reservation": 0, "limit": 0, "shares": -3}, allocation(0, 0, "high", 2000)),
    ({"reservation": 0, "limit": -1, "shares": 1500}, allocation(level="custom", shares=1500)),
]
MEMORY = [
    ({"hard_limit": UNLIMITED, "min_guarantee": 0}, allocation()),
    ({"hard_limit": 2 << 20, "min_guarantee": 1 << 20}, allocation(1024, 2048)),
]


@pytest.mark.parametrize(("params", "made"), SCHEDULER)
def test_the_scheduler_both_ways(params, made):
    assert scheduler_parameters(made) == params
    spec = scheduler_spec(params).cpuAllocation
    assert scheduler_parameters(spec) == params
    assert spec.shares.level == made.shares.level


@pytest.mark.parametrize(("params", "made"), MEMORY)
def test_memory_both_ways(params, made):
    assert memory_parameters(made) == params
    assert memory_parameters(memory_tuning_spec(params, 4 << 20).memoryAllocation) == params


def test_what_a_host_leaves_out_is_vspheres_default():
    assert scheduler_parameters(None) == {"reservation": 0, "limit": -1, "shares": -2}
    assert scheduler_parameters(vim.ResourceAllocationInfo()) == {"reservation": 0, "limit": -1, "shares": -2}
    assert memory_parameters(None) == {"hard_limit": UNLIMITED, "min_guarantee": 0}


def test_what_is_not_given_is_not_sent():
    spec = scheduler_spec({"shares": -1}).cpuAllocation
    assert (spec.reservation, spec.limit) == (None, None)
    assert memory_tuning_spec({"hard_limit": 1}, 4096).memoryAllocation.reservation is None
    assert memory_tuning_spec({"hard_limit": 1025}, 4096).memoryAllocation.limit == 2  # MiB, rounded up


def memory_of_4_mib(params):
    return memory_tuning_spec(params, 4096)


REFUSED = [
    (scheduler_spec, {}),
    (scheduler_spec, {"cpu_shares": 1}),
    (scheduler_spec, {"shares": -4}),
    (scheduler_spec, {"shares": 2**31}),
    (scheduler_spec, {"limit": -2}),
    (scheduler_spec, {"reservation": -1}),
    (scheduler_spec, {"reservation": 2**63}),
    (memory_of_4_mib, {}),
    (memory_of_4_mib, {"soft_limit": 1}),
    (memory_of_4_mib, {"hard_limit": 0}),
    (memory_of_4_mib, {"min_guarantee": -1}),
    (memory_of_4_mib, {"min_guarantee": 4097}),
]


@pytest.mark.parametrize(("made", "params"), REFUSED)
def test_what_cannot_be_is_refused(made, params):
    failing(libvirt.VIR_ERR_INVALID_ARG, made, params)


def test_a_value_is_a_number():
    for value in ("1", 1.0, True, None):
        with pytest.raises(TypeError, match="is a number"):
            scheduler_spec({"shares": value})
