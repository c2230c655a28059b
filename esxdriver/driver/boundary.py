"""The boundary of the driver: whatever goes wrong behind a public method is a ``libvirtError``.

A host's answer may hold anything, and what code makes of it may raise anything. So every public method of a class goes
through here, and not only those that somebody thought of. What became of the changes that a method has sent is reported
here as well, whatever ended it: see :mod:`esxdriver.outcome`. Arguments are looked at before anything is called: one of
the wrong type raises TypeError, as it does in libvirt-python, and None for a text INVALID_ARG.
"""

import functools
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from types import FunctionType, GeneratorType, TracebackType
from typing import Any, TypeVar

from esxdriver import outcome
from esxdriver.driver.arguments import kinds, refuse
from esxdriver.vsphere.wire.faults import as_libvirt

T = TypeVar("T")


class _Boundary:
    """A block that faults and mistakes leave as a ``libvirtError``; a signal and what a callback raises pass.

    It is a class, because a generator takes longer.
    """

    def __enter__(self) -> None:
        self._changes = outcome.enter()

    def __exit__(self, _kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None:
                return
            # Arguments that do not fit the method are a mistake of the caller: nothing was called.
            known = None if trace is not None and trace.tb_next is None else as_libvirt(error)
            outcome.tell(known or error, self._changes)
            if known is not None:
                raise known from error
        finally:
            outcome.leave(self._changes)


def bounded(cls: type[T]) -> type[T]:
    """Give the public methods of a class the boundary, those that it inherits included, and check their arguments."""
    attributes = {name: each for base in reversed(cls.__mro__) for name, each in vars(base).items()}
    for name, method in attributes.items():
        if not name.startswith("_") and isinstance(method, FunctionType):
            setattr(cls, name, _bounded(method))
    return cls


def _bounded(method: Callable[..., Any]) -> Callable[..., Any]:
    names = kinds(method)
    checks = {name: kind for name, kind in names.items() if kind is not None}
    positions = [(index, checks[name].takes) for index, name in enumerate(names) if name in checks]

    @functools.wraps(method)
    def call(*arguments: Any, **options: Any) -> Any:
        suspect = bool(options)
        for index, takes in positions:
            suspect = suspect or (index < len(arguments) and not takes(arguments[index]))
        if suspect:
            given = {**dict(zip(names, arguments, strict=False)), **options}
            if refusal := refuse(method.__name__, checks, {name: given[name] for name in checks if name in given}):
                raise refusal
        with _Boundary():
            made = method(*arguments, **options)
        return _items(made) if isinstance(made, GeneratorType) else made

    return call


def _items(items: Generator[Any, Any, Any]) -> Iterator[Any]:
    """Yield what a method yields; while whoever iterates works with it, no block is open."""
    with closing(items):
        while True:
            with _Boundary():
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item
