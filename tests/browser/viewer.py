"""A dashboard as a process and its pages in a real Chromium: what tests, pictures and measurements look through."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Locator, expect, sync_playwright
from playwright.sync_api import Page as Tab

from medallion.dashboard.page import Page
from medallion.dashboard.pages import PAGES

SECONDS = 60  # that anything may take, on a machine with other work to do
WIDE, NARROW = 1280, 390
_HEIGHT = 900
SCHEMES = ("light", "dark")
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
_MEDALLION = Path(sys.executable).with_name("medallion")
_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36"
# The script has come to its end, nothing of the page before is left, and every chart is drawn. Rows of a table that
# is unfolded by a click have no place yet.
_IS_SHOWN = """title => {
  const app = document.querySelector('[data-testid=stApp]');
  const charts = [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].filter(one => one.checkVisibility());
  return app && app.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && [...document.querySelectorAll('h1')].some(one => one.textContent.trim() === title)
    && !document.querySelector('[data-stale=true], [data-testid=stSkeleton], [data-testid=stAppSkeleton]')
    && charts.every(one => one.querySelector('canvas, svg'));
}"""


def chromium_path() -> str | None:
    """The browser of this machine; None where it has none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _CHROMIUMS)), None)


def medallion(*arguments: object) -> None:
    """A command that must succeed."""
    done = subprocess.run([str(_MEDALLION), *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"


@contextmanager
def dashboard(home: Path, log: Path) -> Iterator[str]:
    """The address of a dashboard on a home; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(_MEDALLION), "dashboard", "--home", str(home), "--port", str(port)]
    with log.open("w", encoding="utf-8") as words:
        child = subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", child, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        try:
            child.wait(SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_for(address: str, child: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends and child.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=SECONDS):
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"the dashboard did not start: {log.read_text(encoding='utf-8')}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, without a window."""
    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), timeout=SECONDS * 1000)
        try:
            yield browser
        finally:
            browser.close()


def window_of(browser: Browser, *, is_phone: bool = False) -> BrowserContext:
    """A window that knows nothing of others, of a desk's screen or of a phone's."""
    if is_phone:
        window = browser.new_context(
            viewport={"width": NARROW, "height": 844}, user_agent=_PHONE, is_mobile=True, has_touch=True
        )
    else:
        window = browser.new_context(viewport={"width": WIDE, "height": _HEIGHT})
    window.set_default_timeout(SECONDS * 1000)
    return window


@dataclass
class Viewer:
    """Somebody who looks at a dashboard."""

    tab: Tab
    address: str

    @classmethod
    def of(cls, browser: Browser, address: str, *, is_phone: bool = False) -> Self:
        """A viewer in a window of his own, who was never here before."""
        return cls.within(window_of(browser, is_phone=is_phone), address)

    @classmethod
    def within(cls, window: BrowserContext, address: str) -> Self:
        """A viewer in a new tab of a window that may have the application's files; nothing else is known of him."""
        return cls(window.new_page(), address)

    def leave(self) -> None:
        """Close the tab."""
        self.tab.close()

    def go(self, page: Page, **query: str) -> None:
        """Open a page by its address and wait until all of it is there."""
        path = "" if page is PAGES[0] else page.name
        self.tab.goto(f"{self.address}/{path}" + (f"?{urlencode(query)}" if query else ""))
        self.wait(page)

    def click_to(self, page: Page) -> None:
        """Go to a page by the menu."""
        self.menu.get_by_role("link", name=page.title, exact=True).click()
        self.wait(page)

    def wait(self, page: Page) -> None:
        """Wait until all of a page is there."""
        self.tab.wait_for_function(_IS_SHOWN, arg=page.title)

    @property
    def menu(self) -> Locator:
        """The list of pages."""
        return self.tab.get_by_test_id("stSidebarNav")

    @property
    def lead(self) -> Locator:
        """The sentence that a page opens with."""
        return self.tab.locator(".st-key-lead")

    @property
    def freshness(self) -> Locator:
        """What says which version is shown."""
        return self.tab.get_by_test_id("stCaptionContainer").filter(has_text="published").first

    @property
    def notices(self) -> Locator:
        """Notices in place of a page, or above it."""
        return self.tab.get_by_test_id("stAlert")

    def figures(self) -> dict[str, str]:
        """The headline figures as they are shown, by their labels."""
        shown = self.tab.get_by_test_id("stMetric").evaluate_all(
            "all => all.map(one => ['stMetricLabel', 'stMetricValue'].map("
            "part => one.querySelector(`[data-testid=${part}]`).innerText.trim()))"
        )
        return dict(shown)

    def errors(self) -> list[str]:
        """What stands on the page in place of something that failed."""
        return self.tab.locator(
            "[data-testid=stException], [data-testid=stAlertContentError], [data-testid=stDialog], .vega-error"
        ).all_inner_texts()

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.tab.get_by_role("combobox", name=label).click()
        self.tab.get_by_role("option", name=option, exact=True).click()

    def wear(self, scheme: str) -> None:
        """Change to light or dark, as the system of somebody does in the evening."""
        dark = scheme == "dark"
        self.tab.emulate_media(color_scheme="dark" if dark else "light")
        self.tab.wait_for_function(
            "dark => { const color = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor;"
            " return (Number(color.match(/\\d+/)[0]) < 128) === dark; }",
            arg=dark,
        )

    def resize(self, width: int, page: Page) -> None:
        """Make the window so wide, and as high as its page is, as that scrolls within."""
        size = self.tab.viewport_size or {}
        if size.get("width") == width and size.get("height") == max(_HEIGHT, self._page_height()):
            return
        self.tab.set_viewport_size({"width": width, "height": _HEIGHT})
        self.wait(page)
        self.tab.set_viewport_size({"width": width, "height": max(_HEIGHT, self._page_height())})
        self.wait(page)

    def _page_height(self) -> int:
        body = self.tab.get_by_test_id("stMainBlockContainer")
        return int(body.evaluate("one => new Promise(done => requestAnimationFrame(() => done(one.scrollHeight)))"))
