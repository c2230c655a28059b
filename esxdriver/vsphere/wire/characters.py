"""Characters that XML does not have: hosts send them where a user has put them into a name or a description.

One of them makes a whole answer malformed, in which a thousand machines may stand. Each is replaced by a mark, so that
the rest can be read, and only what holds a mark is unusable.
"""

import re

from esxdriver.characters import NO_XML

MARK = "\ufdd0"  # a noncharacter: XML has it, and nobody writes it

_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}));")


def marked_characters(answer: bytes) -> bytes:
    """Return an answer with a mark for each byte that is no UTF-8 and each character that XML does not have."""
    text = NO_XML.sub(MARK, answer.decode(errors="surrogateescape"))
    return _REFERENCE.sub(_of_reference, text).encode()


def _of_reference(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    return MARK if number > 0x10FFFF or NO_XML.match(chr(number)) else found[0]
