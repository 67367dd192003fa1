"""Which lines chose an option twice, or had their options delivered twice (an intermediate result).

They are few, and numbering the options of all lines would sort the whole table.
"""

from __future__ import annotations

from medallion.contracts import Column, Layer, Table
from medallion.hashing import key_hash
from medallion.products.restaurant.silver.keys import LINE_KEY, choice_key, line_key
from medallion.spark import DataFrame, F

TABLE = Table(
    name="repeated_options",
    layer=Layer.INTERMEDIATE,
    grain=(LINE_KEY,),
    description="Hashes of (order_id, lineitem_id) whose options repeat or came in several deliveries.",
    columns=(Column(LINE_KEY, "bigint", "Hash of the line's key; different lines may share one.", nullable=False),),
)


def build(bronze_order_item_options: DataFrame) -> DataFrame:
    """Grain: line_key."""
    delivery = key_hash("_batch_id")
    choices = bronze_order_item_options.groupBy(line_key().alias(LINE_KEY), choice_key().alias("choice_key")).agg(
        F.count(F.lit(1)).alias("copies"), F.min(delivery).alias("lowest"), F.max(delivery).alias("highest")
    )
    lines = choices.groupBy(LINE_KEY).agg(
        F.max("copies").alias("copies"), F.min("lowest").alias("lowest"), F.max("highest").alias("highest")
    )
    return TABLE.conform(lines.where("copies > 1 OR lowest < highest"))
