"""Which of the values that were taken out are searched for in the rest of a recording, and how.

A value that is no secret by itself stands in every answer: to search for it would refuse every recording. So it is
only taken out where the tables name it.
"""

import re
from enum import Enum

# What stands for a truth, or for nothing.
_TRUTHS = """
    true false yes no on off enabled disabled enable disable none null unset unknown auto
"""
# Words of the API, of its products and of this format, and what people choose for a first password. Other words of an
# answer are learnt from its names.
_ORDINARY = """
    access account admin administrator application backup body changeme charset client cluster code content cookie data
    database datacenter datastore default demo dev development domain envelope esx esxdriver esxi external guest header
    headers home host https image info interactions internal key lab linux local localhost login machine main message
    metadata method monitor monitoring name network office operator oracle pass passw0rd password password1 password123
    path postgres private prod production profile property public pyvmomi recorded request response root rules scrubbed
    sdk secret security server service session stage staging standard state status storage string support system
    template temp test testing text token type ubuntu uri user value vcenter version vim virtual vmware vmware1 vpxuser
    vsphere
    web welcome windows xml
"""
_TRUTH_WORDS, _ORDINARY_WORDS = frozenset(_TRUTHS.split()), frozenset(_ORDINARY.split())
_SHORTEST = 4  # characters: anything shorter is somewhere by chance
_NUMBER = re.compile(r"[-+]?(?:0x)?[0-9]{1,7}(?:\.[0-9]{1,7})?")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


class Searched(Enum):
    """How a value is searched for."""

    ANYWHERE = "anywhere"
    AS_CREDENTIAL = "as a credential"  # where a text says that it is one: "password: welcome", "root:welcome@"
    NOT = "not"


def names_of(name: str) -> set[str]:
    """Return the words that a name of the API is made of: ``virtual``, ``disk`` and ``virtualdisk`` of VirtualDisk."""
    parts = {part.lower() for part in _PARTS.findall(name[:200])}
    return parts | {name.lower()}


def how_searched(text: str, vocabulary: set[str]) -> Searched:
    """Return how a value that was taken out is searched for; ``vocabulary`` has the words of the answers' own names."""
    folded = text.strip().lower()
    if len(folded) < _SHORTEST or folded in _TRUTH_WORDS or _NUMBER.fullmatch(folded):
        return Searched.NOT
    if folded in _ORDINARY_WORDS or (folded.isalpha() and folded in vocabulary):
        return Searched.AS_CREDENTIAL
    return Searched.ANYWHERE
