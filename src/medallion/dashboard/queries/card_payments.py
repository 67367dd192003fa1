"""Card payments: the five answers about stores, products, kinds of business, devices, and how soon stores get going."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts, Row

ALL_STORES = "all"


def summary(marts: Marts) -> Row:
    """Stores with transactions, their transactions and amount, and the average transaction."""
    return marts.one(
        "store_count transaction_count transacted_amount average_amount",
        "SELECT count(*), coalesce(sum(transaction_count), 0), coalesce(sum(transacted_amount), 0),"
        " CAST(sum(transacted_amount) AS DOUBLE PRECISION) / nullif(sum(transaction_count), 0) FROM {store_ranking}",
    )


def activation(marts: Marts) -> list[Row]:
    """Stores and those with five transactions, and the days to these, for all stores and by typology."""
    return marts.ask(
        "scope store_count activated_store_count activated_rate average_days_to_five_transactions"
        " median_days_to_five_transactions",
        "SELECT scope, store_count, activated_store_count,"
        " CAST(activated_store_count AS DOUBLE PRECISION) / nullif(store_count, 0),"
        " average_days_to_five_transactions, median_days_to_five_transactions FROM {store_activation_summary}"
        " ORDER BY average_days_to_five_transactions, scope",
    )


def top_stores(marts: Marts, limit: int) -> list[Row]:
    """Stores by amount."""
    return marts.ask(
        "store_id store_name typology country transaction_count transacted_amount amount_rank",
        "SELECT store_id, store_name, typology, country, transaction_count, transacted_amount, amount_rank"
        f" FROM {{store_ranking}} ORDER BY amount_rank, store_id LIMIT {int(limit)}",
    )


def top_products(marts: Marts, limit: int) -> list[Row]:
    """Products by how often they were sold."""
    return marts.ask(
        "product_sku product_name_count transaction_count transacted_amount count_rank",
        "SELECT product_sku, product_name_count, transaction_count, transacted_amount, count_rank"
        f" FROM {{product_ranking}} ORDER BY count_rank, product_sku LIMIT {int(limit)}",
    )


def averages(marts: Marts, countries: int = 12) -> list[Row]:
    """The average transaction by typology, in the countries with most transactions."""
    return marts.ask(
        "typology country average_transacted_amount transaction_count",
        "SELECT typology, country, average_transacted_amount, transaction_count FROM {amount_by_typology_country}"
        " WHERE country IN (SELECT country FROM {amount_by_typology_country} GROUP BY country"
        f" ORDER BY sum(transaction_count) DESC, country LIMIT {int(countries)}) ORDER BY typology, country",
    )


def devices(marts: Marts) -> list[Row]:
    """The share of the transactions that each kind of device takes."""
    return marts.ask(
        "device_type transaction_count transaction_share",
        "SELECT device_type, transaction_count, transaction_share FROM {device_type_share}"
        " ORDER BY transaction_count DESC, device_type",
    )
