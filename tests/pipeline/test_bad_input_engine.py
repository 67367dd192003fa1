"""An engine that fails under a run: one line names the table and the cause, and the marts stay."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bad_input import refused
from restaurant_input import ITEMS_HEADER, write_csv

from medallion.errors import EngineError

if TYPE_CHECKING:
    from restaurant_input import Bench

NEW_DAY = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"


def test_a_delivery_damaged_in_the_lake_names_the_table_that_cannot_be_built_from_it(published: Bench) -> None:
    (file,) = (published.workspace.home / "lake" / "bronze" / "restaurant" / "order_items").glob("*/part-*.parquet")
    file.write_bytes(bytes(file.stat().st_size))
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [NEW_DAY])

    line = refused(published, EngineError, 'excluded_app_names=["test"]')

    assert re.fullmatch(
        r"\w+: the engine failed while building it: .+; see --verbose, then run the same command again", line
    )
