"""A run that was asked for something special and interrupted goes on with that, and with nothing else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from restaurant_input import ITEMS, ITEMS_HEADER, NET_AMOUNT, write_csv

from medallion.errors import MedallionError
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


class StoppedError(MedallionError):
    """Ends a run from within a test's listener."""


def interrupted(bench: Bench, *overrides: str, layer: str = "gold", **asked: Any) -> str:
    """A run that is stopped once the first table of a layer is staged; returns its id."""

    def stop(event: Event) -> None:
        if (event.layer, event.stage) == (layer, "staged"):
            raise StoppedError("stopped by the test")

    with pytest.raises(StoppedError):
        bench.run(*overrides, listener=stop, input=None, **asked)
    return str(bench.value("SELECT run_id FROM control.run ORDER BY number DESC LIMIT 1"))


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
    assert published.rows("SELECT status FROM control.run ORDER BY number") == [
        ("succeeded",),
        ("abandoned",),
        ("succeeded",),
    ]


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
