"""How do customers move between segments since the marts were last published?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, money_sum
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.product_input import EarlierVersion
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.gold import customer_segments
from medallion.spark import DataFrame, F

NONE = "(none)"

EARLIER = EarlierVersion(
    product="restaurant",
    table=customer_segments.TABLE.name,
    columns=tuple(
        customer_segments.TABLE.column(name) for name in ("user_id", "currency", "as_of", "monetary_amount", "segment")
    ),
)

TABLE = Table(
    name="customer_segment_changes",
    layer=Layer.GOLD,
    grain=("currency", "from_segment", "to_segment"),
    description="One row a currency and pair of segments between which customers moved, or stayed where both are the "
    "same: customer_segments held against the version of it that was published last for an earlier day. Segments "
    "compare customers with each other, so one can move without ordering. Without such a version all come from "
    "`(none)`.",
    columns=(
        shared.CURRENCY,
        Column(
            "from_segment", "varchar(20)", "Segment in the earlier version; `(none)` for new customers.", nullable=False
        ),
        Column(
            "to_segment",
            "varchar(20)",
            "Segment now; `(none)` for customers whose orders are gone, by a correction.",
            nullable=False,
        ),
        Column("from_as_of", "date", "Day the earlier version was seen from; NULL where there was none."),
        shared.AS_OF,
        Column(
            "customer_count",
            "bigint",
            "Customers who moved from the one to the other.",
            "count",
            False,
            minimum=1,
            formula="count(customers)",
        ),
        Column("net_amount", MONEY, "Their net amount up to as_of.", "currency", False, formula="sum(monetary_amount)"),
        Column(
            "earlier_net_amount",
            MONEY,
            "Their net amount up to from_as_of, as it was known then.",
            "currency",
            False,
            formula="sum(monetary_amount of the earlier version)",
        ),
        Column(
            "net_amount_change",
            MONEY,
            "net_amount less earlier_net_amount.",
            "currency",
            False,
            formula="net_amount - earlier_net_amount",
        ),
    ),
    checks=(
        Check(
            name="customers_are_somewhere",
            expression="from_segment <> '(none)' OR to_segment <> '(none)'",
            description="every customer has a segment now or had one before",
        ),
        Check(
            name="earlier_is_earlier",
            expression="from_as_of IS NULL OR from_as_of < as_of",
            description="what is compared with was seen from a day before as_of",
        ),
    ),
    sort=("currency", "from_segment"),
    exclusions="Orders after as_of, and those of guests.",
)

_CUSTOMER = ("user_id", "currency")


def build(customer_segments: DataFrame, earlier_customer_segments: DataFrame, *, as_of: date) -> DataFrame:
    """Customers counted by the segments they moved between. Grain: (currency, from_segment, to_segment)."""
    now = customer_segments.select(*_CUSTOMER, "segment", "monetary_amount")
    before = earlier_customer_segments.select(
        *_CUSTOMER,
        F.col("segment").alias("earlier_segment"),
        F.col("monetary_amount").alias("earlier_amount"),
    )
    # At most one match: both have one row a customer and currency.
    moved = now.join(before, list(_CUSTOMER), how="full")
    counted = moved.groupBy(
        "currency",
        F.coalesce("earlier_segment", F.lit(NONE)).alias("from_segment"),
        F.coalesce("segment", F.lit(NONE)).alias("to_segment"),
    ).agg(
        F.count(F.lit(1)).alias("customer_count"),
        money_sum("monetary_amount").alias("net_amount"),
        money_sum("earlier_amount").alias("earlier_net_amount"),
    )
    seen_from = earlier_customer_segments.agg(F.max("as_of").alias("from_as_of"))
    return TABLE.conform(
        counted.join(F.broadcast(seen_from), how="cross").withColumns(
            {"as_of": F.lit(as_of), "net_amount_change": F.col("net_amount") - F.col("earlier_net_amount")}
        )
    )
