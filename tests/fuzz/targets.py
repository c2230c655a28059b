"""What is fed: for each kind of input its seeds, and what is done with one."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import libvirt
import pytest

from esxdriver import auth, uri
from esxdriver.conf.domain import xml as domain_xml
from esxdriver.conf.domain.style import Style
from esxdriver.conf.snapshot import xml as snapshot_xml
from esxdriver.recording.cassette import files
from esxdriver.recording.cassette.cassette import Cassette, Mode
from esxdriver.recording.report import describe
from esxdriver.recording.session import connect, recorded_uri
from esxdriver.vmx import from_native, to_native
from tests.conf.documents import domain
from tests.driver.test_domain_snapshot import document
from tests.fuzz import rpc
from tests.fuzz.recorded import CASSETTES, DUMP, EDIT, RECORDED

PASSWORD = "S3cret-pw"


@dataclass(frozen=True)
class Target:
    """``seeds`` are good inputs; ``feed`` takes one and returns, or raises libvirtError."""

    name: str
    seeds: Callable[[], list[str]]
    feed: Callable[[str], object]


@cache
def _dumps() -> list[str]:
    """Return domain documents that the driver itself has written."""
    found = [domain(), domain("<disk type='file' device='disk'><source file='[d] a.vmdk'/><target dev='sda'/></disk>")]
    for name, of in RECORDED.items():
        path = CASSETTES / f"{name}.yaml"
        with connect(recorded_uri(path), Cassette(path, Mode.NONE, files.load(path))) as conn:
            found.append(conn.lookupByName(of).XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE))
    return found


def _define(text):
    definition = domain_xml.parse(text)
    domain_xml.parse(domain_xml.format(definition, Style(secure=True)))
    return to_native(definition)


def _snapshots():
    inside = "".join(f"<disk name='{name}' snapshot='{word}'/>" for name, word in (("sda", "no"), ("sdb", "internal")))
    body = f"<name>one</name><description>two</description><memory snapshot='no'/><disks>{inside}</disks>"
    return [f"<domainsnapshot>{body}</domainsnapshot>"]


@cache
def _configurations():
    """Return VMX files, a character for each byte."""
    return [to_native(domain_xml.parse(text)).encode().decode("latin-1") for text in _dumps()]


def _import(text):
    data = text.encode("latin-1", "replace")
    dump = domain_xml.format(from_native(data), Style(secure=True))
    domain_xml.parse(dump)


def _cassettes():
    names = ("a_list_takes_one_round_trip", "a_connection_is_a_context_that_logs_out")
    return [(CASSETTES / f"test_connect/test_{name}.yaml").read_text() for name in names]


def _load(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        contents = files.load(path)
        describe(path)
        with connect("esx://host/", Cassette(path, Mode.NONE, contents)) as conn:
            conn.listAllDomains()


def _auths():
    section = f"[credentials-x]\nusername=root\npassword={PASSWORD}\n\n[auth-esx-esx1]\ncredentials=x\n"
    return [section, "# words\n" + section.replace("esx1", "default"), section.replace("\n", "\r\n")]


def _log_in(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "auth.conf"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        before, os.environ["LIBVIRT_AUTH_FILE"] = os.environ.get("LIBVIRT_AUTH_FILE"), str(path)
        try:
            auth.find(uri.parse("esx://root@esx1/"))
        except libvirt.libvirtError as error:
            if (
                PASSWORD in str(error) and "username=root" in text and f"password={PASSWORD}" in text
            ):  # an edit may make the password a name
                pytest.fail(f"the password is told: {error}")
            raise
        finally:
            os.environ.pop("LIBVIRT_AUTH_FILE")
            if before is not None:
                os.environ["LIBVIRT_AUTH_FILE"] = before


URIS = [
    "esx://root@esx1.example.com:8443/?no_verify=1&auto_answer=1&transport=http",
    "vpx://u%40d@vc/Lab/DC%201/cluster/esx1?disk_mode=libvirt&legacy_uuid=1",
    "esx://[2001:db8::1]/?proxy=http://p:3128",
    f"esx://h/?thumbprint={'AB:' * 31}AB",
]


def _open(text):
    found = uri.parse(text)
    assert uri.parse(str(found)) == found


def _answered(name, call):
    """Return the target whose inputs are the answers of a recording, and which ``call`` is then tried on."""
    path = CASSETTES / f"{name}.yaml"

    @cache
    def contents():
        return files.load(path)

    def seeds():
        return [f"{i}\n{each.answer.decode()}" for i, each in enumerate(contents().interactions)]

    def feed(text):
        number, _, answer = text.partition("\n")
        interactions = list(contents().interactions)
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
        at %= len(interactions)
        interactions[at] = replace(interactions[at], answer=answer.encode("utf-8", "surrogatepass"))
        changed = replace(contents(), interactions=interactions)
        with connect(recorded_uri(path), Cassette(path, Mode.NONE, changed)) as conn:
            call(conn)

    return Target(f"answers, {call.__name__.strip('_')}", seeds, feed)


def _dump(conn):
    found = conn.lookupByName(RECORDED[DUMP])
    found.XMLDesc()
    found.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE)


def _define_mode(conn):
    found = conn.lookupByName(RECORDED[EDIT])
    dump = found.XMLDesc()
    conn.defineXML(dump.replace("snapshot='yes' persistent='yes'", "snapshot='no' persistent='yes'", 1))


def _tree(conn):
    found = conn.lookupByName("web01")
    base, _ = [found.snapshotCreateXML(document(name)) for name in ("base", "one")]
    found.revertToSnapshot(base)
    found.snapshotCreateXML(document("two"))
    return found.snapshotListNames(), [each.getName() for each in found.listAllSnapshots()], base.listChildrenNames()


def _statistics(conn):
    return conn.getAllDomainStats(0)


TARGETS = [
    Target("domain XML", _dumps, _define),
    Target("snapshot XML", _snapshots, snapshot_xml.parse),
    Target("VMX", _configurations, _import),
    _answered(DUMP, _dump),
    _answered(EDIT, _define_mode),
    _answered("test_domain_snapshot/test_the_tree_is_walked", _tree),
    _answered("test_stats/test_all_groups", _statistics),
    Target("cassettes", _cassettes, _load),
    Target("auth.conf", _auths, _log_in),
    Target("URIs", lambda: URIS, _open),
    Target("RPC messages", rpc.seeds, rpc.feed),
]
