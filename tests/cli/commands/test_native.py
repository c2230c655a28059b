"""The commands for VMX files: one to the terminal, many to a directory, and none that is no VMX."""

import pytest
from click.testing import CliRunner

from esxdriver.cli import cli
from tests.driver.test_native import VMX

TEXT = VMX.format(file="/vmfs/volumes/ds/web01/web01.vmdk")


@pytest.fixture
def vmx(tmp_path):
    path = tmp_path / "web01.vmx"
    path.write_text(TEXT)
    return path


def run(*words, **more):
    return CliRunner().invoke(cli, [str(word) for word in words], **more)


def test_a_file_becomes_xml_without_any_host(vmx):
    done = run("domxml-from-native", "vmware-vmx", vmx)
    assert done.exit_code == 0
    assert "<name>web01</name>" in done.stdout
    assert "snapshot='no' persistent='yes'" in done.stdout


def test_and_back_from_the_standard_input(vmx):
    xml = run("domxml-from-native", "vmware-vmx", "-", input=TEXT).stdout
    done = run("domxml-to-native", "vmware-vmx", "-", input=xml)
    assert 'scsi0:0.mode = "independent-persistent"' in done.stdout
    assert {line.split(" = ")[0] for line in TEXT.splitlines()} <= {
        line.split(" = ")[0] for line in done.stdout.splitlines()
    }


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--disk-mode", "libvirt"], "snapshot='no'>"),
        (["--disk-mode", "elements"], "<independent/>"),
        (["--vmx-path", "[ds] web01/web01.vmx"], "vmxPath>[ds] web01/web01.vmx<"),
    ],
)
def test_options_of_a_conversion(vmx, options, shown):
    assert shown in run("domxml-from-native", "vmware-vmx", vmx, *options).stdout


def test_many_files_go_to_a_directory_and_a_bad_one_does_not_stop_them(vmx, tmp_path):
    bad = tmp_path / "bad.vmx"
    bad.write_bytes(b"\0")
    done = run("domxml-from-native", "vmware-vmx", vmx, bad, tmp_path / "none.vmx", "--output-dir", tmp_path / "out")
    assert done.exit_code == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["web01.xml"]
    assert f"Failed to convert {bad}" in done.stderr
    assert "none.vmx" in done.stderr
    assert "2 of 3 files were not converted" in done.output


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["domxml-from-native", "qemu-argv", "{vmx}"], 1, "vmware-vmx"),
        (["domxml-from-native", "vmware-vmx", "{vmx}", "{vmx}"], 2, "--output-dir"),
        (["domxml-to-native", "vmware-vmx", "{vmx}"], 1, "XML error"),
        (["domxml-to-native", "vmware-vmx", "{vmx}", "--hw-version", "1"], 2, "--hw-version"),
        (["domxml-from-native", "vmware-vmx", "{vmx}.none"], 1, "No such file"),
    ],
)
def test_misuse_is_reported(vmx, words, status, said):
    done = run(*(word.format(vmx=vmx) for word in words))
    assert done.exit_code == status
    assert said in done.output


@pytest.mark.parametrize("pages", ["Shift_JIS cp932 表①", "windows-949-2000 cp949 똠", "GBK gbk 中"])
def test_a_file_is_written_in_the_encoding_that_it_names(tmp_path, pages):
    encoding, codec, name = pages.split()
    data = TEXT.replace("UTF-8", encoding).replace("web01", name).encode(codec)
    (tmp_path / "a.vmx").write_bytes(data)
    (tmp_path / "a.xml").write_bytes(run("domxml-from-native", "vmware-vmx", tmp_path / "a.vmx").stdout_bytes)
    done = run("domxml-to-native", "vmware-vmx", tmp_path / "a.xml")
    assert set(data.splitlines()) <= set(done.stdout_bytes.splitlines())
    assert run("domxml-to-native", "vmware-vmx", tmp_path / "a.xml", "--output-dir", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out/a.vmx").read_bytes() == done.stdout_bytes


def test_a_document_is_read_in_the_encoding_that_it_declares(tmp_path):
    xml = "<?xml version='1.0' encoding='ISO-8859-1'?><domain type='vmware'><name>w\xe9b</name><memory>4096</memory>"
    file = tmp_path / "web.xml"
    file.write_bytes((xml + "<os><type>hvm</type></os></domain>").encode("latin-1"))
    assert 'displayName = "w\xe9b"' in run("domxml-to-native", "vmware-vmx", file).stdout
    file.write_bytes(b"<domain>\xff\xfe</domain>")
    result = run("domxml-to-native", "vmware-vmx", str(file))
    assert (result.exit_code, "it is not text in utf-8" in result.stderr) == (1, True)


def test_files_that_may_hold_passwords_are_their_owners(tmp_path):
    source = tmp_path / "web.vmx"
    source.write_text('config.version = "8"\nvirtualHW.version = "19"\nmemsize = "4"\ndisplayName = "web"\n')
    out = tmp_path / "out"
    assert run("domxml-from-native", "vmware-vmx", str(source), "--output-dir", str(out)).exit_code == 0
    assert (out / "web.xml").stat().st_mode & 0o777 == 0o600
