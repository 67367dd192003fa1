"""What must add up on every run: the same money and the same transactions, however they are grouped."""

from __future__ import annotations

from medallion.checks import Reconciliation, Total

_COUNTED = "is_counted AND happened_date <= DATE '{as_of}'"
_OF_STORES = f"{_COUNTED} AND store_id IS NOT NULL"
_BY_STATUS = ("status",)


def _same_as_transactions(table: str) -> tuple[Reconciliation, Reconciliation]:
    """The days of `table` hold all transactions, by status."""
    return (
        Reconciliation(
            name=f"transacted_amount_of_{table}",
            left=Total(table="transactions", column="amount", by=_BY_STATUS),
            right=Total(table=table, column="transacted_amount", by=_BY_STATUS),
            description=f"amounts of the transactions are those of {table}, per status",
        ),
        Reconciliation(
            name=f"transaction_count_of_{table}",
            left=Total(table="transactions", column="*", by=_BY_STATUS),
            right=Total(table=table, column="transaction_count", by=_BY_STATUS),
            description=f"every transaction is in {table}, per status",
        ),
    )


def _same_as_store_days(table: str, where: str, *columns: str) -> tuple[Reconciliation, ...]:
    return tuple(
        Reconciliation(
            name=f"{column}_of_{table}",
            left=Total(table="store_days", column=column, where=where, by=()),
            right=Total(table=table, column=column, by=()),
            description=f"{column} of what counts up to as_of is that of {table}",
        )
        for column in columns
    )


_SUMS = ("transaction_count", "transacted_amount")
RECONCILIATIONS = (
    *_same_as_transactions("device_days"),
    *_same_as_transactions("product_days"),
    *_same_as_transactions("store_days"),
    *_same_as_store_days("store_ranking", _OF_STORES, *_SUMS),
    *_same_as_store_days("amount_by_typology_country", _OF_STORES, *_SUMS),
    *_same_as_store_days("device_type_share", _OF_STORES, "transaction_count"),
    # Of devices that are not known the store is not known either, but the product is.
    *_same_as_store_days("product_ranking", _COUNTED, *_SUMS),
    Reconciliation(
        name="stores_of_store_activation",
        left=Total(table="stores", column="*", by=()),
        right=Total(table="store_activation", column="*", by=()),
        description="every store is in store_activation",
    ),
    Reconciliation(
        name="stores_of_all",
        left=Total(table="stores", column="*", by=()),
        right=Total(table="store_activation_summary", column="store_count", where="scope = 'all'", by=()),
        description="all stores are summed up",
    ),
    Reconciliation(
        name="stores_of_typologies",
        left=Total(table="stores", column="*", by=()),
        right=Total(table="store_activation_summary", column="store_count", where="scope <> 'all'", by=()),
        description="every store is in one typology",
    ),
)
