"""Tuning, as virsh shows it and hands it on."""

import libvirt
import pytest

UNLIMITED = 2**53 - 1
MAXIMUM, CONFIG, LIVE = libvirt.VIR_DOMAIN_VCPU_MAXIMUM, libvirt.VIR_DOMAIN_AFFECT_CONFIG, 1


@pytest.fixture
def domain(conn):
    web01, db01 = conn.domains[:2]
    for each in (web01, db01):
        each.schedulerType.return_value = ("allocation", 3)
        each.schedulerParametersFlags.return_value = {"reservation": 0, "limit": -1, "shares": -2}
        each.memoryParameters.return_value = {"hard_limit": UNLIMITED, "min_guarantee": 1024}
        each.vcpusFlags.return_value = 2
    web01.isActive.return_value, db01.isActive.return_value = 0, 1
    return db01


SHOWN = [
    (["schedinfo", "db01"], "Scheduler      : allocation\nreservation    : 0\nlimit          : -1\nshares         : -2\n"),
    (["memtune", "db01"], "hard_limit     : unlimited\nmin_guarantee  : 1024\n"),
    (["vcpucount", "web01"], "maximum      config         2\ncurrent      config         2\n"),
    (["vcpucount", "db01"], "maximum      config         2\nmaximum      live           2\n"
                            "current      config         2\ncurrent      live           2\n"),
    (["vcpucount", "db01", "--maximum", "--config"], "2\n"),
    (["vcpucount", "db01", "--current"], "2\n"),
]  # fmt: skip


@pytest.mark.usefixtures("domain")
@pytest.mark.parametrize(("given", "shown"), SHOWN)
def test_shows(esxdriver, given, shown):
    found = esxdriver(*given)
    assert (found.exit_code, found.output) == (0, shown)


# What is given, the method, and what it gets.
SET = [
    (
        ["schedinfo", "db01", "shares=-3", "limit=2000"],
        "setSchedulerParametersFlags",
        ({"shares": -3, "limit": 2000}, 0),
    ),
    (["schedinfo", "db01", "--set", "shares=5", "--config"], "setSchedulerParametersFlags", ({"shares": 5}, CONFIG)),
    (["schedinfo", "db01", "--weight", "5"], "setSchedulerParametersFlags", ({"weight": 5}, 0)),
    (["memtune", "db01", "--hard-limit", "1G", "--live"], "setMemoryParameters", ({"hard_limit": 1 << 20}, LIVE)),
    (["memtune", "db01", "--hard-limit", "-1"], "setMemoryParameters", ({"hard_limit": UNLIMITED}, 0)),
    (["memtune", "db01", "--min-guarantee", "0"], "setMemoryParameters", ({"min_guarantee": 0}, 0)),
    (["memtune", "db01", "--soft-limit=1M"], "setMemoryParameters", ({"soft_limit": 1024}, 0)),
    (["vcpucount", "db01", "--maximum", "--live"], "vcpusFlags", (MAXIMUM | LIVE,)),
    (["vcpucount", "db01", "--guest"], "vcpusFlags", (libvirt.VIR_DOMAIN_VCPU_GUEST,)),
]


@pytest.mark.parametrize(("given", "method", "sent"), SET)
def test_hands_on(esxdriver, domain, given, method, sent):
    assert esxdriver(*given).exit_code == 0
    getattr(domain, method).assert_called_once_with(*sent)


REFUSED = [
    ["schedinfo", "db01", "shares"], ["schedinfo", "db01", "shares=many"], ["memtune", "db01", "--hard-limit", "x"],
    ["vcpucount", "db01", "--maximum", "--active"], ["vcpucount", "db01", "--live", "--config"],
    ["memtune", "db01", "--current", "--live"],
]  # fmt: skip


@pytest.mark.parametrize("given", REFUSED)
def test_refuses(esxdriver, domain, given):
    assert esxdriver(*given).exit_code != 0
    for method in ("setSchedulerParametersFlags", "setMemoryParameters", "vcpusFlags"):
        getattr(domain, method).assert_not_called()
