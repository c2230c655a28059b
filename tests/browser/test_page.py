"""A report in a browser: wide and narrow, light and dark, by keyboard, on paper; whatever the names in it."""

import pytest

from esxdriver.cli import page
from tests.browser.conftest import WIDTHS

HOSTILE = [
    "<script>document.title = 'stolen'</script>",
    "\"><img src=x onerror=document.title='stolen'>",
    "</style></title><script>document.title='stolen'</script>",
    "safe\u202etxt.exe",
    "\u2066hidden\u2069\u200f",
    "x" * 5000,
    "long " * 500,
    "\x00\x1b[2J\r\n\ud800",
    "仮想マシン",
    "جهاز افتراضي",
    "e\u0301\u0327" * 30,
    "&amp; &lt;",
    "javascript:alert(1)",
    "",
]


def report():
    names = [page.foreign(name) for name in HOSTILE]
    rows = [[page.foreign(name), page.badge("bad", "no"), page.badge("good", "yes"), name] for name in HOSTILE]
    folds = [
        (
            name,
            page.fold(
                [page.foreign(name), page.badge("warn", "look")],
                page.table("Disks", ["Disk", "In snapshots", "Kept", "File"], rows[:2]),
                id=f"d-{number}",
            ),
        )
        for number, name in enumerate(HOSTILE)
    ]
    return page.page(
        "Report on <b>esx1</b>",
        [page.element("p", "All that there is.")],
        [
            page.section("names", "Names", page.element("ul", *(page.element("li", each) for each in names))),
            page.section("table", "Table", page.table("Everything", ["Name", "In snapshots", "Kept", "Raw"], rows)),
            page.section("folds", "Folds", page.element("p", page.element("a", "the third", href="#d-2")), *page.grouped(folds)),
        ],
        "Made by esxdriver.",
    )  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_whole_and_readable(show, width, scheme):
    look = show(report())
    look.width(width)
    look.scheme(scheme)
    look.open_all()
    assert look.too_wide() == []
    assert look.violations() == []


def test_names_of_others_run_nothing_and_ask_for_nothing(show):
    look = show(report())
    assert look.page.title() == "Report on <b>esx1</b>"
    assert look.page.locator("main img, main script").count() == 0
    assert len(look.asked) == 1
    assert look.complaints == []


def test_the_policy_forbids_scripts_and_styles_that_are_not_the_pages(show):
    text = report().replace(
        b"</main>", b"<script>document.title = 'stolen'</script><p id='p' style='color: red'>x</p></main>"
    )
    look = show(text)
    assert look.page.title() != "stolen"
    assert "rgb(255, 0, 0)" not in look.page.evaluate("getComputedStyle(document.querySelector('#p')).color")
    assert len([each for each in look.complaints if "Content Security Policy" in each]) == 2


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(show, width):
    look = show(report())
    look.width(width)
    assert look.out_of_order() == []
    reached = [text for _, text, _ in look.tabbed()]
    assert reached[:4] == ["Skip to the content", "Names", "Table", "Folds"]


def test_enter_opens_a_fold_and_the_first_stop_skips_to_the_content(show):
    look = show(report())
    summary = look.page.locator("summary").first
    summary.focus()
    look.page.keyboard.press("Enter")
    assert look.page.locator("details").first.get_attribute("open") is not None
    look.page.reload()
    look.page.keyboard.press("Tab")
    look.page.keyboard.press("Enter")
    assert look.page.evaluate("document.activeElement.id") == "content"


def test_a_link_opens_the_fold_that_it_leads_to(show):
    look = show(report())
    look.page.locator("a[href='#d-2']").click()
    assert look.page.locator("#d-2").bounding_box()["y"] < 900


def test_many_folds_are_in_folds_and_a_link_opens_both(show):
    folds = [(f"vm{number:04}", page.fold([f"vm{number:04}"], "inside", id=f"d-{number}")) for number in range(1000)]
    link = page.element("p", page.element("a", "the last", href="#d-999"))
    look = show(page.page("Many", [link], [page.section("all", "All", *page.grouped(folds))], "."))
    assert len(look.tabbed()) < 50
    look.page.locator("a[href='#d-999']").click()
    assert look.page.locator("#d-999 summary").is_visible()


def test_paper_has_what_is_folded_in_black_on_white(show):
    look = show(report())
    look.scheme("dark")
    closed = len(look.page.pdf())
    look.page.emulate_media(media="print", color_scheme="dark")
    assert look.page.locator("details td").first.is_visible()
    assert look.page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert look.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    look.open_all()
    assert abs(len(look.page.pdf()) - closed) < 0.1 * closed  # nothing more is there to print
