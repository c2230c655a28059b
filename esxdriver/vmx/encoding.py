"""A VMX file's encoding: the name in its ``.encoding``, the bytes, the text.

The names are ICU's, as VMware's products write them: the name of the user's Windows code page (``Shift_JIS``,
``windows-949-2000``, ``GBK``) or of a Unix locale's. What they mean is the code page, which is more than the standard
of that name: Windows' Shift_JIS has ①, its GBK the euro. Bytes that a code page has no character for are passed
through, so that a file's bytes are the same again when its text is written.

Sources: the table of names in open-vm-tools (unicodeSimpleTypes.c); ICU's convrtrs.txt; Windows' best-fit tables.
"""

import codecs
import re
from collections.abc import Mapping

UTF_8 = "UTF-8"  # what a file without a name is in, and what new files are written in

# Python's codec, and the numbers that IBM, Microsoft and ICU have for it.
_NUMBERED = (
    ("utf-8", "1208 1209 5304 5305 13496 13497 17592 17593 65001"), ("ascii", "367 20127 646"),
    ("latin-1", "819 28591"), ("iso8859-2", "912 28592"), ("iso8859-3", "913 28593"), ("iso8859-4", "914 28594"),
    ("iso8859-5", "915 28595"), ("iso8859-6", "1089 28596 708"), ("iso8859-7", "813 9005 28597"),
    ("iso8859-8", "916 5012 28598 38598"), ("iso8859-9", "920 28599"), ("iso8859-13", "921 28603"),
    ("iso8859-15", "923 28605"),
    ("cp1250", "1250 5346"), ("cp1251", "1251 5347"), ("cp1252", "1252 5348"), ("cp1253", "1253 5349"),
    ("cp1254", "1254 5350"), ("cp1255", "1255 9447"), ("cp1256", "1256 9448"), ("cp1257", "1257 9449"),
    ("cp1258", "1258 5354"), ("cp874", "874 9066"),
    ("cp932", "932 942 943"), ("gbk", "936 1386 1383 20936 52936"), ("cp949", "949 1363 970 51949 5601"),
    ("cp950", "950 1370 1373"), ("big5hkscs", "951 1375 5471"), ("gb18030", "1392 54936"),
    ("euc_jp", "954 5050 20932 33722 51932"), ("iso2022_jp_ext", "5054 50220 50221 50222"),
    ("koi8-r", "878 20866"), ("koi8-u", "1168 21866"), ("hp-roman8", "1051"),
    ("mac-roman", "10000"), ("mac-greek", "10006"), ("mac-cyrillic", "10007"), ("mac-latin2", "10029"),
    ("mac-turkish", "10081"), ("kz1048", "1048"),
    *((f"cp{page}", str(page)) for page in (437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865,
                                            866, 869, 1125)),
)  # fmt: skip

# The same, and its names, as far as they are no number with a prefix.
_NAMED = (
    ("utf-8", "utf-8"), ("ascii", "us-ascii ascii us csascii ascii7 iso646-us ansi_x3.4-1968 ansi_x3.4-1986"),
    ("ascii", "iso_646.irv:1991 iso_646.irv:1983 iso-ir-6 c posix"),
    ("latin-1", "latin1 l1 csisolatin1 iso-ir-100"), ("iso8859-2", "latin2 l2 csisolatin2 iso-ir-101"),
    ("iso8859-3", "latin3 l3 csisolatin3 iso-ir-109"), ("iso8859-4", "latin4 l4 csisolatin4 iso-ir-110"),
    ("iso8859-5", "cyrillic csisolatincyrillic iso-ir-144"), ("iso8859-6", "arabic asmo-708 ecma-114 iso-ir-127"),
    ("iso8859-7", "greek greek8 ecma-118 elot_928 iso-ir-126"), ("iso8859-8", "hebrew hebrew8 iso-ir-138"),
    ("iso8859-9", "latin5 l5 turkish turkish8 ecma-128 iso-ir-148"), ("iso8859-10", "latin6 l6 iso-ir-157"),
    ("iso8859-14", "latin8 l8 iso-celtic iso-ir-199"), ("iso8859-15", "latin9 latin-9 l9"),
    ("iso8859-16", "latin10 l10 iso-ir-226"),
    ("cp874", "tis-620 tis620.2533 eucth"),
    ("cp932", "shift_jis sjis ms_kanji x-sjis csshiftjis windows-31j cswindows31j pck ibm-943c cp943c"),
    ("gbk", "gbk gb2312 gb_2312-80 euc-cn euccn csgb2312 chinese iso-ir-58 x-gbk hp15cn"),
    ("gb18030", "gb18030"),
    ("cp949", "euc-kr euckr ks_c_5601-1987 ks_c_5601-1989 ksc_5601 ksc5601 korean csksc56011987 uhc ksc cseuckr "
              "iso-ir-149"),
    ("euc_jp", "ibm-eucjp"), ("cp949", "ibm-euckr"), ("gbk", "ibm-euccn"),
    ("cp950", "big5 csbig5 x-big5"), ("big5hkscs", "big5-hkscs big5hk hkscs-big5 big5-hkscs:unicode3.0"),
    ("euc_jp", "euc-jp eucjp eucjis ujis x-euc-jp cseucpkdfmtjapanese "
               "extended_unix_code_packed_format_for_japanese"),
    ("iso2022_jp_ext", "iso-2022-jp iso-2022-jp-1 csiso2022jp jis jis_encoding"),
    ("koi8-r", "koi8 koi8-r cskoi8r"), ("koi8-u", "koi8-u"), ("hp-roman8", "hp-roman8 roman8 r8 cshproman8"),
    ("mac-roman", "macintosh mac macroman x-macroman csmacintosh macos-0_2-10.2"),
    ("mac-greek", "x-mac-greek macgr macos-6_2-10.4"), ("mac-cyrillic", "x-mac-cyrillic maccy macos-7_3-10.2"),
    ("mac-latin2", "x-mac-centraleurroman x-mac-ce macce macos-29-10.2"),
    ("mac-turkish", "x-mac-turkish mactr macos-35-10.2"),
    ("kz1048", "kz-1048 ptcp154 strk1048.2002"),
    *((f"iso8859-{part}", f"iso-8859-{part} iso8859-{part} 8859-{part}") for part in range(2, 17) if part != 12),
    ("latin-1", "iso-8859-1 iso8859-1 8859-1"),
)  # fmt: skip


def _folded(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


_CODECS = {_folded(name): codec for codec, names in _NAMED for name in names.split()}
_PAGES = {number: codec for codec, numbers in _NUMBERED for number in numbers.split()}
# A number, its prefix, and what ICU adds: windows-949-2000, ibm-943_P15A-2003, x-IBM874, cs437.
_PAGE = re.compile(
    r"(?:x-)?(?:windows|ibm|ms|ms-?cp|cp|cs|csibm|cspc\w*page|ccsid|dos)?[-_]?0*(\d+)(?:[-_].*)?", re.IGNORECASE
)
# ISO's numbers, with the year or ICU's edition: ISO_8859-7:1987, iso-8859_11-2001.
_ISO = re.compile(r"(?:iso[-_]?)?(8859[-_]\d+)(?:[-:_].*)?", re.IGNORECASE)

# Where a byte has no character, these say which one Windows has for it.
_WINDOWS: Mapping[str, Mapping[int, str]] = {"gbk": {0x80: "€"}}
# Every sequence of bytes that these do not know is an error: they have a character for each one, or states.
_STRICT = {"utf-8", "gb18030", "iso2022_jp_ext"}
_PAIRS = {"cp932", "cp949", "cp950", "gbk", "big5hkscs", "euc_jp"}

_CONTROLS = range(0x80, 0xA0)
_PASSED = 0xF700  # the private use area's part where bytes without a character stand, as U+F780 for 80
_HIGH, _TRAIL = 0x80, 0x40


def codec_of(name: str) -> str | None:
    """Return Python's codec for what VMware calls ``name``, or None when that is no encoding of VMX files."""
    known = _CODECS.get(_folded(name))
    if known is None and (iso := _ISO.fullmatch(name)):
        known = _CODECS.get(_folded(iso[1]))
    if known is None and (page := _PAGE.fullmatch(name)):
        known = _PAGES.get(page[1])
    return known


def text_of_bytes(data: bytes, name: str) -> str:
    """Return the text of ``data``. What is ASCII throughout needs no name.

    Raises LookupError for an unknown name, UnicodeDecodeError for bytes that are not in an encoding where every
    sequence has its meaning.
    """
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    codec = _known(name)
    return data.decode(codec, _errors(codec))


def bytes_of_text(text: str, name: str) -> bytes:
    """Return the bytes of ``text``: the contrary of :func:`text_of_bytes`.

    Raises LookupError for an unknown name, UnicodeEncodeError for a character that the encoding does not have.
    """
    if text.isascii():
        return text.encode("ascii")
    codec = _known(name)
    return text.encode(codec, _errors(codec))


def _known(name: str) -> str:
    codec = codec_of(name)
    if codec is None:
        raise LookupError(name)
    return codec


def _errors(codec: str) -> str:
    return "strict" if codec in _STRICT else f"esxdriver.vmx.{codec}"


class _PassThrough:
    """An error handler of Python's codecs: bytes without a character of a code page become characters, and back.

    80 to 9F are control characters, as in Windows' own tables; others stand in the private use area.
    """

    def __init__(self, codec: str) -> None:
        self._pairs = codec in _PAIRS
        self._characters = _WINDOWS.get(codec, {})
        self._bytes = {character: byte for byte, character in self._characters.items()}

    def __call__(self, failure: UnicodeError) -> tuple[str | bytes, int]:
        if isinstance(failure, UnicodeDecodeError):
            return self._decoded(failure.object, failure.start)
        if isinstance(failure, UnicodeEncodeError):
            encoded = [self._encoded(each) for each in failure.object[failure.start : failure.end]]
            if None not in encoded:
                return bytes(each for each in encoded if each is not None), failure.end
        raise failure

    def _decoded(self, data: bytes, start: int) -> tuple[str, int]:
        first, second = data[start], data[start + 1 : start + 2]
        if first in self._characters:
            return self._characters[first], start + 1
        if self._pairs and first > _HIGH and second and second[0] >= _TRAIL:
            return chr(_PASSED + first) + chr(_PASSED + second[0]), start + 2
        return chr(first if first in _CONTROLS else _PASSED + first), start + 1

    def _encoded(self, character: str) -> int | None:
        code = ord(character)
        if code in _CONTROLS:
            return code
        passed = code - _PASSED
        return passed if _TRAIL <= passed <= 0xFF else self._bytes.get(character)


for _codec in {*_CODECS.values(), *_PAGES.values()} - _STRICT:
    codecs.register_error(_errors(_codec), _PassThrough(_codec))
