"""Checks that look at whole tables: what in the data may mean something else than it is taken for."""

from __future__ import annotations

from medallion import parsing
from medallion.checks import Probe
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.products.card_payments.silver.skus import product_sku
from medallion.spark import DataFrame, F, SparkColumn

# On a clock of 24 hours half of the times are in an hour that one of 12 has not: fewer than this share are slips.
FEWEST_OF_24_HOURS = 0.05


def ambiguous_times(transactions: DataFrame, *, rules: CardPaymentsRules) -> DataFrame:
    """How many transactions happened at a time that may be in the morning or in the evening.

    One row: failed_count and detail. Hours 1 to 12 are ambiguous where next to no time has another hour.
    """
    is_ambiguous = F.hour("happened_at").between(1, 12)
    found = transactions.agg(_count_where(is_ambiguous).alias("ambiguous"), F.count(F.lit(1)).alias("all"))
    of_24_hours = F.col("all") - F.col("ambiguous") >= F.col("all") * F.lit(FEWEST_OF_24_HOURS)
    failed = F.when(of_24_hours, F.lit(0).cast("bigint")).otherwise(F.col("ambiguous"))
    sentence = _sentence("ambiguous", " of ", "all", " have an hour from 1 to 12 and no AM or PM: taken as written")
    detail = F.when(failed > 0, sentence).otherwise(F.lit("times are of a clock of 24 hours"))
    return found.select(failed.alias("failed_count"), detail.alias("detail"))


def stripped_skus(bronze_transactions: DataFrame, *, rules: CardPaymentsRules) -> DataFrame:
    """How many delivered transactions have a code that the rules read as another one.

    One row: failed_count (repeats and rejected ones included) and detail.
    """
    delivered = parsing.text("product_sku")
    codes = bronze_transactions.select(
        delivered.alias("delivered"), product_sku(delivered, rules).alias("product_sku")
    ).where("delivered <> product_sku")
    found = codes.agg(F.count(F.lit(1)).alias("failed_count"), F.count_distinct("delivered").alias("codes"))
    sentence = _sentence("failed_count", " transactions have one of ", "codes", " codes that stand for another product")
    return _explained(found, sentence, "no code has a prefix or is an alias")


def stores_without_devices(stores: DataFrame, devices: DataFrame, *, rules: CardPaymentsRules) -> DataFrame:
    """How many stores no device is in. One row: failed_count and detail."""
    idle = stores.join(devices.select("store_id"), "store_id", how="left_anti")
    found = idle.agg(F.count(F.lit(1)).alias("failed_count"))
    return _explained(found, _sentence("failed_count", " stores have no device"), "every store has a device")


def skus_with_several_names(product_days: DataFrame, *, rules: CardPaymentsRules) -> DataFrame:
    """How many products go under several names. One row: failed_count and detail."""
    names = product_days.groupBy("product_sku").agg(F.count_distinct("product_name").alias("names"))
    found = names.where("names > 1").agg(F.count(F.lit(1)).alias("failed_count"), F.max("names").alias("most"))
    sentence = _sentence("failed_count", " codes have several names, one of them ", "most", "")
    return _explained(found, sentence, "every code has one name")


def unknown_devices(store_days: DataFrame, *, rules: CardPaymentsRules) -> DataFrame:
    """How many transactions have a device that is not known (yet), and so no store. One row: failed_count, detail."""
    found = store_days.where("store_id IS NULL").agg(
        F.coalesce(F.sum("transaction_count"), F.lit(0).cast("bigint")).alias("failed_count")
    )
    sentence = _sentence("failed_count", " transactions are of devices that are not known: only products count them")
    return _explained(found, sentence, "the device of every transaction is known")


def _count_where(condition: SparkColumn) -> SparkColumn:
    return F.count(F.when(condition, F.lit(1)))


def _explained(found: DataFrame, sentence: SparkColumn, otherwise: str) -> DataFrame:
    detail = F.when(F.col("failed_count") > 0, sentence).otherwise(F.lit(otherwise))
    return found.select("failed_count", detail.alias("detail"))


def _sentence(*parts: str) -> SparkColumn:
    """Counts (every other part, by column) and what is said between them."""
    words = (F.lit(part) if place % 2 else F.format_number(part, 0) for place, part in enumerate(parts))
    return F.concat(*words)


PROBES = (
    Probe(
        name="times_are_unambiguous",
        description="no transaction happened at a time without AM or PM",
        measure=ambiguous_times,
    ),
    Probe(
        name="codes_stand_for_themselves",
        description="no delivered product_sku has a prefix of stripped_sku_prefixes or is one of sku_aliases",
        measure=stripped_skus,
    ),
    Probe(
        name="stores_have_devices",
        description="every store has a device",
        measure=stores_without_devices,
    ),
    Probe(
        name="codes_have_one_name",
        description="every product_sku has one product_name",
        measure=skus_with_several_names,
    ),
    Probe(
        name="devices_are_known",
        description="every transaction's device is known",
        measure=unknown_devices,
    ),
)
