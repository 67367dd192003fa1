"""The card payments data product: what comes in, which tables are built in which order, and what must hold."""

from __future__ import annotations

from medallion.data_product import DataProduct, Key, Step
from medallion.products.card_payments.gold import (
    amount_by_typology_country,
    device_type_share,
    product_ranking,
    store_activation,
    store_activation_summary,
    store_ranking,
)
from medallion.products.card_payments.governance import GOVERNANCE
from medallion.products.card_payments.invariants import RECONCILIATIONS
from medallion.products.card_payments.probes import PROBES
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.products.card_payments.silver import (
    device_days,
    devices,
    first_transactions,
    product_days,
    store_days,
    stores,
    transactions,
)
from medallion.products.card_payments.sources import SOURCES

PRODUCT = DataProduct(
    name="card_payments",
    title="Card payments in stores",
    description="Card transactions on the devices of stores: which stores, products and kinds of device take how much, "
    "and how soon a store gets going. No file names a currency: amounts are added as they are, in the unit delivered.",
    sources=SOURCES,
    steps=(
        # A device may move to another store and a store may come after its devices: both are few, and built whole.
        Step(table=stores.TABLE, build=stores.build),
        Step(table=devices.TABLE, build=devices.build),
        Step(table=transactions.TABLE, build=transactions.build, key="transaction_id"),
        Step(table=device_days.TABLE, build=device_days.build, key="happened_date"),
        Step(table=product_days.TABLE, build=product_days.build, key="happened_date"),
        Step(table=first_transactions.TABLE, build=first_transactions.build, key="happened_date"),
        Step(table=store_days.TABLE, build=store_days.build),
        Step(table=store_ranking.TABLE, build=store_ranking.build),
        Step(table=product_ranking.TABLE, build=product_ranking.build),
        Step(table=amount_by_typology_country.TABLE, build=amount_by_typology_country.build),
        Step(table=device_type_share.TABLE, build=device_type_share.build),
        Step(table=store_activation.TABLE, build=store_activation.build),
        Step(table=store_activation_summary.TABLE, build=store_activation_summary.build),
    ),
    keys=(
        Key("transaction_id", of=("bronze_transactions",)),
        Key("happened_date", of=("transactions",)),
    ),
    rules=CardPaymentsRules,
    as_of=("transactions", "happened_date"),
    reconciliations=RECONCILIATIONS,
    probes=PROBES,
    governance=GOVERNANCE,
)
