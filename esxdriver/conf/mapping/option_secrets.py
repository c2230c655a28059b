"""Which options of a machine (``extraConfig``, a VMX file's lines) hold a secret: the one table of the package.

A dump shows such an option with VIR_DOMAIN_XML_SECURE alone, a recording has a placeholder for its value, and
``cassette check`` reports one that is left. Options are known by their names, and by a value that shows what it is.
"""

import re
from enum import Enum
from functools import lru_cache


class Secrecy(Enum):
    """How much an option's value may tell."""

    SECRET = "secret"  # noqa: S105 - passwords, tokens, keys, and documents that have them
    PRIVATE = "private"  # what a guest says of itself: private, but it opens nothing


# Rows are tried in order, on the name without regard to case; the first that is found counts.
_NAMES: tuple[tuple[Secrecy, str], ...] = (
    # cloud-init's documents and OVF's environment, which hold passwords
    (Secrecy.SECRET, r"guestinfo\.(?:(?:user|meta|vendor)data(?!\.encoding)|ovfenv|ignition|coreos|talos)"),
    (Secrecy.SECRET, r"(?:^|\.)encryption\."),
    (Secrecy.SECRET, r"pass[._ -]?(?:word|wd|phrase|code)|pwd|secret|token|credential"),
    (Secrecy.SECRET, r"(?<![a-z])(?:pass|pw|psk|otp|totp|jwt)(?![a-z])|(?:auth|session)[._ -]?cookie"),
    (
        Secrecy.SECRET,
        r"(?:private|api|access|account|auth|data[._ -]?file|encryption|host|license|master|product|session|shared|"
        r"signing|ssh|storage|vnc|wrapped)[._ -]?keys?(?![a-z])",
    ),
    (Secrecy.PRIVATE, r"(?:^|\.)guestinfo\."),
)
_COMPILED = tuple((secrecy, re.compile(pattern, re.IGNORECASE)) for secrecy, pattern in _NAMES)
# An abbreviation at the end of a name in mixed case: vendor.adminPass, dbPw.
_LAST_PART = re.compile(r"[a-z0-9](?:Pass|Pw|Psk|Otp|Jwt)(?![a-z])")

# What a value shows by itself, whatever the option is called; the group is the secret. Each text is read once, however
# often a pattern begins in it: values come from guests.
SECRET_TEXTS: tuple[re.Pattern[str], ...] = (
    # a private key, whole or cut off
    re.compile(
        r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*+(?:-{1,4}(?!-)[^-]*+)*+(?:-----END [A-Z ]{0,40}-----)?)"
    ),
    re.compile(r"(?<![\w-])(eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+\.[\w-]++)"),  # a JSON web token
)


@lru_cache(maxsize=4096)  # machines have the same names
def secrecy_of(name: str) -> Secrecy | None:
    """Return what the table says of an option's value by its name, None when it may be seen."""
    found = next((secrecy for secrecy, pattern in _COMPILED if pattern.search(name)), None)
    return found or (Secrecy.SECRET if _LAST_PART.search(name) else None)


def is_secret(name: str, value: str = "") -> bool:
    """Return whether an option is for the eyes of those who ask for secrets alone."""
    return secrecy_of(name) is not None or any(pattern.search(value) for pattern in SECRET_TEXTS)
