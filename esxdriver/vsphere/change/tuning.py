"""How a machine shares its host's processors and memory, in libvirt's parameters.

| libvirt                | vSphere                        | unit                                                   |
|------------------------|--------------------------------|--------------------------------------------------------|
| scheduler: reservation | ``cpuAllocation.reservation``  | MHz                                                    |
| limit                  | ``.limit``                     | MHz, -1 for none                                       |
| shares                 | ``.shares``                    | a number; -1 low, -2 normal, -3 high, as libvirt's own |
| memory: min_guarantee  | ``memoryAllocation.reservation`` | KiB here, MiB there                                  |
| hard_limit             | ``.limit``                     | the same, and no limit is libvirt's largest number     |

Source: vSphere API, ResourceAllocationInfo and SharesInfo.
"""

from collections.abc import Mapping
from typing import Any

import libvirt

from esxdriver.conf.mapping.enums import ShareLevel
from esxdriver.errors import WrongTypeError, error
from esxdriver.vsphere.machine.types import vim_type

_LEVELS = {-1: ShareLevel.LOW, -2: ShareLevel.NORMAL, -3: ShareLevel.HIGH}
_NO_LIMIT = -1
UNLIMITED = 2**53 - 1  # VIR_DOMAIN_MEMORY_PARAM_UNLIMITED, KiB
_KIB = 1024


def scheduler_parameters(allocation: Any) -> dict[str, int]:
    """Return libvirt's parameters of the scheduler; what a host leaves out is as vSphere's defaults are."""
    reservation, limit, shares = _parts(allocation)
    number = next((number for number, level in _LEVELS.items() if shares is None or shares.level == level.vim), None)
    return {
        "reservation": reservation,
        "limit": limit,
        "shares": -2 if shares is None else int(shares.shares) if number is None else number,
    }


def scheduler_spec(params: Mapping[str, int]) -> Any:
    """Return what sets parameters of the scheduler, in the units above.

    Raises INVALID_ARG for none, another name, and a value that cannot be, TypeError for what is no number.
    """
    _check("scheduler", params, ("reservation", "limit", "shares"))
    allocation = vim_type("ResourceAllocationInfo")()
    if (reservation := params.get("reservation")) is not None:
        allocation.reservation = _within("reservation", reservation, 0, "MHz")
    if (limit := params.get("limit")) is not None:
        allocation.limit = _within("limit", limit, _NO_LIMIT, "MHz, -1 for none")
    if (shares := params.get("shares")) is not None:
        allocation.shares = _shares(shares)
    return vim_type("VirtualMachineConfigSpec")(cpuAllocation=allocation)


def memory_parameters(allocation: Any) -> dict[str, int]:
    """Return libvirt's parameters of memory, in KiB."""
    reservation, limit, _ = _parts(allocation)
    return {"hard_limit": UNLIMITED if limit < 0 else limit * _KIB, "min_guarantee": reservation * _KIB}


def memory_tuning_spec(params: Mapping[str, int], most: int) -> Any:
    """Return what sets parameters of the memory of a machine that has ``most`` KiB.

    Values are KiB, rounded up to MiB. Raises INVALID_ARG for none, another name, and a value that cannot be, as a
    guarantee of more than it has, TypeError for what is no number.
    """
    _check("memory", params, ("hard_limit", "min_guarantee"))
    allocation = vim_type("ResourceAllocationInfo")()
    if (guarantee := params.get("min_guarantee")) is not None:
        if _within("min_guarantee", guarantee, 0, "KiB") > most:
            text = f"min_guarantee: {guarantee} KiB are more than the domain's {most} KiB"
            raise error(libvirt.VIR_ERR_INVALID_ARG, text)
        allocation.reservation = -(-guarantee // _KIB)
    if (limit := params.get("hard_limit")) is not None:
        unlimited = _within("hard_limit", limit, 1, "KiB") >= UNLIMITED
        allocation.limit = _NO_LIMIT if unlimited else -(-limit // _KIB)
    return vim_type("VirtualMachineConfigSpec")(memoryAllocation=allocation)


def _parts(allocation: Any) -> tuple[int, int, Any]:
    """Return reservation, limit and shares."""
    reservation, limit = getattr(allocation, "reservation", None), getattr(allocation, "limit", None)
    return reservation or 0, _NO_LIMIT if limit is None else limit, getattr(allocation, "shares", None)


def _shares(shares: int) -> Any:
    level = _LEVELS.get(shares, ShareLevel.CUSTOM)
    if level is ShareLevel.CUSTOM:
        number = _within("shares", shares, 0, "or -1 (low), -2 (normal), -3 (high)", 2**31)
    else:
        number = 0  # the level decides
    return vim_type("SharesInfo")(level=level.vim, shares=number)


def _check(what: str, params: Mapping[str, int], names: tuple[str, ...]) -> None:
    if not params:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"no {what} parameter is given: {', '.join(names)}")
    for name, value in params.items():
        if name not in names:
            text = f"{what} parameter '{name}': ESX has {', '.join(names)}"
            raise error(libvirt.VIR_ERR_INVALID_ARG, text)
        if not isinstance(value, int) or isinstance(value, bool):
            raise WrongTypeError(f"{what} parameter '{name}' is a number, not {value!r}")


def _within(name: str, value: int, least: int, unit: str, end: int = 2**63) -> int:
    if not least <= value < end:
        raise error(libvirt.VIR_ERR_INVALID_ARG, f"{name}: {value} cannot be, it is from {least} on, {unit}")
    return value
