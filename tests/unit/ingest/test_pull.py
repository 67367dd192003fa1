"""What a pull delivers of a database table: with a change column or without, with personal data, with any key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from source_notes import NOON, product, rows

from medallion.contracts import Column, PiiAction
from medallion.data_source import Source, SourceTable
from medallion.embedded.postgres import EmbeddedPostgres
from medallion.errors import InputError, StorageError
from medallion.ingest import bronze
from medallion.ingest.bronze import LoadedDelivery
from medallion.ingest.csv_gate import Delivery
from medallion.ingest.pull import pull
from medallion.ingest.source_table import TableReader
from medallion.lake import Lake

ID, TEXT_COLUMN = Column("id", "integer", "Key."), Column("text", "varchar(99)", "What it says.")
CHANGED_AT = Column("changed_at", "timestamp", "Last change.")
EARLY, MIDDLE, LATE = "2024-01-01 00:00:00", "2024-01-15 00:00:00", "2024-02-01 00:00:00"


class Pulls:
    """A table `notes` in a schema of the test's own, and the pulls of it one after the other."""

    def __init__(
        self, server: EmbeddedPostgres, name: str, folder: Path, *columns: Column, key: str = "id", changed_at: str = ""
    ) -> None:
        self.server, self.schema, self.lake = server, name, Lake(str(folder / "lake"))
        table = SourceTable(schema=name, name="notes", key=tuple(key.split()), changed_at=changed_at or None)
        self.source = Source(name="notes", table=table, description="Notes.", columns=columns or (ID, TEXT_COLUMN))
        self.reader = TableReader(server.dsn, self.source)
        self.product = product(name, self.source)
        self.batch_ids: list[str] = []
        rows(server, f"CREATE SCHEMA {name}")

    def sql(self, statement: str) -> None:
        rows(self.server, statement.replace("notes", f"{self.schema}.notes"))

    def pull(self, **options: Any) -> LoadedDelivery:
        batch_id = f"{len(self.batch_ids) + 1:08d}"
        delivery = Delivery("notes", batch_id, NOON)
        done = pull(self.lake, self.reader, self.product, delivery, before=tuple(self.batch_ids), **options)
        self.batch_ids.append(batch_id)
        return done

    def delivered(self) -> list[tuple[Any, ...]]:
        """What the last pull delivered: the source's columns, and whether the row is gone."""
        files = bronze.data_files(self.lake, self.product, self.source, self.batch_ids[-1])
        names = [*self.source.column_names, "_is_deleted"]
        return [
            tuple(row[name] for name in names)
            for file in files
            for row in pq.read_table(self.lake.uri(file.path)).to_pylist()
        ]


@pytest.fixture
def pulls(server: EmbeddedPostgres, name: str, tmp_path: Path) -> Pulls:
    found = Pulls(server, name, tmp_path)
    found.sql("CREATE TABLE notes (id integer PRIMARY KEY, text varchar(99))")
    return found


@pytest.fixture
def stamped(server: EmbeddedPostgres, name: str, tmp_path: Path) -> Pulls:
    """With a change column."""
    found = Pulls(server, name, tmp_path, ID, TEXT_COLUMN, CHANGED_AT, changed_at="changed_at")
    found.sql("CREATE TABLE notes (id integer PRIMARY KEY, text text, changed_at timestamp)")
    found.sql(f"INSERT INTO notes VALUES (1, 'a', '{EARLY}'), (2, 'b', '{MIDDLE}')")
    found.pull()
    return found


def test_the_first_pull_delivers_all_rows_by_key_as_text_and_nothing_for_null(pulls: Pulls) -> None:
    pulls.sql("INSERT INTO notes VALUES (10, NULL), (9, 'nine')")

    done = pulls.pull()

    assert pulls.delivered() == [("9", "nine", False), ("10", "", False)]
    assert (done.record_count, done.accepted_count, done.rejected_count, done.deleted_count) == (2, 2, 0, 0)


def test_later_pulls_deliver_what_is_new_changed_or_gone(pulls: Pulls) -> None:
    pulls.sql("INSERT INTO notes VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    pulls.pull()
    pulls.sql("UPDATE notes SET text = 'B' WHERE id = 2; DELETE FROM notes WHERE id = 3; INSERT INTO notes VALUES (4)")

    done = pulls.pull()

    assert pulls.delivered() == [("2", "B", False), ("4", "", False), ("3", "", True)]
    assert (done.record_count, done.deleted_count) == (3, 1)


def test_a_row_that_is_as_it_once_was_counts_as_changed(pulls: Pulls) -> None:
    pulls.sql("INSERT INTO notes VALUES (1, 'a')")
    pulls.pull()
    for text in ("b", "a"):
        pulls.sql(f"UPDATE notes SET text = '{text}'")
        pulls.pull()

    assert pulls.delivered() == [("1", "a", False)]


def test_the_state_of_a_table_changes_with_any_of_its_rows_and_only_then(pulls: Pulls) -> None:
    pulls.sql("INSERT INTO notes VALUES (1, 'a'), (2, 'b')")
    before = pulls.reader.state()
    pulls.sql("UPDATE notes SET text = text")  # writes rows anew, in another order
    assert pulls.reader.state() == before

    pulls.sql("UPDATE notes SET text = CASE id WHEN 1 THEN 'b' ELSE 'a' END")

    assert pulls.reader.state().digest != before.digest


def test_with_a_change_column_rows_changed_since_are_delivered_and_those_that_are_gone(stamped: Pulls) -> None:
    stamped.sql(f"UPDATE notes SET text = 'A', changed_at = '{LATE}' WHERE id = 1; DELETE FROM notes WHERE id = 2")

    stamped.pull()

    assert stamped.delivered() == [("1", "A", LATE, False), ("2", "", "", True)]


def test_with_a_change_column_a_change_without_a_stamp_is_found_by_a_full_comparison_alone(stamped: Pulls) -> None:
    stamped.sql(f"UPDATE notes SET text = 'A' WHERE id = 1; UPDATE notes SET changed_at = '{LATE}' WHERE id = 2")
    stamped.pull()
    assert stamped.delivered() == [("2", "b", LATE, False)]

    stamped.pull(is_whole=True)

    assert stamped.delivered() == [("1", "A", EARLY, False)]


def test_a_new_row_with_an_old_stamp_is_delivered(stamped: Pulls) -> None:
    stamped.sql(f"INSERT INTO notes VALUES (3, 'c', '2023-01-01'), (4, 'd', '{LATE}'), (5, 'e', NULL)")

    stamped.pull()

    assert sorted(stamped.delivered()) == [
        ("3", "c", "2023-01-01 00:00:00", False),
        ("4", "d", LATE, False),
        ("5", "e", "", False),
    ]


def test_values_are_written_alike_whatever_the_server_is_set_to(
    server: EmbeddedPostgres, name: str, tmp_path: Path
) -> None:
    columns = (
        ID,
        Column("at", "timestamp", ""),
        Column("amount", "decimal(10,2)", ""),
        Column("is_good", "boolean", ""),
    )
    pulls = Pulls(server, name, tmp_path, *columns)
    pulls.sql(
        "CREATE TABLE notes (id bigint, at timestamptz, amount numeric, is_good boolean)".replace("bigint", "int")
    )
    pulls.sql("INSERT INTO notes VALUES (1, '2024-05-01 11:00:00+02', 12.50, true)")
    rows(server, "ALTER ROLE medallion SET datestyle = 'German'; ALTER ROLE medallion SET timezone = 'Asia/Tokyo'")

    pulls.pull()

    rows(server, "ALTER ROLE medallion RESET ALL")
    assert pulls.delivered() == [("1", "2024-05-01 09:00:00", "12.50", "true", False)]


def test_keys_of_two_columns_are_told_apart(server: EmbeddedPostgres, name: str, tmp_path: Path) -> None:
    pulls = Pulls(server, name, tmp_path, Column("a", "varchar(9)", ""), Column("b", "varchar(9)", ""), key="a b")
    pulls.sql("CREATE TABLE notes (a text, b text); INSERT INTO notes VALUES ('x:', 'y'), ('x', ':y'), ('', 'x::y')")
    pulls.pull()
    pulls.sql("DELETE FROM notes WHERE a = 'x'")

    pulls.pull()

    assert pulls.delivered() == [("x", ":y", True)]


def test_rows_that_share_a_key_are_refused(server: EmbeddedPostgres, name: str, tmp_path: Path) -> None:
    pulls = Pulls(server, name, tmp_path)
    pulls.sql("CREATE TABLE notes (id integer, text text); INSERT INTO notes VALUES (1, 'a'), (1, 'b'), (2, 'c')")

    with pytest.raises(InputError) as refusal:
        pulls.pull()

    assert str(refusal.value) == (
        f"table {name}.notes: 1 rows share a key (id) with others; make it unique there, or correct the contract's key"
    )


def test_without_the_keys_of_the_pull_before_deleted_rows_would_go_unnoticed(pulls: Pulls) -> None:
    pulls.pull()
    pulls.lake.delete(f"{bronze.folder(pulls.product, pulls.source, pulls.batch_ids[0])}/_state")

    with pytest.raises(StorageError, match="is gone, by which deleted rows are noticed"):
        pulls.pull()


PROTECTED = (
    ID,
    Column("email", "varchar(99)", "", pii="e-mail address", pii_action=PiiAction.HMAC),
    Column("card", "varchar(99)", "", pii="card number", pii_action=PiiAction.LAST4, shape="[0-9]{16}"),
    Column("code", "varchar(9)", "", pii="card code", pii_action=PiiAction.DROP),
    TEXT_COLUMN,
)
CARD, EMAIL = "4556596815473496", "ann@example.org"


@pytest.fixture
def protected(server: EmbeddedPostgres, name: str, tmp_path: Path) -> Pulls:
    found = Pulls(server, name, tmp_path, *PROTECTED)
    found.sql("CREATE TABLE notes (id integer, email text, card text, code text, text text)")
    found.sql(
        f"INSERT INTO notes VALUES (1, '{EMAIL}', '{CARD}', 'Q7Z7', 'paid with {CARD}'), (2, '', 'no card', '', '')"
    )
    return found


def test_personal_data_of_a_table_is_treated_as_the_contract_says(protected: Pulls) -> None:
    done = protected.pull(pii_key=b"key")

    [(number, hashed, card, text, _)] = protected.delivered()
    assert (number, card, text) == ("1", CARD[-4:], "paid with (number withheld)")
    assert len(hashed) == 64
    assert (done.record_count, done.rejected_count) == (2, 1)
    assert protected.pull(pii_key=b"key").record_count == 0  # what was kept out is known as well


def test_no_byte_of_personal_data_reaches_the_lake(protected: Pulls, tmp_path: Path) -> None:
    protected.pull(pii_key=b"key")

    everything = b"".join(path.read_bytes() for path in (tmp_path / "lake").rglob("*") if path.is_file())
    assert len(everything) > 1000
    assert not [secret for secret in (CARD, EMAIL, "Q7Z7", "no card") if secret.encode() in everything]
