"""Which order lines were delivered more than once (an intermediate result of order_items).

They are few, and ranking all lines to find the newest of each would sort the whole table.
"""

from __future__ import annotations

from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant.silver.keys import LINE_KEY, line_key
from medallion.spark import DataFrame, F

TABLE = Table(
    name="repeated_order_lines",
    layer=Layer.INTERMEDIATE,
    grain=(LINE_KEY,),
    description="Hashes of (order_id, lineitem_id) that several delivered records of order_items have.",
    columns=(Column(LINE_KEY, "bigint", "Hash of the line's key; different lines may share one.", nullable=False),),
)


def build(bronze_order_items: DataFrame) -> DataFrame:
    """Grain: line_key."""
    copies = bronze_order_items.groupBy(line_key().alias(LINE_KEY)).agg(F.count(F.lit(1)).alias("copies"))
    return TABLE.conform(copies.where("copies > 1"))
