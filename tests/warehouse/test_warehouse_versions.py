"""The way back to an earlier version of the marts, and which versions are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from shop import CUSTOMERS, DAYS, PRODUCT, SALES

from medallion.contracts import Column
from medallion.errors import UsageError
from medallion.warehouse import control
from medallion.warehouse.kept_versions import kept_versions
from medallion.warehouse.versions import Staged, prune, publish_gold, rollback


@pytest.fixture
def roll_back(warehouse, publication):
    """Restores a version in a transaction of its own."""

    def restore(number):
        with warehouse.write() as session:
            return rollback(session, PRODUCT, number, replace(publication, run_id="rollback"))

    return restore


def versions_kept(warehouse):
    with warehouse.read() as session:
        return sorted({row.version for row in control.versions(session, "shop")})


def test_a_rollback_shows_the_earlier_version_as_a_new_one(publish_sales, roll_back, read):
    (first,) = publish_sales("1")
    publish_sales("2")
    (restored,) = roll_back(1)
    assert restored == replace(first, version=3, run_id="rollback")
    assert read("SELECT net_amount FROM shop.sales") == [(Decimal("1.00"),)]


def test_a_rollback_restores_all_marts_as_they_were_together(publish_marts, roll_back, read):
    day = date(2025, 1, 1)
    publish_marts((SALES, [("EUR", Decimal(1))]), (DAYS, [(day, Decimal(1))]), (CUSTOMERS, [("a",)]))
    publish_marts((SALES, [("EUR", Decimal(2))]), (DAYS, [(day, Decimal(2))]))
    publish_marts((SALES, [("EUR", Decimal(3))]), (CUSTOMERS, [("c",)]))
    roll_back(2)
    assert read("SELECT s.net_amount, d.net_amount, user_id FROM shop.sales s, shop.days d, shop.customers") == [
        (Decimal("2.00"), Decimal("2.00"), "a")
    ]


def test_a_rollback_can_be_rolled_back(publish_sales, roll_back, read):
    publish_sales("1")
    publish_sales("2")
    roll_back(1)
    roll_back(2)
    assert read("SELECT net_amount FROM shop.sales") == [(Decimal("2.00"),)]


def test_a_rollback_that_fails_changes_nothing(warehouse, publish_sales, publication, read):
    publish_sales("1")
    publish_sales("2")

    def fail_after_it():
        with warehouse.write() as session:
            rollback(session, PRODUCT, 1, publication)
            raise RuntimeError("after the rollback")

    with pytest.raises(RuntimeError, match="after the rollback"):
        fail_after_it()

    assert read("SELECT net_amount FROM shop.sales") == [(Decimal("2.00"),)]
    assert versions_kept(warehouse) == [1, 2]


def test_what_a_rollback_points_to_outlives_later_publishes(publish_sales, roll_back, read, physical_tables):
    publish_sales("1")
    publish_sales("2")
    roll_back(1)
    publish_sales("4", keep=2)
    assert physical_tables() == ["sales__000001", "sales__000004"]


def test_a_version_that_is_not_kept_cannot_be_restored(publish_sales, roll_back):
    for amount in ("1", "2", "3"):
        publish_sales(amount, keep=2)
    with pytest.raises(UsageError, match=r"shop: version 1 is not kept \(kept: 2, 3\)"):
        roll_back(1)


def test_a_column_that_a_mart_gained_is_missing_again_after_a_rollback(warehouse, publish_sales, stage, publication):
    publish_sales("1")
    wider = replace(SALES, columns=(*SALES.columns, Column("order_count", "bigint", "Orders.")))
    product = replace(PRODUCT, steps=tuple(replace(s, table=wider) for s in PRODUCT.steps if s.table is SALES))
    files = stage(wider, ("EUR", Decimal(2), 5))
    with warehouse.write() as session:
        publish_gold(session, product, [Staged(table=wider, files=files)], publication)
        assert session.rows("SELECT * FROM shop.sales") == [("EUR", Decimal("2.00"), 5)]
        rollback(session, product, 1, publication)
        assert session.rows("SELECT * FROM shop.sales") == [("EUR", Decimal("1.00"))]


def test_only_the_newest_versions_are_kept(warehouse, publish_sales, physical_tables):
    for amount in ("1", "2", "3"):
        publish_sales(amount, keep=2)
    assert versions_kept(warehouse) == [2, 3]
    assert physical_tables() == ["sales__000002", "sales__000003"]


def test_pruning_returns_the_tables_that_it_drops(warehouse, publish_sales, physical_tables):
    for amount in ("1", "2", "3"):
        publish_sales(amount)
    with warehouse.write() as session:
        dropped = prune(session, PRODUCT, keep=1)
    assert dropped == ["shop_versions.sales__000001", "shop_versions.sales__000002"]
    assert physical_tables() == ["sales__000003"]


def test_the_version_that_readers_see_is_kept_even_when_none_is_asked_for(warehouse, publish_sales, read):
    publish_sales("1")
    publish_sales("2")
    with warehouse.write() as session:
        prune(session, PRODUCT, keep=0)
    assert versions_kept(warehouse) == [2]
    assert read("SELECT net_amount FROM shop.sales") == [(Decimal("2.00"),)]


def test_pruning_again_drops_nothing(warehouse, publish_sales):
    publish_sales("1")
    with warehouse.write() as session:
        assert prune(session, PRODUCT, keep=1) == []


def test_a_table_that_a_kept_version_still_shows_is_not_dropped(publish_marts, publish_sales, read, physical_tables):
    publish_marts((CUSTOMERS, [("a",)]))
    for amount in ("2", "3", "4"):
        publish_sales(amount, keep=2)
    assert physical_tables() == ["customers__000001", "sales__000003", "sales__000004"]
    assert read("SELECT user_id FROM shop.customers") == [("a",)]


def test_versions_of_other_products_are_left_alone(warehouse, publish_sales, stage, publication, read):
    bank = replace(PRODUCT, name="bank")
    with warehouse.write() as session:
        publish_gold(session, bank, [Staged(table=SALES, files=stage(SALES, ("CHF", Decimal(5))))], publication)
    for amount in ("1", "2"):
        publish_sales(amount, keep=1)
    assert read("SELECT b.net_amount, s.net_amount FROM bank.sales b, shop.sales s") == [
        (Decimal("5.00"), Decimal("2.00"))
    ]


WITHOUT_CUSTOMERS = replace(PRODUCT, steps=tuple(step for step in PRODUCT.steps if step.table is not CUSTOMERS))


@pytest.fixture
def removed(warehouse, publish_marts, stage, publication):
    """Version 1 has customers; versions 2 and 3 were published by a product without them."""
    publish_marts((SALES, [("EUR", Decimal(1))]), (CUSTOMERS, [("a",)]))
    for amount in (2, 3):
        files = stage(SALES, ("EUR", Decimal(amount)))
        with warehouse.write() as session:
            publish_gold(session, WITHOUT_CUSTOMERS, [Staged(table=SALES, files=files)], publication)


@pytest.mark.usefixtures("removed")
@pytest.mark.parametrize("version", [1, 2])
def test_a_rollback_leaves_out_a_mart_that_the_product_has_no_more(warehouse, publication, read, version):
    with warehouse.write() as session:
        (restored,) = rollback(session, WITHOUT_CUSTOMERS, version, publication)
    assert (restored.table_name, restored.version) == ("sales", 4)
    assert read("SELECT net_amount, user_id FROM shop.sales, shop.customers") == [(Decimal(version), "a")]


@pytest.fixture
def ended(warehouse, removed, stage, publication):
    """Publishes version 4, with which the mart that the product has no more ends."""
    files = stage(SALES, ("EUR", Decimal(4)))

    def publish(keep=9):
        with warehouse.write() as session:
            staged = [Staged(table=SALES, files=files)]
            publish_gold(session, WITHOUT_CUSTOMERS, staged, publication, keep, ends_removed=True)

    return publish


def shown(warehouse):
    with warehouse.read() as session:
        there = control.relations(session)
        return sorted(control.newest_versions(session, "shop")), "shop.customers" in there


def test_a_mart_that_the_product_has_no_more_ends_with_its_view_gone(warehouse, ended, physical_tables):
    assert shown(warehouse) == (["customers", "sales"], True)
    ended()
    assert shown(warehouse) == (["sales"], False)
    assert "customers__000001" in physical_tables()
    with warehouse.read() as session:
        newest, *_, oldest = kept_versions(session, "shop")
    assert (set(newest.tables), set(oldest.tables)) == ({"sales"}, {"sales", "customers"})


def test_a_mart_that_ended_is_back_after_a_rollback_once_the_product_has_it_again(warehouse, ended, publication, read):
    ended()
    with warehouse.write() as session:
        rollback(session, WITHOUT_CUSTOMERS, 1, publication)
    assert shown(warehouse) == (["sales"], False)
    with warehouse.write() as session:
        rollback(session, PRODUCT, 1, publication)
    assert read("SELECT user_id FROM shop.customers") == [("a",)]


@pytest.mark.parametrize("keep", [1, 2])
def test_the_tables_of_a_mart_that_ended_are_pruned_with_the_versions_that_had_it(
    warehouse, ended, physical_tables, keep
):
    ended()
    with warehouse.write() as session:
        prune(session, WITHOUT_CUSTOMERS, keep)
        assert [one.number for one in kept_versions(session, "shop")] == [4, 3][:keep]
    kept = ["customers__000001"] if keep == 2 else []
    assert physical_tables() == [*kept, *[f"sales__00000{number}" for number in (3, 4)][-keep:]]
    assert shown(warehouse) == (["sales"], False)


@pytest.mark.usefixtures("removed")
def test_a_version_of_removed_marts_alone_is_refused(warehouse, publication):
    product = replace(PRODUCT, steps=tuple(step for step in PRODUCT.steps if step.table is DAYS))
    with warehouse.write() as session, pytest.raises(UsageError, match="version 2 has no mart that the product still"):
        rollback(session, product, 2, publication)
