"""What Marketing reads of other products' output ports: their published versions, and of these no more than this."""

from medallion.contracts import Column
from medallion.product_input import ProductInput

CUSTOMERS = ProductInput(
    product="sales_crm",
    table="customers",
    columns=(
        Column("id", "integer", "The customer.", pii="customer id"),
        Column("first_name", "varchar(50)", "First name.", pii="name"),
        Column("last_name", "varchar(50)", "Last name.", pii="name"),
        Column("email", "varchar(100)", "E-mail address.", pii="e-mail address"),
        Column("signup_date", "timestamp", "When the account was created."),
    ),
)
ORDERS = ProductInput(
    product="sales_erp",
    table="orders",
    columns=(
        Column("order_id", "integer", "The order."),
        Column("customer_id", "integer", "Customer who ordered.", pii="customer id"),
        Column("order_date", "timestamp", "When the order was placed."),
        Column("total_amount", "decimal(10,2)", "Total value of the order.", "currency"),
    ),
)
SHIPMENTS = ProductInput(
    product="logistics_wms",
    table="shipments",
    columns=(
        Column("shipment_id", "integer", "The shipment."),
        Column("order_ref", "integer", "Order that is shipped."),
        Column("shipped_date", "timestamp", "When it was shipped."),
        Column("delivery_status", "varchar(20)", "Where the delivery stands."),
    ),
)
INPUTS = (CUSTOMERS, ORDERS, SHIPMENTS)
