"""Files that break off, are empty, or hold a header only."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from bad_input import marts, marts_kept, refused
from restaurant_input import DATES_HEADER, ITEMS_HEADER, NET_AMOUNT, OPTIONS_HEADER, Bench, write_csv

from medallion.catalog import product
from medallion.contracts import Layer
from medallion.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

LATER = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"
WHOLE = f"{ITEMS_HEADER}\n{LATER}\n".encode()
MANY = (f"{ITEMS_HEADER}\n" + "".join(LATER.replace("o7", f"o{n}") + "\n" for n in range(500))).encode()
HEADERS = {"order_items": ITEMS_HEADER, "order_item_options": OPTIONS_HEADER, "date_dim": DATES_HEADER}


def only_headers(folder: Path, *names: str) -> None:
    for name in names:
        write_csv(folder, f"{name}_headers.csv", HEADERS[name], [])


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        pytest.param("order_items_2.csv", b"", "has no header, no record at all; deliver it again", id="0 bytes"),
        pytest.param("order_items_2.csv", b"\n\r\n\n", "has no header, no record at all; ", id="blank lines only"),
        pytest.param("order_items_2.csv", WHOLE.replace(b"r1", b'"r1'), "record 1 opens a quote", id="unclosed quote"),
        pytest.param("order_items_2.csv", WHOLE.decode().encode("utf-16"), "looks like UTF-16", id="UTF-16"),
        pytest.param("order_items_2.csv.gz", gzip.compress(MANY)[:-20], "the gzip data ends too early", id="cut gzip"),
        pytest.param("order_items_2.csv.gz", b"\x1f\x8b\x08", "the gzip data ends too early", id="gzip of 3 bytes"),
        pytest.param("order_items_2.csv.gz", WHOLE, "is not gzip although its name ends in .gz", id="no gzip"),
        pytest.param(
            "order_items_2.csv.gz",
            gzip.compress(MANY)[:200] + bytes(40) + gzip.compress(MANY)[240:],
            "the gzip data is damaged",
            id="damaged gzip",
        ),
    ],
)
def test_a_file_that_is_no_whole_csv_is_refused_in_one_line(
    published: Bench, name: str, content: bytes, line: str
) -> None:
    (published.input / name).write_bytes(content)
    assert refused(published, InputError).startswith(f"{name}: {line}")


def test_what_broke_off_is_on_record_and_read_once_it_is_delivered_whole(published: Bench) -> None:
    write_csv(published.input, "order_items_1.csv", ITEMS_HEADER, [LATER.replace("o7", "o8")])
    path = published.input / "order_items_2.csv"
    path.write_bytes(WHOLE.replace(b"r1", b'"r1'))
    line = refused(published, InputError)
    assert published.rows("SELECT error FROM control.run WHERE status = 'failed'") == [(line,)]
    path.write_bytes(WHOLE)
    assert published.run().is_resumed
    assert published.net_amount() == "59.50"
    assert published.run().notes == ()


def test_a_broken_file_that_is_taken_away_is_noted_and_the_others_are_read(published: Bench) -> None:
    write_csv(published.input, "order_items_1.csv", ITEMS_HEADER, [LATER])
    broken = published.input / "order_items_2.csv"
    broken.write_bytes(WHOLE.replace(b"r1", b'"r1'))
    refused(published, InputError)
    broken.unlink()
    assert published.run().notes == (f"{broken}: is gone since it was found; its rows are not in this run",)
    assert published.net_amount() == "49.50"


def test_three_files_with_only_a_header_publish_marts_without_rows(bench: Bench) -> None:
    for name in HEADERS:
        (bench.input / f"{name}.csv").unlink()
    only_headers(bench.input, *HEADERS)
    report = bench.run()
    assert set(marts(bench)) == {step.table.name for step in product("restaurant").layer(Layer.GOLD)}
    assert not any(marts(bench).values())
    assert [(table.rows_in, table.rows_out, table.rows_rejected) for table in report.tables[:2]] == [(0, 0, 0)] * 2


def test_options_with_only_a_header_are_orders_without_options(bench: Bench) -> None:
    (bench.input / "order_item_options.csv").unlink()
    only_headers(bench.input, "order_item_options")
    bench.run()
    assert bench.net_amount() == "40.50"  # 2 × 10.00 + 2.50, 10.00 and 8.00


def test_files_with_only_a_header_change_nothing_that_is_published(published: Bench) -> None:
    only_headers(published.input, *HEADERS)
    with marts_kept(published):
        report = published.run()
    assert published.net_amount() == NET_AMOUNT
    assert report.version == 2  # the files are new, so the run built from them and published what it found again
    assert published.rows("SELECT record_count FROM control.batch WHERE file_name LIKE '%headers%'") == [(0,)] * 3
