"""Data that does not fit is refused before COPY, in one line with file, column, the row's key and the value."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from redshift_place import Place

from medallion.contracts import Column, Layer, Table
from medallion.errors import StorageError
from medallion.warehouse.ddl import create_schema, create_table
from medallion.warehouse.redshift_preflight import examined
from medallion.warehouse.redshift_storage import ObjectStore

COLUMNS = (
    Column("order_id", "integer", "Order.", nullable=False),
    Column("name", "varchar(3)", "A name."),
    Column("amount", "decimal(8,2)", "Money."),
    Column("count", "smallint", "Pieces."),
    Column("at", "timestamp", "When."),
    Column("card", "varchar(4)", "Card.", pii="card number"),
    Column("ratio", "double", "Share."),
)
ORDERS = Table(name="orders", layer=Layer.SILVER, grain=("order_id",), description="Orders.", columns=COLUMNS)
FITTING = {
    "order_id": pa.array([7, 8], pa.int32()),
    "name": pa.array(["é", None]),
    "amount": pa.array([Decimal("1.00"), None], pa.decimal128(8, 2)),
    "count": pa.array([1, None], pa.int16()),
    "at": pa.array([datetime(2025, 1, 1, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
    "card": pa.array(["1234", None]),
    "ratio": pa.array([0.5, None]),
}
FAR = pa.array([0, 253402300800_000000], pa.int64()).cast(pa.timestamp("us", "UTC"))
MISFITS = {
    "more bytes than characters": ("name", pa.array(["abc", "ééé"]), "takes 3 bytes and has 6: 'ééé', row order_id 8"),
    "an end of text": ("name", pa.array(["a", "\0"]), r"holds a character NUL: '\\x00', row order_id 8"),
    "too many digits": (
        "amount",
        pa.array([None, Decimal("1000000.00")], pa.decimal128(18, 2)),
        r"does not fit decimal\(8,2\): 1000000.00, row order_id 8",
    ),
    "a lost fraction": (
        "amount",
        pa.array([Decimal("1.0000"), Decimal("0.0010")], pa.decimal128(18, 4)),
        r"does not fit decimal\(8,2\): 0.0010, row order_id 8",
    ),
    "a double too large": ("amount", pa.array([1.5, 1e6]), r"does not fit decimal\(8,2\): 1000000.0, row order_id 8"),
    "no number": ("amount", pa.array([1.5, float("nan")]), r"does not fit decimal\(8,2\): nan, row order_id 8"),
    "an integer too large": ("count", pa.array([1, 32768], pa.int64()), "does not fit smallint: 32768, row order_id 8"),
    "a time too far": ("at", FAR, r"is not of the years 1 to 9999.*row order_id 8"),
    "nanoseconds": ("at", pa.array([0, 1], pa.timestamp("ns")), r"is timestamp\[ns\] in the file where timestamp is"),
    "text for a number": ("amount", pa.array(["1", "2"]), "is string in the file where decimal is expected"),
    "a number for text": ("name", pa.array([1, 2]), "is int64 in the file where varchar is expected"),
    "text for a double": ("ratio", pa.array(["1", "2"]), "is string in the file where double is expected"),
    "personal data": (
        "card",
        pa.array(["1234", "4111111111111111"]),
        "has 16: the value is personal data and not shown",
    ),
    "no key": ("order_id", pa.array([7, None], pa.int32()), "must be filled and is NULL, row order_id None"),
}


def write(place: Place, columns, **options) -> str:
    file = f"{place.folder}/orders.parquet"
    pq.write_table(pa.table(columns), file, **options)
    return file


@pytest.mark.parametrize("misfit", MISFITS)
def test_a_misfit_is_named_before_anything_is_loaded(place, misfit):
    column, values, complaint = MISFITS[misfit]
    file = write(place, {**FITTING, column: values})
    with (
        pytest.raises(
            StorageError, match=rf"orders\.parquet: cannot be loaded into s\.orders \(column '{column}' .*{complaint}"
        ) as caught,
        place.warehouse.write() as session,
    ):
        session.copy_in("s.orders", ORDERS, [file])
    assert place.ran("COPY") == []
    assert "\n" not in str(caught.value)
    assert "4111" not in str(caught.value)


def test_the_key_of_a_row_is_not_shown_where_it_is_personal_data(place):
    key = Column("card", "varchar(4)", "Card.", pii="card number", nullable=False)
    table = Table(name="cards", layer=Layer.SILVER, grain=("card",), description="Cards.", columns=(key, *COLUMNS[1:3]))
    file = write(place, {**FITTING, "card": pa.array(["1234", "1"]), "name": pa.array(["abcd", "a"])})
    with pytest.raises(StorageError, match=r"'abcd', row card \(personal data\)") as caught:
        examined(ObjectStore(), "s.cards", table, file)
    assert "1234" not in str(caught.value)


def test_what_fits_in_wider_types_is_loaded_as_it_is(place):
    wide = {
        **FITTING,
        "order_id": pa.array([7, 8], pa.int64()),
        "amount": pa.array([Decimal("999999.9900"), None], pa.decimal128(38, 4)),
        "count": pa.array([32767, -32768], pa.int64()),
    }
    file = write(place, wide)
    with place.warehouse.write() as session:
        session.execute(create_schema("s"))
        session.execute(create_table("s.orders", ORDERS, session.dialect))
        assert session.copy_in("s.orders", ORDERS, [file]) == 2
        found = session.rows("SELECT order_id, amount, count FROM s.orders ORDER BY 1")
    assert found == [(7, Decimal("999999.99"), 32767), (8, None, -32768)]


def test_a_file_of_the_tables_own_columns_is_copied_straight_into_it(place):
    file = write(place, FITTING)
    with place.warehouse.write() as session:
        session.execute(create_schema("s"))
        session.execute(create_table("s.orders", ORDERS, session.dialect))
        session.copy_in("s.orders", ORDERS, [file])
    (copy,) = place.ran("COPY")
    assert copy.startswith('COPY "s"."orders" FROM')


def test_a_file_is_looked_through_in_far_less_memory_than_it_takes(place):
    table = Table(
        name="notes", layer=Layer.SILVER, grain=("id",), description="Notes.",
        columns=(Column("id", "bigint", "Id.", nullable=False), Column("note", "varchar(250)", "Text.")),
    )  # fmt: skip
    file, groups, rows = f"{place.folder}/notes.parquet", 20, 50_000
    with (
        ObjectStore().writing(file) as stream,
        pq.ParquetWriter(stream, pa.schema([("id", pa.int64()), ("note", pa.string())])) as writer,
    ):
        for group in range(groups):
            ids = pa.array(range(group * rows, (group + 1) * rows), pa.int64())
            writer.write_table(pa.table({"id": ids, "note": pa.array(["x" * 200] * rows)}))
    before, counted = pa.default_memory_pool(), pa.proxy_memory_pool(pa.system_memory_pool())
    pa.set_memory_pool(counted)
    try:
        assert examined(ObjectStore(), "s.notes", table, file).row_count == groups * rows
    finally:
        pa.set_memory_pool(before)
    assert counted.max_memory() < 60_000_000 < groups * rows * 200
