from datetime import date
from decimal import Decimal

from frames import Row, frame, values
from marts import PRODUCT, built
from pyspark.sql import DataFrame, SparkSession
from rows import order

BEFORE, AS_OF = date(2024, 1, 31), date(2024, 2, 29)
MOVES = ("from_segment", "to_segment", "from_as_of", "customer_count", "net_amount", "earlier_net_amount")


def earlier(spark: SparkSession, *rows: Row) -> dict[str, DataFrame]:
    """customer_segments as published a month before."""
    (read,) = PRODUCT.earlier
    filled = [{"currency": "USD", "as_of": BEFORE, **row} for row in rows]
    return {read.table: frame(spark, read.contract, filled)}


def test_customers_are_counted_by_the_segments_they_moved_between(spark: SparkSession) -> None:
    orders = [order("1", AS_OF, "10.00"), order("2", AS_OF, "5.00", user_id="bob")]
    before = earlier(
        spark,
        {"user_id": "anna", "segment": "At Risk", "monetary_amount": Decimal("4.00")},
        {"user_id": "cid", "segment": "Loyal", "monetary_amount": Decimal("7.00")},
    )

    found = built(spark, "customer_segment_changes", orders, as_of=AS_OF, earlier=before)

    # Anna and Bob both ordered once, today: no cut-point is below them, which makes them the newest
    assert values(found, *MOVES, "net_amount_change") == [
        ("(none)", "New", BEFORE, 1, Decimal("5.00"), Decimal("0.00"), Decimal("5.00")),
        ("At Risk", "New", BEFORE, 1, Decimal("10.00"), Decimal("4.00"), Decimal("6.00")),
        ("Loyal", "(none)", BEFORE, 1, Decimal("0.00"), Decimal("7.00"), Decimal("-7.00")),
    ]


def test_without_an_earlier_version_all_come_from_none(spark: SparkSession) -> None:
    found = built(spark, "customer_segment_changes", [order("1", AS_OF, "10.00")], as_of=AS_OF)

    assert values(found, *MOVES) == [("(none)", "New", None, 1, Decimal("10.00"), Decimal("0.00"))]


def test_a_currency_is_held_against_itself(spark: SparkSession) -> None:
    before = earlier(
        spark, {"user_id": "anna", "currency": "CAD", "segment": "New", "monetary_amount": Decimal("1.00")}
    )

    found = built(spark, "customer_segment_changes", [order("1", AS_OF)], as_of=AS_OF, earlier=before)

    assert values(found, "currency", *MOVES[:2]) == [("CAD", "New", "(none)"), ("USD", "(none)", "New")]
