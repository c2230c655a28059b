"""Machines that start with their host: the host's own list, element by element.

Source: vSphere API, HostAutoStartManager and AutoStartPowerInfo.
"""

from typing import Any

import libvirt

from esxdriver.errors import error
from esxdriver.vsphere.machine.types import vim_type
from esxdriver.vsphere.query.retrieve import properties
from esxdriver.vsphere.wire.session import Session

_CONFIG, _MANAGER = "config.autoStart", "configManager.autoStartManager"
_STARTS, _NEVER = "powerOn", "none"


def starts_with_host(session: Session, ref: Any) -> bool:
    """Return whether a machine starts with its host, in two round trips. Raises OPERATION_INVALID without a host."""
    config = _host(session, ref)[_CONFIG]
    return _is_enabled(config) and ref in _started(config)


def set_start_with_host(session: Session, ref: Any, *, starts: bool) -> None:
    """Have a machine start with its host, or not; nothing is asked when it is so already.

    Raises OPERATION_INVALID where the host starts no machine at all and others are on its list: they would come too.
    """
    host = _host(session, ref)
    config, manager = host[_CONFIG], host[_MANAGER]
    others = _started(config) - {ref}
    if ((ref in _started(config)) is starts) and (not starts or _is_enabled(config)):
        return
    if manager is None:
        raise error(libvirt.VIR_ERR_OPERATION_UNSUPPORTED, "the host has no list of machines that start with it")
    spec = vim_type("HostAutoStartManagerConfig")(powerInfo=[_power_info(ref, starts=starts)])
    if starts and not _is_enabled(config):
        if others:
            raise error(
                libvirt.VIR_ERR_OPERATION_INVALID,
                f"the host starts no domain at all, and {len(others)} others are on its list, which would start, too: "
                "take them off it, or have the host start its list",
            )
        spec.defaults = vim_type("AutoStartDefaults")(enabled=True)
    manager.ReconfigureAutostart(spec)


def _host(session: Session, ref: Any) -> Any:
    host = properties(session, ref, "runtime.host")["runtime.host"]
    if host is None:
        raise error(libvirt.VIR_ERR_OPERATION_INVALID, "the domain is on no host, or on one that you may not see")
    return properties(session, host, _CONFIG, _MANAGER)


def _is_enabled(config: Any) -> bool:
    return config is not None and config.defaults is not None and bool(config.defaults.enabled)


def _started(config: Any) -> set[Any]:
    listed = config.powerInfo if config is not None else None
    return {each.key for each in listed or () if each.startAction == _STARTS}


def _power_info(ref: Any, *, starts: bool) -> Any:
    """Return a machine's element of the list; -1 is the host's default, and the order of one that stays off."""
    return vim_type("AutoStartPowerInfo")(
        key=ref, startOrder=-1, startDelay=-1, waitForHeartbeat="systemDefault",
        startAction=_STARTS if starts else _NEVER, stopDelay=-1, stopAction="systemDefault",
    )  # fmt: skip
