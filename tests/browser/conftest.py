"""Pages in a real browser: Debian's chromium, without a window. Skipped, with the reason, where there is none."""

import shutil
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
WIDTHS = (400, 1280)

# Which of the elements that the keyboard reaches comes first in the document, and whether it can be seen.
_FOCUSED = """() => {
    const all = [...document.querySelectorAll('*')], it = document.activeElement, box = it.getBoundingClientRect();
    const style = getComputedStyle(it);
    return [it === document.body ? null : all.indexOf(it), it.textContent.trim().slice(0, 60),
            box.width > 0 && box.right > 0 && box.left < innerWidth && style.outlineStyle !== 'none'];
}"""


@dataclass
class Shown:
    """A page as a browser shows it."""

    page: Any
    axe: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def width(self, width):
        self.page.set_viewport_size({"width": width, "height": 900})

    def scheme(self, scheme):
        self.page.emulate_media(color_scheme=scheme)

    def open_all(self):
        self.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    def too_wide(self):
        """Return the elements that are wider than the window."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('body *')]
                .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
                .map(each => each.tagName + ' ' + each.className + ' ' + each.textContent.slice(0, 40))
                .concat(document.documentElement.scrollWidth > innerWidth ? ['the page'] : [])"""
        )

    def violations(self):
        """Return what axe finds: contrast, landmarks, headings, names, roles of tables, and what is good practice."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(self.axe)
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"][:3]]

    def tabbed(self, most=200):
        """Return what the keyboard reaches, one after the other, until it leaves the page: (place, text, is seen)."""
        reached = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            place, text, seen = self.page.evaluate(_FOCUSED)
            if place is None or (reached and (place, text, seen) == reached[0]):
                break
            reached.append((place, text, seen))
        return reached

    def out_of_order(self):
        """Return what the keyboard reaches before something that stands above it, or reaches unseen."""
        reached = self.tabbed()
        assert reached, "the keyboard reaches nothing"
        backwards = [text for (before, _, _), (after, text, _) in pairwise(reached) if after <= before]
        return backwards + [text for _, text, seen in reached if not seen]


@pytest.fixture(scope="session")
def _chromium():
    reason = "needs chromium and playwright: tox run -e clients"
    playwright = pytest.importorskip("playwright.sync_api", reason=reason)
    axe = pytest.importorskip("axe_playwright_python", reason=reason)
    if CHROMIUM is None:
        pytest.skip(reason)
    with playwright.sync_playwright() as running:
        arguments = ["--no-sandbox"]  # of root, which tests may run as, it refuses another
        browser = running.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser, (Path(axe.__file__).parent / "axe.min.js").read_text()
        browser.close()


@pytest.fixture
def show(_chromium, tmp_path):
    """Give a function that shows a page's bytes, which lie in a file, and nothing else can be had."""
    browser, axe = _chromium
    context = browser.new_context(offline=True)

    def shown(text):
        file = tmp_path / "page.html"
        file.write_bytes(text)
        look = Shown(context.new_page(), axe)
        look.page.on("console", lambda message: look.complaints.append(message.text))
        look.page.on("pageerror", lambda error: look.complaints.append(str(error)))
        look.page.on("request", lambda request: look.asked.append(request.url))
        look.page.goto(file.as_uri())
        return look

    yield shown
    context.close()
