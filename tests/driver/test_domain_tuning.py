"""How a domain shares its host: read, set, and read again."""

import libvirt
import pytest

from tests.helpers import failing

UNLIMITED = 2**53 - 1


def test_the_scheduler_is_read_and_set(esx):
    web01 = esx.lookupByName("web01")
    assert web01.schedulerType() == ("allocation", 3)
    assert web01.schedulerParameters() == {"reservation": 0, "limit": -1, "shares": -2}
    assert web01.setSchedulerParametersFlags({"reservation": 500, "limit": 2000, "shares": 1500}) == 0
    assert web01.setSchedulerParameters({"shares": -3}) == 0
    assert web01.schedulerParametersFlags(libvirt.VIR_DOMAIN_AFFECT_CONFIG) == {
        "reservation": 500, "limit": 2000, "shares": -3,
    }  # fmt: skip
    assert "<shares>4000</shares>" in web01.XMLDesc()  # high, of two vCPUs


def test_memory_is_read_and_set(esx):
    web01 = esx.lookupByName("web01")
    assert web01.memoryParameters() == {"hard_limit": UNLIMITED, "min_guarantee": 0}
    assert web01.setMemoryParameters({"hard_limit": 1 << 20, "min_guarantee": 1 << 19}) == 0
    assert web01.memoryParameters() == {"hard_limit": 1 << 20, "min_guarantee": 1 << 19}
    assert web01.info()[1:3] == [2 << 20, 1 << 20]
    assert "<min_guarantee unit='KiB'>524288</min_guarantee>" in web01.XMLDesc()
    assert web01.setMemoryParameters({"hard_limit": UNLIMITED}) == 0
    assert web01.memoryParameters()["hard_limit"] == UNLIMITED


def test_what_cannot_be_is_refused_before_anything_is_asked(esx):
    web01 = esx.lookupByName("web01")
    failing(libvirt.VIR_ERR_INVALID_ARG, web01.setMemoryParameters, {"min_guarantee": 3 << 20})
    failing(libvirt.VIR_ERR_INVALID_ARG, web01.setMemoryParameters, {"soft_limit": 1 << 20})
    failing(libvirt.VIR_ERR_INVALID_ARG, web01.setSchedulerParameters, {"cpu_shares": 1})
    failing(libvirt.VIR_ERR_INVALID_ARG, web01.schedulerParametersFlags, 1 << 30)
    for value in ("1", 1.5, None):  # libvirt-python's own error
        with pytest.raises(TypeError, match="is a number"):
            web01.setMemoryParameters({"hard_limit": value})
        with pytest.raises(TypeError, match="is a number"):
            web01.setSchedulerParameters({"limit": value})
    assert esx.backend.session.calls["ReconfigVM_Task"] == 0
    esx.backend.readonly = True
    failing(libvirt.VIR_ERR_OPERATION_DENIED, web01.setMemoryParameters, {"hard_limit": 1 << 20})
    failing(libvirt.VIR_ERR_OPERATION_DENIED, web01.setSchedulerParameters, {"shares": -1})


def test_what_the_host_refuses_is_an_error(esx):
    web01 = esx.lookupByName("web01")
    failing(libvirt.VIR_ERR_INVALID_ARG, web01.setSchedulerParameters, {"reservation": 2000, "limit": 500})
