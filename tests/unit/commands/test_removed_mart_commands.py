"""A mart that the product does not have any more, on the command line: told of, left out, and in nobody's way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from outcome import Medallion
from test_versions import MART, NOW, _staged, home, net_amounts

from medallion.products.restaurant.product import PRODUCT
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.versions import Publication, Staged, publish_gold

__all__ = ["home"]  # the fixture


@pytest.fixture
def leftover(home: DuckDbWarehouse, folder: Path) -> DuckDbWarehouse:
    """Version 3 has a mart that the product does not have any more; version 4 was published without it."""
    files = (_staged(folder / "2.parquet", {"north": "14.00"}),)
    weekdays = Staged(table=replace(MART, name="sales_by_weekday"), files=files)
    for number, staged in ((3, [Staged(table=MART, files=files), weekdays]), (4, [Staged(table=MART, files=files)])):
        publication = Publication(
            run_id=f"run-{number}", as_of=date(2024, 2, 20), published_at=NOW + timedelta(hours=number)
        )
        with home.write() as session:
            publish_gold(session, PRODUCT, staged, publication, keep=9)
    return home


def test_a_rollback_says_which_mart_it_left_out_as_the_product_has_it_no_more(
    medallion: Medallion, leftover: DuckDbWarehouse
) -> None:
    outcome = medallion("rollback", "restaurant")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("restaurant: readers see version 3 again, 1 mart as of 2024-02-20\n")
    assert "left out, since the product has no such mart any more: sales_by_weekday\n" in outcome.out
    assert net_amounts(leftover) == [("north", "14.00")]
    found = medallion("rollback", "restaurant", "--to", "4", "--json").document
    assert (found["shows"], found["marts"]) == (4, ["sales_by_location"])
    assert found["left_out"] == ["sales_by_weekday"]


@pytest.mark.usefixtures("leftover")
def test_what_the_product_has_no_more_is_no_reason_to_go_back_again(medallion: Medallion) -> None:
    """The version that readers were shown again counts as shown, though not all of it could be."""
    medallion("prune", "restaurant", "--keep", "2")
    medallion("rollback", "restaurant")

    outcome = medallion("rollback", "restaurant", "--to", "3")

    assert outcome.err == "error: restaurant: version 3 is what readers see already; choose one of: 4\n"


@pytest.mark.usefixtures("leftover")
@pytest.mark.parametrize(
    "arguments",
    [
        ("versions", "restaurant"),
        ("diff", "sales_by_location", "3", "4"),
        ("prune", "restaurant", "--keep", "1"),
        ("status", "restaurant"),
        ("show", "sales_by_location"),
        ("catalog", "list"),
    ],
)
def test_a_mart_that_the_product_has_no_more_stops_no_command(medallion: Medallion, arguments: tuple[str, ...]) -> None:
    outcome = medallion(*arguments)

    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.usefixtures("leftover")
def test_the_status_tells_of_a_mart_that_the_product_has_no_more(medallion: Medallion) -> None:
    assert medallion("status", "restaurant", "--json").document["removed_marts"] == ["sales_by_weekday"]
