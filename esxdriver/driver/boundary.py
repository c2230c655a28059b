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
from esxdriver.errors import WrongTypeError, invalid_arg
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
    kinds = _kinds(method)
    checks = [(name, kind) for name, kind in kinds.items() if kind is not None]
    positions = [(index, name, kind) for index, (name, kind) in enumerate(kinds.items()) if kind is not None]

    @functools.wraps(method)
    def call(*arguments: Any, **options: Any) -> Any:
        for index, name, kind in positions:
            if index < len(arguments) and not kind(arguments[index]):
                raise _wrong(method, name, kind, arguments[index])
        for name, kind in checks if options else ():
            if name in options and not kind(options[name]):
                raise _wrong(method, name, kind, options[name])
        with _Boundary():
            made = method(*arguments, **options)
        return _items(made) if isinstance(made, GeneratorType) else made

    return call


def _kinds(method: Callable[..., Any]) -> dict[str, Callable[[Any], bool] | None]:
    """Return what each argument has to be, in their order. Its code says so; ``inspect`` takes 20 us."""
    code, declared = method.__code__, method.__annotations__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return {name: _KINDS.get(getattr(kind := declared.get(name), "__name__", str(kind))) for name in names}


def _is_number(value: Any) -> bool:
    return hasattr(value, "__index__")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


# What libvirt-python's C code takes for an argument that is declared so; for anything else it raises TypeError, but for
# None in place of a text, which is libvirt's to refuse.
_KINDS: dict[str, Callable[[Any], bool]] = {
    "int": _is_number,
    "str": _is_text,
    "str | None": _is_text_or_none,
    "bytes": lambda value: isinstance(value, bytes | bytearray | str),  # virtinst looks UUIDs up by their text
}


def _wrong(method: Callable[..., Any], name: str, kind: Callable[[Any], bool], value: Any) -> Any:
    """Return the error for a value that an argument does not take."""
    what = f"{method.__name__}() argument '{name}'"
    if kind is _is_text and value is None:
        return invalid_arg(f"{what} must not be None")
    return WrongTypeError(f"{what} is of the wrong type: {type(value).__name__}")


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
