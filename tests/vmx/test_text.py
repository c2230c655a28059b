import libvirt
import pytest

from esxdriver import vmx
from esxdriver.vmx.text import LARGEST_FILE, decoded, parsed, text_of
from tests.helpers import failing

HEAD = 'config.version = "8"\nvirtualHW.version = "19"\ndisplayName = "web"\n'
XML_ERROR, INVALID_ARG = libvirt.VIR_ERR_XML_ERROR, libvirt.VIR_ERR_INVALID_ARG


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('a = "b"', "b"),
        ('  a="b"\t', "b"),
        ('A = "b" # a comment', "b"),
        ('a = ""', ""),
        ("a = 512", "512"),
        ("a = 512 # a comment", "512"),
        ("a =", ""),
        ('a = "b # c = d"', "b # c = d"),
        ('a = "|22b|22|7Cc|0Ad"', '"b"|c\nd'),
        ('a = "|45|73|63"', "Esc"),
        ('a = "|C3|BC"', "ü"),
        ('a = "|c3"', "|c3"),
        ('a = "|01"', "|01"),
        ('a = "|"', "|"),
        ('a = "first\nsecond\r\nthird"', "first\nsecond\nthird"),
        ('#!/usr/bin/vmware\n\n# a comment\na = "b"\r\n', "b"),
        ('\ufeffa = "b"', "b"),
    ],
)
def test_a_value_is_read_and_reads_the_same_when_written(line, value):
    keys = parsed(line)
    assert keys.values == {"a": value}
    assert parsed(text_of(keys)).values == {"a": value}


def test_names_are_found_in_any_case_and_keep_their_own():
    keys = parsed('SCSI0:0.FileName = "x"\n')
    assert keys.values == {"scsi0:0.filename": "x"}
    assert text_of(keys) == 'SCSI0:0.FileName = "x"\n'


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ('displayName = "ü"'.encode(), "ü"),
        ('\ufeff.encoding = "UTF-8"\ndisplayName = "ü"'.encode(), "ü"),
        ('.encoding = "windows-1252"\ndisplayName = "ü"'.encode("cp1252"), "ü"),
        ('.ENCODING = "GBK"\ndisplayName = "中"'.encode("gbk"), "中"),
    ],
)
def test_a_file_says_its_encoding(data, name):
    assert parsed(decoded(data)).values["displayname"] == name


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", XML_ERROR, "config.version is not in lines 1 to 1"),
        ('{"json": true}\n', XML_ERROR, "line 1: not VMX"),
        ("<domain/>\n", XML_ERROR, "line 1: not VMX"),
        (HEAD + "nonsense\n", XML_ERROR, "line 4: not VMX"),
        (HEAD + 'a = "b\n', XML_ERROR, "line 4: the quotes of 'a' are not closed"),
        (HEAD + 'a = "b\nc = "d"\n', XML_ERROR, "line 4: the quotes of 'a' are not closed"),
        (HEAD + 'a = b"\n', XML_ERROR, "line 4"),
        (HEAD + 'a = "b" c\n', XML_ERROR, "line 4"),
        (HEAD + '\nDISPLAYNAME = "b"\n', XML_ERROR, "line 5: 'DISPLAYNAME' is there already, in line 3"),
        (HEAD + 'a = "\x00"\n', INVALID_ARG, "line 4: not a text: it has the character U\\+0000"),
        ("\x7fELF\x02\x01", INVALID_ARG, "line 1: not a text"),
        (b"\x7fELF\xff\xfe\n", INVALID_ARG, "line 1: the text is not in the encoding 'UTF-8'"),
        (HEAD.encode() + b'a = "\xff"\n', INVALID_ARG, "line 4: the text is not in the encoding"),
        (b'\n.encoding = "klingon"\na = "\xff"', INVALID_ARG, "line 2: the encoding 'klingon' is not known"),
        ("#" * (LARGEST_FILE + 1), INVALID_ARG, f"characters, more than the {LARGEST_FILE} that are read"),
        (b"#" * (100 * 2**20), INVALID_ARG, "104857600 bytes, more than"),
        (
            '.encoding = "UTF-8"\ndisplayName = "a"\nencryption.keySafe = "vmware:key/..."\nencryption.data = "AAAA"\n',
            libvirt.VIR_ERR_CONFIG_UNSUPPORTED,
            r"encrypted, by encryption.data \(line 4\)",
        ),
        ('virtualHW.version = "19"\n', XML_ERROR, "config.version is not in lines 1 to 1"),
        ('config.version = "8"\n', XML_ERROR, "virtualHW.version is not in lines 1 to 1"),
        ('\nconfig.version = "7"\n', XML_ERROR, r"config.version \(line 2\) is '7', must be 8"),
        ('config.version = "8"\nvirtualHW.version = "3"\n', XML_ERROR, r"virtualHW.version \(line 2\) is '3'"),
        ('config.version = "8"\nvirtualHW.version = "²"\n', XML_ERROR, r"virtualHW.version \(line 2\)"),
        (HEAD + 'memsize = "lots"\n', XML_ERROR, r"memsize \(line 4\)"),
        (HEAD + 'memsize = "-4"\n', XML_ERROR, r"memsize \(line 4\)"),
        (HEAD + 'numvcpus = "0"\n', XML_ERROR, r"numvcpus \(line 4\)"),
        (HEAD + 'uuid.bios = "xx"\n', XML_ERROR, r"uuid.bios \(line 4\)"),
    ],
)
def test_bad_input_is_refused_with_its_line(text, code, says):
    with pytest.raises(libvirt.libvirtError, match=says) as refused:
        vmx.from_native(text)
    assert refused.value.get_error_code() == code


@pytest.mark.parametrize(
    "line", ['RemoteDisplay.vnc.password "hush"', 'hush "password" = x', "guestinfo.userdata: hush"]
)
def test_an_error_quotes_no_line_that_may_hold_a_password(line):
    assert "hush" not in failing(XML_ERROR, vmx.from_native, HEAD + line + "\n")
