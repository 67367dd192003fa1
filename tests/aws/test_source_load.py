"""What landed goes through the gate into the source database once, a transaction a file, and is what bronze reads."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from source_bench import SourceBench, items

from medallion.lineage import REASONS

NASTY = (
    *("", " ", "it's", '"say ""hi"""', '"two\nlines"', '"cr\r\nlf"', "back\\slash", "\\N", "\\.", '"\\.\n\\."', "NULL"),
    *("%s $1 {x}", "naïve Ünïcode 日本語", "\x01\x7f"),
)


def test_a_landed_file_is_loaded_with_where_its_rows_came_from(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger", "Cola"))

    told = source.run()

    assert told == {
        "product": "restaurant",
        "done": True,
        "loaded": 1,
        "known": 0,
        "accepted_rows": 2,
        "rejected_rows": 0,
        "skipped": [],
    }
    assert source.rows(
        "SELECT row_id, order_id, item_name, printed_card_number, _source_file, _row_number FROM restaurant.order_items"
        " ORDER BY row_id"
    ) == [(1, "o1", "Burger", "", "order_items.csv", 1), (2, "o2", "Cola", "", "order_items.csv", 2)]


def test_any_text_comes_through_as_it_was(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items(*NASTY))

    source.run()

    found = [name for (name,) in source.rows("SELECT item_name FROM restaurant.order_items ORDER BY row_id")]
    assert found == [name[1:-1].replace('""', '"') if name.startswith('"') else name for name in NASTY]


def test_what_was_loaded_is_not_loaded_again(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    source.run()

    told = source.run()

    assert (told["loaded"], told["known"], source.counts()) == (0, 1, (1, 1, 1))


def test_the_same_content_from_another_object_is_loaded_once(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    source.land("f2", "order_items_copy.csv", items("Burger"))

    source.run()

    assert source.counts() == (1, 1, 2)


def test_a_changed_file_is_loaded_beside_what_it_was(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    source.run()
    source.land("f1", "order_items.csv", items("Salad"))

    source.run()

    assert source.counts() == (2, 2, 2)


def test_a_file_without_rows_is_taken_in(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items())

    assert (source.run()["loaded"], source.counts()) == (1, (0, 1, 1))


def test_rejects_are_kept_and_counted(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger") + b"short,record\n" + b"\xff,,,,,,,,,,,,\n")

    told = source.run()

    [key] = source.keys("rejects/restaurant/order_items/")
    content = source.s3.get_object(Bucket=source.bucket, Key=key)["Body"].read()
    rejects = pq.read_table(io.BytesIO(content)).to_pylist()
    assert [(one["_source_file"], one["_row_number"], one[REASONS]) for one in rejects] == [
        ("order_items.csv", 2, "ragged"),
        ("order_items.csv", 3, "undecodable"),
    ]
    assert (told["rejected_rows"], source.rows("SELECT record_count, rejected_count FROM restaurant._object")) == (
        2,
        [(3, 2)],
    )


def test_only_rejects_are_left_in_the_bucket(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))

    source.run()

    assert source.keys("incoming/") == []
    found = source.s3.head_object(Bucket=source.bucket, Key=source.keys("rejects/")[0])
    assert found["SSEKMSKeyId"] == source.aws.kms_key


def test_what_belongs_to_no_source_is_left_out_and_told(source: SourceBench) -> None:
    source.land("f1", "notes.csv", b"a,b\n")

    told = source.run()

    assert (told["done"], told["skipped"]) == (
        True,
        ["notes.csv (landing/restaurant/f1/notes.csv): belongs to no source of restaurant"],
    )


def test_a_run_reads_what_the_function_loaded_and_loads_nothing_again(
    source: SourceBench, tmp_path: Path, engine_name: str
) -> None:
    sys.path.append(str(Path(__file__).parents[1] / "pipeline"))
    from command_line import CommandLine

    from medallion.samples.restaurant import RestaurantSample, generate

    folder = generate(RestaurantSample(orders=60, seed=31, dirty=1.0), tmp_path / "delivered").folder
    source.land_folder(folder)
    source.run()
    loaded = source.counts()
    straight = CommandLine(tmp_path / "straight", engine_name)
    through = CommandLine(tmp_path / "through", engine_name, source="rds", dsn=source.dsn)
    for command in (straight, through):
        command.run("--input", str(folder))

    assert source.counts() == loaded
    assert loaded[0] > 60
    for name in ("order_items", "order_item_options", "date_dim"):
        assert bronze(through.home, name) == bronze(straight.home, name)


def bronze(home: Path, source: str) -> list[tuple[Any, ...]]:
    """A source's bronze rows but for the instant of their reading, which differs between two homes."""
    import duckdb

    files = f"{home}/lake/bronze/restaurant/{source}/*/**/[!_]*.parquet"
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT * EXCLUDE (_ingested_at) FROM read_parquet('{files}', hive_partitioning = false) ORDER BY ALL"
        ).fetchall()
