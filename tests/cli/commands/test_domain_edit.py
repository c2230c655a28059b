"""Editing: the document in an editor, offered again when it is refused; descriptions and metadata."""

import libvirt
import pytest

from esxdriver.cli import terminal
from esxdriver.errors import error
from tests.cli.conftest import XML

ELEMENT, TITLE, DESCRIPTION = 2, 1, 0
VALIDATE = libvirt.VIR_DOMAIN_DEFINE_VALIDATE
MORE = XML.replace("2097152", "4194304")


@pytest.fixture
def web01(conn, monkeypatch):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr(terminal, "is_there", lambda: True)
    conn.domains[0].connect.return_value = conn
    conn.domains[0].metadata.return_value = "front end"
    return conn.domains[0]


def editor(monkeypatch, *edits):
    monkeypatch.setenv("EDITOR", "sed -i " + " ".join(f"-e '{edit}'" for edit in edits))


def test_defines_what_was_edited(esxdriver, conn, web01, monkeypatch):
    editor(monkeypatch, "s/2097152/4194304/")
    result = esxdriver("edit", "web01")
    assert (result.exit_code, result.stdout) == (0, "Domain 'web01' XML configuration edited.\n")
    conn.defineXMLFlags.assert_called_once_with(MORE, VALIDATE)


def test_asks_nothing_when_nothing_has_changed(esxdriver, conn, web01, monkeypatch):
    editor(monkeypatch, "s/no such/thing/")
    assert esxdriver("edit", "web01").stdout == "Domain 'web01' XML configuration not changed.\n"
    conn.defineXMLFlags.assert_not_called()


def test_offers_again_what_was_refused(esxdriver, conn, web01, monkeypatch):
    editor(monkeypatch, "s/4194304/8388608/", "s/2097152/4194304/")
    conn.defineXMLFlags.side_effect = [error(libvirt.VIR_ERR_XML_ERROR, "memory"), web01]
    result = esxdriver("edit", "web01", stdin="y\n")
    assert result.exit_code == 0
    assert "error: XML error: memory" in result.stderr
    assert [call.args[0] for call in conn.defineXMLFlags.call_args_list] == [MORE, XML.replace("2097152", "8388608")]


def test_defines_without_the_schema_when_asked_to(esxdriver, conn, web01, monkeypatch):
    editor(monkeypatch, "s/2097152/4194304/")
    conn.defineXMLFlags.side_effect = [error(libvirt.VIR_ERR_XML_INVALID_SCHEMA, "memory"), web01]
    assert esxdriver("edit", "web01", stdin="i\n").exit_code == 0
    assert [call.args for call in conn.defineXMLFlags.call_args_list] == [(MORE, VALIDATE), (MORE, 0)]
    conn.defineXMLFlags.side_effect = None
    esxdriver("edit", "web01", "--skip-validate")
    conn.defineXMLFlags.assert_called_with(MORE, 0)


def test_gives_up_when_asked_to_and_does_not_overwrite_what_others_changed(esxdriver, conn, web01, monkeypatch):
    editor(monkeypatch, "s/2097152/4194304/")
    web01.XMLDesc.side_effect = [XML, XML.replace("front end", "other")]
    result = esxdriver("edit", "web01", stdin="n\n")
    assert result.exit_code == 1
    assert "changed by another user" in result.stderr
    conn.defineXMLFlags.assert_not_called()


def test_an_editor_that_is_not_there_is_an_error(esxdriver, conn, web01, monkeypatch):
    monkeypatch.setenv("EDITOR", "/proc/nonexistent/editor")
    result = esxdriver("edit", "web01")
    assert result.exit_code == 1
    assert "Failed to edit" in result.stderr
    conn.defineXMLFlags.assert_not_called()


def test_shows_and_sets_descriptions(esxdriver, web01, monkeypatch):
    assert esxdriver("desc", "web01").stdout == "front end\n"
    assert esxdriver("desc", "web01", "two", "words").stdout == "Domain description updated successfully\n"
    web01.setMetadata.assert_called_with(DESCRIPTION, "two words", None, None, 0)
    assert esxdriver("desc", "web01", "--title", "x", "--config").stdout == "Domain title updated successfully\n"
    web01.setMetadata.assert_called_with(TITLE, "x", None, None, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    editor(monkeypatch, "s/front/back/")
    assert esxdriver("desc", "web01", "--edit").exit_code == 0
    web01.setMetadata.assert_called_with(DESCRIPTION, "back end", None, None, 0)
    web01.metadata.side_effect = error(libvirt.VIR_ERR_NO_DOMAIN_METADATA, "Requested title is not present")
    assert esxdriver("desc", "web01", "--title").stdout == "No title for domain: web01\n"


def test_shows_sets_and_removes_metadata(esxdriver, web01):
    assert esxdriver("metadata", "web01", "u:x").stdout == "front end\n"
    web01.metadata.assert_called_with(ELEMENT, "u:x", 0)
    assert esxdriver("metadata", "web01", "u:x", "--key", "k", "--set", "<a/>").stdout == "Metadata modified\n"
    web01.setMetadata.assert_called_with(ELEMENT, "<a/>", "k", "u:x", 0)
    assert esxdriver("metadata", "web01", "u:x", "--remove").stdout == "Metadata removed\n"
    web01.setMetadata.assert_called_with(ELEMENT, None, None, "u:x", 0)
    assert "key is required" in esxdriver("metadata", "web01", "u:x", "--set", "<a/>").stderr
    assert "exclude" in esxdriver("metadata", "web01", "u:x", "--key", "k", "--set", "<a/>", "--remove").stderr


def test_a_disk_is_made_larger(esxdriver, web01):
    assert esxdriver("blockresize", "web01", "sda", "20G").stdout == "Block device 'sda' is resized\n"
    web01.blockResize.assert_called_once_with("sda", 20 * 2**20)


def test_a_domain_is_defined_and_started(esxdriver, conn, web01):
    conn.createXML.return_value = web01
    result = esxdriver("create", "-", "--paused", stdin=XML)
    assert result.stdout == "Domain 'web01' created from the standard input\n"
    conn.createXML.assert_called_once_with(XML, libvirt.VIR_DOMAIN_START_PAUSED)


def test_a_domain_starts_with_its_host(esxdriver, web01):
    assert esxdriver("autostart", "web01").stdout == "Domain 'web01' marked as autostarted\n"
    web01.setAutostart.assert_called_with(1)
    assert esxdriver("autostart", "web01", "--disable").stdout == "Domain 'web01' unmarked as autostarted\n"
    web01.setAutostart.assert_called_with(0)
    assert "each time or never" in esxdriver("autostart", "web01", "--once").stderr


def test_an_undefined_domain_is_registered(esxdriver, conn, web01):
    conn.registerDomain.return_value = web01
    result = esxdriver("register", "[ds] web01/web01.vmx")
    assert result.stdout == "Domain 'web01' registered from [ds] web01/web01.vmx\n"
    conn.registerDomain.assert_called_once_with("[ds] web01/web01.vmx")
