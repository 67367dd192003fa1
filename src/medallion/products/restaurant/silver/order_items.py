"""What was ordered: every delivered order line, typed and once.

Of several deliveries of a line the newest wins, then the later creation time, then the later record of the file.
"""

from __future__ import annotations

from medallion import parsing
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.lineage import DISPOSITION, RAW_TEXT, REASONS, Disposition
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver.keys import LINE_KEY, line_key
from medallion.products.restaurant.sources import ORDER_ITEMS
from medallion.spark import DataFrame, F, SparkColumn, Window

TABLE = Table(
    name="order_items",
    layer=Layer.SILVER,
    source=ORDER_ITEMS.name,
    grain=("order_id", "lineitem_id"),
    description="Order lines as the restaurants' apps recorded them, typed, trimmed and without repeats.",
    columns=(
        Column("app_name", "varchar(50)", "App or brand the order was placed in."),
        Column("restaurant_id", "varchar(255)", "Location that took the order."),
        Column("creation_time_utc", "timestamp", "When the line was created, UTC.", nullable=False),
        Column("order_id", "varchar(255)", "Order the line belongs to.", nullable=False),
        Column("user_id", "varchar(255)", "Customer; NULL for guests.", pii="customer id"),
        Column("printed_card_number", "varchar(4)", "Last four digits of the card, where known.", pii="card number"),
        Column("is_loyalty", "boolean", "Whether the order was placed in the loyalty programme; NULL if not said."),
        Column("currency", "varchar(3)", "ISO 4217 code of all amounts of the line.", nullable=False),
        Column("lineitem_id", "varchar(255)", "Line within the order.", nullable=False),
        Column("item_category", "varchar(50)", "Menu category, spelling repaired by rule category_aliases."),
        Column("item_name", "varchar(255)", "Name of the item on the menu."),
        Column("item_price", "decimal(8,2)", "Price as delivered; see rule item_price_semantics.", "currency", False),
        Column("item_quantity", "smallint", "Number of units.", "count", False),
    ),
    checks=(
        Check(
            name="currency_is_a_code",
            expression="currency RLIKE '^[A-Z]{3}$'",
            description="currency is three capital letters",
        ),
    ),
    distribution="order_id",
    sort=("creation_time_utc",),
)

_LAST_FOUR_DIGITS = "([0-9]{4})$"
_NO_USER = "NULL"  # how some exports write a missing user: a guest, not a customer of that name


def build(bronze_order_items: DataFrame, repeated_order_lines: DataFrame, *, rules: RestaurantRules) -> DataFrame:
    """Every delivered line, each with its disposition; the accepted ones are the table.

    Grain: one row a delivered record; accepted rows: (order_id, lineitem_id).
    """
    keyed = bronze_order_items.withColumn(LINE_KEY, line_key())
    repeated = F.broadcast(repeated_order_lines)
    single = _typed(keyed.join(repeated, LINE_KEY, how="left_anti"), rules).withColumn("place", F.lit(1))
    ranked = _ranked(_typed(keyed.join(repeated, LINE_KEY, how="left_semi"), rules))
    disposition = (
        F.when(F.col(REASONS) != "", F.lit(Disposition.REJECTED.value))
        .when(F.col("place") > 1, F.lit(Disposition.DUPLICATE.value))
        .otherwise(F.lit(Disposition.ACCEPTED.value))
    )
    return TABLE.conform_delivered(single.unionByName(ranked).withColumn(DISPOSITION, disposition))


def _ranked(typed: DataFrame) -> DataFrame:
    """Adds each record's place among the good (or the rejected) records of its line: 1 wins."""
    is_good = F.col(REASONS) == ""
    latest_first = Window.partitionBy("order_id", "lineitem_id", is_good).orderBy(
        F.desc("_batch_id"), F.desc("creation_time_utc"), F.desc("_row_number")
    )
    return typed.withColumn("place", F.row_number().over(latest_first))


def _typed(bronze: DataFrame, rules: RestaurantRules) -> DataFrame:
    """The contract's columns beside the delivered ones (`raw_…`), and the reasons against each row."""
    values = {
        "creation_time_utc": parsing.timestamp_utc(F.col("raw_creation_time_utc")),
        "user_id": F.when(F.upper(F.col("raw_user_id")) != _NO_USER, F.col("raw_user_id")),
        "currency": F.upper(F.col("raw_currency")),
        "is_loyalty": parsing.boolean(F.col("raw_is_loyalty")),
        "item_price": parsing.decimal(F.col("raw_item_price"), 8, 2),
        "item_quantity": parsing.whole_number(F.col("raw_item_quantity"), "smallint"),
        "item_category": parsing.replaced(F.col("raw_item_category"), rules.category_aliases),
        "printed_card_number": F.nullif(
            F.regexp_extract(F.col("raw_printed_card_number"), _LAST_FOUR_DIGITS, 1), F.lit("")
        ),
    }
    typed = parsing.delivered(bronze, ORDER_ITEMS.column_names, values)
    return typed.withColumn(REASONS, parsing.joined(_reasons(rules))).withColumn(
        RAW_TEXT,
        F.when(F.col(REASONS) != "", parsing.raw_text(ORDER_ITEMS.column_names, masked=("printed_card_number",))),
    )


def _reasons(rules: RestaurantRules) -> list[SparkColumn]:
    """Why a row is rejected, one expression a rule; NULL where the rule is kept."""
    unread_loyalty = F.col("is_loyalty").isNull() & F.col("raw_is_loyalty").isNotNull()
    is_code = F.col("currency").rlike("^[A-Z]{3}$")
    return [
        F.when(F.col("order_id").isNull(), F.lit("missing_order_id")),
        F.when(F.col("lineitem_id").isNull(), F.lit("missing_lineitem_id")),
        F.when(F.col("creation_time_utc").isNull(), F.lit("invalid_creation_time_utc")),
        parsing.number_reason("item_price"),
        parsing.number_reason("item_quantity"),
        F.when(F.coalesce(~is_code, F.lit(True)), F.lit("invalid_currency")),
        F.when(unread_loyalty, F.lit("invalid_is_loyalty")),
        *(F.when(F.col("app_name") == name, F.lit("excluded_app")) for name in rules.excluded_app_names),
        *parsing.too_long(
            TABLE, "app_name", "restaurant_id", "order_id", "user_id", "lineitem_id", "item_category", "item_name"
        ),
    ]
