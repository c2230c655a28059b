"""What libvirt-python's classes have and this driver has no answer for: refused as libvirt refuses it, or empty.

The installed libvirt-python says which methods there are, with which signatures, and which function of libvirt's each
of them is; nothing of it is written here again.
"""

import functools
import inspect
import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import libvirt

from esxdriver.errors import WrongTypeError, check_flags, error
from esxdriver.installed import libvirt_python

T = TypeVar("T")

# What no vSphere host has any of; programs ask for it all the same, and end when it is refused.
_EMPTY: Mapping[str, Callable[[], Any]] = {
    "numOfSecrets": int, "listSecrets": list, "listAllSecrets": list,
    "numOfNWFilters": int, "listNWFilters": list, "listAllNWFilters": list, "listAllNWFilterBindings": list,
    "listAllCheckpoints": list, "messages": list, "diskErrors": dict,
    "DHCPLeases": list, "listAllPorts": list,
}  # fmt: skip
# What the flags begin with that choose among nothing; others have none.
_FLAGS = {
    "listAllSecrets": "VIR_CONNECT_LIST_SECRETS_",
    "listAllCheckpoints": "VIR_DOMAIN_CHECKPOINT_LIST_",
    "messages": "VIR_DOMAIN_MESSAGE_",
}


def complete(name: str) -> Callable[[type[T]], type[T]]:
    """Give a class each public method that libvirt-python's class ``name`` has and it lacks.

    Each takes the arguments of libvirt-python's, and raises TypeError for others. Then it returns an empty result where
    no host has what is asked for, or else raises NO_SUPPORT. One that only refuses has the attribute ``unsupported``.
    """

    def add(cls: type[T]) -> type[T]:
        for method, real in vars(getattr(libvirt_python(), name)).items():
            if inspect.isfunction(real) and not method.startswith("_") and not hasattr(cls, method):
                setattr(cls, method, _empty(real) if method in _EMPTY else _unsupported(real))
        return cls

    return add


def _empty(real: Callable[..., Any]) -> Callable[..., Any]:
    make, prefix = _EMPTY[real.__name__], _FLAGS.get(real.__name__)

    @functools.wraps(real)
    def nothing(*arguments: Any, **options: Any) -> Any:
        given = inspect.signature(real).bind(*arguments, **options).arguments
        flags, mac = given.get("flags", 0), given.get("mac")
        if not hasattr(flags, "__index__") or not isinstance(mac, str | None):
            raise WrongTypeError(f"{real.__name__}() takes flags that are a number, and texts")
        known = (value for name, value in vars(libvirt).items() if prefix and name.startswith(prefix))
        check_flags(flags, functools.reduce(operator.or_, known, 0), _function(real))
        return make()

    return nothing


def _unsupported(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def refuse(*arguments: Any, **options: Any) -> Any:
        inspect.signature(real).bind(*arguments, **options)
        raise error(libvirt.VIR_ERR_NO_SUPPORT, _function(real))

    refuse.unsupported = True  # type: ignore[attr-defined]
    return refuse


def _function(real: Callable[..., Any]) -> str:
    """Return the function of libvirt's that a method of libvirt-python's calls: what the text of the error names."""
    called = (each for each in real.__code__.co_names if each.startswith("vir") and not hasattr(libvirt_python(), each))
    return next(called, real.__qualname__)
