"""A session is one transaction: all of its block or nothing, beside others that write."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from shop import CUSTOMERS, NOW, PRODUCT, SALES

from medallion.contracts import Column
from medallion.errors import BusyError, UsageError
from medallion.warehouse import control
from medallion.warehouse.ddl import add_column, create_schema
from medallion.warehouse.records import Run
from medallion.warehouse.versions import Staged, publish_gold

WAIT = 10  # seconds at most for the other thread


@pytest.fixture
def account(warehouse):
    """The warehouse with the table `s.account` of one row, 0."""
    with warehouse.write() as session:
        session.execute(create_schema("s"))
        session.execute("CREATE TABLE s.account (amount DECIMAL(18,2))")
        session.execute("INSERT INTO s.account VALUES (0)")
    return warehouse


def change_everything(session, stage, publication):
    """Rows, tables, columns, schemas, marts and records: all that a session can change."""
    session.execute("UPDATE s.account SET amount = 1")
    session.execute(create_schema("other"))
    session.execute("CREATE TABLE other.fresh (a INTEGER)")
    session.execute(add_column("s.account", Column("since", "date", "Since when."), session.dialect))
    control.start_run(session, Run(run_id="run-1", product="shop", started_at=NOW))
    staged = [
        Staged(table=SALES, files=stage(SALES, ("EUR", Decimal(2)))),
        Staged(table=CUSTOMERS, files=stage(CUSTOMERS, ("a",))),
    ]
    publish_gold(session, PRODUCT, staged, publication, keep=1)


def everything(read):
    """What `change_everything` may have changed."""
    columns = "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE table_schema IN "
    return {
        "columns": read(f"{columns} ('s', 'shop', 'shop_versions', 'other') ORDER BY 1, 2, 3"),
        "amount": read("SELECT amount FROM s.account"),
        "sales": read("SELECT net_amount FROM shop.sales"),
        "runs": read("SELECT run_id FROM control.run"),
        "versions": read("SELECT version, table_name, relation FROM control.version ORDER BY 1, 2"),
    }


def test_a_block_that_raises_leaves_rows_tables_views_and_records_as_they_were(
    account, publish_sales, stage, publication, read
):
    publish_sales("1")
    before = everything(read)

    def fail_at_the_end():
        with account.write() as session:
            change_everything(session, stage, publication)
            raise RuntimeError("at the end")

    with pytest.raises(RuntimeError, match="at the end"):
        fail_at_the_end()

    assert everything(read) == before


def test_a_block_that_ends_has_changed_rows_tables_views_and_records(account, publish_sales, stage, publication, read):
    publish_sales("1")
    with account.write() as session:
        change_everything(session, stage, publication)

    after = everything(read)
    assert {row[:2] for row in after.pop("columns")} == {
        ("other", "fresh"),
        ("s", "account"),
        ("shop", "customers"),
        ("shop", "sales"),
        ("shop_versions", "customers__000002"),
        ("shop_versions", "sales__000002"),
    }
    assert after == {
        "amount": [(Decimal("1.00"),)],
        "sales": [(Decimal("2.00"),)],
        "runs": [("run-1",)],
        "versions": [
            (2, "customers", "shop_versions.customers__000002"),
            (2, "sales", "shop_versions.sales__000002"),
        ],
    }


def test_a_statement_that_fails_leaves_nothing_of_its_block(account, read):
    def change_and_ask_wrongly():
        with account.write() as session:
            session.execute("UPDATE s.account SET amount = 1")
            session.rows("SELECT nothing FROM s.account")

    with pytest.raises(UsageError, match="nothing"):
        change_and_ask_wrongly()
    assert read("SELECT amount FROM s.account") == [(Decimal("0.00"),)]


def test_a_session_sees_its_own_changes(account):
    with account.write() as session:
        session.execute("UPDATE s.account SET amount = 1")
        assert session.rows("SELECT amount FROM s.account") == [(Decimal("1.00"),)]


def test_a_reader_cannot_change_data_and_is_told_so_in_one_line(account):
    with pytest.raises(UsageError, match="only queries are possible here") as caught, account.read() as session:
        session.rows("DELETE FROM s.account")
    assert "\n" not in str(caught.value)


def test_a_query_on_an_unknown_table_is_a_usage_error(account):
    with pytest.raises(UsageError, match="does not exist"), account.read() as session:
        session.rows("SELECT * FROM s.nothing")


def test_a_nullable_column_is_added_to_a_table_with_rows(account):
    with account.write() as session:
        session.execute(add_column("s.account", Column("score", "double", "Score."), session.dialect))
        assert session.rows("SELECT amount, score FROM s.account") == [(Decimal("0.00"), None)]


def test_a_thread_can_commit_while_another_has_a_long_transaction_open(account, read):
    def heartbeat():
        with account.write() as session:
            session.execute("INSERT INTO s.account VALUES (2)")

    with account.write() as publishing, ThreadPoolExecutor() as threads:
        publishing.execute("CREATE TABLE s.fresh (a INTEGER)")
        threads.submit(heartbeat).result(WAIT)
        assert read("SELECT count(*) FROM s.account") == [(2,)]
    assert read("SELECT count(*) FROM s.fresh") == [(0,)]


def test_of_two_sessions_that_change_one_row_only_one_wins(account, read):
    has_begun, has_changed = threading.Event(), threading.Event()

    def second():
        with account.write() as session:
            session.rows("SELECT amount FROM s.account")
            has_begun.set()
            assert has_changed.wait(WAIT)
            session.execute("UPDATE s.account SET amount = amount + 2")

    with ThreadPoolExecutor() as threads:
        with account.write() as first:
            outcome = threads.submit(second)
            assert has_begun.wait(WAIT)
            first.execute("UPDATE s.account SET amount = amount + 1")
            has_changed.set()
        with pytest.raises(BusyError, match="another session changed the same rows"):
            outcome.result(WAIT)
    assert read("SELECT amount FROM s.account") == [(Decimal("1.00"),)]


def test_a_lock_lets_one_session_pass_at_a_time_and_it_sees_what_the_one_before_did(account, read):
    def add_one():
        with account.write() as session:
            session.lock("s.account")
            ((amount,),) = session.rows("SELECT amount FROM s.account")
            session.execute("UPDATE s.account SET amount = ?", (amount + 1,))

    with ThreadPoolExecutor(8) as threads:
        for added in [threads.submit(add_one) for _ in range(8)]:
            added.result(WAIT)
    assert read("SELECT amount FROM s.account") == [(Decimal("8.00"),)]


def test_a_lock_ends_with_a_session_that_failed(account):
    def lock(and_then=None):
        with account.write() as session:
            session.lock("s.account")
            if and_then:
                raise and_then
        return True

    with pytest.raises(RuntimeError, match="after the lock"):
        lock(RuntimeError("after the lock"))

    with ThreadPoolExecutor() as threads:
        assert threads.submit(lock).result(WAIT)
