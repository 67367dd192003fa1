"""Full disks and damaged files under a run: one line, what was published stays, and the same command goes on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from bad_input import marts, refusal, refused
from full_disk import fill, mounted
from restaurant_input import ITEMS_HEADER, NET_AMOUNT, Bench, workspace_in, write_csv

from medallion.errors import AuditError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from medallion.pipeline.progress import Event

LATER = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk") as disk:
        yield disk


@pytest.fixture
def on_small_disk(small_disk: Path, published_home: Path, tmp_path: Path, engine_name: str) -> Bench:
    """The published product with its home on the small disk, and a new file to load."""
    bench = Bench(workspace_in(small_disk / "home", engine_name), tmp_path / "next")
    shutil.copytree(published_home, bench.workspace.home, dirs_exist_ok=True)
    write_csv(bench.input, "order_items_2.csv", ITEMS_HEADER, [LATER])
    return bench


@pytest.mark.parametrize(
    ("layer", "stage"),
    [
        pytest.param("bronze", "reading", id="while bronze is written"),
        pytest.param("silver", "building", id="while the first table is staged"),
        pytest.param("gold", "building", id="while a mart is staged"),
        pytest.param("silver", "audited", id="while silver is published"),
        pytest.param("gold", "audited", id="while the marts are published"),
    ],
)
def test_a_disk_that_is_full_is_one_line_and_the_same_command_goes_on_once_there_is_space(
    on_small_disk: Bench, small_disk: Path, layer: str, stage: str
) -> None:
    before, ballast = marts(on_small_disk), small_disk / "ballast"

    def fill_disk(event: Event) -> None:
        if (event.layer, event.stage) == (layer, stage) and not ballast.exists():
            fill(ballast)

    with refusal(StorageError) as said:
        on_small_disk.run(listener=fill_disk)
    assert ": no space left on the d" in said[0]
    assert "free some and run " in said[0]
    assert marts(on_small_disk) == before  # read while the disk is still full
    ballast.unlink()
    report = on_small_disk.run()
    assert report.is_resumed
    assert on_small_disk.net_amount() == "49.50"


def test_a_disk_that_is_full_from_the_start_is_one_line(on_small_disk: Bench, small_disk: Path) -> None:
    before, ballast = marts(on_small_disk), small_disk / "ballast"
    fill(ballast)
    with refusal(StorageError) as said:
        on_small_disk.run()
    assert ": no space left on the d" in said[0]
    assert marts(on_small_disk) == before


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"not a database " * 1000, id="text"),
        pytest.param(b"SQLite format 3\0" + bytes(8192), id="SQLite"),
        pytest.param(b"", id="0 bytes"),
        pytest.param(b"x", id="1 byte"),
    ],
)
def test_a_warehouse_file_of_another_kind_is_refused_and_left_alone(bench: Bench, content: bytes) -> None:
    file = bench.workspace.home / "warehouse.duckdb"
    file.write_bytes(content)
    with refusal(StorageError) as said:
        bench.run()
    assert said[0].startswith(f"{file}: not a DuckDB file, or a damaged one; move it away or ")
    assert file.read_bytes() == content


def test_a_warehouse_file_that_was_cut_off_is_refused_and_readable_again_once_it_is_restored(published: Bench) -> None:
    file = published.workspace.home / "warehouse.duckdb"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 3])
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [LATER])
    with refusal(StorageError) as said:
        published.run()
    assert said[0].startswith(f"{file}: ")
    file.write_bytes(whole)
    assert published.net_amount() == NET_AMOUNT


def test_a_folder_in_place_of_the_warehouse_file_is_refused(bench: Bench) -> None:
    file = bench.workspace.home / "warehouse.duckdb"
    file.mkdir()
    with refusal(StorageError) as said:
        bench.run()
    assert said[0].startswith(f"{file}: ")


def test_a_file_in_place_of_the_lake_is_refused(published: Bench) -> None:
    lake = published.workspace.home / "lake"
    shutil.rmtree(lake)
    lake.write_text("")
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [LATER])
    assert refused(published, StorageError).startswith(f"{lake}/")


def test_a_delivery_that_was_lost_from_the_lake_is_not_published_as_if_it_had_never_been(published: Bench) -> None:
    shutil.rmtree(next((published.workspace.home / "lake" / "bronze" / "restaurant" / "order_items").iterdir()))
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [LATER])
    before = marts(published)
    with refusal(AuditError) as said:
        published.run()
    assert "check 'every_record_is_accounted_for' fails for 6 rows" in said[0]
    assert marts(published) == before
