"""A small product of the tests' own: a shop with one silver table and three marts."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel

from medallion.contracts import Column, Layer, Table
from medallion.data_product import DataProduct, Source, Step

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)

ORDERS = Table(
    name="orders",
    layer=Layer.SILVER,
    grain=("order_id",),
    description="One row an order; the customer's own words are kept.",
    columns=(
        Column("order_id", "varchar(32)", "Order.", nullable=False),
        Column("ordered_at", "timestamp", "When it was placed."),
        Column("order_date", "date", "Day of the order."),
        Column("net_amount", "decimal(18,2)", "What was paid.", unit="currency"),
        Column("item_quantity", "bigint", "Units."),
        Column("is_loyalty", "boolean", "Whether in the programme."),
        Column("discount_rate", "double", "Discount over gross.", unit="rate"),
    ),
    source="orders",
    distribution="order_id",
    sort=("order_date",),
)
SALES = Table(
    name="sales",
    layer=Layer.GOLD,
    grain=("currency",),
    description="Sales a currency.",
    columns=(
        Column("currency", "varchar(3)", "ISO 4217 code.", nullable=False),
        Column("net_amount", "decimal(18,2)", "Sum of net amounts.", unit="currency"),
    ),
)
CUSTOMERS = Table(
    name="customers",
    layer=Layer.GOLD,
    grain=("user_id",),
    description="Customers.",
    columns=(Column("user_id", "varchar(32)", "Customer.", nullable=False),),
)

DAYS = Table(
    name="days",
    layer=Layer.GOLD,
    grain=("order_date",),
    description="Sales a day; all days together are all sales.",
    columns=(
        Column("order_date", "date", "Day of the orders.", nullable=False),
        Column("net_amount", "decimal(18,2)", "Sum of net amounts.", unit="currency"),
    ),
)


class ShopRules(BaseModel):
    """No rules."""


PRODUCT = DataProduct(
    name="shop",
    title="Shop",
    description="Orders of a shop.",
    sources=(Source(name="orders", file_pattern="orders*.csv", description="Orders.", columns=()),),
    steps=tuple(Step(table=table, build=lambda orders: orders) for table in (ORDERS, SALES, CUSTOMERS, DAYS)),
    rules=ShopRules,
    as_of=("orders", "order_date"),
)
