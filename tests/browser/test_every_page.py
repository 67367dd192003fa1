"""Every page as people see it: whole, without an error, on a screen and on a phone, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from accessibility import barriers
from playwright.sync_api import Browser, expect
from viewer import NARROW, SCHEMES, SCREENSHOTS, WIDE, Viewer

from medallion.dashboard.page import Page
from medallion.dashboard.pages import PAGES

# What reaches over the right edge; a table may be wider than its frame, in which it scrolls.
TOO_WIDE = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  const over = [...main.querySelectorAll('*')].filter(one => one.checkVisibility()
    && one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('[data-testid=stDataFrame], svg'));
  const scrolls = [document.documentElement, main].filter(one => one.scrollWidth > one.clientWidth);
  return [...over, ...scrolls].map(one => `${one.tagName} ${one.dataset.testid ?? ''} ${one.innerText ?? ''}`);
}"""


class Watched(Viewer):
    """A viewer whose browser notes what fails, and whom it talks to."""

    def watch(self) -> None:
        self.failures: list[str] = []
        self.hosts: set[str] = set()
        self.tab.on("pageerror", lambda error: self.failures.append(str(error)))
        self.tab.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))


@dataclass(frozen=True)
class Look:
    """How wide somebody's window is, and whether the system is set to light or dark."""

    width: int
    scheme: str

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}"


# Each page is loaded once; then its window changes, and that of its width last, as it takes longest.
LOOKS = [Look(width, scheme) for width in (WIDE, NARROW) for scheme in SCHEMES]


@pytest.fixture(scope="module")
def window(browser: Browser, address: str) -> Iterator[Watched]:
    found = Watched.of(browser, address)
    found.watch()
    found.go(PAGES[0])
    yield found
    found.leave()


@pytest.fixture(scope="module", params=PAGES, ids=lambda page: page.name)
def page(request: pytest.FixtureRequest, window: Watched) -> Page:
    """Each page in turn, come to by a click in the menu."""
    found: Page = request.param
    window.tab.set_viewport_size({"width": WIDE, "height": 900})
    window.failures.clear()
    window.click_to(found)
    return found


@pytest.fixture(scope="module", params=LOOKS, ids=str)
def look(request: pytest.FixtureRequest, window: Watched, page: Page) -> Look:
    """Each page in every look, with its picture in the folder of screenshots."""
    found: Look = request.param
    window.wear(found.scheme)
    window.resize(found.width, page)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    window.tab.screenshot(path=SCREENSHOTS / f"{page.name}-{found}.png", animations="disabled")
    return found


def test_a_page_opens_with_a_sentence_and_figures_and_no_error(window: Watched, page: Page) -> None:
    assert (window.errors(), window.failures) == ([], [])
    expect(window.lead).not_to_be_empty()
    figures = window.figures()
    assert 3 <= len(figures) <= 5, figures
    assert all(value and "nan" not in value.lower() and value != "None" for value in figures.values()), figures
    assert urlsplit(window.tab.url).path == ("/" if page is PAGES[0] else f"/{page.name}")


def test_the_table_of_a_page_comes_as_a_file(window: Watched, page: Page) -> None:
    buttons = window.tab.get_by_role("button", name="Download CSV")
    if page.live is not None:  # what it shows is of no mart
        assert buttons.count() == 0
        return
    with window.tab.expect_download() as download:
        buttons.last.click()
    header, *rows = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    tables = {step.table.name: step.table for step in page.product.steps}
    assert download.value.suggested_filename.removesuffix(".csv") in tables
    assert {*header.split(",")} <= {column for table in tables.values() for column in table.column_names}
    assert rows


def test_a_page_fits_its_window(window: Watched, page: Page, look: Look) -> None:
    assert window.tab.evaluate(TOO_WIDE) == []
    assert (window.errors(), window.failures) == ([], [])


def test_a_page_has_no_barriers(window: Watched, page: Page, look: Look) -> None:
    # What is dark differs in colours alone.
    rules = ("color-contrast", "link-in-text-block") if look.scheme == "dark" else ()
    assert barriers(window.tab, *rules) == []


def test_pages_talk_to_no_other_host(window: Watched) -> None:
    assert window.hosts == {urlsplit(window.address).netloc}
