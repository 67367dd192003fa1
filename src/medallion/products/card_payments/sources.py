"""The three kinds of delivered files (seed 004). Columns are text here; silver gives them types.

Each file calls its key `id`; here a key has the name that other files refer to it by.
"""

from medallion.contracts import TEXT, Column, PiiAction
from medallion.data_product import Source

# Digits in groups, lossy scientific notation (6.33482E+15), already masked, or no digit at all. Three digits are a CVV.
_CARD_NUMBER = r"[0-9][0-9 .-]{10,}[0-9]|[0-9]\.[0-9]+E\+[0-9]+|[*xX. -]*[0-9]{4}|[^0-9]*"
# At most four digits, and no date or time: those mean that the record's fields have slipped.
_CVV = "[^0-9/:]*([0-9][^0-9/:]*){0,4}"
_SKU = "[A-Za-z]?[0-9]{12,14}"  # product codes are as long as card numbers

DEVICES = Source(
    name="devices",
    file_pattern="devices*.csv",
    description="One record a card reader.",
    columns=(
        Column("device_id", TEXT, "The device.", header="id"),
        Column("device_type", TEXT, "Kind of device, a number in the seed.", header="type"),
        Column("store_id", TEXT, "Store that the device is in."),
    ),
    keeps_malformed_text=False,  # a transaction may have got into the wrong file
)

STORES = Source(
    name="stores",
    file_pattern="stores*.csv",
    description="One record a store.",
    columns=(
        Column("store_id", TEXT, "The store.", header="id"),
        Column("store_name", TEXT, "Name of the store.", header="name"),
        Column("address", TEXT, "Street address."),
        Column("city", TEXT, "City."),
        Column("country", TEXT, "Country, as an English name."),
        Column("created_at", TEXT, "When the store was set up, MM/dd/yyyy h:mm:ss without AM or PM."),
        Column("typology", TEXT, "Kind of business: Florist, Hotel, …"),
        Column("customer_id", TEXT, "Customer that the store belongs to; one may have several.", pii="customer id"),
    ),
    keeps_malformed_text=False,
)

TRANSACTIONS = Source(
    name="transactions",
    file_pattern="transactions*.csv",
    description="One record a card transaction. The header names product_name twice: both columns are kept. Card "
    "verification values go no further than the gate, card numbers not beyond their last four digits.",
    columns=(
        Column("transaction_id", TEXT, "The transaction.", header="id"),
        Column("device_id", TEXT, "Device that took it."),
        Column("product_name", TEXT, "Name of the product, in the first of the two columns so called."),
        Column("product_sku", TEXT, "Code of the product; some have a prefix, see stripped_sku_prefixes.", shape=_SKU),
        Column("product_name_2", TEXT, "What the second column product_name says.", header="product_name"),
        Column("amount", TEXT, "Amount, whole numbers in the seed; no file says in which currency."),
        Column("status", TEXT, "accepted, refused or cancelled."),
        Column(
            "card_number",
            TEXT,
            "Card, of which four digits are kept.",
            pii="card number",
            pii_action=PiiAction.LAST4,
            shape=_CARD_NUMBER,
        ),
        Column("cvv", TEXT, "Card verification value.", pii="card code", pii_action=PiiAction.DROP, shape=_CVV),
        Column("created_at", TEXT, "When the record was made, MM/dd/yyyy h:mm:ss without AM or PM."),
        Column("happened_at", TEXT, "When the card was used, MM/dd/yyyy h:mm:ss without AM or PM."),
    ),
)

SOURCES = (STORES, DEVICES, TRANSACTIONS)
