"""Which methods a driver's object has."""

from collections.abc import Callable
from typing import Any


def method_of(of: Any, name: str) -> Callable[..., Any] | None:
    """Return a method of an object, None where it has none or refuses whatever it is asked."""
    found = getattr(of, name, None)
    return None if getattr(found, "unsupported", False) is True else found
