"""Columns that several tables share, each defined once: the same quantity has the same name and meaning everywhere."""

from __future__ import annotations

from medallion.arithmetic import MONEY
from medallion.contracts import Column

STATUSES = ("accepted", "refused", "cancelled")

AS_OF = Column("as_of", "date", "Day the figures are as of: transactions up to it count.", nullable=False)
STORE_ID = Column("store_id", "varchar(64)", "The store.", nullable=False)
STORE_NAME = Column("store_name", "varchar(255)", "Name of the store.")
CUSTOMER_ID = Column("customer_id", "varchar(64)", "Customer that the store belongs to.", pii="customer id")
TYPOLOGY = Column("typology", "varchar(64)", "Kind of business; `(unknown)` if the store names none.", nullable=False)
COUNTRY = Column("country", "varchar(100)", "Country; `(unknown)` where the store names none.", nullable=False)
DEVICE_ID = Column("device_id", "varchar(64)", "The device.", nullable=False)
DEVICE_TYPE = Column(
    "device_type", "varchar(64)", "Kind of device; `(unknown)` where the device names none.", nullable=False
)
PRODUCT_SKU = Column(
    "product_sku", "varchar(64)", "Code of the product; `(unknown)` where transactions name none.", nullable=False
)
STATUS = Column("status", "varchar(16)", "What became of the transactions.", nullable=False, accepted=STATUSES)
HAPPENED_DATE = Column("happened_date", "date", "Day of happened_at.", nullable=False)

TRANSACTION_COUNT = Column(
    "transaction_count", "bigint", "Transactions.", "count", False, minimum=1, formula="count(transactions)"
)
TRANSACTED_AMOUNT = Column(
    "transacted_amount",
    MONEY,
    "Sum of the amounts, as delivered: no currency is said.",
    "currency",
    False,
    formula="sum(amount)",
)
