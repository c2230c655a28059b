"""Flags that choose among what a ``listAll*`` function of libvirt returns.

Flags come in groups. Within a group, what any of its flags asks for is enough; every group that has a flag set must be
satisfied. Source: https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectListAllDomains
"""

from collections.abc import Callable, Mapping

Group = Mapping[int, Callable[..., bool]]


def always(*_: object) -> bool:
    """Let everything through: what a flag asks for is so of all."""
    return True


def never(*_: object) -> bool:
    """Let nothing through: what a flag asks for is so of none."""
    return False


class Filters:
    """Groups of flags, with the test that each flag stands for."""

    def __init__(self, *groups: Group) -> None:
        self._groups = groups
        self.known = sum(flag for group in groups for flag in group)
        """All flags of all groups."""

    def admit(self, flags: int, *item: object) -> bool:
        """Whether ``flags`` choose an item: what the tests are called with."""
        chosen = ([test for flag, test in group.items() if flags & flag] for group in self._groups)
        return all(any(test(*item) for test in tests) for tests in chosen if tests)
