"""Going about in the dashboards: by mouse, by keyboard, by an address that somebody sent, honest or not."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from accessibility import barriers
from playwright.sync_api import Browser, BrowserContext, Locator, expect
from viewer import SCREENSHOTS, Viewer, window_of

from medallion.dashboard.page import Page
from medallion.dashboard.pages import PAGES

BY_NAME = {page.name: page for page in PAGES}
OVERVIEW, VALUE, SALES, PIPELINE = (
    BY_NAME[name] for name in ("overview", "customer-lifetime-value", "sales-trends", "pipeline")
)
SQL, SCRIPT = "USD' OR '1'='1'; DROP SCHEMA restaurant CASCADE; --", "<script>hacked=1</script>"
MARKUP = '"><img src=x onerror=hacked=1>'
HOSTILE = [
    (SALES, {"currency": SQL, "range": SCRIPT, "location": MARKUP, "by": SQL}),
    (SALES, {"range": "custom", "dates": f"2024-01-01..{SQL}", "location": "' UNION SELECT 1 --"}),
    (VALUE, {"currency": MARKUP, "tier": "High' OR 1=1 --", "x": SCRIPT}),
    (PIPELINE, {"product": "../../etc/passwd", "part": SCRIPT, "table": SQL, "of": MARKUP, "reason": SQL}),
]
# Some cells of the table as they are read to the blind; only those in view are there.
CELLS = "one => [...one.querySelectorAll('tr')].map(row => [...row.children].map(cell => cell.textContent))"
MOST_TABS = 80


@pytest.fixture(scope="module")
def pocket(browser: Browser) -> BrowserContext:
    return window_of(browser, is_phone=True)


@pytest.fixture
def phone(pocket: BrowserContext, address: str) -> Iterator[Viewer]:
    found = Viewer.within(pocket, address)
    yield found
    found.leave()


def query(viewer: Viewer) -> dict[str, list[str]]:
    return parse_qs(urlsplit(viewer.tab.url).query)


def focused(viewer: Viewer) -> Locator:
    return viewer.tab.locator("*:focus")


def tab_to(viewer: Viewer, goal: Locator) -> None:
    """Press the tabulator until the focus is there; it must be seen where it is."""
    for _ in range(MOST_TABS):
        viewer.tab.keyboard.press("Tab")
        if goal.evaluate("one => one === document.activeElement"):
            break
    expect(goal).to_be_focused()


def test_a_filter_changes_the_figures_and_the_address(viewer: Viewer) -> None:
    viewer.go(SALES)
    year = viewer.figures()
    viewer.choose("Dates", "Last 28 days")
    expect(viewer.lead).to_contain_text("22 Jan 2024")
    viewer.wait(SALES)
    month = viewer.figures()
    assert month["Orders"] != year["Orders"]
    assert int(month["Orders"].replace(",", "")) < int(year["Orders"].replace(",", ""))
    assert query(viewer) == {"range": ["28d"]}


def test_an_address_opens_the_view_of_who_sent_it(viewer: Viewer, phone: Viewer) -> None:
    viewer.go(SALES)
    before = viewer.lead.inner_text()
    location = viewer.tab.get_by_role("combobox", name="Location")
    location.click()
    viewer.tab.get_by_role("option").nth(1).click()
    expect(viewer.lead).not_to_have_text(before)
    viewer.tab.get_by_role("radio", name="Month").click()
    viewer.tab.wait_for_url(re.compile("month"))
    viewer.wait(SALES)
    phone.tab.goto(viewer.tab.url)
    phone.wait(SALES)
    expect(phone.tab.get_by_role("combobox", name="Location")).to_have_value(location.input_value())
    expect(phone.tab.get_by_role("radio", name="Month")).to_be_checked()
    assert (phone.lead.inner_text(), phone.figures()) == (viewer.lead.inner_text(), viewer.figures())


def test_the_start_page_has_the_address_of_its_name_too(viewer: Viewer) -> None:
    viewer.tab.goto(f"{viewer.address}/{OVERVIEW.name}?range=28d")
    expect(viewer.lead).to_contain_text("22 Jan 2024")
    viewer.wait(OVERVIEW)
    assert (query(viewer), viewer.errors()) == ({"range": ["28d"]}, [])


def test_back_and_forward_lead_through_the_pages_seen(viewer: Viewer) -> None:
    viewer.go(OVERVIEW)
    viewer.click_to(VALUE)
    viewer.tab.go_back()
    viewer.wait(OVERVIEW)
    viewer.tab.go_forward()
    viewer.wait(VALUE)
    assert viewer.errors() == []


def test_the_keyboard_alone_leads_to_pages_and_filters(viewer: Viewer) -> None:
    viewer.go(OVERVIEW)
    tab_to(viewer, viewer.menu.get_by_role("link", name=SALES.title))
    viewer.tab.keyboard.press("Enter")
    viewer.wait(SALES)
    tab_to(viewer, viewer.tab.get_by_role("combobox", name="Dates"))
    viewer.tab.keyboard.press("Control+A")
    viewer.tab.keyboard.type("Last 90")
    expect(viewer.tab.get_by_role("option")).to_have_text(["Last 90 days"])
    viewer.tab.keyboard.press("ArrowDown")
    viewer.tab.keyboard.press("Enter")
    viewer.tab.wait_for_url(re.compile("range=90d"))
    tab_to(viewer, viewer.tab.get_by_role("radio", checked=True))
    viewer.tab.keyboard.press("ArrowRight")
    viewer.tab.keyboard.press("Space")
    viewer.tab.wait_for_url(re.compile("range=90d&.+"))
    tab_to(viewer, viewer.tab.get_by_role("button", name="Download CSV").first)
    with viewer.tab.expect_download() as download:
        viewer.tab.keyboard.press("Enter")
    assert download.value.suggested_filename == "sales_trends.csv"


def test_where_the_focus_is_can_be_seen(viewer: Viewer) -> None:
    viewer.go(OVERVIEW)
    for goal in (viewer.menu.get_by_role("link", name=VALUE.title), viewer.tab.get_by_role("combobox", name="Dates")):
        plain = goal.evaluate(LOOK)
        tab_to(viewer, goal)
        assert goal.evaluate(LOOK) != plain


# How an element and what it stands in are framed.
LOOK = """one => [one, one.parentElement, one.parentElement.parentElement].map(each => {
  const look = getComputedStyle(each);
  return [look.outlineStyle, look.outlineColor, look.boxShadow, look.borderColor, look.backgroundColor].join();
}).join('; ')"""


def test_the_menu_of_a_phone_opens_and_makes_room_again(phone: Viewer) -> None:
    phone.go(OVERVIEW)
    link = phone.menu.get_by_role("link", name=VALUE.title)
    expect(link).not_to_be_in_viewport()
    phone.tab.get_by_test_id("stExpandSidebarButton").click()
    expect(link).to_be_in_viewport()
    link.click()
    phone.wait(VALUE)
    expect(link).not_to_be_in_viewport()


def test_a_file_holds_what_its_table_shows(viewer: Viewer) -> None:
    viewer.go(VALUE, tier="High")
    header, *shown = viewer.tab.get_by_test_id("stDataFrame").locator("canvas table").evaluate(CELLS)
    with viewer.tab.expect_download() as download:
        viewer.tab.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "customer_lifetime_value.csv"
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [re.sub(r" \(.+\)", "", title).lower().replace(" ", "_") for title in header]
    units = {column.name: column.unit for column in VALUE.product.step("customer_lifetime_value").table.columns}
    assert len(shown) > 5
    # A rate is shown in percent, and stands in the file as it is in the mart.
    assert [[same(row[name], units[name] == "rate") for name in names] for row in rows[: len(shown)]] == [
        [*map(same, row)] for row in shown
    ]
    assert {row["value_tier"] for row in rows} == {"High"}
    of_all = viewer.tab.get_by_test_id("stCaptionContainer").filter(has_text=f"of {len(rows):,} rows")
    expect(of_all).to_be_visible()


def same(text: str, is_rate: bool = False) -> str | float:
    """A number as such, as a table may write it otherwise than a file."""
    try:
        return round(float(text) * (100 if is_rate else 1), 6)
    except ValueError:
        return text


@pytest.mark.parametrize(("page", "given"), HOSTILE, ids=["sales", "dates", "value", "pipeline"])
def test_hostile_values_in_the_address_do_nothing(
    viewer: Viewer, home: Path, page: Page, given: dict[str, str]
) -> None:
    asked: list[str] = []
    viewer.tab.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    file = home / "warehouse.duckdb"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    known = {name: value for name, value in given.items() if value == "custom"}
    viewer.go(page, **known)
    usual = (viewer.lead.inner_text(), viewer.figures())
    viewer.go(page, **given)
    assert (viewer.lead.inner_text(), viewer.figures()) == usual
    assert viewer.errors() == []
    assert (asked, viewer.tab.evaluate("typeof window.hacked")) == ([], "undefined")
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def test_a_page_that_there_is_not_leads_to_the_first(viewer: Viewer) -> None:
    viewer.tab.goto(f"{viewer.address}/%3Cscript%3Ehacked=1%3C%2Fscript%3E")
    viewer.wait(OVERVIEW)
    assert viewer.tab.evaluate("typeof window.hacked") == "undefined"


@pytest.mark.parametrize("part", ["tables", "checks", "quarantine", "lineage", "dictionary"])
def test_each_part_of_the_pipeline_page_has_an_address(viewer: Viewer, part: str) -> None:
    viewer.go(PIPELINE, part=part)
    expect(viewer.tab.get_by_role("radio", name=part, exact=False)).to_be_checked()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    viewer.tab.screenshot(path=SCREENSHOTS / f"pipeline-{part}.png", animations="disabled")
    assert (viewer.errors(), barriers(viewer.tab)) == ([], [])


def test_the_lineage_graph_is_walked_by_mouse_and_keyboard(viewer: Viewer) -> None:
    viewer.go(PIPELINE, part="lineage", table="(all)")
    boxes, here = viewer.tab.locator("[data-key]"), viewer.tab.locator(".here")
    all_of_them = boxes.count()
    viewer.tab.locator("[data-key='restaurant.customer_segments']").click()
    expect(here).to_have_attribute("data-key", "restaurant.customer_segments")
    assert query(viewer) == {"part": ["lineage"], "table": ["customer_segments"]}
    assert 1 < boxes.count() < all_of_them
    viewer.tab.locator("[data-key='restaurant.order_items']").focus()
    viewer.tab.keyboard.press("Enter")
    expect(here).to_have_attribute("data-key", "restaurant.order_items")
    assert query(viewer) == {"part": ["lineage"], "table": ["order_items"]}
