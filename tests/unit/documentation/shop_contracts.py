"""A product of the tests' own with one of everything that is documented."""

from __future__ import annotations

from pydantic import BaseModel, Field

from medallion.checks import Check, ForeignKey, Probe, Reconciliation, Severity, Total
from medallion.contracts import Column, Layer, Table
from medallion.data_product import DataProduct, Source, Step
from medallion.products.restaurant.sources import SOURCES

ORDERS = Table(
    name="orders",
    layer=Layer.SILVER,
    grain=("order_id",),
    description="Cleaned orders.",
    columns=(
        Column("order_id", "varchar(32)", "Order.", nullable=False),
        Column("user_id", "varchar(65535)", "Customer; empty | blank for guests.", pii="customer id"),
        Column("ordered_at", "timestamp", "When."),
        Column("net_amount", "decimal(18,2)", "Paid.", unit="currency"),
    ),
)
CUSTOMERS = Table(
    name="customers",
    layer=Layer.GOLD,
    grain=("user_id", "currency"),
    description="Customers and what they are worth.",
    columns=(
        Column("user_id", "varchar(32)", "Customer.", nullable=False, pii="customer id"),
        Column("currency", "varchar(3)", "ISO 4217 code.", nullable=False),
        Column("value_tier", "varchar(6)", "Tier.", accepted=("High", "Low")),
        Column("share", "double", "Share of revenue.", unit="rate", minimum=0, maximum=1),
        Column("first_order_date", "date", "First order."),
        Column("is_member", "boolean", "Member."),
        Column("order_count", "bigint", "Orders.", unit="count", minimum=1),
    ),
    checks=(
        Check(name="members_order", expression="order_count > 0", description="Who is there has ordered."),
        Check(name="is_rich", expression="share > 0.5", description="Rich.", severity=Severity.WARN),
    ),
    foreign_keys=(ForeignKey(columns=("user_id",), references="orders"),),
)


class ShopRules(BaseModel):
    """Rules of the shop."""

    churn_after_days: int = Field(45, description="Silent for longer is at risk.")
    excluded_app_names: tuple[str, ...] = Field((), description="Apps left out.")


PRODUCT = DataProduct(
    name="shop",
    title="A shop",
    description="What a shop's customers buy.",
    sources=(*SOURCES, Source(name="refunds", file_pattern="refunds*.csv", description="Refunds.", columns=())),
    steps=tuple(Step(table=table, build=lambda orders: orders) for table in (ORDERS, CUSTOMERS)),
    rules=ShopRules,
    as_of=("orders", "ordered_at"),
    reconciliations=(
        Reconciliation(
            name="net_amounts_agree",
            left=Total(table="orders", column="net_amount"),
            right=Total(table="customers", column="net_amount"),
            description="Customers add up to orders.",
        ),
    ),
    probes=(Probe(name="prices_look_right", description="Prices scale with quantity.", measure=lambda orders: orders),),
)
