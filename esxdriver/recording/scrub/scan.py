"""Look for known secrets in what is about to be written, in every form that they may have taken on."""

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from esxdriver.recording.scrub.searched import Searched

# Escaped and quoted by turns, as an answer within an answer is.
_MAX_LAYERS = 6
_ENCODINGS = ("utf-8", "utf-16-le")
_MIN_BASE64 = 6  # characters of base64 that depend on nothing but the secret
_SHORT = 8  # a shorter secret may be part of a longer word by chance


@dataclass(frozen=True)
class Secret:
    """A value to search for, and what it is called: where it stood."""

    text: str
    searched: Searched = Searched.ANYWHERE
    name: str = "a given secret"


@dataclass(frozen=True)
class Leak:
    """Where a secret was found, in which form, and what it is called. The secret itself is never shown."""

    where: str
    form: str
    name: str = "a given secret"


def leaks(texts: Iterable[tuple[str, str]], secrets: Iterable[Secret | str]) -> Iterator[Leak]:
    """Yield a leak for each (where, text) and form in which a secret is found; one given as text may be anywhere."""
    named = (Secret(secret) if isinstance(secret, str) else secret for secret in secrets)
    wanted = {secret.text: secret for secret in named if secret.text.strip()}.values()
    searches = [(_search(secret), secret.name) for secret in wanted]
    cores = {core: secret.name for secret in wanted for core in _base64_cores(secret)}
    for where, text in texts:
        views = list(_views(text))
        found = {(form, name) for search, name in searches for form, view in views if search(view)}
        packed = re.sub(r"\s+", "", text).translate(_STANDARD_ALPHABET)
        found |= {("base64", name) for core, name in cores.items() if core in packed}
        yield from (Leak(where, form, name) for form, name in sorted(found))


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


# What a text puts before a credential: "password: ", "token=", "root:" of a URL.
_CREDENTIAL = (
    r"(?:(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?)[\"']?(?:\s?[:=]\s?|\sis\s)[\"']?|://[\w.-]{1,64}:)"
)


def _search(secret: Secret) -> Callable[[str], object]:
    if secret.searched is Searched.AS_CREDENTIAL:
        return re.compile(rf"{_CREDENTIAL}{re.escape(secret.text)}(?!\w)", re.IGNORECASE).search
    if len(secret.text) >= _SHORT:
        return lambda text: secret.text in text
    return re.compile(rf"(?<!\w){re.escape(secret.text)}(?!\w)").search


def _base64_cores(secret: Secret) -> Iterator[str]:
    """Yield what base64 makes of the secret at each of three alignments, whatever stands around it."""
    for encoding in _ENCODINGS:
        content = secret.text.encode(encoding)
        for shift, affected in ((0, 0), (1, 2), (2, 3)):
            text = base64.b64encode(b"\0" * shift + content).decode()
            core = text[affected : (shift + len(content)) * 8 // 6]
            if len(core) >= _MIN_BASE64:
                yield core
