"""Transactions: what was paid by card, for what, and what became of it; a newer delivery is an update."""

from __future__ import annotations

from medallion import parsing
from medallion.arithmetic import MONEY
from medallion.checks import Check, Severity
from medallion.contracts import Column, Layer, Table
from medallion.dispositions import newest_accepted
from medallion.lineage import CUT_OUT, RAW_TEXT, REASONS
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.products.card_payments.silver.skus import product_sku
from medallion.products.card_payments.sources import TRANSACTIONS
from medallion.spark import DataFrame, F, SparkColumn

TABLE = Table(
    name="transactions",
    layer=Layer.SILVER,
    source=TRANSACTIONS.name,
    grain=("transaction_id",),
    description="One row a card transaction, as its newest delivery says: a changed status is an update, and what the "
    "newer record leaves empty is empty from then on.",
    columns=(
        Column("transaction_id", "varchar(64)", "The transaction.", nullable=False),
        Column("device_id", "varchar(64)", "Device that took it; it may not be among the devices.", nullable=False),
        Column("product_name", "varchar(255)", "Name of the product, in the first column so called."),
        Column("product_sku", "varchar(64)", "Code of the product, without prefix; see stripped_sku_prefixes."),
        Column("product_name_2", "varchar(255)", "What the second column product_name says."),
        Column("amount", MONEY, "Amount as delivered; no file says in which currency.", "currency", False),
        Column("status", "varchar(16)", "What became of it.", nullable=False, accepted=shared.STATUSES),
        Column("card_last4", "varchar(4)", "Last four digits of the card, where known.", pii="card number"),
        Column("created_at", "timestamp", "When the record was made, as written."),
        Column("happened_at", "timestamp", "When the card was used, as written.", nullable=False),
        Column("happened_date", "date", "Day of happened_at.", nullable=False),
    ),
    checks=(
        Check(
            name="created_not_before_it_happened",
            expression="created_at >= happened_at",
            description="no record was made before the card was used",
            severity=Severity.WARN,
        ),
        Check(
            name="amount_is_positive",
            expression="amount > 0",
            description="every amount is above 0",
            severity=Severity.WARN,
        ),
    ),
    distribution="transaction_id",
    sort=("happened_at",),
)

_TEXTS = ("transaction_id", "device_id", "product_name", "product_sku", "product_name_2")


def build(bronze_transactions: DataFrame, *, rules: CardPaymentsRules) -> DataFrame:
    """Every delivered transaction, each with its disposition. Accepted rows have grain transaction_id."""
    names = TRANSACTIONS.column_names
    values = {
        "product_sku": product_sku(F.col("raw_product_sku"), rules),
        "amount": parsing.decimal(F.col("raw_amount"), 18, 2),
        "status": F.lower(F.col("raw_status")),
        "created_at": parsing.timestamp_month_first(F.col("raw_created_at")),
        "happened_at": parsing.timestamp_month_first(F.col("raw_happened_at")),
    }
    typed = parsing.delivered(bronze_transactions, names, values).withColumns(
        {"card_last4": F.col("card_number"), "happened_date": F.col("happened_at").cast("date")}
    )
    explained = typed.withColumn(REASONS, parsing.joined(_reasons())).withColumn(RAW_TEXT, parsing.raw_text(names))
    return TABLE.conform_delivered(newest_accepted(explained, "transaction_id"))


def _reasons() -> list[SparkColumn]:
    """Why a row is rejected, one expression a rule; NULL where the rule is kept."""
    is_known = F.coalesce(F.col("status").isin(*shared.STATUSES), F.lit(False))
    return [
        F.when(F.col("transaction_id").isNull(), F.lit("missing_transaction_id")),
        F.when(F.col("device_id").isNull(), F.lit("missing_device_id")),
        parsing.number_reason("amount"),
        F.when(~is_known, F.lit("unknown_status")),
        F.when(F.col("created_at").isNull() & F.col("raw_created_at").isNotNull(), F.lit("invalid_created_at")),
        F.when(F.col("happened_at").isNull(), F.lit("invalid_happened_at")),
        # The gate cuts card numbers out of columns where none belongs: different keys must not become one.
        *(
            F.when(F.col(name).contains(CUT_OUT), F.lit(f"long_number_in_{name}"))
            for name in ("transaction_id", "device_id", "product_sku")
        ),
        *parsing.too_long(TABLE, *_TEXTS),
    ]
