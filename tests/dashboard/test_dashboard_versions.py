"""A session keeps to one version: through publishes, rollbacks, prunes, and while a run is writing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from odd_marts import published_rows
from shown import asked, errors, figure, opened, words

from medallion import cli
from medallion.dashboard.entry.app import open_source
from medallion.dashboard.reading import Marts, Unavailable
from medallion.products.restaurant.product import PRODUCT

_HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Another process has the warehouse open for writing, as a run does."""
    command = [sys.executable, "-c", _HOLD, str(home / "warehouse.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stdin
        assert child.stdout.readline() == "held\n"
        try:
            yield
        finally:
            child.stdin.close()
            child.wait(30)


def test_a_publish_shows_at_the_next_look(home: Path) -> None:
    page = opened("customer-lifetime-value", home)
    assert "Version 1" in words(page)
    published_rows(home, PRODUCT, {"customer_lifetime_value": []})
    page.run()
    assert errors(page) == []
    assert "Version 2" in words(page)
    assert "No order names a customer" in words(page)


def test_a_rollback_shows_the_earlier_version_again(home: Path) -> None:
    published_rows(home, PRODUCT, {"customer_lifetime_value": []})
    page = opened("customer-lifetime-value", home)
    assert cli.main(["rollback", "restaurant", "--to", "1", "--home", str(home)]) == 0
    page.run()
    assert "Version 3 (version 1 again)" in words(page)
    assert figure(page, "Customers") == str(
        asked(home, "SELECT count(*) FROM restaurant.customer_lifetime_value WHERE currency = 'USD'")
    )


def test_a_version_that_was_pruned_meanwhile_gives_way_to_the_current_one(home: Path) -> None:
    page = opened("customer-lifetime-value", home)
    published_rows(home, PRODUCT, {"customer_lifetime_value": [], "customer_segments": []})
    assert cli.main(["prune", "restaurant", "--keep", "1", "--home", str(home)]) == 0
    page.query_params["currency"] = "CHF"  # not read before
    page.run()
    assert errors(page) == []
    assert "Version 2" in words(page)


def test_what_was_shown_stays_while_a_run_is_writing(home: Path) -> None:
    page = opened("overview", home)
    before = [(one.label, one.value) for one in page.metric]
    with held(home):
        page.run()
        assert errors(page) == []
        assert [(one.label, one.value) for one in page.metric] == before


def test_a_filter_change_waits_for_the_run_and_then_shows(home: Path) -> None:
    page = opened("churn", home)
    before = figure(page, "At risk")
    with held(home):
        page.selectbox(key="choice currency").select("EUR").run()
        assert errors(page) == []
        assert "is being written" in words(page)
        assert figure(page, "At risk") == before
    page.run()  # as the page does by itself every few seconds
    assert "is being written" not in words(page)
    assert figure(page, "Worth a call") == "0"


@pytest.mark.parametrize("name", ["overview", "segments", "pipeline"])
def test_a_page_that_was_never_shown_waits_for_the_run(home: Path, name: str) -> None:
    with held(home):
        page = opened(name, home)
        assert errors(page) == []
        assert "is being written" in words(page)
    page.run()
    assert page.metric


def test_a_viewer_keeps_no_run_waiting(home: Path) -> None:
    opened("overview", home)
    with held(home):  # the file can be had for writing while the page is open
        pass


def test_a_version_is_read_from_its_own_tables(home: Path) -> None:
    source = open_source(home, None)
    pinned = source.pinned(PRODUCT)
    assert pinned is not None
    marts = Marts(source, pinned)
    published_rows(home, PRODUCT, {"loyalty_program_impact": []})
    assert marts.ask("rows", "SELECT count(*) FROM {loyalty_program_impact}")[0]["rows"] > 0


def test_the_first_version_has_nothing_to_move_from(home: Path) -> None:
    page = opened("segments", home)
    assert figure(page, "Moved") == "–"
    assert "no earlier version of other content" in words(page)


def test_moves_between_segments_are_those_since_the_version_before(home: Path) -> None:
    columns = ", ".join(PRODUCT.step("customer_segments").table.column_names)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(f"SELECT {columns} FROM restaurant.customer_segments").fetchall()
    place = columns.split(", ").index("segment")
    mover = next(row for row in rows if "USD" in row and row[place] != "Champions")
    moved = [(*row[:place], "Champions", *row[place + 1 :]) if row == mover else row for row in rows]
    published_rows(home, PRODUCT, {"customer_segments": moved})
    page = opened("segments", home)
    assert figure(page, "Moved") == "1"
    assert "1 customer moved to another segment since version 1" in words(page).replace("*", "")


def test_a_version_that_lacks_something_says_so(home: Path) -> None:
    table = asked(home, "SELECT relation FROM control.version WHERE table_name = 'churn_indicators'")
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(f"ALTER TABLE {table} DROP COLUMN churn_status")
    page = opened("churn", home)
    assert errors(page) == []
    assert "does not have what this page shows" in words(page)


def test_a_query_that_writes_is_refused(home: Path) -> None:
    source = open_source(home, None)
    with pytest.raises(Unavailable, match="only queries are possible"):
        source.within(lambda session: session.rows("DELETE FROM control.version"))
