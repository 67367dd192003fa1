"""The restaurant data product: what comes in, which tables are built in which order, and what must hold."""

from __future__ import annotations

from medallion.data_product import DataProduct, Key, Step
from medallion.products.restaurant.gold import (
    churn_indicators,
    customer_cohorts,
    customer_lifetime_value,
    customer_segments,
    location_performance,
    loyalty_program_impact,
    pricing_by_discount_depth,
    pricing_by_item,
    pricing_discount_effectiveness,
    sales_by_category,
    sales_by_hour,
    sales_by_location,
    sales_trends,
)
from medallion.products.restaurant.governance import GOVERNANCE
from medallion.products.restaurant.invariants import RECONCILIATIONS
from medallion.products.restaurant.probes import PROBES
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver import (
    category_days,
    conflicting_orders,
    customer_days,
    customer_locations,
    customers,
    date_dim,
    hour_days,
    item_days,
    location_days,
    order_item_options,
    order_items,
    order_lines,
    orders,
    repeated_options,
    repeated_order_lines,
)
from medallion.products.restaurant.sources import SOURCES

PRODUCT = DataProduct(
    name="restaurant",
    title="Restaurant orders and customers",
    description="Orders of a restaurant group with their lines and options, and what they say about customers, sales, "
    "locations, loyalty and prices.",
    sources=SOURCES,
    steps=(
        Step(table=order_items.TABLE, build=order_items.build, key="order_id"),
        Step(table=order_item_options.TABLE, build=order_item_options.build, key="order_id"),
        Step(table=order_lines.TABLE, build=order_lines.build, key="order_id"),
        Step(table=orders.TABLE, build=orders.build, key="order_id"),
        Step(table=customer_locations.TABLE, build=customer_locations.build, key="user_id"),
        Step(table=location_days.TABLE, build=location_days.build, key="order_date"),
        Step(table=customer_days.TABLE, build=customer_days.build, key="user_id"),
        Step(table=date_dim.TABLE, build=date_dim.build),
        Step(table=customers.TABLE, build=customers.build, key="user_id", reads=customers.READS),
        Step(table=hour_days.TABLE, build=hour_days.build, key="order_date"),
        Step(table=category_days.TABLE, build=category_days.build, key="order_date", reads=category_days.READS),
        Step(table=item_days.TABLE, build=item_days.build, key="order_date", reads=item_days.READS),
        Step(table=customer_lifetime_value.TABLE, build=customer_lifetime_value.build),
        Step(table=customer_segments.TABLE, build=customer_segments.build),
        Step(table=customer_cohorts.TABLE, build=customer_cohorts.build),
        Step(table=churn_indicators.TABLE, build=churn_indicators.build),
        Step(table=sales_trends.TABLE, build=sales_trends.build),
        Step(table=sales_by_location.TABLE, build=sales_by_location.build),
        Step(table=sales_by_category.TABLE, build=sales_by_category.build),
        Step(table=sales_by_hour.TABLE, build=sales_by_hour.build),
        Step(table=loyalty_program_impact.TABLE, build=loyalty_program_impact.build),
        Step(table=location_performance.TABLE, build=location_performance.build),
        Step(table=pricing_discount_effectiveness.TABLE, build=pricing_discount_effectiveness.build),
        Step(table=pricing_by_discount_depth.TABLE, build=pricing_by_discount_depth.build),
        Step(table=pricing_by_item.TABLE, build=pricing_by_item.build),
    ),
    keys=(
        Key("order_id", of=("bronze_order_items", "bronze_order_item_options")),
        Key("user_id", of=("orders",)),
        Key("order_date", of=("orders",)),
    ),
    intermediates=(
        Step(table=repeated_order_lines.TABLE, build=repeated_order_lines.build),
        Step(table=repeated_options.TABLE, build=repeated_options.build),
        Step(table=conflicting_orders.TABLE, build=conflicting_orders.build),
    ),
    rules=RestaurantRules,
    as_of=("orders", "order_date"),
    reconciliations=RECONCILIATIONS,
    probes=PROBES,
    governance=GOVERNANCE,
)
