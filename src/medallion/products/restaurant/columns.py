"""Columns that several tables share, each defined once: the same quantity has the same name and meaning everywhere."""

from __future__ import annotations

from medallion.arithmetic import MONEY
from medallion.checks import Check
from medallion.contracts import Column

AS_OF = Column("as_of", "date", "Day the figures are as of: only orders up to it count.", nullable=False)
USER_ID = Column("user_id", "varchar(255)", "The customer.", nullable=False, pii="customer id")
CURRENCY = Column("currency", "varchar(3)", "ISO 4217 code of all amounts of the row.", nullable=False)
RESTAURANT_ID = Column("restaurant_id", "varchar(255)", "The location; NULL where the orders name none.")
ITEM_CATEGORY = Column(
    "item_category", "varchar(50)", "Menu category; `(unknown)` where lines name none.", nullable=False
)
ITEM_NAME = Column("item_name", "varchar(255)", "Name of the item; `(unknown)` where lines name none.", nullable=False)

ORDER_DATE = Column("order_date", "date", "Day of the orders, in rule business_timezone.", nullable=False)
HOUR = Column("hour", "smallint", "Hour of the day in rule business_timezone.", nullable=False, minimum=0, maximum=23)
FIRST_ORDER_DATE = Column("first_order_date", "date", "Day of the first order.", nullable=False)
LAST_ORDER_DATE = Column("last_order_date", "date", "Day of the newest order.", nullable=False)

ORDER_COUNT = Column("order_count", "bigint", "Orders.", "count", False, minimum=0)
LOYALTY_ORDER_COUNT = Column(
    "loyalty_order_count", "bigint", "Orders in the loyalty programme.", "count", False, minimum=0
)
DISCOUNTED_ORDER_COUNT = Column(
    "discounted_order_count", "bigint", "Orders with a discount_amount above 0.", "count", False, minimum=0
)
CUSTOMER_COUNT = Column("customer_count", "bigint", "Distinct customers; guests are not among them.", "count", False)
ITEM_QUANTITY = Column("item_quantity", "bigint", "Units ordered.", "count", False)

GROSS_AMOUNT = Column("gross_amount", MONEY, "Positive item and option amounts.", "currency", False, minimum=0)
DISCOUNT_AMOUNT = Column(
    "discount_amount", MONEY, "Negative option amounts, as a positive number.", "currency", False, minimum=0
)
REFUND_AMOUNT = Column(
    "refund_amount", MONEY, "Negative item amounts, as a positive number.", "currency", False, minimum=0
)
NET_AMOUNT = Column("net_amount", MONEY, "Gross less discounts and refunds.", "currency", False)
AMOUNTS = (GROSS_AMOUNT, DISCOUNT_AMOUNT, REFUND_AMOUNT, NET_AMOUNT)
AVERAGE_ORDER_VALUE = Column(
    "average_order_value", "double", "net_amount / order_count; NULL without orders.", "currency"
)

NET_IS_GROSS_LESS_DISCOUNT_AND_REFUND = Check(
    name="net_is_gross_less_discount_and_refund",
    expression="net_amount = gross_amount - discount_amount - refund_amount",
    description="net_amount is gross_amount less discount_amount and refund_amount",
)
