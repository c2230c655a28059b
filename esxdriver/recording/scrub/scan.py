"""Look for known secrets in what is about to be written, in every form that they may have taken on."""

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

# Escaped and quoted by turns, as an answer within an answer is.
_MAX_LAYERS = 6
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
        found = {form for form, view in _views(text) if any(search(view) for search in searches)}
        packed = re.sub(r"\s+", "", text).translate(_STANDARD_ALPHABET)
        if any(core in packed for core in cores):
            found.add("base64")
        yield from (Leak(where, form) for form in sorted(found))


def _views(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text and what it decodes to: an encoder may have escaped any part of it, in any way."""
    yield "raw", text
    if "&" in text:
        yield "XML-escaped", _unescaped(text)
    if "%" in text or "+" in text:
        yield "URL-encoded", unquote(text)
        yield "URL-encoded", unquote(text, "latin-1")
        yield "URL-encoded", unquote_plus(text)
    for _ in range(_MAX_LAYERS):
        decoded = unquote_plus(_unescaped(text))
        if decoded == text:
            return
        text = decoded
        yield "escaped more than once", text


def _unescaped(text: str) -> str:
    # Leading zeros hide nothing, and a reference of thousands of digits is no character.
    return html.unescape(_LONG_REFERENCE.sub("", _ZEROS.sub(r"\1", text)))


_ZEROS = re.compile(r"(&#[xX]?)0++(?=[0-9A-Fa-f])")
_LONG_REFERENCE = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9A-Fa-f]{7,}+);?")
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
