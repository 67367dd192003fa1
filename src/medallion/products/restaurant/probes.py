"""Checks that look at whole tables: whether the rules fit the data they are applied to."""

from __future__ import annotations

from medallion import parsing
from medallion.checks import Probe, Severity
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F, SparkColumn

UNIT, LINE_TOTAL = "unit", "line_total"
NEAR = 0.2  # a price within 20 % of the expected one votes for it; at quantity 2 the two expectations stay apart
FEWEST_VOTES = 30  # fewer lines say nothing about a price list
SHOWN_SPELLINGS = 5


def price_semantics(order_items: DataFrame, *, rules: RestaurantRules) -> DataFrame:
    """Does item_price grow with the quantity, as a line total does, or stay, as a unit price does?

    Each item's mean price at a quantity is held against its mean price at quantity 1: near the quantity times that, its
    lines vote for `line_total`; near the price itself, for `unit`; lines in between do not vote. One row:
    failed_count (the lines that vote against rule item_price_semantics where they are the majority, else 0) and detail.
    """
    is_sale = (F.col("item_price") > 0) & (F.col("item_quantity") > 0)
    prices = (
        order_items.where(is_sale)
        .groupBy("item_name", "currency", F.col("item_quantity").cast("double").alias("quantity"))
        .agg(F.count(F.lit(1)).alias("lines"), F.percentile(F.col("item_price").cast("double"), 0.5).alias("price"))
    )
    single = prices.where("quantity = 1").select("item_name", "currency", F.col("price").alias("single_price"))
    # Many to one: (item_name, currency) is the grain of `single`.
    compared = prices.where("quantity > 1").join(single, ["item_name", "currency"], how="inner")
    growth = F.col("price") / F.col("single_price")
    nobody = F.lit(0).cast("bigint")
    votes = compared.agg(
        *(
            F.coalesce(F.sum(F.when(F.abs(deviation) <= NEAR, F.col("lines"))), nobody).alias(semantics)
            for semantics, deviation in ((UNIT, growth - 1), (LINE_TOTAL, growth / F.col("quantity") - 1))
        )
    )
    return _verdict(votes, rules.item_price_semantics)


def _verdict(votes: DataFrame, chosen: str) -> DataFrame:
    """The count of lines against the chosen semantics, and a sentence that says what to do."""
    other = LINE_TOTAL if chosen == UNIT else UNIT
    meaning = {UNIT: "a unit price", LINE_TOTAL: "a line total"}
    total = F.col(UNIT) + F.col(LINE_TOTAL)
    share = F.round(F.lit(100.0) * F.col(LINE_TOTAL) / F.nullif(total.cast("double"), F.lit(0.0))).cast("int")
    is_too_few, is_other = total < FEWEST_VOTES, F.col(other) > F.col(chosen)
    found = F.concat(
        F.lit("of "),
        F.format_number(total, 0),
        F.lit(" lines at several quantities "),
        share.cast("string"),
        F.lit(" % scale with quantity: item_price looks like "),
    )
    detail = (
        F.when(is_too_few, F.concat(F.lit("too few lines at several quantities to tell: "), F.format_number(total, 0)))
        .when(is_other, F.concat(found, F.lit(f"{meaning[other]}; set item_price_semantics={other}")))
        .otherwise(F.concat(found, F.lit(f"{meaning[chosen]}, as item_price_semantics={chosen} says")))
    )
    against = F.when(~is_too_few & is_other, F.col(other)).otherwise(F.lit(0).cast("bigint"))
    return votes.select(against.alias("failed_count"), detail.alias("detail"))


def category_repairs(bronze_order_items: DataFrame, *, rules: RestaurantRules) -> DataFrame:
    """How many delivered lines spell their category as rule category_aliases repairs it, and how they spell it.

    One row: failed_count (delivered lines that silver repairs, repeats and rejected ones included) and detail (the most
    frequent spellings). A category that is spelled right already is no repair.
    """
    if not rules.category_aliases:
        nothing = bronze_order_items.sparkSession.range(1)
        return nothing.select(F.lit(0).cast("bigint").alias("failed_count"), F.lit("no aliases").alias("detail"))
    spelling = parsing.text("item_category")
    delivered = bronze_order_items.select(
        spelling.alias("spelling"), parsing.replaced(spelling, rules.category_aliases).alias("name")
    )
    repaired = delivered.where("spelling <> name").groupBy("spelling", "name").agg(F.count(F.lit(1)).alias("lines"))
    found = repaired.agg(
        F.coalesce(F.sum("lines"), F.lit(0).cast("bigint")).alias("failed_count"),
        F.count(F.lit(1)).alias("spellings"),
        F.sort_array(F.collect_list(F.struct((-F.col("lines")).alias("rank"), "spelling", "name"))).alias("most_first"),
    )
    return found.select("failed_count", _repairs_sentence().alias("detail"))


def _repairs_sentence() -> SparkColumn:
    shown = (F.get("most_first", F.lit(place)) for place in range(SHOWN_SPELLINGS))
    spelled = (
        F.concat(
            F.lit("'"), one["spelling"], F.lit("' for '"), one["name"], F.lit("' ("), _number(-one["rank"]), F.lit(")")
        )
        for one in shown
    )
    unshown = F.col("spellings") - SHOWN_SPELLINGS
    more = F.when(unshown > 0, F.concat(_number(unshown), F.lit(" more spellings")))
    start = F.concat(F.lit("rule category_aliases repairs "), _number(F.col("failed_count")), F.lit(" lines: "))
    sentence = F.concat(start, F.concat_ws(", ", *spelled, more))
    return F.when(F.col("failed_count") > 0, sentence).otherwise(F.lit("no line is spelled as an alias"))


def _number(count: SparkColumn) -> SparkColumn:
    return F.format_number(count, 0)


PROBES = (
    Probe(
        name="item_price_semantics_fits_the_data",
        description="item_price grows with the quantity, or does not, as rule item_price_semantics says",
        measure=price_semantics,
    ),
    Probe(
        name="categories_are_spelled_right",
        description="no delivered line spells its category as rule category_aliases repairs it",
        measure=category_repairs,
        severity=Severity.WARN,
    ),
)
