"""What holds for any delivered lines, in any order."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from bronze_rows import item, items_built
from frames import Row, accepted, fates, values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from medallion.products.restaurant.silver.order_items import TABLE

# Spark takes seconds an example: there a few show that it does as the embedded engine does.
EXAMPLES = 6 if os.environ.get("MEDALLION_TEST_ENGINE") == "spark" else 30
SMALL = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FEW_KEYS = st.sampled_from(["1", "2", " 1", "", None])
RECORDS = st.builds(
    item,
    FEW_KEYS,
    FEW_KEYS,
    delivery=st.integers(1, 2),
    creation_time_utc=st.sampled_from(["2024-05-01T12:00:00Z", "2024-05-01 12:00:01", "yesterday", None]),
    item_price=st.sampled_from(["1.00", "2", "-3.5", "1e3", "9999999", ""]),
    item_quantity=st.sampled_from(["1", "2", "40000"]),
    user_id=st.sampled_from(["anna", "NULL", None]),
)


@SMALL
@given(records=st.lists(RECORDS, max_size=6))
def test_every_delivered_line_is_accepted_rejected_or_a_duplicate(spark: SparkSession, records: list[Row]) -> None:
    found = items_built(spark, *records)

    by_fate = fates(found)
    assert sum(by_fate.values()) == len(records)
    assert set(by_fate) <= {"accepted", "rejected", "duplicate"}
    keys = Counter(values(accepted(found), *TABLE.grain))
    assert all(count == 1 for count in keys.values())


@st.composite
def shuffled_deliveries(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Lines created at different times, and the same ones in another order."""
    records = draw(st.lists(RECORDS, max_size=6))
    for second, record in enumerate(records):
        record["creation_time_utc"] = f"2024-05-01T12:00:{second:02d}Z"
    return records, draw(st.permutations(records))


@SMALL
@given(both=shuffled_deliveries())
def test_what_is_accepted_does_not_depend_on_the_order_of_records(
    spark: SparkSession, both: tuple[list[Row], list[Row]]
) -> None:
    in_order, shuffled = both

    assert _accepted_rows(spark, in_order) == _accepted_rows(spark, shuffled)


def _accepted_rows(spark: SparkSession, records: list[Row]) -> Counter[tuple[Any, ...]]:
    found = accepted(items_built(spark, *records)).select(*TABLE.column_names)
    return Counter(tuple(row) for row in found.collect())
