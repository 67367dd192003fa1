"""The tables and columns that the restaurant product is known by."""

from __future__ import annotations

import pytest

from medallion.catalog import product
from medallion.contracts import Layer
from medallion.data_product import Step

RESTAURANT = product("restaurant")

SALES = "order_count customer_count item_quantity gross_amount discount_amount refund_amount net_amount"
GRAIN = {
    "order_items": "order_id lineitem_id",
    "order_item_options": "order_id lineitem_id option_group_name option_name occurrence",
    "order_lines": "order_id lineitem_id",
    "orders": "order_id",
    "date_dim": "date_key",
    "customer_lifetime_value": "user_id currency",
    "customer_segments": "user_id currency",
    "customer_cohorts": "cohort_month month_number currency",
    "churn_indicators": "user_id currency",
    "sales_trends": "period period_start currency",
    "sales_by_location": "order_date restaurant_id currency",
    "sales_by_app": "order_date app_name restaurant_id currency",
    "sales_by_category": "order_date item_category currency",
    "sales_by_hour": "order_date hour currency",
    "loyalty_program_impact": "member_status currency",
    "location_performance": "restaurant_id currency",
    "pricing_discount_effectiveness": "order_class currency",
    "pricing_by_discount_depth": "bucket currency",
    "pricing_by_item": "item_name currency",
}
CORE = {
    "order_items": "app_name restaurant_id creation_time_utc order_id user_id printed_card_number is_loyalty currency "
    "lineitem_id item_category item_name item_price item_quantity",
    "order_item_options": "order_id lineitem_id option_group_name option_name option_price option_quantity occurrence",
    "date_dim": "date_key year month week day_of_week is_weekend is_holiday holiday_name is_generated iso_year "
    "iso_week quarter",
    "order_lines": "item_amount option_amount gross_amount discount_amount refund_amount net_amount",
    "orders": "user_id restaurant_id app_name currency ordered_at order_date is_loyalty line_count item_quantity "
    "item_amount option_amount gross_amount discount_amount refund_amount net_amount",
    "customer_lifetime_value": "as_of first_order_date last_order_date order_count item_quantity total_items_value "
    "total_options_value customer_lifetime_value gross_amount discount_amount refund_amount average_order_value "
    "tenure_days revenue_rank cumulative_revenue_share value_tier",
    "customer_segments": "as_of recency_days frequency monetary_amount r_score f_score m_score rfm_code segment "
    "cohort_month favourite_category favourite_restaurant_id average_basket_quantity is_loyalty_member",
    "customer_cohorts": "customer_count active_customer_count retention_rate net_amount "
    "cumulative_net_amount_per_customer is_complete",
    "churn_indicators": "as_of last_order_date days_since_last_order order_day_count average_days_between_orders "
    "churn_status spend_last_90d spend_prior_90d spend_change_pct current_year_amount previous_year_amount "
    "yoy_percentage_change",
    "sales_trends": f"as_of {SALES} average_order_value previous_net_amount change_pct year_ago_net_amount "
    "year_over_year_pct is_partial net_amount_avg_7d net_amount_avg_28d is_weekend is_holiday holiday_name",
    "sales_by_location": "order_count item_quantity net_amount",
    "sales_by_app": "order_count item_quantity net_amount",
    "sales_by_category": "order_count item_quantity net_amount",
    "sales_by_hour": "order_count item_quantity net_amount",
    "loyalty_program_impact": "as_of customer_count order_count net_amount order_share net_amount_share "
    "average_order_value orders_per_customer repeat_customer_rate average_customer_lifetime_value",
    "location_performance": "as_of first_order_date last_order_date order_count customer_count item_quantity "
    "net_amount net_amount_share average_order_value trading_days orders_per_trading_day loyalty_order_rate "
    "revenue_rank order_rank average_order_value_rank net_amount_last_28d net_amount_prior_28d growth_28d_pct",
    "pricing_discount_effectiveness": "as_of order_count order_share customer_count item_quantity gross_amount "
    "discount_amount net_amount discount_rate average_order_value average_gross_order_value items_per_order "
    "repeat_30d_rate",
    "pricing_by_discount_depth": "net_amount",
    "pricing_by_item": "order_count item_quantity net_amount",
}
DELIVERED = {
    "order_items": "app_name restaurant_id creation_time_utc order_id user_id printed_card_number is_loyalty currency "
    "lineitem_id item_category item_name item_price item_quantity",
    "order_item_options": "order_id lineitem_id option_group_name option_name option_price option_quantity",
    "date_dim": "date_key year month week day_of_week is_weekend is_holiday holiday_name",
}
ACCEPTED = {
    ("customer_lifetime_value", "value_tier"): {"High", "Medium", "Low"},
    ("customer_segments", "segment"): {
        "Hibernating",
        "At Risk",
        "Can't Lose",
        "About To Sleep",
        "Need Attention",
        "Loyal",
        "Promising",
        "New",
        "Potential Loyalist",
        "Champions",
    },
    ("churn_indicators", "churn_status"): {"at risk", "active"},
    ("sales_trends", "period"): {"day", "week", "month"},
    ("loyalty_program_impact", "member_status"): {"member", "non_member", "guest"},
    ("pricing_discount_effectiveness", "order_class"): {"discounted", "full_price"},
    ("pricing_by_discount_depth", "bucket"): {"0", "0-10", "10-20", "20-30", "30-50", "50+"},
}


def test_the_restaurant_has_the_tables_it_is_known_by() -> None:
    assert {step.table.name for step in RESTAURANT.steps} >= set(GRAIN)


def test_marts_are_built_from_aggregates_and_not_from_orders() -> None:
    read = {name for step in RESTAURANT.layer(Layer.GOLD) for name in step.inputs}

    assert read.isdisjoint({"order_items", "order_item_options", "order_lines", "orders"})


@pytest.mark.parametrize("source", DELIVERED)
def test_a_source_has_the_columns_its_files_have(source: str) -> None:
    assert RESTAURANT.source(source).column_names == tuple(DELIVERED[source].split())


@pytest.mark.parametrize("table", GRAIN)
def test_a_table_has_the_grain_it_is_known_by(table: str) -> None:
    assert RESTAURANT.step(table).table.grain == tuple(GRAIN[table].split())


@pytest.mark.parametrize("table", CORE)
def test_a_table_has_the_columns_it_is_known_by(table: str) -> None:
    missing = set(CORE[table].split()) - set(RESTAURANT.step(table).table.column_names)

    assert missing == set()


@pytest.mark.parametrize("named", ACCEPTED, ids=".".join)
def test_a_column_of_names_accepts_the_ones_it_is_known_by(named: tuple[str, str]) -> None:
    table, column = named

    assert set(RESTAURANT.step(table).table.column(column).accepted) == ACCEPTED[named]


@pytest.mark.parametrize("step", RESTAURANT.steps, ids=lambda step: step.table.name)
def test_money_is_exact_and_rates_are_not_money(step: Step) -> None:
    for column in step.table.columns:
        if column.name.endswith("_amount") and not column.name.startswith("average_"):
            assert column.type == "decimal(18,2)", column.name
        if column.name.endswith(("_pct", "_rate", "_share")):
            assert column.type == "double", column.name
