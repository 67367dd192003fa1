"""Customers as the CRM has them: its table, typed; a row that is gone there is gone here."""

from __future__ import annotations

from medallion import parsing
from medallion.contracts import Column, Layer, Table
from medallion.data_source import Source, SourceTable
from medallion.dispositions import newest_not_deleted
from medallion.lineage import RAW_TEXT, REASONS
from medallion.spark import DataFrame, F

ID = Column("id", "integer", "Unique identifier for the customer.", nullable=False, pii="customer id")
FIRST_NAME = Column("first_name", "varchar(50)", "Customer's first name.", pii="name")
LAST_NAME = Column("last_name", "varchar(50)", "Customer's last name.", pii="name")
EMAIL = Column("email", "varchar(100)", "Customer's email address.", pii="e-mail address")
SIGNUP_DATE = Column("signup_date", "timestamp", "When the customer created their account.", nullable=False)

SOURCE = Source(
    name="crm_customers",
    table=SourceTable(schema="sources", name="crm_customers", key=("id",)),
    description="One row a customer of the CRM system.",
    columns=(ID, FIRST_NAME, LAST_NAME, EMAIL, SIGNUP_DATE),
)

TABLE = Table(
    name="crm_customers",
    layer=Layer.SILVER,
    source=SOURCE.name,
    grain=("id",),
    description="One row a customer that the CRM has, as it was last read.",
    columns=(
        ID,
        FIRST_NAME,
        LAST_NAME,
        EMAIL,
        SIGNUP_DATE,
        Column("signup_day", "date", "Day of signup_date.", nullable=False),
    ),
    distribution="id",
)


def build(bronze_crm_customers: DataFrame) -> DataFrame:
    """Every pulled customer, each with its disposition. Accepted rows have grain id."""
    names = SOURCE.column_names
    values = {
        "id": parsing.whole_number(F.col("raw_id"), "integer"),
        "signup_date": parsing.timestamp_utc(F.col("raw_signup_date")),
    }
    typed = parsing.pulled(bronze_crm_customers, names, values).withColumn(
        "signup_day", F.col("signup_date").cast("date")
    )
    reasons = [
        parsing.number_reason("id"),
        F.when(F.col("signup_date").isNull(), F.lit("invalid_signup_date")),
        *parsing.too_long(TABLE, "first_name", "last_name", "email"),
    ]
    explained = typed.withColumns({REASONS: parsing.joined(reasons), RAW_TEXT: parsing.raw_text(names)})
    return TABLE.conform_delivered(newest_not_deleted(explained, "id"))
