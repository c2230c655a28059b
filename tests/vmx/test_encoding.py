"""A file is read in the encoding that it names, as VMware's products mean the name, and written back byte for byte."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esxdriver import vmx
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.vmx.encoding import bytes_of_text, codec_of, text_of_bytes
from esxdriver.vmx.text import decoded, parsed

HEAD = b'.encoding = "%s"\r\nconfig.version = "8"\r\nvirtualHW.version = "19"\r\nmemsize = "1024"\r\n'
# VMware's name, and Python's codec.
NAMES = [
    ("UTF-8", "utf-8"), ("utf8", "utf-8"), ("ibm-1208", "utf-8"), ("windows-65001", "utf-8"),
    ("windows-949-2000", "cp949"), ("windows-949", "cp949"), ("ms949", "cp949"), ("EUC-KR", "cp949"),
    ("KS_C_5601-1987", "cp949"), ("ibm-1363_P11B-1998", "cp949"), ("ibm-eucKR", "cp949"),
    ("Shift_JIS", "cp932"), ("MS_Kanji", "cp932"), ("ibm-943_P15A-2003", "cp932"), ("windows-932", "cp932"),
    ("windows-31j", "cp932"), ("x-ms-cp932", "cp932"), ("cp943c", "cp932"),
    ("GBK", "gbk"), ("windows-936-2000", "gbk"), ("CP936", "gbk"), ("GB2312", "gbk"), ("ibm-1386_P100-2001", "gbk"),
    ("GB18030", "gb18030"), ("Big5", "cp950"), ("windows-950-2000", "cp950"), ("ms950", "cp950"),
    ("Big5-HKSCS", "big5hkscs"), ("ibm-5471_P100-2006", "big5hkscs"),
    ("ibm-874", "cp874"), ("ibm-874_P100-1995", "cp874"), ("windows-874-2000", "cp874"), ("TIS-620", "cp874"),
    ("windows-1252", "cp1252"), ("ibm-5348_P100-1997", "cp1252"), ("ibm-5346_P100-1998", "cp1250"),
    ("windows-1256", "cp1256"), ("ibm-9448_X100-2005", "cp1256"), ("windows-1258", "cp1258"),
    ("ISO-8859-1", "latin-1"), ("ISO_8859-1:1987", "latin-1"), ("IBM819", "latin-1"),
    ("ISO-8859-15", "iso8859-15"), ("iso-8859_11-2001", "iso8859-11"), ("ibm-912_P100-1995", "iso8859-2"),
    ("US-ASCII", "ascii"), ("ANSI_X3.4-1968", "ascii"), ("EUC-JP", "euc_jp"), ("eucJP", "euc_jp"),
    ("KOI8-R", "koi8-r"), ("IBM437", "cp437"), ("ibm-850_P100-1995", "cp850"), ("cp866", "cp866"),
    ("macintosh", "mac-roman"), ("macos-7_3-10.2", "mac-cyrillic"), ("ISO-2022-JP", "iso2022_jp_ext"),
]  # fmt: skip
# Each byte or pair of bytes of these is read, whatever it is.
CODE_PAGES = [name for name, codec in NAMES if codec not in ("utf-8", "gb18030", "iso2022_jp_ext")]
# Where two codes have one character, that character is written with the first of them.
DOUBLES = {"cp932", "cp950", "big5hkscs", "euc_jp"}


def a_file(encoding, name):
    return HEAD % encoding.encode() + b'displayName = "%s"\r\nguestinfo.x = "%s"\r\n' % (name, name)


def there_and_back(data):
    document = domain_xml.format(vmx.from_native(data), Style(secure=True))
    return vmx.to_file(domain_xml.parse(document.encode().decode()))


def values(data):
    """Return the values of a file as bytes, by folded name."""
    lines = [line.partition(b" = ") for line in data.replace(b"\r\n", b"\n").split(b"\n") if line]
    return {name.lower(): value for name, _, value in lines}


@pytest.mark.parametrize(("encoding", "codec"), NAMES)
def test_an_encoding_is_known_by_vmwares_name(encoding, codec):
    assert codec_of(encoding) == codec_of(encoding.upper()) == codec
    assert codecs.lookup(codec)


@pytest.mark.parametrize("name", ["hex", "rot13", "idna", "utf-7", "unicode_escape", "zlib", "klingon", "ibm-037", ""])
def test_a_name_of_pythons_alone_is_none(name):
    assert codec_of(name) is None


@pytest.mark.parametrize(
    ("encoding", "name", "text"),
    [
        ("windows-949-2000", "한글".encode("cp949"), "한글"),
        ("windows-949-2000", "똠방각하".encode("cp949"), "똠방각하"),
        ("EUC-KR", "똠".encode("cp949"), "똠"),
        ("Shift_JIS", "①髙﨑".encode("cp932"), "①髙﨑"),
        ("Shift_JIS", b"\x95\x5c", "表"),
        ("GBK", b"\x80 \xd6\xd0", "€ 中"),
        ("GB2312", "镕".encode("gbk"), "镕"),
        ("Big5", "碁€".encode("cp950"), "碁€"),
        ("ibm-874", "ไทย€".encode("cp874"), "ไทย€"),
        ("windows-1252", b"caf\xe9 \x81\x8d\x8f\x90\x9d", "café \x81\x8d\x8f\x90\x9d"),
        ("ISO-8859-1", b"\x85\xfc", "\x85ü"),
        ("ISO-2022-JP", "日本".encode("iso2022_jp"), "日本"),
        ("GB18030", "中𠀀".encode("gb18030"), "中𠀀"),
        ("UTF-8", "ü中".encode(), "ü中"),
    ],
)
def test_what_a_code_page_has_is_read_and_written_back_byte_for_byte(encoding, name, text):
    data = a_file(encoding, name)
    assert vmx.from_native(data).name == text
    assert values(data).items() <= values(there_and_back(data)).items()


@pytest.mark.parametrize("encoding", ["windows-949-2000", "klingon", "utf-16", "hex", "ibm-037", "Shift_JIS"])
def test_a_file_of_ascii_is_read_whatever_it_says(encoding):
    data = a_file(encoding, b"plain ~ \\ name")
    assert vmx.from_native(data).name == "plain ~ \\ name"
    assert values(data).items() <= values(there_and_back(data)).items()


@given(st.sampled_from(CODE_PAGES), st.lists(st.integers(0x80, 0xFF) | st.integers(0x30, 0x7A), max_size=8).map(bytes))
def test_every_byte_of_a_code_page_is_read_and_written_back(encoding, data):
    text = text_of_bytes(data, encoding)
    again = bytes_of_text(text, encoding)
    assert again == data or (codec_of(encoding) in DOUBLES and text_of_bytes(again, encoding) == text)


@given(st.sampled_from(CODE_PAGES), st.lists(st.integers(0x80, 0xFF), min_size=1, max_size=6).map(bytes))
def test_no_file_of_a_code_page_is_lost(encoding, name):
    data = a_file(encoding, b"x" + name)
    keys = parsed(decoded(data)).values
    again = there_and_back(data)
    found = parsed(decoded(again)).values
    assert {key: found.get(key) for key in keys} == keys
    if codec_of(encoding) not in DOUBLES:
        assert values(data).items() <= values(again).items()


def test_a_character_that_the_encoding_lacks_makes_the_file_utf_8(caplog):
    definition = vmx.from_native(a_file("windows-1252", b"\xe9"))
    edited = domain_xml.format(definition, Style(secure=True)).replace("<name>é", "<name>中")
    written = vmx.to_file(domain_xml.parse(edited))
    assert parsed(decoded(written)).values["displayname"] == "中"
    assert parsed(decoded(written)).values["guestinfo.x"] == "é"
    assert b'.encoding = "UTF-8"' in written
    assert "instead of 'windows-1252'" in caplog.text


def test_text_for_a_terminal_or_a_library_is_utf_8_and_says_so():
    definition = vmx.from_native(a_file("Shift_JIS", "表".encode("cp932")))
    text = vmx.to_native(definition)
    assert '.encoding = "UTF-8"' in text
    assert parsed(decoded(text.encode())).values["displayname"] == "表"
