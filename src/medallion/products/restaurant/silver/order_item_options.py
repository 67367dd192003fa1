"""What was chosen with each line: sizes, extras, discounts given as negative options.

An option chosen twice is delivered as two equal records: both are kept, numbered by `occurrence`. A newer delivery of
a line's options replaces that line's whole set.
"""

from __future__ import annotations

from medallion import parsing
from medallion.checks import ForeignKey
from medallion.contracts import Column, Layer, Table
from medallion.lineage import DISPOSITION, RAW_TEXT, REASONS, Disposition
from medallion.products.restaurant.silver.keys import CHOICE, LINE, LINE_KEY, line_key
from medallion.products.restaurant.sources import ORDER_ITEM_OPTIONS
from medallion.spark import DataFrame, F, SparkColumn, Window

TABLE = Table(
    name="order_item_options",
    layer=Layer.SILVER,
    source=ORDER_ITEM_OPTIONS.name,
    waiting=("orphan",),
    grain=(*CHOICE, "occurrence"),
    description="Options of accepted order lines, typed; an option chosen twice has two rows.",
    columns=(
        Column("order_id", "varchar(255)", "Order of the line.", nullable=False),
        Column("lineitem_id", "varchar(255)", "Line the option belongs to.", nullable=False),
        Column("option_group_name", "varchar(100)", "Group the option was offered in; '' if not said.", nullable=False),
        Column("option_name", "varchar(100)", "Name of the option; '' if not said.", nullable=False),
        Column("occurrence", "integer", "1 for the first such record of the line, 2 for the next.", nullable=False),
        Column("option_price", "decimal(8,2)", "Price of the option; negative is a discount.", "currency", False),
        Column("option_quantity", "smallint", "Number of times the option was chosen.", "count", False),
    ),
    foreign_keys=(ForeignKey(columns=LINE, references="order_items"),),
    distribution="order_id",
)


def build(bronze_order_item_options: DataFrame, repeated_options: DataFrame, order_items: DataFrame) -> DataFrame:
    """Every delivered option, each with its disposition; the accepted ones are the table.

    Grain: one row a delivered record; of accepted rows the table's.
    """
    keyed = bronze_order_item_options.withColumn(LINE_KEY, line_key())
    repeated = F.broadcast(repeated_options)
    plain = _typed(keyed.join(repeated, LINE_KEY, how="left_anti")).select(
        "*", F.lit(1).alias("occurrence"), F.col("_batch_id").alias("newest_batch_id")
    )
    numbered = _numbered(_typed(keyed.join(repeated, LINE_KEY, how="left_semi")))
    disposition = (
        F.when(F.col(REASONS) != "", F.lit(Disposition.REJECTED.value))
        .when(F.col("_batch_id") < F.col("newest_batch_id"), F.lit(Disposition.DUPLICATE.value))
        .otherwise(F.lit(Disposition.ACCEPTED.value))
    )
    classified = _with_orphans(plain.unionByName(numbered), order_items).withColumn(DISPOSITION, disposition)
    return TABLE.conform_delivered(classified)


def _numbered(typed: DataFrame) -> DataFrame:
    """Adds the newest good delivery of each record's line, and the record's place among equal choices of its own."""
    is_good = F.col(REASONS) == ""
    line = Window.partitionBy(*LINE).rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    in_file_order = Window.partitionBy(*CHOICE, "_batch_id", is_good).orderBy("_row_number")
    return typed.withColumn("occurrence", F.row_number().over(in_file_order)).withColumn(
        "newest_batch_id", F.max(F.when(is_good, F.col("_batch_id"))).over(line)
    )


def _typed(bronze: DataFrame) -> DataFrame:
    """The contract's columns beside the delivered ones (`raw_…`), and the reasons against each row."""
    values = {
        "option_group_name": F.coalesce(F.col("raw_option_group_name"), F.lit("")),
        "option_name": F.coalesce(F.col("raw_option_name"), F.lit("")),
        "option_price": parsing.decimal(F.col("raw_option_price"), 8, 2),
        "option_quantity": parsing.whole_number(F.col("raw_option_quantity"), "smallint"),
    }
    typed = parsing.delivered(bronze, ORDER_ITEM_OPTIONS.column_names, values)
    return typed.withColumn(REASONS, parsing.joined(_reasons()))


def _with_orphans(typed: DataFrame, order_items: DataFrame) -> DataFrame:
    """`typed` with reason `orphan` where no accepted line has the option's keys, and the raw text of rejected rows."""
    # Many to one: (order_id, lineitem_id) is the grain of order_items.
    lines = order_items.select(*LINE, F.lit(True).alias("has_line"))
    has_keys = F.col("order_id").isNotNull() & F.col("lineitem_id").isNotNull()
    is_orphan = F.col("has_line").isNull() & has_keys
    reasons = F.concat_ws(",", F.nullif(F.col(REASONS), F.lit("")), F.when(is_orphan, F.lit("orphan")))
    return (
        typed.join(lines, list(LINE), how="left")
        .withColumn(REASONS, reasons)
        .withColumn(RAW_TEXT, F.when(F.col(REASONS) != "", parsing.raw_text(ORDER_ITEM_OPTIONS.column_names)))
    )


def _reasons() -> list[SparkColumn]:
    """Why a row is rejected, one expression a rule; NULL where the rule is kept."""
    return [
        F.when(F.col("order_id").isNull(), F.lit("missing_order_id")),
        F.when(F.col("lineitem_id").isNull(), F.lit("missing_lineitem_id")),
        parsing.number_reason("option_price"),
        parsing.number_reason("option_quantity"),
        *parsing.too_long(TABLE, "order_id", "lineitem_id", "option_group_name", "option_name"),
    ]
