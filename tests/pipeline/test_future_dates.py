"""One order of a day to come takes the day that all is seen from with it: the run says so, and what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from restaurant_input import ITEMS, ITEMS_HEADER, write_csv

if TYPE_CHECKING:
    from restaurant_input import Bench

TODAY = datetime.now(UTC).date()
TO_COME = "app,r1,{day}T10:00:00Z,o9,u1,,FALSE,USD,l1,Mains,Burger,10.00,1"


def deliver(bench: Bench, day: date) -> None:
    write_csv(bench.input, "order_items.csv", ITEMS_HEADER, [*ITEMS, TO_COME.format(day=day)])


def test_a_run_says_that_its_newest_order_is_of_a_day_to_come_and_what_helps(published: Bench) -> None:
    deliver(published, date(2150, 1, 1))

    ahead = published.run()
    remedied = published.run(as_of=TODAY)

    assert ahead.as_of == date(2150, 1, 1)
    assert (
        "all is seen from 2150-01-01, the newest order_date of orders, and that is later than today: if it is wrong,"
        f" deliver those rows corrected; until then --as-of {TODAY} shows the marts without them"
    ) in ahead.notes
    assert remedied.as_of == TODAY
    assert not any("later than today" in note for note in remedied.notes)


@pytest.mark.parametrize("days_ahead", [0, 1])
def test_today_and_where_it_has_begun_tomorrow_are_nothing_special(published: Bench, days_ahead: int) -> None:
    deliver(published, TODAY + timedelta(days=days_ahead))

    report = published.run()

    assert report.as_of == TODAY + timedelta(days=days_ahead)
    assert not any("later than today" in note for note in report.notes)
