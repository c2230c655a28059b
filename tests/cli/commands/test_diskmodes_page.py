"""``diskmodes --html``: what no snapshot holds, what forgets its writes, and each domain's snapshots, in one file."""

from datetime import UTC, datetime

import pytest
from lxml import html

from esxdriver.cli.diskmodes_page import audit_page
from esxdriver.conf.snapshot.audit import DomainReport
from esxdriver.driver import diskmodes
from tests.cli.audit import domain, hostile

NOW = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)


def shown(domains, left_out=()):
    return html.fromstring(audit_page(domains, list(left_out), "esx://esx1/", NOW).decode())


def rows(document, key):
    return [[cell.text_content() for cell in row] for row in document.xpath(f"//section[@id='{key}']//tbody/tr")]


def test_disks_at_risk_stand_by_datastore_and_lead_to_their_domains():
    document = shown([domain("web01"), domain("db01", datastore="fast")])
    assert [row[:4] for row in rows(document, "outside")] == [
        ["web01", "sdb", "[datastore1] web01/sdb.vmdk", "independent_persistent"],
        ["web01", "sdc", "[datastore1] web01/sdc.vmdk", "independent_nonpersistent"],
        ["db01", "sdb", "[fast] db01/sdb.vmdk", "independent_persistent"],
        ["db01", "sdc", "[fast] db01/sdc.vmdk", "independent_nonpersistent"],
    ]
    assert [row[:2] for row in rows(document, "lost")] == [["web01", "sdc"], ["db01", "sdc"]]
    for link in document.xpath("//section[@id='outside']//td//a | //section[@id='outside']//th//a"):
        goal = document.get_element_by_id(link.get("href")[1:])
        assert goal.getparent()[0].text_content().startswith(link.text_content())
    figures = [each.text_content() for each in document.xpath("//dl[@class='figures']/div")]
    assert figures == ["domains2", "disks6", "in no snapshot4", "forget their writes2"]


def test_the_tree_says_what_each_snapshot_holds():
    (tree,) = shown([domain("web01", snapshots=3)]).xpath("//ul[@class='tree']")
    texts = [each.text_content() for each in tree.xpath(".//div[@class='snapshot']")]
    assert [text[: text.index("2023")].strip() for text in texts] == ["web01 0", "web01 1", "web01 2"]
    held = "Holds sda (persistent); leaves out sdb (independent_persistent), sdc (independent_nonpersistent)"
    assert all(text.endswith(held) for text in texts)
    assert ["with memory" in text for text in texts] == [False, True, False]
    assert ["is based on this one" in text for text in texts] == [False, False, True]
    assert len(tree.xpath("./li")) == len(tree.xpath("./li/ul/li")) == len(tree.xpath("./li/ul/li/ul/li")) == 1
    assert tree.xpath("//ul[not(li)]") == []


@pytest.mark.parametrize(("snapshots", "said"), [((), "It has no snapshots."), (None, "virsh snapshot-list")])
def test_a_domain_without_snapshots_says_so(snapshots, said):
    made = DomainReport("a", "u", domain("a").disks, snapshots)
    assert said in shown([made]).get_element_by_id("domains").text_content()


def test_what_could_not_be_read_comes_first():
    document = shown([], [("lost<b>", "the host cannot read it")])
    assert rows(document, "unread") == [["lost<b>", "the host cannot read it"]]
    assert document.xpath("//main/section[1]/@id") == ["unread"]


def test_names_of_others_are_text():
    document = shown(hostile())
    assert not document.xpath("//script | //img | //b")


@pytest.fixture
def reports(monkeypatch):
    def domains(conn, domain=None, *, progress=None, left_out=None):
        left_out("gone", "withheld")
        return [globals()["domain"]("web01")]

    monkeypatch.setattr(diskmodes, "domains", domains)


def test_the_command_writes_it_and_fails_for_what_is_missing(esxdriver, reports, tmp_path):
    result = esxdriver("diskmodes", "--all", "--html", tmp_path / "audit.html")
    assert result.stdout.strip() == f"Disk modes of 1 domain written to {tmp_path / 'audit.html'}"
    assert (result.exit_code, "domain 'gone': withheld" in result.stderr) == (1, True)
    document = html.parse(tmp_path / "audit.html")
    assert document.findtext(".//title") == "Disk modes"
    assert "withheld" in document.find(".//main").text_content()


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ("--all --html {0} --fail-on changes-lost", 3),
        ("--all --html {0} --format csv", 2),
        ("--all --html {0}/no/x", 1),
    ],
)
def test_its_exit_status(esxdriver, monkeypatch, tmp_path, options, status):
    monkeypatch.setattr(diskmodes, "domains", lambda *_, **__: [domain("web01")])
    assert esxdriver("diskmodes", *options.format(tmp_path / "a.html").split()).exit_code == status
