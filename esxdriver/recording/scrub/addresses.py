"""Placeholders with numbers, and the addresses that get them: MAC, IPv4 and IPv6, iSCSI, and disks by serial number."""

import ipaddress
import re
from collections.abc import Callable
from typing import NamedTuple

_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9a-fA-F:]*:[0-9a-fA-F:]*:)[0-9a-fA-F:]{3,39}(?![\w:.])")
_PAIR = "[0-9a-fA-F]{2}"
_MAC = re.compile(rf"(?<![\w:-])(?:(?:{_PAIR}:){{5}}|(?:{_PAIR}-){{5}}){_PAIR}(?![\w:-])")
_IQN = re.compile(r"(?<![\w.])iqn\.\d{4}-\d{2}\.[\w.:-]{1,223}")
_T10 = re.compile(r"(?<![\w.])t10\.[\w.+-]{4,255}")  # a disk's vendor, model and serial number
_OUR_IQN, _OUR_T10 = "iqn.1998-01.example:", "t10.disk"
_OUR_IPV4 = ipaddress.ip_network("198.18.0.0/15")  # RFC 2544: for tests, never routed
_OUR_IPV6 = ipaddress.ip_network("2001:db8::/32")  # RFC 3849: for documentation


class Numbered:
    """Values of one sort and their placeholders, numbered from 1."""

    def __init__(self, make: Callable[[str, int], str]) -> None:
        self.taken: set[str] = set()
        self.known: dict[str, str] = {}
        self._make = make
        self._last = 0

    def of(self, value: str) -> str:
        """Return the placeholder for a value."""
        if value not in self.known:
            self._last += 1
            while (placeholder := self._make(value, self._last)) in self.taken:
                self._last += 1
            self.taken.add(placeholder)
            self.known[value] = placeholder
        return self.known[value]


class Addresses(NamedTuple):
    """A sort of address: how it looks, its placeholders, which are placeholders, which are the same everywhere."""

    pattern: re.Pattern[str]
    numbered: Numbered
    is_ours: Callable[[str], bool]
    is_usual: Callable[[str], bool]


def addresses() -> tuple[Addresses, ...]:
    """Return the sorts of address, each with its numbers from 1."""
    return (
        Addresses(_MAC, Numbered(_other_mac), lambda text: text[9:11] == "00", _is_usual_mac),
        Addresses(_IPV4, Numbered(lambda _, n: str(_OUR_IPV4[n])), _inside(_OUR_IPV4), _is_usual_ip),
        Addresses(_IQN, Numbered(lambda _, n: f"{_OUR_IQN}{n}"), lambda text: text.startswith(_OUR_IQN), _is_never),
        Addresses(_T10, Numbered(lambda _, n: f"{_OUR_T10}{n}"), lambda text: text.startswith(_OUR_T10), _is_never),
        Addresses(_IPV6, Numbered(lambda _, n: str(_OUR_IPV6[n])), _inside(_OUR_IPV6), _is_usual_ip),
    )


def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that a text is, or None."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _inside(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Callable[[str], bool]:
    def is_inside(text: str) -> bool:
        found = address(text)
        return found is not None and found in network

    return is_inside


def _is_usual_ip(text: str) -> bool:
    """Not an address after all, or one that says nothing: loopback, unspecified, multicast, a netmask."""
    found = address(text)
    if found is None or text.startswith("255."):
        return True
    return found.is_loopback or found.is_unspecified or found.is_multicast


def _is_usual_mac(text: str) -> bool:
    return text.lower() in ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")


def _other_mac(mac: str, number: int) -> str:
    # The vendor's half stays: it tells generated from assigned addresses.
    return mac[:9] + mac[2].join(("00", f"{number >> 8:02x}", f"{number & 255:02x}"))


def _is_never(_: str) -> bool:
    return False
