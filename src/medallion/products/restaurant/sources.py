"""The three kinds of delivered files. Columns are text here; silver gives them types (seed 003's own column list)."""

from medallion.contracts import TEXT, Column
from medallion.data_product import Source

ORDER_ITEMS = Source(
    name="order_items",
    file_pattern="order_items*.csv",
    description="One record a line of an order.",
    columns=(
        Column("app_name", TEXT, "App or brand the order was placed in."),
        Column("restaurant_id", TEXT, "Location that took the order."),
        Column("creation_time_utc", TEXT, "When the line was created, ISO 8601, UTC."),
        Column("order_id", TEXT, "Order the line belongs to."),
        Column("user_id", TEXT, "Customer; empty for guests.", pii="customer id"),
        Column("printed_card_number", TEXT, "Card number as printed, mostly masked.", pii="card number"),
        Column("is_loyalty", TEXT, "Whether the order was placed in the loyalty programme."),
        Column("currency", TEXT, "ISO 4217 code of all amounts of the line."),
        Column("lineitem_id", TEXT, "Line within the order."),
        Column("item_category", TEXT, "Menu category of the item."),
        Column("item_name", TEXT, "Name of the item on the menu."),
        Column("item_price", TEXT, "Price; of a unit or of the line, see rule item_price_semantics."),
        Column("item_quantity", TEXT, "Number of units."),
    ),
)

ORDER_ITEM_OPTIONS = Source(
    name="order_item_options",
    file_pattern="order_item_options*.csv",
    description="One record an option chosen for a line.",
    columns=(
        Column("order_id", TEXT, "Order of the line."),
        Column("lineitem_id", TEXT, "Line the option belongs to."),
        Column("option_group_name", TEXT, "Group the option was offered in."),
        Column("option_name", TEXT, "Name of the option."),
        Column("option_price", TEXT, "Price of the option; negative is a discount."),
        Column("option_quantity", TEXT, "Number of times the option was chosen."),
    ),
    set_columns=("order_id", "lineitem_id"),
)

DATE_DIM = Source(
    name="date_dim",
    file_pattern="date_dim*.csv",
    description="One record a calendar day.",
    columns=(
        Column("date_key", TEXT, "The day, DD-MM-YYYY or YYYY-MM-DD."),
        Column("year", TEXT, "Calendar year."),
        Column("month", TEXT, "Calendar month, 1–12."),
        Column("week", TEXT, "ISO week number."),
        Column("day_of_week", TEXT, "English name of the weekday."),
        Column("is_weekend", TEXT, "Whether it is a Saturday or Sunday."),
        Column("is_holiday", TEXT, "Whether it is a holiday."),
        Column("holiday_name", TEXT, "Name of the holiday; empty on other days."),
    ),
)

SOURCES = (ORDER_ITEMS, ORDER_ITEM_OPTIONS, DATE_DIM)
