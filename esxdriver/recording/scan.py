"""Look for known secrets in what is about to be written, in every form that they may have taken on."""

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

# The text is decoded rather than the secret encoded: an encoder may escape any part of it, in any way.
_VIEWS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    # form           the text has  decoded by
    ("raw",          "",           str),
    ("XML-escaped",  "&",          html.unescape),
    ("XML-escaped",  "&",          lambda text: html.unescape(html.unescape(text))),
    ("URL-encoded",  "%",          unquote),
    ("URL-encoded",  "%",          lambda text: unquote(text, "latin-1")),
    ("URL-encoded",  "+",          unquote_plus),
    ("URL-encoded",  "%",          lambda text: html.unescape(unquote_plus(text))),
)  # fmt: skip
_ENCODINGS = ("utf-8", "utf-16-le")
_MIN_BASE64 = 6  # characters of base64 that depend on nothing but the secret
_SHORT = 8  # a shorter secret may be part of a longer word by chance


@dataclass(frozen=True)
class Leak:
    """Where a secret was found, and in which form. The secret itself is not told."""

    where: str
    form: str


def leaks(texts: Iterable[tuple[str, str]], secrets: Iterable[str]) -> Iterator[Leak]:
    """Yield a leak for each (place, text) and form in which one of the secrets is found."""
    wanted = {secret for secret in secrets if secret.strip()}
    searches = [_search(secret) for secret in wanted]
    cores = {core for secret in wanted for core in _base64_cores(secret)}
    for where, text in texts:
        for form, sign, decode in _VIEWS:
            if sign in text and any(search(decoded) for decoded in (decode(text),) for search in searches):
                yield Leak(where, form)
        packed = re.sub(r"\s+", "", text).translate(_STANDARD_ALPHABET)
        if any(core in packed for core in cores):
            yield Leak(where, "base64")


_STANDARD_ALPHABET = str.maketrans("-_", "+/")


def _search(secret: str) -> Callable[[str], object]:
    if len(secret) >= _SHORT:
        return lambda text: secret in text
    return re.compile(rf"(?<!\w){re.escape(secret)}(?!\w)").search


def _base64_cores(secret: str) -> Iterator[str]:
    """Yield what base64 makes of the secret at each of three alignments, whatever stands around it."""
    for encoding in _ENCODINGS:
        content = secret.encode(encoding)
        for shift, affected in ((0, 0), (1, 2), (2, 3)):
            text = base64.b64encode(b"\0" * shift + content).decode()
            core = text[affected : (shift + len(content)) * 8 // 6]
            if len(core) >= _MIN_BASE64:
                yield core
