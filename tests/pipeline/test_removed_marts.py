"""A mart is removed from a product: refused as long as readers have it, and taken away by a full refresh."""

from __future__ import annotations

from dataclasses import replace

import pytest
from restaurant_input import Bench
from test_change_of_code import RESTAURANT, request, run, segments_again, worked_on

from medallion.data_product import Step
from medallion.errors import UsageError
from medallion.pipeline.prepare import prepare
from medallion.pipeline.run import execute
from medallion.products.restaurant.gold import customer_segments

EXTRA = Step(table=replace(customer_segments.TABLE, name="segments_too"), build=segments_again)


def test_a_mart_that_was_removed_is_refused_by_plan_and_run_until_a_full_refresh_takes_it_away(
    published: Bench,
) -> None:
    with_extra = replace(RESTAURANT, steps=(*RESTAURANT.steps, EXTRA))
    run(published, with_extra)
    words = r"restaurant\.segments_too: is published, but the product has no such mart any more; .* with --full-refresh"
    for attempt in (
        lambda: prepare(published.workspace, request(published, RESTAURANT)),
        lambda: run(published, RESTAURANT),
    ):
        with pytest.raises(UsageError, match=words):
            attempt()

    report = run(published, RESTAURANT, is_full=True)

    assert "restaurant.segments_too: is taken away with this run" in report.notes
    views = published.rows("SELECT view_name FROM duckdb_views() WHERE schema_name = 'restaurant'")
    assert ("customer_segments",) in views
    assert ("segments_too",) not in views
    assert run(published, RESTAURANT).run_id is None
    assert worked_on(run(published, with_extra)) == {"segments_too"}


def test_a_full_refresh_of_selected_tables_leaves_a_removed_mart(published: Bench) -> None:
    run(published, replace(RESTAURANT, steps=(*RESTAURANT.steps, EXTRA)))

    selected = replace(request(published, RESTAURANT, is_full=True), select=("customer_segments",))
    execute(published.workspace, selected)

    assert published.value("SELECT count(*) FROM restaurant.segments_too")
