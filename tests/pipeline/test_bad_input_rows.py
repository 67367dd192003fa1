"""Records that cannot become rows: each is in quarantine with its file, number and reason, and nothing else is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from restaurant_input import (
    DATES,
    DATES_HEADER,
    ITEMS,
    ITEMS_HEADER,
    NET_AMOUNT,
    OPTIONS,
    OPTIONS_HEADER,
    Bench,
    workspace_in,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from medallion.pipeline.progress import Report

SHORTEST_TOO_LONG, LONG = "é" * 128, "漢" * 100  # 256 and 300 bytes: 128 and 100 characters


def item(
    time: str = "2024-01-03T10:00:00Z",
    order: str = "bad",
    line: str = "l1",
    price: str = "5.00",
    quantity: str = "1",
    currency: str = "USD",
    loyalty: str = "FALSE",
    user: str = "u9",
    name: str = "Soup",
    category: str = "Mains",
) -> str:
    return f"app,r1,{time},{order},{user},,{loyalty},{currency},{line},{category},{name},{price},{quantity}"


def option(
    line: str = "o1,l1", group: str = "Extras", name: str = "Cheese", price: str = "1.00", count: str = "1"
) -> str:
    return f"{line},{group},{name},{price},{count}"


BAD_ITEMS = [
    (item(time="2024-02-30T10:00:00Z"), "invalid_creation_time_utc"),
    (item(time="2023-02-29 10:00:00"), "invalid_creation_time_utc"),
    (item(time="2024-01-03T25:00:00Z"), "invalid_creation_time_utc"),
    (item(time="2024-01-03T10:60:00Z"), "invalid_creation_time_utc"),
    (item(time="03/01/2024 10:00"), "invalid_creation_time_utc"),
    (item(time="0001-01-01T00:00:00Z"), "invalid_creation_time_utc"),
    (item(time="9999-12-31T00:00:00Z"), "invalid_creation_time_utc"),
    (item(time=""), "invalid_creation_time_utc"),
    (item(price="abc"), "invalid_item_price"),
    (item(price="1e3"), "invalid_item_price"),
    (item(price="NaN"), "invalid_item_price"),
    (item(price="Infinity"), "invalid_item_price"),
    (item(price='"5,00"'), "invalid_item_price"),
    (item(price="$5.00"), "invalid_item_price"),
    (item(price="0x10"), "invalid_item_price"),
    (item(price=""), "invalid_item_price"),
    (item(price="12.345"), "overflow_item_price"),
    (item(price="1234567.89"), "overflow_item_price"),
    (item(price="9" * 60), "overflow_item_price"),
    (item(quantity="40000"), "overflow_item_quantity"),
    (item(quantity="99999999999999999999"), "overflow_item_quantity"),
    (item(quantity="1.5"), "overflow_item_quantity"),
    (item(quantity="two"), "invalid_item_quantity"),
    (item(quantity="1e3"), "invalid_item_quantity"),
    (item(quantity=""), "invalid_item_quantity"),
    (item(order=""), "missing_order_id"),
    (item(order='"  "'), "missing_order_id"),
    (item(line=""), "missing_lineitem_id"),
    (item(currency=""), "invalid_currency"),
    (item(currency="Dollar"), "invalid_currency"),
    (item(loyalty="maybe"), "invalid_is_loyalty"),
    (item(name=LONG), "too_long_item_name"),
    (item(name=SHORTEST_TOO_LONG), "too_long_item_name"),
    (item(category=LONG), "too_long_item_category"),
    (item(order=LONG), "too_long_order_id"),
    (item(user=LONG), "too_long_user_id"),
    (item(price="abc", quantity="two"), "invalid_item_price,invalid_item_quantity"),
    (item(name="So\0up"), "nul_byte"),
    (item(name="So\udcffup"), "undecodable"),  # the byte 0xff
    (item(name="caf\udce9"), "undecodable"),  # é in Latin-1
    ("bad,too,few", "ragged"),
    (item() + ",and,more", "ragged"),
]
BAD_OPTIONS = [
    (option("o1,l9"), "orphan"),
    (option("nobody,l1"), "orphan"),
    (option("bad,l1"), "orphan"),  # every record of order `bad` is rejected itself
    (option(",l1"), "missing_order_id"),
    (option("o1,"), "missing_lineitem_id"),
    (option(price="abc"), "invalid_option_price"),
    (option(price="1e3"), "invalid_option_price"),
    (option(price="0.001"), "overflow_option_price"),
    (option(count="40000"), "overflow_option_quantity"),
    (option(name=LONG), "too_long_option_name"),
    (option(group=LONG), "too_long_option_group_name"),
    (option("o1,l9", price="abc"), "invalid_option_price,orphan"),
    (option(name="Che\0ese"), "nul_byte"),
    (option(name="Che\udcffese"), "undecodable"),
]
BAD_DATES = [
    ("31-02-2023,2023,2,9,Friday,FALSE,FALSE,", "invalid_date_key"),
    ("2023-02-29,2023,2,9,Wednesday,FALSE,FALSE,", "invalid_date_key"),
    ("02/01/2024,2024,1,1,Tuesday,FALSE,FALSE,", "invalid_date_key"),
    (",2024,1,1,Tuesday,FALSE,FALSE,", "invalid_date_key"),
    ("01-01-0001,,,,,,,", "invalid_date_key"),
    ("31-12-9999,,,,,,,", "invalid_date_key"),
    ("02-01-2024,2024,1,1,Tuesday,perhaps,FALSE,", "invalid_is_weekend"),
    ("02-01-2024,2024,January,1,Tuesday,FALSE,FALSE,", "invalid_month"),
    ("02-01-2024,2024,13,1,Tuesday,FALSE,FALSE,", "invalid_month"),
    ("02-01-2024,2024,1,54,Tuesday,FALSE,FALSE,", "invalid_week"),
    ("02-01-2024,2024,1,0,Tuesday,FALSE,FALSE,", "invalid_week"),
    (f"02-01-2024,2024,1,1,Tuesday,FALSE,TRUE,{LONG}", "too_long_holiday_name"),
]
GOOD_ITEM = item(order="edge", name="é" * 127 + "x", price="999999.99", quantity="32767")  # just within every limit
FILES = {
    "order_items": (ITEMS_HEADER, (*ITEMS, GOOD_ITEM), BAD_ITEMS),
    "order_item_options": (OPTIONS_HEADER, OPTIONS, BAD_OPTIONS),
    "date_dim": (DATES_HEADER, DATES, BAD_DATES),
}
CASES = [
    pytest.param(table, len(good) + position, reason, id=f"{table} {len(good) + position}: {reason}")
    for table, (_, good, bad) in FILES.items()
    for position, (_, reason) in enumerate(bad, 1)
]


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory, engine_name: str, spark: SparkSession) -> tuple[Bench, Report]:
    """One run over three files that hold all of these records, after good ones."""
    folder = tmp_path_factory.mktemp("dirty")
    bench = Bench(workspace_in(folder / "home", engine_name), folder / "input")
    bench.input.mkdir()
    for table, (header, good, bad) in FILES.items():
        text = "\n".join([header, *good, *(record for record, _ in bad)]) + "\n"
        (bench.input / f"{table}.csv").write_bytes(text.encode(errors="surrogateescape"))
    return bench, bench.run()


@pytest.mark.parametrize(("table", "row_number", "reason"), CASES)
def test_the_record_is_in_quarantine_once_with_its_file_number_and_reason(
    dirty: tuple[Bench, Report], table: str, row_number: int, reason: str
) -> None:
    found = dirty[0].rows(
        "SELECT source_file, reasons FROM quarantine.rejected_row"
        f" WHERE table_name = '{table}' AND row_number = {row_number}"
    )
    assert found == [(f"{table}.csv", reason)]


@pytest.mark.parametrize("table", FILES)
def test_every_delivered_record_is_accepted_rejected_or_a_repeat(dirty: tuple[Bench, Report], table: str) -> None:
    bench, report = dirty
    _, good, bad = FILES[table]
    counted = next(one for one in report.tables if one.name == table)
    in_quarantine = bench.value(f"SELECT count(*) FROM quarantine.rejected_row WHERE table_name = '{table}'")
    generated = bench.value("SELECT count(*) FROM restaurant_silver.date_dim WHERE is_generated")
    accepted = (counted.rows_out or 0) - (generated if table == "date_dim" else 0)
    assert counted.rows_in == len(good) + len(bad) == accepted + in_quarantine + counted.rows_duplicate
    assert counted.rows_rejected == in_quarantine


def test_bytes_that_text_cannot_hold_are_spelt_out_in_quarantine(dirty: tuple[Bench, Report]) -> None:
    found = dirty[0].rows(
        "SELECT raw_text FROM quarantine.rejected_row WHERE reasons IN ('nul_byte', 'undecodable')"
        " AND table_name = 'order_items' ORDER BY row_number"
    )
    assert [text.split(",")[10] for (text,) in found] == ["So\\x00up", "So\\xffup", "caf\\xe9"]


def test_a_rejected_name_is_whole_in_quarantine(dirty: tuple[Bench, Report]) -> None:
    assert dirty[0].value(f"SELECT count(*) FROM quarantine.rejected_row WHERE raw_text LIKE '%{LONG}%'") == 7


def test_values_just_within_their_limits_are_accepted(dirty: tuple[Bench, Report]) -> None:
    found = dirty[0].rows(
        "SELECT item_name, item_price, item_quantity FROM restaurant_silver.order_items WHERE order_id = 'edge'"
    )
    assert [(name, str(price), quantity) for name, price, quantity in found] == [("é" * 127 + "x", "999999.99", 32767)]


def test_rejected_records_are_in_no_mart(dirty: tuple[Bench, Report]) -> None:
    bench, _ = dirty
    edge = "(SELECT net_amount FROM restaurant_silver.orders WHERE order_id = 'edge')"
    without = bench.value(f"SELECT sum(net_amount) - {edge} FROM restaurant.sales_trends WHERE period = 'day'")
    assert str(without) == NET_AMOUNT


def test_each_file_with_unreadable_records_is_noted(dirty: tuple[Bench, Report]) -> None:
    notes = dirty[1].notes
    assert [note for note in notes if "quarantine" in note] == [
        "order_items.csv: 5 unreadable records are in quarantine",
        "order_item_options.csv: 2 unreadable records are in quarantine",
    ]
    assert all("\n" not in note for note in notes)
