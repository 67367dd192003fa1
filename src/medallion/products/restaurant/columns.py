"""Columns that several tables share, each defined once: the same quantity has the same name and meaning everywhere."""

from __future__ import annotations

from medallion.arithmetic import MONEY
from medallion.checks import Check
from medallion.contracts import Column

AS_OF = Column("as_of", "date", "Day the figures are as of: only orders up to it count.", nullable=False)
USER_ID = Column("user_id", "varchar(255)", "The customer.", nullable=False, pii="customer id")
CURRENCY = Column("currency", "varchar(3)", "ISO 4217 code of all amounts of the row.", nullable=False)
RESTAURANT_ID = Column("restaurant_id", "varchar(255)", "The location; NULL where the orders name none.")
APP_NAME = Column("app_name", "varchar(50)", "App or brand that orders were placed in; NULL where they name none.")
ITEM_CATEGORY = Column(
    "item_category", "varchar(50)", "Menu category; `(unknown)` where lines name none.", nullable=False
)
ITEM_NAME = Column("item_name", "varchar(255)", "Name of the item; `(unknown)` where lines name none.", nullable=False)

ORDER_DATE = Column("order_date", "date", "Day of the orders, in rule business_timezone.", nullable=False)
HOUR = Column("hour", "smallint", "Hour of the day in rule business_timezone.", nullable=False, minimum=0, maximum=23)
FIRST_ORDER_DATE = Column("first_order_date", "date", "Day of the first order.", nullable=False)
LAST_ORDER_DATE = Column("last_order_date", "date", "Day of the newest order.", nullable=False)

ORDER_COUNT = Column("order_count", "bigint", "Orders.", "count", False, minimum=0, formula="count(orders)")
LOYALTY_ORDER_COUNT = Column(
    "loyalty_order_count",
    "bigint",
    "Orders in the loyalty programme.",
    "count",
    False,
    minimum=0,
    formula="count(orders where is_loyalty)",
)
DISCOUNTED_ORDER_COUNT = Column(
    "discounted_order_count",
    "bigint",
    "Orders with a discount_amount above 0.",
    "count",
    False,
    minimum=0,
    formula="count(orders where discount_amount > 0)",
)
ORDER_DAY_COUNT = Column(
    "order_day_count",
    "bigint",
    "Distinct days with an order.",
    "count",
    False,
    minimum=1,
    formula="count(distinct order_date)",
)
MEDIAN_DAYS_BETWEEN_ORDERS = Column(
    "median_days_between_orders",
    "double",
    "Median of the days from each order day to the next; NULL for customers of one day.",
    "days",
    minimum=1,
    formula="median(next_order_date - order_date)",
)
CUSTOMER_COUNT = Column(
    "customer_count",
    "bigint",
    "Distinct customers; guests are not among them.",
    "count",
    False,
    formula="count(distinct user_id)",
    exclusions="Orders of guests.",
)
ITEM_QUANTITY = Column("item_quantity", "bigint", "Units ordered.", "count", False, formula="sum(item_quantity)")

GROSS_AMOUNT = Column(
    "gross_amount",
    MONEY,
    "Positive item and option amounts.",
    "currency",
    False,
    minimum=0,
    formula="sum(positive item amounts) + sum(positive option amounts)",
)
DISCOUNT_AMOUNT = Column(
    "discount_amount",
    MONEY,
    "Negative option amounts, as a positive number.",
    "currency",
    False,
    minimum=0,
    formula="-sum(negative option amounts)",
)
REFUND_AMOUNT = Column(
    "refund_amount",
    MONEY,
    "Negative item amounts, as a positive number.",
    "currency",
    False,
    minimum=0,
    formula="-sum(negative item amounts)",
)
NET_AMOUNT = Column(
    "net_amount",
    MONEY,
    "Gross less discounts and refunds.",
    "currency",
    False,
    formula="gross_amount - discount_amount - refund_amount",
)
AMOUNTS = (GROSS_AMOUNT, DISCOUNT_AMOUNT, REFUND_AMOUNT, NET_AMOUNT)
AVERAGE_ORDER_VALUE = Column(
    "average_order_value",
    "double",
    "net_amount / order_count; NULL without orders.",
    "currency",
    formula="net_amount / order_count",
)

REASON = Column("reason", "varchar(200)", "Why what is NULL of the estimate is NULL; NULL where nothing is.")


def estimate_columns(formula: str, error: str, unit: str | None = None) -> tuple[Column, ...]:
    """An estimate with its error, its 95 % interval and the p value of no effect; all rounded to ten digits."""
    return (
        Column("estimate", "double", f"{formula}; NULL where a group is empty.", unit, formula=formula),
        Column("standard_error", "double", "Standard error of the estimate; NULL with a reason.", unit, formula=error),
        Column(
            "degrees_of_freedom",
            "double",
            "Degrees of freedom of the t distribution.",
            minimum=1,
            formula="Satterthwaite's of the variances of means; where customers are clusters, of their squared "
            "influences: (sum of squares)^2 / sum of squares^2",
        ),
        Column(
            "confidence_low",
            "double",
            "Lower end of the 95 % confidence interval.",
            unit,
            formula="estimate - t(0.975, degrees_of_freedom) * standard_error",
        ),
        Column(
            "confidence_high",
            "double",
            "Upper end of the 95 % confidence interval.",
            unit,
            formula="estimate + t(0.975, degrees_of_freedom) * standard_error",
        ),
        Column(
            "p_value",
            "double",
            "Probability of an estimate as far from 0 without effect.",
            minimum=0,
            maximum=1,
            formula="2 * P(T > |estimate| / standard_error), T of Student's t with degrees_of_freedom",
        ),
    )


NET_IS_GROSS_LESS_DISCOUNT_AND_REFUND = Check(
    name="net_is_gross_less_discount_and_refund",
    expression="net_amount = gross_amount - discount_amount - refund_amount",
    description="net_amount is gross_amount less discount_amount and refund_amount",
)
