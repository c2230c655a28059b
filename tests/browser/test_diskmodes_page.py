"""The audit of disk modes in a browser: wide and narrow, light and dark, by keyboard, of a thousand domains."""

from datetime import UTC, datetime

import pytest

from esxdriver.cli.diskmodes_page import audit_page
from tests.browser.conftest import WIDTHS
from tests.cli.audit import HOSTILE, domain, hostile

NOW = datetime(2026, 11, 26, tzinfo=UTC)
UNREAD = [(name, name) for name in HOSTILE]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_whole_and_readable_whatever_the_names_are(show, width, scheme):
    look = show(audit_page([domain("web01", snapshots=3), *hostile()], UNREAD, "esx://esx1/", NOW))
    look.width(width)
    look.scheme(scheme)
    look.open_all()
    assert look.too_wide() == []
    assert look.violations() == []
    assert (look.page.title(), len(look.asked), look.complaints) == ("Disk modes", 1, [])


def test_the_keyboard_goes_through_it_in_order_and_from_a_disk_to_its_domain(show):
    look = show(audit_page([domain(f"vm{number:02}", snapshots=1) for number in range(20)], [], "esx://esx1/", NOW))
    assert look.out_of_order() == []
    link = look.page.locator("#outside a").last
    link.focus()
    look.page.keyboard.press("Enter")
    assert look.page.locator("#domains").get_by_text("vm19 0", exact=True).is_visible()


def test_a_thousand_domains_are_a_few_folds(show):
    look = show(audit_page([domain(f"vm{number:04}", snapshots=2) for number in range(1000)], [], "vpx://vc/DC", NOW))
    look.width(400)
    assert look.too_wide() == []
    assert len(look.tabbed()) < 80
    assert look.page.locator("main").bounding_box()["height"] < 5000
    look.page.evaluate("location.hash = '#domain-1000'")
    assert look.page.locator("#domains").get_by_text("vm0999 1", exact=True).is_visible()


def test_paper_has_every_snapshot(show):
    look = show(audit_page([domain(f"vm{number:02}", snapshots=2) for number in range(20)], [], "esx://esx1/", NOW))
    look.page.emulate_media(media="print", color_scheme="dark")
    assert look.page.locator("#domains").get_by_text("vm19 1", exact=True).is_visible()
    assert look.page.pdf().startswith(b"%PDF")
