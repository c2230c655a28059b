"""A page is one file without scripts; what others have written in it is text."""

import pytest
from lxml import html

from esxdriver.cli import page


def of(*content):
    return html.fromstring(page.page("T", [], [page.section("a", "A", *content)], "foot"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>x</script>", "<script>x</script>"),
        ('"><b>', '"><b>'),
        ("a\u202eb\u2066", "a\\u202eb\\u2066"),
        ("\x00\x1b[2J\n\ud800", "\\x00\\x1b[2J\\n\\ud800"),
        ("جهاز", "جهاز"),
        (" ", "(empty)"),
        ("x" * 301, "x" * 300 + "…"),
    ],
)
def test_text_of_others_is_text_and_steers_nothing(text, shown):
    assert of(page.foreign(text)).find(".//bdi").text_content() == shown


def test_an_attribute_holds_its_value_whatever_that_is():
    made = of(page.element("p", cls='a" onclick="x', title="<&>\u202e")).find(".//p[@class]")
    assert (made.get("class"), made.get("title"), made.get("onclick")) == ('a" onclick="x', "<&>\\u202e", None)


def test_it_asks_for_nothing_and_says_so():
    document = of()
    policy = document.find(".//meta[@http-equiv]").get("content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not document.xpath("//script | //link | //img | //*[@src] | //@style")
    assert "url(" not in document.find(".//style").text
    assert "@import" not in document.find(".//style").text


def test_its_contents_lead_to_its_sections():
    document = of()
    (link,) = document.xpath("//nav//a")
    assert document.get_element_by_id(link.get("href")[1:]).tag == "section"


def test_an_element_in_two_places_is_in_both():
    name = page.foreign("web01")
    assert [each.text_content() for each in of(page.element("p", name), page.element("p", name)).findall(".//p/bdi")] == ["web01"] * 2  # fmt: skip


@pytest.mark.parametrize(("count", "at_once"), [(0, 0), (40, 40), (41, 2), (1000, 25)])
def test_many_folds_are_grouped_by_their_names(count, at_once):
    made = page.grouped([(f"vm{number:04}", page.fold([str(number)])) for number in range(count)])
    assert len(made) == at_once
    if count > 40:
        assert made[0][0].xpath("string()") == "vm0000 to vm0039 (40)"
