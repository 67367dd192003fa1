"""A run of chosen tables reads what was published before; where that is as of another day, the run is refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from restaurant_input import ITEMS, ITEMS_HEADER, write_csv

from medallion.catalog import product
from medallion.commands.standing import standing_of
from medallion.commands.versions import published_of
from medallion.errors import UsageError
from medallion.pipeline.prepare import prepare
from medallion.pipeline.running import Request
from medallion.settings import load_rules

if TYPE_CHECKING:
    from restaurant_input import Bench

    from medallion.pipeline.progress import Report

LAST, BEFORE = date(2024, 1, 5), date(2024, 1, 2)
LATE = "late,r1,2024-01-08T10:00:00Z,o8,u1,,FALSE,USD,l1,Mains,Burger,10.00,1"
PATH_TO_ORDERS = ("order_items", "order_item_options", "order_lines", "orders")


def built(report: Report) -> set[str]:
    return {table.name for table in report.tables if table.action != "skipped"}


def refused(bench: Bench, *selected: str, as_of: date | None = None) -> str:
    """What a run and its plan say alike; nothing is begun."""
    restaurant = product("restaurant")
    request = Request(product=restaurant, rules=load_rules(restaurant), as_of=as_of, select=selected)
    with pytest.raises(UsageError) as planned:
        prepare(bench.workspace, request)
    runs = bench.value("SELECT count(*) FROM control.run")
    with pytest.raises(UsageError) as run:
        bench.run(select=selected, as_of=as_of, input=None)
    assert str(planned.value) == str(run.value)
    assert bench.value("SELECT count(*) FROM control.run") == runs
    return str(run.value)


def order_count(bench: Bench) -> int:
    return int(bench.value("SELECT sum(order_count) FROM restaurant.location_performance"))


def test_an_earlier_day_is_refused_where_an_input_holds_later_ones(published: Bench) -> None:
    said = refused(published, "location_performance", as_of=BEFORE)

    assert said == (
        "--select location_performance: its input customer_locations is as of 2024-01-05 and the run 2024-01-02; select"
        " +location_performance, or leave out --as-of"
    )


@pytest.mark.parametrize("remedy", [(("+location_performance",), BEFORE), (("location_performance",), None)])
def test_what_the_message_tells_to_do_helps(published: Bench, remedy: tuple[tuple[str, ...], date | None]) -> None:
    selected, as_of = remedy

    report = published.run(select=selected, as_of=as_of, input=None)

    assert report.as_of == (as_of or LAST)
    assert order_count(published) == (2 if as_of else 3)


def test_the_newest_day_is_refused_where_an_input_was_cut_at_an_earlier_one(published: Bench) -> None:
    published.run(as_of=BEFORE, input=None)

    said = refused(published, "location_performance")

    assert said == (
        "--select location_performance: its input customer_locations is as of 2024-01-02 and the run 2024-01-05; select"
        " +location_performance, or give --as-of 2024-01-02"
    )
    assert published.run(select=("location_performance",), as_of=BEFORE, input=None).as_of == BEFORE


def test_an_input_of_an_input_counts_and_one_remedy_is_left_where_no_day_fits_all(published: Bench) -> None:
    published.run(select=("customer_locations",), as_of=BEFORE, input=None)

    said = refused(published, "clv_model", as_of=LAST)

    assert said == (
        "--select clv_model: its input customer_locations is as of 2024-01-02 and the run 2024-01-05; select +clv_model"
    )


def test_a_mart_that_was_seen_from_another_day_is_no_input_either(published: Bench) -> None:
    said = refused(published, "comparable_sales", as_of=BEFORE)

    assert "its input sales_by_location is as of 2024-01-05 and the run 2024-01-02" in said


def test_a_day_after_all_data_cuts_nothing(published: Bench) -> None:
    later = date(2024, 2, 1)

    assert published.run(select=("location_performance",), as_of=later, input=None).as_of == later


def test_inputs_without_a_date_fit_any_day(published: Bench) -> None:
    report = published.run(select=("sales_trends",), as_of=BEFORE, input=None)

    assert (built(report), report.as_of) == ({"sales_trends"}, BEFORE)
    assert published.net_amount() == "31.50"


def test_the_version_of_a_run_of_chosen_marts_has_the_day_of_that_run_everywhere(published: Bench) -> None:
    published.run(select=("sales_trends",), as_of=BEFORE, input=None)

    known, warehouse = product("restaurant"), published.workspace.warehouse
    current, standing = published_of(warehouse, known)[0], standing_of(warehouse, known)
    assert (standing.version, standing.as_of) == (current.number, current.as_of) == (2, BEFORE)


def test_an_input_of_other_code_waits_as_before(published: Bench) -> None:
    with published.workspace.warehouse.write() as session:
        session.execute("UPDATE control.version SET definition = 'of other code' WHERE table_name LIKE 'customer%'")

    assert built(published.run(select=("clv_model",), as_of=BEFORE, input=None)) == {"clv_model"}


def test_a_day_that_is_only_found_on_the_way_is_held_against_the_inputs_then(bench: Bench) -> None:
    write_csv(bench.input, "order_items.csv", ITEMS_HEADER, [*ITEMS, LATE])
    bench.run()
    marts = bench.rows("SELECT * FROM control.version ORDER BY ALL")
    chosen = (*PATH_TO_ORDERS, "comparable_sales")

    with pytest.raises(UsageError) as said:
        bench.run('excluded_app_names=["late"]', select=chosen, input=None)

    assert str(said.value).startswith(
        "--select comparable_sales: its input sales_by_location is as of 2024-01-08 and the run 2024-01-05; select"
        " +comparable_sales"
    )
    assert bench.rows("SELECT * FROM control.version ORDER BY ALL") == marts
