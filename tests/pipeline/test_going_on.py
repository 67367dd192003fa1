"""A run that was asked for something special and interrupted goes on with that, and with nothing else; so does one that
failed, but on chosen tables or a day of its own: that goes on where the same is asked again.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from restaurant_input import ITEMS, ITEMS_HEADER, NET_AMOUNT, write_csv

from medallion.catalog import product
from medallion.commands.standing import standing_of
from medallion.errors import MedallionError
from medallion.pipeline.resuming import command_of
from medallion.warehouse.quarantine import Chosen

if TYPE_CHECKING:
    from restaurant_input import Bench

    from medallion.pipeline.progress import Event, Report

REQUESTS: tuple[dict[str, Any], ...] = (
    {"select": ("orders+", "date_dim")},
    {"backfill": (date(2024, 1, 1), date(2024, 1, 5))},
    {"replay": Chosen(table="order_items")},
    {"is_full": True},
)
BEFORE = date(2024, 1, 2)
OWN: tuple[dict[str, Any], ...] = (
    {"select": ("sales_trends",)},
    {"as_of": BEFORE},
    {"select": ("+location_performance",), "as_of": BEFORE},
)
LATER_LINE = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"


class StoppedError(MedallionError):
    """Ends a run from within a test's listener."""


def interrupted(bench: Bench, *overrides: str, layer: str = "gold", **asked: Any) -> str:
    """A run that somebody stops once the first table of a layer is staged; returns its id."""
    return stopped(bench, KeyboardInterrupt(), *overrides, layer=layer, **asked)


def failed(bench: Bench, **asked: Any) -> str:
    """A run that fails once the first mart is staged; returns its id."""
    return stopped(bench, StoppedError("stopped by the test"), **asked)


def stopped(bench: Bench, error: BaseException, *overrides: str, layer: str = "gold", **asked: Any) -> str:
    def stop(event: Event) -> None:
        if (event.layer, event.stage) == (layer, "staged"):
            raise error

    with pytest.raises(type(error)):
        bench.run(*overrides, **({"input": None} | asked), listener=stop)
    return str(bench.value("SELECT run_id FROM control.run ORDER BY number DESC LIMIT 1"))


def statuses(bench: Bench) -> list[str]:
    return [status for (status,) in bench.rows("SELECT status FROM control.run ORDER BY number")]


def touched(report: Report) -> set[str]:
    return {table.name for table in report.tables if table.action != "skipped"}


@pytest.mark.parametrize("layer", ["silver", "gold"])
@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: next(iter(asked)))
def test_a_plain_run_goes_on_with_what_was_asked_for(published: Bench, asked: dict[str, Any], layer: str) -> None:
    at_once = touched(published.run(**asked, input=None))
    run_id = interrupted(published, layer=layer, **asked)

    report = published.run(input=None)

    assert (report.run_id, report.is_resumed) == (run_id, True)
    assert touched(report) == at_once
    assert published.net_amount() == NET_AMOUNT
    assert published.run(input=None).run_id is None


def test_the_same_option_goes_on_and_another_one_starts_a_new_run(published: Bench) -> None:
    first = interrupted(published, select=("orders+",))

    second = interrupted(published, select=("orders+",))
    third = published.run(select=("customer_segments",), input=None)

    assert first == second
    assert (third.run_id != first, third.is_resumed) == (True, False)
    assert statuses(published) == ["succeeded", "abandoned", "succeeded"]


def deliver(bench: Bench) -> None:
    write_csv(bench.input, "order_items_2024-01-06.csv", ITEMS_HEADER, [LATER_LINE])


@pytest.mark.parametrize("asked", OWN, ids=str)
def test_a_plain_run_leaves_a_run_on_tables_or_a_day_of_its_own_that_failed_and_reads_new_files(
    published: Bench, asked: dict[str, Any]
) -> None:
    run_id = failed(published, **asked)
    deliver(published)

    report = published.run()

    assert (report.is_resumed, report.run_id != run_id, report.as_of) == (False, True, date(2024, 1, 6))
    assert report.notes[0].startswith(f"run {run_id} failed and is left, as it was another command: medallion run ")
    assert (published.net_amount(), statuses(published)[1:]) == ("49.50", ["abandoned", "succeeded"])


@pytest.mark.parametrize("asked", OWN, ids=str)
def test_the_same_command_goes_on_with_a_run_that_failed(published: Bench, asked: dict[str, Any]) -> None:
    run_id = failed(published, **asked)

    report = published.run(**asked, input=None)

    assert (report.run_id, report.is_resumed, report.as_of) == (run_id, True, asked.get("as_of", date(2024, 1, 5)))


def test_the_same_tables_on_another_day_are_another_command(published: Bench) -> None:
    run_id = failed(published, select=("+sales_trends",), as_of=BEFORE)

    report = published.run(select=("+sales_trends",), input=None)

    assert (report.run_id != run_id, report.as_of) == (True, date(2024, 1, 5))


def test_a_run_that_is_killed_after_it_failed_is_gone_on_with_again(published: Bench) -> None:
    asked: dict[str, Any] = {"select": ("sales_trends",), "as_of": BEFORE}
    run_id = failed(published, **asked)
    assert interrupted(published, **asked) == run_id

    report = published.run(input=None)

    assert (report.run_id, report.as_of, touched(report)) == (run_id, BEFORE, {"sales_trends"})


def test_a_run_on_a_day_of_its_own_keeps_it_when_a_plain_run_goes_on_with_it_and_fails(published: Bench) -> None:
    run_id = interrupted(published, as_of=BEFORE)
    assert failed(published) == run_id

    report = published.run(input=None)

    assert (report.run_id != run_id, report.as_of) == (True, date(2024, 1, 5))


def test_with_nothing_else_to_do_the_run_that_failed_is_left_once_and_for_all(published: Bench) -> None:
    run_id = failed(published, select=("sales_trends",))

    first, second = published.run(input=None), published.run(input=None)

    assert (first.run_id, len(first.notes), second.notes) == (None, 1, ())
    assert published.rows(f"SELECT status, error FROM control.run WHERE run_id = '{run_id}'") == [
        ("abandoned", "stopped by the test")
    ]


@pytest.mark.parametrize("asked", REQUESTS[1:], ids=lambda asked: next(iter(asked)))
def test_a_plain_run_goes_on_with_all_else_that_failed(published: Bench, asked: dict[str, Any]) -> None:
    run_id = failed(published, **asked)

    assert published.run(input=None).run_id == run_id


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        ({"select": ("sales_trends", "orders+ date_dim")}, "--select sales_trends --select 'orders+ date_dim'"),
        ({"as_of": BEFORE}, "--as-of 2024-01-02"),
        ({"select": ("orders+",), "is_full": True}, "--full-refresh --select orders+"),
    ],
)
def test_the_message_of_a_failure_says_what_goes_on(published: Bench, asked: dict[str, Any], command: str) -> None:
    error = StoppedError("no space left")
    stopped(published, error, **asked)

    goes_on = f"medallion run restaurant {command}"
    assert str(error) == f"no space left; this goes on with it: {goes_on}; a plain run leaves it and begins anew"
    last = standing_of(published.workspace.warehouse, product("restaurant")).last
    assert last is not None
    assert (last.error, command_of(last)) == ("no space left", goes_on)


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        ({"backfill": (date(2024, 1, 1), BEFORE)}, "backfill restaurant --from 2024-01-01 --to 2024-01-02"),
        ({"replay": Chosen(table="order_items")}, "quarantine replay restaurant --table order_items"),
    ],
)
def test_a_backfill_or_replay_on_a_day_of_its_own_is_named_as_well(
    published: Bench, asked: dict[str, Any], command: str
) -> None:
    error = StoppedError("no space left")
    stopped(published, error, layer="silver", as_of=BEFORE, **asked)

    assert f"; this goes on with it: medallion {command} --as-of 2024-01-02; " in str(error)


def test_a_plain_run_that_fails_says_nothing_more(published: Bench) -> None:
    error = StoppedError("no space left")
    stopped(published, error, is_full=True)

    assert str(error) == "no space left"


@pytest.mark.parametrize("replay", [Chosen(reason="excluded_app"), Chosen(table="order_items")])
def test_rows_that_a_replay_makes_duplicates_count_once_though_it_was_interrupted(bench: Bench, replay: Chosen) -> None:
    test_line = "test,r1,2024-01-05T11:00:00Z,o3,,,FALSE,USD,l1,Mains,Salad,7.00,1"
    write_csv(bench.input, "order_items.csv", ITEMS_HEADER, [test_line, *ITEMS])
    bench.run('excluded_app_names=["test"]')
    interrupted(bench, replay=replay)

    report = bench.run()

    counts = "SELECT published_count, refused_count, duplicate_count FROM control.batch WHERE source = 'order_items'"
    assert report.is_resumed
    assert bench.rows(counts) == [(4, 1, 2)]
