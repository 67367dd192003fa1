"""What must add up on every run: the same money and the same orders, however they are grouped."""

from __future__ import annotations

from medallion.checks import Reconciliation, Total

_COUNTED = "order_date <= DATE '{as_of}'"
_OF_CUSTOMERS = f"{_COUNTED} AND user_id IS NOT NULL"


def _orders(column: str, where: str = _COUNTED) -> Total:
    return Total(table="orders", column=column, where=where)


def _same_net_amount(table: str, where: str = "true", part: str = "") -> Reconciliation:
    return Reconciliation(
        name=f"net_amount_of_{table}{part}",
        left=_orders("net_amount"),
        right=Total(table=table, column="net_amount", where=where),
        description=f"net amount of the orders up to as_of is that of {table}, per currency",
    )


def _same_order_count(table: str, where: str = "true", part: str = "") -> Reconciliation:
    return Reconciliation(
        name=f"order_count_of_{table}{part}",
        left=_orders("*"),
        right=Total(table=table, column="order_count", where=where),
        description=f"orders up to as_of are those counted in {table}, per currency",
    )


def _every_customer(what: str, right: Total, description: str) -> Reconciliation:
    return Reconciliation(
        name=f"customers_of_{what}",
        left=Total(table="customer_lifetime_value", column="*"),
        right=right,
        description=f"{description}, per currency",
    )


def _each_customer_once(table: str) -> Reconciliation:
    words = f"{table} has as many customers as customer_lifetime_value"
    return _every_customer(table, Total(table=table, column="*"), words)


_SILVER = (
    *(
        Reconciliation(
            name=f"{column}_of_lines",
            left=Total(table="orders", column=column),
            right=Total(table="order_lines", column=column),
            description=f"{column} of the orders is that of their lines, per currency",
        )
        for column in ("item_quantity", "gross_amount", "discount_amount", "refund_amount", "net_amount")
    ),
    Reconciliation(
        name="line_count_of_order_items",
        left=Total(table="order_items", column="*", by=()),
        right=Total(table="order_lines", column="*", by=()),
        description="every accepted line is in order_lines",
    ),
    Reconciliation(
        name="line_count_of_lines",
        left=Total(table="orders", column="line_count"),
        right=Total(table="order_lines", column="*"),
        description="every line belongs to an order, per currency",
    ),
)

_COUNTS, _AMOUNTS = ("order_count", "item_quantity"), ("gross_amount", "discount_amount", "refund_amount", "net_amount")
# Each aggregate with the orders it sums, and its columns that add up to theirs. An order counts in each of its
# categories and items, so these have no order_count here.
_SUMMED = (
    ("location_days", "true", (*_COUNTS, *_AMOUNTS)),
    ("hour_days", "true", (*_COUNTS, "net_amount")),
    ("category_days", "true", ("item_quantity", "net_amount")),
    ("item_days", "true", ("item_quantity", "net_amount")),
    ("customer_days", "user_id IS NOT NULL", ("order_count", "net_amount")),
    ("customer_locations", _OF_CUSTOMERS, ("order_count", "net_amount")),
    ("customers", _OF_CUSTOMERS, (*_COUNTS, "item_amount", "option_amount", *_AMOUNTS)),
)

_AGGREGATES = (
    *(
        Reconciliation(
            name=f"{column}_in_{table}",
            left=_orders("*" if column == "order_count" else column, where),
            right=Total(table=table, column=column),
            description=f"{column} of {table} is that of the orders, per currency",
        )
        for table, where, columns in _SUMMED
        for column in columns
    ),
    Reconciliation(
        name="guest_order_count_of_location_days",
        left=_orders("*", "user_id IS NULL"),
        right=Total(table="location_days", column="guest_order_count"),
        description="orders without a customer are those counted in location_days, per currency",
    ),
    Reconciliation(
        name="guest_net_amount_of_location_days",
        left=_orders("net_amount", "user_id IS NULL"),
        right=Total(table="location_days", column="guest_net_amount"),
        description="net amount of orders without a customer is that of location_days, per currency",
    ),
    Reconciliation(
        name="customers_of_customer_days",
        left=Total(table="customers", column="*"),
        right=Total(table="customer_days", column="*", where=f"{_COUNTED} AND order_date = first_order_date"),
        description="every customer has one first day, per currency",
    ),
)

_SALES = (
    *(
        reconcile("sales_trends", f"period = '{period}'", f"_{period}s")
        for period in ("day", "week", "month")
        for reconcile in (_same_net_amount, _same_order_count)
    ),
    *(
        reconcile(table)
        for table in (
            "sales_by_location",
            "sales_by_app",
            "sales_by_hour",
            "location_performance",
            "loyalty_program_impact",
            "pricing_discount_effectiveness",
            "pricing_by_discount_depth",
        )
        for reconcile in (_same_net_amount, _same_order_count)
    ),
    # An order counts once in each of its categories and items, so only their amounts add up.
    _same_net_amount("sales_by_category"),
    _same_net_amount("pricing_by_item"),
)

_CUSTOMERS = (
    Reconciliation(
        name="customer_lifetime_value_of_customers",
        left=_orders("net_amount", _OF_CUSTOMERS),
        right=Total(table="customer_lifetime_value", column="customer_lifetime_value"),
        description="lifetime values add up to the net amount of orders with a customer, per currency",
    ),
    Reconciliation(
        name="order_count_of_customers",
        left=_orders("*", _OF_CUSTOMERS),
        right=Total(table="customer_lifetime_value", column="order_count"),
        description="customers' orders add up to the orders with a customer, per currency",
    ),
    Reconciliation(
        name="tiers_partition_customers",
        left=Total(table="customer_lifetime_value", column="*"),
        right=Total(table="customer_lifetime_value", column="*", where="value_tier IN ('High', 'Medium', 'Low')"),
        description="every customer is in one value tier, per currency",
    ),
    Reconciliation(
        name="monetary_amount_of_segments",
        left=Total(table="customer_lifetime_value", column="customer_lifetime_value"),
        right=Total(table="customer_segments", column="monetary_amount"),
        description="what customers of all segments spent is their lifetime value, per currency",
    ),
    _every_customer(
        "clv_model",
        Total(table="clv_model", column="customer_count"),
        "the models of clv_model know every customer",
    ),
    _each_customer_once("customer_segments"),
    _each_customer_once("churn_indicators"),
    _every_customer(
        "customer_cohorts",
        Total(table="customer_cohorts", column="customer_count", where="month_number = 0"),
        "every customer is in one cohort",
    ),
    Reconciliation(
        name="net_amount_of_customer_cohorts",
        left=_orders("net_amount", _OF_CUSTOMERS),
        right=Total(table="customer_cohorts", column="net_amount"),
        description="what the cohorts spent is the net amount of orders with a customer, per currency",
    ),
    _every_customer(
        "customer_survival",
        Total(table="customer_survival", column="at_risk_count", where="days_since_first_order = 0"),
        "every customer is at risk in one cohort on day 0",
    ),
    _every_customer(
        "segment_changes",
        Total(table="customer_segment_changes", column="customer_count", where="to_segment <> '(none)'"),
        "every customer came to one segment",
    ),
    Reconciliation(
        name="net_amount_of_segment_changes",
        left=Total(table="customer_segments", column="monetary_amount"),
        right=Total(table="customer_segment_changes", column="net_amount"),
        description="what customers who changed segments or stayed spent is that of all segments, per currency",
    ),
    _every_customer(
        "loyalty_program_impact",
        Total(table="loyalty_program_impact", column="customer_count", where="member_status <> 'guest'"),
        "every customer is a member or not",
    ),
)

RECONCILIATIONS = (*_SILVER, *_AGGREGATES, *_SALES, *_CUSTOMERS)
