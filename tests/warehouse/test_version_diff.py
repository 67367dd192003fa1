"""What two versions of a mart differ in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from medallion.contracts import Column, Layer, Table
from medallion.errors import UsageError
from medallion.warehouse.version_diff import compare_versions

SPENDING = Table(
    name="spending",
    layer=Layer.GOLD,
    grain=("user_id", "currency"),
    description="Spending of a customer in a currency; guests have no user_id.",
    columns=(
        Column("user_id", "varchar(32)", "Customer."),
        Column("currency", "varchar(3)", "ISO 4217 code."),
        Column("net_amount", "decimal(18,2)", "Spent.", unit="currency"),
        Column("refund_rate", "double", "Refunded over spent.", unit="rate"),
        Column("is_member", "boolean", "Whether in the programme."),
        Column("as_of", "date", "Seen from."),
    ),
)
JAN, FEB = date(2025, 1, 31), date(2025, 2, 28)
ANN = ("ann", "EUR", Decimal("10.00"), 0.5, True, JAN)
BEN = ("ben", "EUR", Decimal("20.00"), 0.1, False, JAN)
GUEST = (None, "EUR", Decimal("5.00"), None, None, JAN)


@pytest.fixture
def diff(warehouse, publish_marts):
    """Publishes two versions of a mart and compares them; the second may have another contract."""

    def compare(old_rows, new_rows, old_table=SPENDING, new_table=SPENDING, table=SPENDING):
        (old,) = publish_marts((old_table, old_rows))
        (new,) = publish_marts((new_table, new_rows))
        with warehouse.read() as session:
            return compare_versions(session, table, old, new)

    return compare


def with_values(row, **values):
    return tuple(values.get(name, value) for name, value in zip(SPENDING.column_names, row, strict=True))


def counts(found):
    return found.added, found.removed, found.changed, found.unchanged


def test_rows_are_added_removed_changed_or_unchanged(diff):
    old = [ANN, BEN, ("cyd", *ANN[1:]), ("dan", *ANN[1:])]
    new = [with_values(ANN, net_amount=Decimal("11.00")), BEN, ("dan", *ANN[1:]), ("eve", *ANN[1:]), ("fay", *ANN[1:])]

    assert counts(diff(old, new)) == (2, 1, 1, 2)


def test_versions_with_the_same_rows_have_no_difference(diff):
    found = diff([ANN, GUEST], [GUEST, ANN])

    assert (counts(found), found.changed_columns, found.examples) == ((0, 0, 0, 2), {}, ())


def test_a_missing_key_is_a_key_like_any_other(diff):
    found = diff([ANN, GUEST], [ANN, with_values(GUEST, net_amount=Decimal("6.00"))])

    assert counts(found) == (0, 0, 1, 1)
    (row,) = found.examples
    assert row.key == {"user_id": None, "currency": "EUR"}
    assert row.changes == {"net_amount": (Decimal("5.00"), Decimal("6.00"))}


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [
        ("net_amount", Decimal("10.00"), Decimal("10.01")),
        ("net_amount", Decimal("10.00"), None),
        ("net_amount", None, Decimal("0.00")),
        ("refund_rate", 0.5, 0.500001),
        ("refund_rate", None, 0.0),
        ("refund_rate", 0.5, float("nan")),
        ("refund_rate", float("-inf"), float("inf")),
        ("is_member", True, False),
        ("is_member", None, False),
    ],
)
def test_every_kind_of_change_is_seen_and_shown_as_it_was_and_is(diff, column, old, new):
    found = diff([with_values(ANN, **{column: old})], [with_values(ANN, **{column: new})])

    assert (counts(found), found.changed_columns) == ((0, 0, 1, 0), {column: 1})
    assert repr(found.examples[0].changes) == repr({column: (old, new)})


@pytest.mark.parametrize("rate", [0.1 + 0.2, 0.3 * (1 - 9e-10)])
def test_doubles_that_differ_by_rounding_count_as_unchanged(diff, rate):
    found = diff([with_values(ANN, refund_rate=0.3), BEN], [with_values(ANN, refund_rate=rate), BEN])

    assert (counts(found), found.rounded, found.changed_columns) == ((0, 0, 0, 2), 1, {})


def test_a_later_date_alone_changes_no_row(diff):
    found = diff([ANN], [with_values(ANN, as_of=FEB)])

    assert counts(found) == (0, 0, 0, 1)


def test_a_column_counts_the_rows_it_changed_in(diff):
    old = [ANN, BEN, GUEST]
    new = [
        with_values(ANN, net_amount=Decimal("1.00"), is_member=False),
        with_values(BEN, net_amount=Decimal("2.00")),
        GUEST,
    ]

    assert diff(old, new).changed_columns == {"net_amount": 2, "is_member": 1}


def test_the_first_changed_rows_are_examples(diff):
    old = [(f"user-{i}", *ANN[1:]) for i in range(9)]
    new = [with_values(row, net_amount=Decimal("0.00")) for row in old]

    assert [row.key["user_id"] for row in diff(old, new).examples] == [f"user-{i}" for i in range(5)]


def test_money_is_summed_by_currency_over_rows_that_came_and_went(diff):
    old = [ANN, BEN, ("ann", "USD", Decimal("7.00"), None, None, JAN)]
    new = [ANN, ("cyd", "EUR", Decimal("0.10"), None, None, JAN), ("cyd", None, Decimal("3.00"), None, None, JAN)]

    # EUR 10 + 20 = 30 and 10 + 0.10 = 10.10; USD 7 and none; without a currency none and 3
    assert [(one.column, one.currency, one.old, one.new, one.difference) for one in diff(old, new).money] == [
        ("net_amount", "EUR", Decimal("30.00"), Decimal("10.10"), Decimal("-19.90")),
        ("net_amount", "USD", Decimal("7.00"), Decimal(0), Decimal("-7.00")),
        ("net_amount", None, Decimal(0), Decimal("3.00"), Decimal("3.00")),
    ]


def test_money_of_a_mart_without_currencies_is_one_sum(diff):
    table = Table(
        name="days",
        layer=Layer.GOLD,
        grain=("order_date",),
        description="Days.",
        columns=(Column("order_date", "date", "Day."), SPENDING.column("net_amount")),
    )
    found = diff([(JAN, Decimal("1.50")), (FEB, Decimal("2.00"))], [], table, table, table)

    assert [(one.currency, one.old, one.new) for one in found.money] == [(None, Decimal("3.50"), Decimal(0))]


def test_a_mart_that_is_all_key_has_rows_that_come_and_go(diff):
    table = replace(SPENDING, columns=SPENDING.columns[:2])

    assert counts(diff([("a", "EUR"), ("b", "EUR")], [("b", "EUR"), ("c", "EUR")], table, table, table)) == (1, 1, 0, 1)


def test_columns_of_one_version_only_are_named_and_change_no_row(diff):
    older = replace(SPENDING, columns=tuple(c for c in SPENDING.columns if c.name != "refund_rate"))
    newer = replace(SPENDING, columns=tuple(c for c in SPENDING.columns if c.name != "is_member"))

    found = diff([(*ANN[:3], True, JAN)], [(*ANN[:4], JAN)], older, newer)

    assert (found.only_old, found.only_new, counts(found)) == (("is_member",), ("refund_rate",), (0, 0, 0, 1))


def test_a_wider_decimal_is_compared_and_another_kind_of_value_is_named(diff):
    types = {"net_amount": "decimal(20,3)", "is_member": "varchar(5)"}
    columns = tuple(replace(column, type=types.get(column.name, column.type)) for column in SPENDING.columns)

    found = diff([ANN], [with_values(ANN, net_amount=Decimal("10.000"), is_member="yes")], new_table=replace(
        SPENDING, columns=columns
    ))  # fmt: skip

    assert [name for name, _, _ in found.retyped] == ["is_member"]
    assert counts(found) == (0, 0, 0, 1)


def test_versions_of_another_grain_cannot_be_compared(diff):
    older = replace(SPENDING, grain=("user_id",), columns=tuple(c for c in SPENDING.columns if c.name != "currency"))

    with pytest.raises(UsageError, match=r"^spending: versions 1 and 2 have no common key 'currency', "):
        diff([(ANN[0], *ANN[2:])], [ANN], older)
