"""What a viewer sees while the marts change: a publish, a way back, and a writer that holds the warehouse's file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from viewer import Viewer, medallion

from medallion.dashboard.pages import PAGES

BY_NAME = {page.name: page for page in PAGES}
OVERVIEW, SALES, PRICING = (BY_NAME[name] for name in ("overview", "sales-trends", "pricing"))
PLACE, DISH = "<b onclick=hacked=1>Harbour</b>", '<img src=x onerror="hacked=1">'
HEADER = (
    "app_name,restaurant_id,creation_time_utc,order_id,user_id,printed_card_number,is_loyalty,currency,lineitem_id,"
    "item_category,item_name,item_price,item_quantity"
)
# More money than all other orders of the range, so that it stands first everywhere.
DELIVERY = (
    f"{HEADER}\nHarbor Fresh,{PLACE},2024-02-21T18:00:00.000Z,{'a' * 24},=1+1,,TRUE,USD,{'b' * 24},"
    f'[x](javascript:hacked=1),"{DISH.replace(chr(34), chr(34) * 2)}",9000.00,9\n'
)
# A program that holds the file as a run does while it writes, from its word until its input ends.
WRITER = """
import sys, time, duckdb
for _ in range(600):
    try:
        held = duckdb.connect(sys.argv[1])
        break
    except duckdb.IOException:
        time.sleep(0.1)
held.execute("BEGIN")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def viewer(desk: BrowserContext, changing_address: str) -> Iterator[Viewer]:
    found = Viewer.within(desk, changing_address)
    yield found
    found.leave()


@contextmanager
def held(warehouse: Path) -> Iterator[None]:
    """The warehouse's file, held by another process."""
    command = [sys.executable, "-c", WRITER, str(warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "held\n"
            yield
        finally:
            child.communicate()


def test_a_writer_in_the_way_leaves_the_last_good_view_with_a_notice(viewer: Viewer, changing_home: Path) -> None:
    viewer.go(SALES)
    before = (viewer.lead.inner_text(), viewer.figures())
    with held(changing_home / "warehouse.duckdb"):
        viewer.choose("Dates", "Last 28 days")
        expect(viewer.notices).to_contain_text("being written at the moment")
        viewer.wait(SALES)
        assert (viewer.lead.inner_text(), viewer.figures()) == before
        assert viewer.errors() == []
    expect(viewer.notices).to_have_count(0)
    expect(viewer.lead).to_contain_text("22 Jan 2024")


def test_whoever_comes_while_the_file_is_held_waits_without_an_error(
    desk: BrowserContext, changing_address: str, changing_home: Path
) -> None:
    late = Viewer.within(desk, changing_address)
    with held(changing_home / "warehouse.duckdb"):
        late.tab.goto(f"{changing_address}/{PRICING.name}")
        expect(late.notices).to_contain_text("being written at the moment")
        assert late.errors() == []
    expect(late.lead).not_to_be_empty()
    expect(late.notices).to_have_count(0)
    late.leave()


def test_a_publish_and_a_way_back_appear_on_the_open_page(viewer: Viewer, samples: Path, changing_home: Path) -> None:
    viewer.go(OVERVIEW)
    expect(viewer.freshness).to_contain_text("Version 1 ")
    before = viewer.figures()
    errors: list[str] = []
    viewer.tab.on("pageerror", lambda error: errors.append(str(error)))
    (samples / "late" / "order_items_hostile.csv").write_text(DELIVERY, encoding="utf-8")

    medallion("run", "restaurant", "--input", samples / "late", "--home", changing_home)
    expect(viewer.freshness).to_contain_text("Version 2 ", timeout=15_000)
    viewer.wait(OVERVIEW)
    assert viewer.figures()["Net sales"] != before["Net sales"]

    for page in (SALES, BY_NAME["locations"], PRICING):
        viewer.click_to(page)
        assert (viewer.errors(), viewer.tab.evaluate("typeof window.hacked")) == ([], "undefined")
    viewer.click_to(SALES)
    viewer.tab.get_by_role("combobox", name="Location").click()
    expect(viewer.tab.get_by_role("option", name=PLACE, exact=True)).to_be_visible()
    viewer.tab.keyboard.press("Escape")

    medallion("rollback", "restaurant", "--home", changing_home)
    expect(viewer.freshness).to_contain_text("Version 3 (version 1 again)", timeout=15_000)
    viewer.click_to(OVERVIEW)
    assert (viewer.figures(), viewer.errors(), errors) == (before, [], [])
