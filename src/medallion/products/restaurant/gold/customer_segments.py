"""Who are our best, newest and fading customers? Recency, frequency and monetary scores, and a segment for each."""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, ratio
from medallion.checks import Check, ForeignKey
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.spark import DataFrame, F, SparkColumn

# Each segment by its recency and frequency scores (from, to), both inclusive; together they cover all 25 pairs.
SEGMENTS = (
    ("Hibernating", (1, 2), (1, 2)),
    ("At Risk", (1, 2), (3, 4)),
    ("Can't Lose", (1, 2), (5, 5)),
    ("About To Sleep", (3, 3), (1, 2)),
    ("Need Attention", (3, 3), (3, 3)),
    ("Loyal", (3, 4), (4, 5)),
    ("Promising", (4, 4), (1, 1)),
    ("New", (5, 5), (1, 1)),
    ("Potential Loyalist", (4, 5), (2, 3)),
    ("Champions", (5, 5), (4, 5)),
)
CUT_SHARES = (0.2, 0.4, 0.6, 0.8)  # quintiles, the usual cut of RFM scores
_MEASURES = ("recency_days", "frequency", "monetary_amount")
CUT_DIGITS = 6  # engines differ in the last bit of an interpolated quantile

TABLE = Table(
    name="customer_segments",
    layer=Layer.GOLD,
    grain=("user_id", "currency"),
    description="One row a customer and currency. Scores compare the customer with the currency's customers: 1 + the "
    "number of quintile cut-points strictly below the value (recency reversed), so equal values score equally.",
    columns=(
        shared.USER_ID,
        shared.CURRENCY,
        shared.AS_OF,
        Column(
            "recency_days",
            "integer",
            "Days from the last order to as_of.",
            "days",
            False,
            minimum=0,
            formula="as_of - last_order_date",
        ),
        Column("frequency", "bigint", "Orders of the customer.", "count", False, minimum=1, formula="count(orders)"),
        Column(
            "monetary_amount",
            MONEY,
            "Net amount of the customer's orders.",
            "currency",
            False,
            formula="sum(net_amount)",
        ),
        Column(
            "r_score",
            "smallint",
            "Recency, 5 is the most recent fifth.",
            "score",
            False,
            minimum=1,
            maximum=5,
            formula="6 - (1 + number of cut-points below recency_days), cut-points its 20, 40, 60, 80 % quantiles in "
            "the currency",
        ),
        Column(
            "f_score",
            "smallint",
            "Frequency, 5 is most orders.",
            "score",
            False,
            minimum=1,
            maximum=5,
            formula="1 + number of cut-points below frequency, cut-points its 20, 40, 60, 80 % quantiles in the "
            "currency",
        ),
        Column(
            "m_score",
            "smallint",
            "Monetary, 5 is most spent.",
            "score",
            False,
            minimum=1,
            maximum=5,
            formula="1 + number of cut-points below monetary_amount, cut-points its 20, 40, 60, 80 % quantiles in the"
            " currency",
        ),
        Column(
            "rfm_code",
            "varchar(3)",
            "The three scores in a row, such as 545.",
            nullable=False,
            formula="r_score || f_score || m_score",
        ),
        Column(
            "segment",
            "varchar(20)",
            "Name of the pair of recency and frequency scores.",
            nullable=False,
            accepted=tuple(name for name, _, _ in SEGMENTS),
            formula="SEGMENTS[r_score, f_score]",
        ),
        Column("cohort_month", "date", "First day of the month of the first order.", nullable=False),
        Column("favourite_category", "varchar(50)", "Category with the most net amount; NULL if none is named."),
        Column("favourite_restaurant_id", "varchar(255)", "Location with the most net amount; NULL if none is named."),
        Column(
            "average_basket_quantity",
            "double",
            "Units per order.",
            "count",
            False,
            formula="item_quantity / order_count",
        ),
        Column("is_loyalty_member", "boolean", "Whether any order was placed in the programme.", nullable=False),
    ),
    checks=(
        Check(
            name="code_is_the_scores",
            expression="cast(rfm_code as integer) = 100 * r_score + 10 * f_score + m_score",
            description="rfm_code is r_score, f_score and m_score in a row",
        ),
    ),
    foreign_keys=(ForeignKey(columns=("user_id", "currency"), references="customer_lifetime_value"),),
    distribution="user_id",
    sort=("currency", "segment"),
    exclusions="Orders after as_of, and those of guests.",
)


def build(customers: DataFrame, *, as_of: date) -> DataFrame:
    """Customers scored and named. Grain: (user_id, currency)."""
    measured = customers.select(
        "*",
        F.datediff(F.lit(as_of), F.col("last_order_date")).alias("recency_days"),
        F.col("order_count").alias("frequency"),
        F.col("net_amount").alias("monetary_amount"),
        F.trunc("first_order_date", "month").alias("cohort_month"),
        ratio("item_quantity", "order_count").alias("average_basket_quantity"),
    )
    # Many to one: cut-points have one row a currency.
    scored = measured.join(F.broadcast(_cut_points(measured)), "currency", how="left").select(
        "*",
        F.lit(as_of).alias("as_of"),
        (F.lit(6) - _fifth("recency_days")).alias("r_score"),
        _fifth("frequency").alias("f_score"),
        _fifth("monetary_amount").alias("m_score"),
        (F.col("loyalty_order_count") > 0).alias("is_loyalty_member"),
    )
    code = F.concat(*(F.col(name).cast("string") for name in ("r_score", "f_score", "m_score")))
    return TABLE.conform(scored.withColumns({"rfm_code": code, "segment": _segment()}))


def _cut_points(measured: DataFrame) -> DataFrame:
    """Quintile cut-points of the three measures. Grain: currency; columns `<measure>_cut_1` to `_4` each."""
    shares = F.array(*(F.lit(share) for share in CUT_SHARES))
    cuts = measured.groupBy("currency").agg(
        *(F.percentile(F.col(name).cast("double"), shares).alias(name) for name in _MEASURES)
    )
    return cuts.select(
        "currency",
        *(
            F.round(F.col(name)[place], CUT_DIGITS).alias(f"{name}_cut_{place + 1}")
            for name in _MEASURES
            for place in range(len(CUT_SHARES))
        ),
    )


def _fifth(measure: str) -> SparkColumn:
    """1 + the number of cut-points strictly below the value."""
    fifth = F.lit(1)
    for place in range(len(CUT_SHARES)):
        fifth = fifth + (F.col(f"{measure}_cut_{place + 1}") < F.col(measure).cast("double")).cast("int")
    return fifth


def _segment() -> SparkColumn:
    name = F.lit(None).cast("string")
    for segment, recency, frequency in SEGMENTS:
        is_segment = F.col("r_score").between(*recency) & F.col("f_score").between(*frequency)
        name = F.when(is_segment, F.lit(segment)).otherwise(name)
    return name
