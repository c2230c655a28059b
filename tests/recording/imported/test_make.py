"""What somebody has saved becomes a cassette that answers as his host would: whole, without secrets or names."""

import os
from pathlib import Path

import libvirt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esxdriver import recording
from esxdriver.driver import diskmodes
from esxdriver.recording.imported import make
from esxdriver.recording.imported.site import About
from esxdriver.recording.inventory import look_at_everything
from esxdriver.vsphere.query import inventory
from tests.helpers import failing
from tests.recording.imported.saved import content, govc, machine, runtime, soap, tar, text

MODES = ["persistent", "independent_persistent", "independent_nonpersistent"]
RECORDED = Path(__file__).parents[3] / "cassettes/test_prefetch/test_all_definitions_take_two_calls.yaml"


@pytest.fixture
def imported(tmp_path):
    """Give a function that imports documents, and returns what became of it and an open replay."""
    opened = []

    def of(*documents, said=About(), **options):  # noqa: B008 - a frozen value
        for number, each in enumerate(documents):
            (tmp_path / f"source{number}.xml").write_text(each, errors="surrogateescape")
        found = of_files([tmp_path / f"source{number}.xml" for number in range(len(documents))], said, **options)
        return found, replayed(found.path)

    def of_files(paths, said=About(), ask=look_at_everything, **options):  # noqa: B008
        return make.import_to(lambda name: tmp_path / "made" / f"{name}.yaml", make.read(paths), said, ask, **options)

    def replayed(path):
        opened.append(recording.connect(recording.recorded_uri(path), recording.replay(path)))
        return opened[-1]

    of.files, of.replayed = of_files, replayed
    yield of
    for conn in opened:
        conn.close()


@pytest.mark.parametrize("taken", ["made", "made/esxi-8.0.2-22380479.yaml/x"])
def test_a_file_that_cannot_be_written_is_an_error_of_its_own(imported, tmp_path, taken):
    (tmp_path / taken).parent.mkdir(parents=True, exist_ok=True)  # a file where a directory has to be, or the reverse
    (tmp_path / taken).touch()
    failing(libvirt.VIR_ERR_WRITE_FAILED, imported, content(), machine())
    assert not list(tmp_path.rglob(".esxdriver-*"))


@pytest.mark.parametrize("form", ["govc", "soap"])
@pytest.mark.parametrize(
    ("model", "name"), [("esx", "esxi-8.0.2-22380479"), ("vpx", "vcenter-7.0.3-20990077")]
)  # fmt: skip
def test_it_is_named_by_product_version_and_build_and_answers(imported, model, name, form):
    documents = [content(model), machine()]
    found, conn = imported(*(documents if form == "govc" else map(soap, documents)))
    assert (found.host, found.path.name, found.domains) == (name, f"{name}.yaml", 1)
    head = recording.describe(found.path).head
    assert (head["host"]["version"], head["host"]["build"]) == tuple(name.split("-")[1:])
    (domain,) = conn.listAllDomains()
    assert [each.mode.vim for each in diskmodes.of_domain(domain)] == MODES
    assert domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE) in [text for _, text in conn.getAllXMLDesc(libvirt.VIR_DOMAIN_XML_SECURE)]  # fmt: skip
    assert conn.lookupByUUIDString(domain.UUIDString()).name() == domain.name()


def test_names_are_replaced_secrets_taken_out_and_the_check_is_content(imported):
    options = "".join(f"<extraConfig><key>{key}</key><value>{value}</value></extraConfig>" for key, value in {"guestinfo.token": "hunter2-hunter2", "svga.present": "TRUE"}.items())  # fmt: skip
    found, conn = imported(content(), machine(options=options))
    written = found.path.read_text()
    for text_of_the_site in (
        "secret-web",
        "secret-store",
        "hunter2",
        "564d0000-0000-0000-0000-000000000001",
        "5f3c1a6a-0b8b3e1c",
    ):
        assert text_of_the_site not in written
    assert recording.check(found.path) == []
    assert conn.listAllDomains()[0].name() == "machine1"


def test_no_credentials_are_looked_for(imported, monkeypatch):
    monkeypatch.setenv("GOVC_USERNAME", "carol")
    monkeypatch.setenv("GOVC_PASSWORD", "her-own-password")
    found, _ = imported(content(), machine())
    assert "carol" not in found.path.read_text()
    assert "her-own-password" not in found.path.read_text()


@pytest.mark.parametrize(
    ("documents", "said", "name"),
    [
        ([machine()], About("esx", "7.0.3", "123"), "esxi-7.0.3-123"),
        ([machine()], About("vcenter", "6.7.0"), "vcenter-6.7.0"),
        ([machine(number="vm-7")], About(version="8.0"), "vcenter-8.0"),
        ([machine(number="12")], About(version="8.0"), "esxi-8.0"),
        ([content(), machine()], About("vcenter", "1", "2"), "esxi-8.0.2-22380479"),
        ([machine()], About("esx", "../../etc/x", "\n<&>"), "esxi-..-..-etc-x"),
    ],
)
def test_what_the_source_does_not_say_of_its_host_is_said(imported, documents, said, name):
    found, _ = imported(*documents, said=said)
    assert (found.host, found.path.parent.name) == (name, "made")


def test_a_source_that_does_not_say_is_refused_with_what_to_do(imported):
    with pytest.raises(libvirt.libvirtError, match="--product, --version and --build"):
        imported(machine())


def test_what_was_not_saved_is_unset_and_said(imported):
    found, conn = imported(content(), machine())
    said = "\n".join(found.lacking)
    assert "saved of no VirtualMachine: layoutEx" in said
    assert "snapshot" in said
    assert conn.listAllDomains()[0].snapshotNum() == 0


def test_a_host_of_which_nothing_but_machines_was_saved_has_all_of_them(imported):
    machines = [machine(f"vm-{n}", str(n), uuid=f"564d0000-0000-0000-0000-00000000000{n}") for n in range(3)]
    pools = []
    found, conn = imported(
        *machines,
        said=About("esx", "8.0"),
        ask=lambda conn: ([conn.listAllDomains()] and pools.extend(conn.listAllStoragePools())) or [],
    )
    assert found.domains == len(conn.listAllDomains()) == 3
    assert [pool.name() for pool in pools] == ["secret-store"]


def test_asked_anew_it_still_has_the_datastores_that_machines_name(imported):
    """A cassette has of a computing resource what was asked of it: its name."""
    seen = []

    def ask(conn):
        conn.listAllDomains()
        inventory.host_paths(conn.backend.session, conn.backend.scope)
        seen.append(len(conn.listAllStoragePools()))
        return []

    found, _ = imported(machine(), said=About("esx", "8.0"), ask=ask)
    imported.files([found.path], ask=ask)
    assert seen == [1, 1]


def test_a_path_leads_to_the_datacenter_with_the_most_machines(imported):
    def refs(*found):
        return "<val>" + "".join(f'<ManagedObjectReference type="{kind}">{name}</ManagedObjectReference>' for kind, name in found) + "</val>"  # fmt: skip

    def ref(kind, name):
        return f'<val type="{kind}">{name}</val>'

    documents = [content("vpx"), govc("Folder", "root-1", childEntity=refs(("Folder", "f")), name=text("Datacenters"))]
    documents.append(govc("Folder", "f", childEntity=refs(("Datacenter", "d1"), ("Datacenter", "d2")), name=text("Europe %2f Asia"), parent=ref("Folder", "root-1")))  # fmt: skip
    for number, machines in ((1, ["vm-1"]), (2, ["vm-2", "vm-3"])):
        documents.append(govc("Datacenter", f"d{number}", name=text(f"DC {number}"), parent=ref("Folder", "f"), vmFolder=ref("Folder", f"v{number}")))  # fmt: skip
        documents.append(govc("Folder", f"v{number}", childEntity=refs(*(("VirtualMachine", each) for each in machines)), name=text("vm"), parent=ref("Datacenter", f"d{number}")))  # fmt: skip
        documents += [machine(each, each, uuid=f"564d0000-0000-0000-0000-0000000000{each[-1]}{number}") for each in machines]  # fmt: skip
    found, conn = imported(*documents)
    assert len(conn.listAllDomains()) == 2
    assert "1 domains are in other datacenters than the one that is recorded" in found.lacking


def test_a_cassette_is_asked_anew_and_answers_the_same(imported):
    found = imported.files([RECORDED])
    conn, before = imported.replayed(found.path), imported.replayed(RECORDED)
    assert len(conn.listAllDomains()) == len(list(before.getAllXMLDesc())) > 1
    again = imported.files([found.path])
    documents = [each.XMLDesc() for each in conn.listAllDomains()]
    assert [each.XMLDesc() for each in imported.replayed(again.path).listAllDomains()] == documents
    assert recording.describe(again.path).head["source"] == recording.describe(RECORDED).head["source"]


def test_what_can_be_read_now_and_could_not_then_is_answered(imported, tmp_path):
    found, _ = imported(content(), machine())
    again = imported.files([found.path], ask=lambda conn: [each.XMLDesc() for each in conn.listAllDomains()] and [])
    assert len(imported.replayed(again.path).listAllDomains()) == 1


def test_a_secret_that_is_left_leaves_no_file(imported, tmp_path):
    with pytest.raises(libvirt.libvirtError, match="a secret is left") as raised:
        imported(content(), machine(), secrets=["debian11_64Guest"])
    assert "debian11" not in str(raised.value)
    assert os.listdir(tmp_path / "made") == []  # noqa: PTH208 - names, of which there are to be none


BOMB = '<!DOCTYPE a [<!ENTITY b "cccccccc"><!ENTITY d "&b;&b;&b;">]>' + machine()


@pytest.mark.parametrize(
    "document",
    [
        BOMB,
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        "<a>",
        "<" * 1000,
        "<a/>",
        govc("Alarm", "1", name=text("x")),
        "<a>" * 300 + "</a>" * 300,
        "no XML and no cassette",
        "",
    ],
    ids=str,
)
def test_what_is_nothing_of_a_host_is_refused(imported, document, tmp_path):
    with pytest.raises(libvirt.libvirtError) as raised:
        imported(document, said=About("esx", "8.0"))
    assert raised.value.get_error_code() in (libvirt.VIR_ERR_CONF_SYNTAX, libvirt.VIR_ERR_OPEN_FAILED)
    assert not (tmp_path / "made").exists()


PIECES = [
    content(),
    content("vpx"),
    machine(),
    machine("x", "1"),
    govc("VirtualMachine", "2", config="<val/>", name="<val/>"),
    govc("VirtualMachine", "3", config=runtime(), runtime=text("x"), name=runtime()),
    govc("Folder", "root-1", childEntity='<val><a type="Folder">root-1</a><a type="VirtualMachine">1</a></val>', parent='<val type="Folder">root-1</val>'),
    govc("Datacenter", "d", vmFolder=text("x"), parent='<val type="Datacenter">d</val>', name="<val><name/></val>"),
    govc("HostSystem", "h", config="<val><product><version>7</version></product></val>", capability=text("1")),
    govc("ServiceInstance", "ServiceInstance", content="<val><rootFolder/><about><apiType>HostAgent</apiType></about></val>"),
    govc("NoSuchThing", "n", a__b__c=text("x")),
    govc("VirtualMachine", "4", config__hardware=text("x"), config__name=text("y")),
]  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=6))
def test_whatever_was_saved_becomes_a_cassette_or_is_refused(tmp_path_factory, pieces):
    path = tmp_path_factory.mktemp("source") / "dump.tar"
    path.write_bytes(tar({f"{number}.xml": each.encode() for number, each in enumerate(pieces)}))
    try:
        found = make.import_to(lambda name: path.parent / f"{name}.yaml", make.read([path]), About("esx", "8.0"), look_at_everything)  # fmt: skip
    except libvirt.libvirtError:
        return
    assert recording.check(found.path) == []
