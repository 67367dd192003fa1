"""The sources, tables and columns that the card payments product is known by."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from medallion.catalog import product
from medallion.contracts import PiiAction
from medallion.products.card_payments.rules import CardPaymentsRules

PAYMENTS = product("card_payments")
HEADERS = {
    "devices": "id type store_id",
    "stores": "id name address city country created_at typology customer_id",
    "transactions": "id device_id product_name product_sku product_name amount status card_number cvv created_at "
    "happened_at",
}
GRAIN = {
    "devices": "device_id",
    "stores": "store_id",
    "transactions": "transaction_id",
    "store_ranking": "store_id",
    "product_ranking": "product_sku",
    "amount_by_typology_country": "typology country",
    "device_type_share": "device_type",
    "store_activation": "store_id",
    "store_activation_summary": "scope",
}
CORE = {
    "store_ranking": "store_id store_name typology country customer_id transaction_count transacted_amount amount_rank",
    "product_ranking": "product_sku product_name_count transaction_count transacted_amount count_rank",
    "amount_by_typology_country": "typology country transaction_count transacted_amount average_transacted_amount",
    "device_type_share": "device_type transaction_count transaction_share",
    "store_activation": "store_id customer_id typology country first_transaction_at fifth_transaction_at "
    "days_to_five_transactions",
    "store_activation_summary": "scope store_count activated_store_count average_days_to_five_transactions "
    "median_days_to_five_transactions",
}


@pytest.mark.parametrize("source", HEADERS)
def test_a_source_has_the_header_of_its_files(source: str) -> None:
    assert [column.delivered_name for column in PAYMENTS.source(source).columns] == HEADERS[source].split()


@pytest.mark.parametrize("table", GRAIN)
def test_a_table_has_the_grain_it_is_known_by(table: str) -> None:
    assert PAYMENTS.step(table).table.grain == tuple(GRAIN[table].split())


@pytest.mark.parametrize("table", CORE)
def test_a_mart_has_the_columns_it_is_known_by_and_says_as_of_when(table: str) -> None:
    assert {*CORE[table].split(), "as_of"} <= set(PAYMENTS.step(table).table.column_names)


def test_no_table_has_a_card_verification_value_or_more_of_a_card_than_four_digits() -> None:
    transactions = PAYMENTS.source("transactions")

    assert {column.name: column.pii_action for column in transactions.columns if column.pii_action} == {
        "card_number": PiiAction.LAST4,
        "cvv": PiiAction.DROP,
    }
    assert "cvv" not in transactions.bronze.column_names
    cards = [c for step in PAYMENTS.steps for c in step.table.columns if c.pii == "card number"]
    assert [(column.name, column.type) for column in cards] == [("card_last4", "varchar(4)")]


def test_money_is_exact() -> None:
    amounts = [column for step in PAYMENTS.steps for column in step.table.columns if column.name.endswith("amount")]

    assert {column.type for column in amounts if not column.name.startswith("average_")} == {"decimal(18,2)"}


def test_accepted_transactions_count_and_all_make_a_store_active_unless_somebody_wants_it_otherwise() -> None:
    rules = CardPaymentsRules()

    assert rules.counted_statuses == ("accepted",)
    assert rules.activation_statuses == ("accepted", "refused", "cancelled")
    assert (rules.stripped_sku_prefixes, rules.sku_aliases) == (("v",), {})


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"counted_statuses": ()}, "no status is left"),
        ({"activation_statuses": ("pending",)}, "Input should be 'accepted', 'refused' or 'cancelled'"),
        ({"stripped_sku_prefixes": ("3",)}, "a prefix must be letters"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(given: dict[str, tuple[str, ...]], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        CardPaymentsRules(**given)
