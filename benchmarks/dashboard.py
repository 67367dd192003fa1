"""How long people wait for the dashboards, measured in a real browser: `python benchmarks/dashboard.py --help`.

For every page: from asking for its address until its figures are painted, the first time that anybody asks (nothing of
it is kept by the process yet) and once more; and from choosing in a filter until the page has changed. The browser has
the application in its cache and the process has loaded its libraries, as the first page was opened before.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from measure import MEDALLION, measure

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

from viewer import Viewer, chromium, dashboard

from medallion.dashboard.page import Page
from medallion.dashboard.pages import PAGES

FIRST_PAINT, FILTER_CHANGE = 2.0, 1.0  # seconds, the goals
# The time in milliseconds from the navigation to the painted figures, noted by the page itself: asking from outside
# would add the way there and back.
_NOTE = """window.paintedAt = new Promise(done => {
  const look = () => {
    const isThere = document.querySelector('h1')
      && document.querySelector('[data-testid=stMetricValue], [data-testid=stAlert]');
    requestAnimationFrame(isThere ? () => done(performance.now()) : look);
  };
  look();
})"""
# The time from the next press of the pointer until the address says what was chosen and the page has been made anew.
_CHANGE = """() => { window.changedIn = new Promise(done => {
  const app = document.querySelector('[data-testid=stApp]'), before = location.search;
  document.addEventListener('pointerdown', () => {
    const pressed = performance.now();
    const look = () => {
      const isDone = location.search !== before && app.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-stale=true]');
      requestAnimationFrame(isDone ? () => done(performance.now() - pressed) : look);
    };
    look();
  }, {capture: true, once: true});
}); }"""


@dataclass(frozen=True)
class Waited:
    """Seconds for a page: opened for the first time, opened again, and (where it has a filter) for a change of one."""

    first: float
    again: float
    change: float | None


def waits(browser: Browser, home: Path, pages: Sequence[Page]) -> list[Waited | None]:
    """One visit of all pages, to a process of its own."""
    with tempfile.TemporaryDirectory() as folder, dashboard(home, Path(folder) / "log") as address:
        viewer = Viewer.of(browser, address)
        viewer.tab.add_init_script(_NOTE)
        viewer.go(PAGES[-1] if pages[0] is PAGES[0] else PAGES[0])
        found = [_waited(viewer, page) for page in pages]
        viewer.leave()
        return found


def _waited(viewer: Viewer, page: Page) -> Waited | None:
    """None where nothing is published that the page could show."""
    first = _painted(viewer, page)
    if not viewer.figures():
        return None
    change = _change(viewer)
    return Waited(first, _painted(viewer, page), change)


def _painted(viewer: Viewer, page: Page) -> float:
    viewer.go(page)
    return float(viewer.tab.evaluate("window.paintedAt")) / 1000


def _change(viewer: Viewer) -> float | None:
    """Choose what was not chosen: all dates, or else what the first row of buttons offers beside."""
    dates = viewer.tab.get_by_role("combobox", name="Dates")
    goal = viewer.tab.get_by_role("radio", checked=False).first
    if dates.count():
        dates.click()
        goal = viewer.tab.get_by_role("option", name="All time", exact=True)
        goal.wait_for()
    elif not goal.count():
        return None
    viewer.tab.evaluate(_CHANGE)
    goal.click()
    return float(viewer.tab.evaluate("window.changedIn")) / 1000


def home_of(folder: Path, orders: int) -> Path:
    """A home with so many orders, made once; 1,000,000 take both cores for a minute."""
    home = folder / f"dashboard_home_{orders}"
    if not (home / "warehouse.duckdb").exists():
        sample = folder / f"orders_{orders}"
        if not (sample / "planted.json").exists():
            command = [MEDALLION, "generate", "restaurant", "--orders", str(orders), "--seed", "1", "--dirty", "0.1"]
            measure([*command, "--output", str(sample)])
        shutil.rmtree(home, ignore_errors=True)
        measure([MEDALLION, "run", "restaurant", "--input", str(sample), "--home", str(home)])
    return home


def rows(home: Path, pages: Sequence[Page], runs: int) -> Iterator[str]:
    """The lines of the table: medians of the runs."""
    with chromium() as browser:
        visits = [waits(browser, home, pages) for _ in range(runs)]
    yield f"| page | first paint (≤ {FIRST_PAINT:g} s) | again | filter change (≤ {FILTER_CHANGE:g} s) |"
    yield "|---|---|---|---|"
    for page, *visited in zip(pages, *visits, strict=True):
        found = [one for one in visited if one is not None]
        if not found:
            yield f"| {page.title} | nothing published | | |"
            continue
        changes = [one.change for one in found if one.change is not None]
        first, again = median(one.first for one in found), median(one.again for one in found)
        change = f"{median(changes):.2f} s" if changes else "–"
        yield f"| {page.title} | {first:.2f} s | {again:.2f} s | {change} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="a home with runs, to look at; default: one is made below --folder")
    parser.add_argument("--folder", type=Path, default=Path(".bench"), help="where samples and homes are kept")
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=[page.name for page in PAGES], help="these pages")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    home = given.home or home_of(given.folder, given.orders)
    for line in rows(home, [page for page in PAGES if not given.only or page.name in given.only], given.runs):
        print(line, flush=True)


if __name__ == "__main__":
    main()
