"""Which versions are kept as a whole, and to which of them one can go back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from shop import CUSTOMERS, NOW, PRODUCT, SALES

from medallion.errors import UsageError
from medallion.warehouse.kept_versions import kept_version, kept_versions, rollback_target
from medallion.warehouse.records import Checkpoint, CheckpointStatus, replace_records
from medallion.warehouse.versions import Staged, prune, publish_gold, rollback

EUR_1, EUR_2 = [("EUR", Decimal(1))], [("EUR", Decimal(2)), ("USD", Decimal(2))]


@pytest.fixture
def kept(warehouse):
    def read():
        with warehouse.read() as session:
            return kept_versions(session, "shop")

    return read


@pytest.fixture
def go_back(warehouse, publication):
    def run(version):
        with warehouse.write() as session:
            rollback(session, PRODUCT, version, replace(publication, run_id="rollback-1"))

    return run


def numbers(kept):
    return [one.number for one in kept]


def test_where_nothing_was_published_nothing_is_kept(kept):
    assert kept() == []


def test_a_version_has_the_marts_it_was_published_with_and_those_that_stayed(publish_marts, kept):
    publish_marts((SALES, EUR_1), (CUSTOMERS, [("a",)]))
    publish_marts((SALES, EUR_2))

    newest, oldest = kept()
    assert (newest.number, newest.rebuilt, newest.row_count) == (2, ("sales",), 3)
    assert (oldest.number, oldest.rebuilt, oldest.row_count) == (1, ("customers", "sales"), 2)
    assert newest.tables["customers"] == oldest.tables["customers"]


def test_a_rollback_is_a_version_that_names_its_origin_and_built_nothing(publish_sales, go_back, kept, publication):
    publish_sales("1")
    publish_sales("2")
    go_back(1)

    current = kept()[0]
    assert (current.number, current.origin, current.is_rollback, current.rebuilt) == (3, 1, True, ())
    assert (current.run_id, current.as_of) == ("rollback-1", publication.as_of)


def test_the_origin_of_a_rollback_is_known_when_it_is_not_kept_any_more(warehouse, publish_sales, go_back, kept):
    publish_sales("1")
    publish_sales("2")
    go_back(1)
    with warehouse.write() as session:
        prune(session, PRODUCT, 1)

    assert [(one.number, one.origin) for one in kept()] == [(3, 1)]


def test_a_version_of_which_one_table_is_left_is_not_kept(publish_marts, publish_sales, kept):
    publish_marts((SALES, EUR_1), (CUSTOMERS, [("a",)]))
    for amount in ("2", "3", "4"):
        publish_sales(amount, keep=2)

    assert numbers(kept()) == [4, 3]


def test_a_version_from_before_a_mart_was_thought_of_is_kept(warehouse, publish_sales, stage, publication, kept):
    publish_sales("1")
    later = NOW + timedelta(days=1)
    with warehouse.write() as session:
        staged = [Staged(table=CUSTOMERS, files=stage(CUSTOMERS, ("a",)))]
        publish_gold(session, PRODUCT, staged, replace(publication, published_at=later))
        checkpoint = Checkpoint(
            run_id="run-2",
            product="shop",
            table_name="customers",
            layer="gold",
            status=CheckpointStatus.PUBLISHED,
            started_at=later,
            finished_at=later,
        )
        replace_records(session, [checkpoint])

    assert numbers(kept()) == [2, 1]


def test_without_a_number_one_goes_back_to_the_version_before(publish_sales, kept):
    for amount in ("1", "2", "3"):
        publish_sales(amount)

    assert rollback_target(kept(), "shop", None).number == 2


def test_going_back_twice_goes_back_further(publish_sales, go_back, kept):
    for amount in ("1", "2", "3"):
        publish_sales(amount)
    go_back(2)

    assert rollback_target(kept(), "shop", None).number == 1


def test_one_can_go_forward_again_by_number(publish_sales, go_back, kept):
    publish_sales("1")
    publish_sales("2")
    go_back(1)

    assert rollback_target(kept(), "shop", 2).number == 2


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (None, "shop: no version before version 3 (version 1 again) is kept, there is nothing to go back to;"
               " --to takes one of: 2"),
        (1, "shop: version 1 is what readers see already; choose one of: 2"),
        (3, "shop: version 3 is what readers see already; choose one of: 2"),
        (7, "shop: version 7 is not kept; choose one of: 1, 2, 3"),
    ],
)  # fmt: skip
def test_what_cannot_be_gone_back_to_is_refused(publish_sales, go_back, kept, number, line):
    publish_sales("1")
    publish_sales("2")
    go_back(1)

    with pytest.raises(UsageError) as refusal:
        rollback_target(kept(), "shop", number)
    assert str(refusal.value) == line


def test_the_only_version_cannot_be_gone_back_from(publish_sales, kept):
    publish_sales("1")

    with pytest.raises(UsageError, match=r"before version 1 is kept, there is nothing to go back to$"):
        rollback_target(kept(), "shop", None)


def test_no_version_is_known_where_nothing_is_published():
    with pytest.raises(UsageError, match=r"^shop: version 1 is unknown, nothing is published yet; run the product "):
        kept_version([], "shop", 1)
