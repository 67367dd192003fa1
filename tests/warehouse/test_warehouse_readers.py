"""Readers during publishes: each time one complete version, never a mix and never nothing."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from shop import CUSTOMERS, DAYS, ORDERS, PRODUCT, SALES

from medallion.warehouse.silver import publish_silver
from medallion.warehouse.versions import Staged, prune, rollback

SALES_TOTAL, DAYS_TOTAL = "SELECT sum(net_amount) FROM shop.sales", "SELECT sum(net_amount) FROM shop.days"
TOTALS = f"SELECT ({SALES_TOTAL}), ({DAYS_TOTAL})"
VERSIONS = 8
WAIT = 20  # seconds at most for the reader


@pytest.fixture
def publish_total(publish_marts):
    """Publishes `sales` and `days`, both of this net total, spread differently over their rows."""

    def publish(total, keep=2):
        sales = [("EUR", Decimal(total - 1)), ("USD", Decimal(1))]
        days = [(date(2025, 1, day + 1), Decimal(1)) for day in range(total)]
        publish_marts((SALES, sales), (DAYS, days), keep=keep)

    return publish


@contextmanager
def reading(warehouse, *queries):
    """A thread that asks the queries again and again, those of a round in one session, until the block ends.

    Gives the rounds so far, and a function that waits for the reader to have begun and ended one more.
    """
    rounds, stop = [], threading.Event()

    def read_on():
        while not stop.is_set():
            with warehouse.read() as session:
                rounds.append(tuple(value for query in queries for value in session.rows(query)[0]))
            time.sleep(0.001)  # as any reader with something to do in between

    def wait_for_a_round():
        wanted, deadline = len(rounds) + 2, time.monotonic() + WAIT
        while len(rounds) < wanted and not reader.done() and time.monotonic() < deadline:
            time.sleep(0.001)

    with ThreadPoolExecutor() as threads:
        reader = threads.submit(read_on)
        try:
            yield rounds, wait_for_a_round
        finally:
            stop.set()
        reader.result(WAIT)


@pytest.mark.parametrize("queries", [[TOTALS], [SALES_TOTAL, DAYS_TOTAL]], ids=["one query", "two queries"])
def test_a_reader_sees_the_marts_of_one_version_each_time(warehouse, publish_total, queries):
    publish_total(2)
    with reading(warehouse, *queries) as (rounds, wait_for_a_round):
        for total in range(3, 3 + VERSIONS):
            publish_total(total)
            wait_for_a_round()
    totals = [sales for sales, _ in rounds]
    assert all(sales == days for sales, days in rounds)
    assert totals == sorted(totals)
    assert set(totals) >= {Decimal(total) for total in range(3, 3 + VERSIONS)}


def test_a_reader_sees_one_version_while_others_are_restored_and_pruned(warehouse, publish_total, publication):
    for total in (2, 3):
        publish_total(total)

    def restore_and_prune(session, number):
        rollback(session, PRODUCT, number, publication)
        prune(session, PRODUCT, keep=2)

    with reading(warehouse, TOTALS) as (rounds, wait_for_a_round):
        for number in range(1, 1 + VERSIONS):
            warehouse.transact(partial(restore_and_prune, number=number))
            wait_for_a_round()
    assert all(sales == days for sales, days in rounds)
    assert {sales for sales, _ in rounds} == {Decimal(2), Decimal(3)}


def test_a_reader_sees_silver_as_it_was_or_as_it_is(warehouse, stage, publication):
    def publish(row_count):
        rows = [(f"{row}", None, None, None, row_count) for row in range(row_count)]
        staged = [Staged(table=ORDERS, files=stage(ORDERS, *rows))]
        warehouse.transact(lambda session: publish_silver(session, PRODUCT, staged, publication))

    publish(1)
    query = "SELECT count(*), min(item_quantity), max(item_quantity) FROM shop_silver.orders"
    with reading(warehouse, query) as (rounds, wait_for_a_round):
        for row_count in range(2, 2 + VERSIONS):
            publish(row_count)
            wait_for_a_round()
    assert all(count == lowest == highest for count, lowest, highest in rounds)
    assert {count for count, *_ in rounds} >= set(range(2, 2 + VERSIONS))


def test_a_reader_is_not_shown_what_is_not_committed(warehouse, publish_total, publication, stage, read):
    publish_total(2)
    with warehouse.write() as session:
        publish_silver(session, PRODUCT, [Staged(table=ORDERS, files=stage(ORDERS, ("a",)))], publication)
        session.execute("DELETE FROM shop_versions.sales__000001")
        assert read(TOTALS) == [(Decimal(2), Decimal(2))]
        assert read("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'shop_silver'") == [(0,)]


def test_a_session_that_began_before_a_publish_keeps_seeing_the_version_before(
    implementation, warehouse, publish_total, read
):
    if implementation.publishes_wait_for_readers:
        pytest.skip("a publish waits for open sessions that have read")
    publish_total(2)
    with warehouse.write(), warehouse.read() as session:
        session.rows(TOTALS)
        publish_total(3)
        assert session.rows(TOTALS) == [(Decimal(2), Decimal(2))]
    assert read(TOTALS) == [(Decimal(3), Decimal(3))]


def test_a_reader_is_not_disturbed_by_a_publish_that_fails(warehouse, publish_total, publish_marts):
    publish_total(2)
    with reading(warehouse, TOTALS) as (rounds, wait_for_a_round):
        for _ in range(3):
            with pytest.raises(Exception, match="cannot be loaded"):
                publish_marts((SALES, [("EUR", Decimal(9))]), (CUSTOMERS, [(None,)]))
            wait_for_a_round()
    assert set(rounds) == {(Decimal(2), Decimal(2))}
