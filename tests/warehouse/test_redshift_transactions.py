"""Transactions on Redshift: taken back and done again, lost, of unknown outcome, killed, waiting for one another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from redshift_emulator import ROLE, Fault
from redshift_place import Place, redshift_place
from redshift_wire import RefusedError

from medallion.errors import BusyError, ConflictError, MedallionError, UnknownOutcomeError, UsageError
from medallion.warehouse import transactions
from medallion.warehouse.ddl import create_schema

VIOLATION = RefusedError("1023", "Serializable isolation violation on table - 1, transactions forming the cycle are: 2")
DROPPED = RefusedError("1018", "Relation does not exist")
DEADLOCK = RefusedError("deadlock detected", "Process 1 waits for process 2", code="40P01")
KILLED = """
import os, sys
sys.path[:0] = {path!r}
from decimal import Decimal
import pyarrow.parquet as pq
from contract_files import arrow_table
from shop import NOW, PRODUCT, SALES
from medallion.warehouse.redshift import RedshiftWarehouse
from medallion.warehouse.redshift_address import Login, RedshiftAddress
from medallion.warehouse.versions import Publication, Staged, publish_gold

address = RedshiftAddress.parse({url!r})
login = Login(address.user, os.environ["PASSWORD"])
warehouse = RedshiftWarehouse(address, lambda: login, manifests={lake!r}, role={role!r})
file = {lake!r} + "/two.parquet"
pq.write_table(arrow_table(SALES, [("EUR", Decimal(2))]), file)
with warehouse.write() as session:
    staged = [Staged(table=SALES, files=(file,))]
    publish_gold(session, PRODUCT, staged, Publication(run_id="r", as_of=None, published_at=NOW))
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeats without the pauses in which others get on."""
    monkeypatch.setattr(transactions, "_FIRST_PAUSE", 0.002)
    monkeypatch.setattr(transactions, "_LONGEST_PAUSE", 0.02)


@pytest.fixture
def account(place: Place) -> Place:
    """A place with the table `s.account` of one row, 0."""
    with place.warehouse.write() as session:
        session.execute(create_schema("s"))
        session.execute("CREATE TABLE s.account (amount INTEGER)")
        session.execute("INSERT INTO s.account VALUES (0)")
    return place


def add(session):
    ((amount,),) = session.rows("SELECT amount FROM s.account")
    session.execute(f"UPDATE s.account SET amount = {amount + 1}")
    return amount + 1


def amount_of(place):
    with place.warehouse.read() as session:
        return session.rows("SELECT amount FROM s.account")[0][0]


def is_added(session):
    session.lock("s.account")
    return session.rows("SELECT amount FROM s.account") == [(1,)]


@pytest.mark.parametrize("error", [VIOLATION, DROPPED, DEADLOCK], ids=["1023", "1018", "deadlock"])
@pytest.mark.parametrize("statement", ["^UPDATE", "^COMMIT"])
def test_work_that_the_warehouse_took_back_is_done_again_as_a_whole(account, error, statement):
    account.will(Fault(statement, error, times=2))
    assert account.warehouse.transact(add) == 1
    assert (amount_of(account), len(account.ran("UPDATE"))) == (1, 3)


def test_work_is_done_again_a_few_times_and_then_others_are_named_as_the_cause(account):
    account.will(Fault("^UPDATE", VIOLATION, times=99))
    with pytest.raises(ConflictError, match=r"redshift://.*another session changed the same rows \(1023: Serializable"):
        account.warehouse.transact(add)
    assert (amount_of(account), len(account.ran("UPDATE"))) == (0, 6)


@pytest.mark.parametrize("after", [False, True], ids=["before the statement", "after it"])
def test_work_whose_connection_is_lost_before_the_commit_is_done_again(account, after):
    account.will(Fault("^UPDATE", after=after))
    assert account.warehouse.transact(add) == 1
    assert amount_of(account) == 1


def test_a_commit_that_holds_but_was_not_answered_is_found_and_not_done_again(account):
    account.will(Fault("^COMMIT", after=True))
    assert account.warehouse.transact(add, is_added) == 1
    assert (amount_of(account), len(account.ran("UPDATE"))) == (1, 1)


def test_a_commit_that_was_lost_on_its_way_is_found_missing_and_done_again(account):
    account.will(Fault("^COMMIT"))
    assert account.warehouse.transact(add, is_added) == 1
    assert (amount_of(account), len(account.ran("UPDATE"))) == (1, 2)


def test_a_commit_that_nobody_can_ask_about_says_that_its_outcome_is_unknown(account):
    account.will(Fault("^COMMIT", after=True))
    account.will(Fault("^LOCK", times=99))
    with pytest.raises(UnknownOutcomeError, match="not known whether it holds; run the same command again"):
        account.warehouse.transact(add, is_added)


def test_a_session_that_is_not_repeated_says_what_happened_to_its_commit(account):
    account.will(Fault("^COMMIT"))
    with pytest.raises(UnknownOutcomeError, match="connection was lost during the commit"), account.warehouse.write():
        pass


def test_work_that_is_wrong_in_itself_is_not_done_again(account):
    asked = []

    def ask_wrongly(session):
        asked.append(session)
        session.rows("SELECT nothing FROM s.account")

    with pytest.raises(UsageError, match="nothing"):
        account.warehouse.transact(ask_wrongly)
    assert len(asked) == 1


def test_all_of_several_threads_that_change_one_row_succeed(account):
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(account.warehouse.transact, add) for _ in range(4)]:
            done.result(30)
    assert amount_of(account) == 4


def test_the_first_question_of_a_reader_is_asked_again_where_what_it_asked_of_was_just_replaced(account):
    account.will(Fault("^SELECT", DROPPED))
    assert amount_of(account) == 0


def test_a_later_question_of_a_reader_is_not_as_it_saw_the_version_before(account):
    account.will(Fault("FROM s.account WHERE", DROPPED))
    with account.warehouse.read() as session:
        session.rows("SELECT amount FROM s.account")
        with pytest.raises(ConflictError):
            session.rows("SELECT amount FROM s.account WHERE amount = 0")


def test_a_lock_that_another_keeps_is_waited_for_and_then_named():
    with redshift_place(wait_seconds=0.2) as place, place.warehouse.write() as first:
        first.lock("control.lease")
        with (
            pytest.raises(BusyError, match=r"control.lease is in use by another session, waited 0\.2 s"),
            place.warehouse.write() as second,
        ):
            second.lock("control.lease")


def test_a_reader_changes_nothing_whatever_it_is_asked(account):
    for sql in ("DELETE FROM s.account", "/* SELECT */ UPDATE s.account SET amount = 1", "COMMIT"):
        with pytest.raises(UsageError, match="only queries are possible"), account.warehouse.read() as session:
            session.execute(sql)
    with pytest.raises(MedallionError, match="RETURNING is not supported"), account.warehouse.read() as session:
        session.rows("WITH gone AS (DELETE FROM s.account RETURNING 1) SELECT * FROM gone")
    with account.warehouse.read() as session:
        session.execute("SELECT amount INTO s.taken FROM s.account")
    assert amount_of(account) == 0
    with account.warehouse.read() as session:
        assert not session.rows("SELECT 1 FROM information_schema.tables WHERE table_name = 'taken'")


def test_a_kept_connection_that_has_died_is_replaced(account):
    with account.warehouse.kept_open():
        assert amount_of(account) == 0
        account.as_administrator(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        assert amount_of(account) == 0


def test_a_publish_that_is_killed_between_copy_and_commit_has_changed_nothing_and_is_in_nobodys_way(
    place, publish_on_redshift
):
    publish_on_redshift("1")
    path = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "emulators")]
    script = KILLED.format(path=path, url=place.url, lake=place.lake, role=ROLE)
    environment = {**os.environ, "PASSWORD": place.emulator.password, "MEDALLION_KILL_AT": "warehouse.commit.begin"}
    child = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert "COPY" in " ".join(place.ran("COPY"))
    with place.warehouse.read() as session:
        assert session.rows("SELECT net_amount FROM shop.sales") == [(Decimal("1.00"),)]
    assert [version.version for version in publish_on_redshift("3")] == [2]
