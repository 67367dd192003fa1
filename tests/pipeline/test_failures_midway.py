"""What goes wrong under a run that had come half-way: damaged stages, changing files, full disks, lost deliveries."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bad_input import marts, refusal
from deliveries_strategy import BULK, File
from full_disk import fill, mounted
from increments import Home, copy_of, home_in, unequal
from restaurant_input import ITEMS, ITEMS_HEADER, write_csv

from medallion.checks import RejectLimit
from medallion.errors import AuditError, InputError, MedallionError, StorageError
from medallion.warehouse.duckdb_session import DuckDbSession

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession
    from restaurant_input import Bench

    from medallion.pipeline.progress import Event

# A correction of a line of an order that was loaded, and a line of a new one.
CORRECTION = "app,r1,2024-01-01T10:00:00Z,b0,u2,,FALSE,USD,l1,Mains,Burger,11.00,1"
NEW_ORDER = "app,r1,2024-01-09T10:00:00Z,n1,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"
INCREMENT = (File("order_items", 6, (CORRECTION, NEW_ORDER)),)
ENOUGH_ROWS = 1 << 18  # of which bronze writes the first before the gate has read the last


class StoppedError(MedallionError):
    """Ends a run from within a test's listener."""


@pytest.fixture(scope="module")
def loaded(spark: SparkSession, engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with big files loaded, so that what comes next updates tables; to be copied, never to be changed."""
    home = home_in(tmp_path_factory.mktemp("loaded"), engine_name)
    home.deliver(BULK)
    return home


@pytest.fixture(scope="module")
def undisturbed(loaded: Home, engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home after the increment, in one go."""
    home = copy_of(loaded, tmp_path_factory.mktemp("undisturbed"), engine_name)
    home.deliver(INCREMENT)
    assert home.actions["updated"] > 0
    return home


@pytest.fixture
def home(loaded: Home, engine_name: str, tmp_path: Path) -> Home:
    return copy_of(loaded, tmp_path, engine_name)


def stopped(home: Home, layer: str) -> None:
    """The increment, stopped once all tables of a layer are staged."""

    def stop(event: Event) -> None:
        if (event.layer, event.stage) == (layer, "audited"):
            raise StoppedError("stopped by the test")

    home.bench.input.mkdir()
    for file in INCREMENT:
        (home.bench.input / file.name).write_text(file.text, encoding="utf-8")
    with pytest.raises(StoppedError):
        home.bench.run(listener=stop)


def test_an_increment_that_its_audit_refuses_is_taken_back_from_the_warehouse_and_goes_on_once_it_is_allowed(
    home: Home, undisturbed: Home
) -> None:
    rejected = "app,r1,2024-01-09T10:00:00Z,n2,u2,,FALSE,USD,l1,Mains,Burger,abc,1"
    write_csv(home.bench.input, INCREMENT[0].name, ITEMS_HEADER, [*INCREMENT[0].rows, rejected])
    before, limits = marts(home.bench), {"restaurant.order_items": RejectLimit(count=0)}
    settings = home.bench.workspace.settings.model_copy(update={"reject_limits": limits})
    strict = replace(home.bench, workspace=replace(home.bench.workspace, settings=settings))

    with refusal(AuditError) as said:
        strict.run()

    assert said[0].startswith("order_items: check 'rejects_are_within_the_limit' fails for 1 rows")
    assert marts(home.bench) == before
    assert home.bench.value("SELECT count(*) FROM restaurant_silver.order_lines WHERE order_id = 'n1'") == 0
    assert home.bench.run().is_resumed
    assert marts(home.bench) == marts(undisturbed.bench)


def flip(file: Path) -> None:
    """Other bytes, and as many."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    stat = file.stat()
    file.write_bytes(content)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-10])


def remove(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("damage", [flip, cut_off, remove])
@pytest.mark.parametrize(
    ("layer", "pattern", "built_again"),
    [
        pytest.param("silver", "order_items/**/*.parquet", {"order_items"}, id="silver"),
        pytest.param("gold", "customer_cohorts/*.parquet", {"customer_cohorts"}, id="gold"),
        pytest.param("gold", "customer_cohorts/_staged.json", {"customer_cohorts"}, id="manifest"),
    ],
)
def test_a_damaged_stage_is_built_again_and_others_are_used(
    home: Home, undisturbed: Home, damage: Callable[[Path], None], layer: str, pattern: str, built_again: set[str]
) -> None:
    stopped(home, layer)
    (folder,) = (home.bench.workspace.home / "lake" / "staging" / "restaurant").iterdir()
    damage(next(iter(sorted(folder.glob(pattern)))))

    report = home.bench.run()

    own = {table.name: table.action for table in report.tables if table.layer == layer and table.action != "skipped"}
    assert {name for name, action in own.items() if action != "reused"} == built_again
    assert unequal(home, undisturbed) == {}


def grows(file: Path) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(ITEMS[0] + "\n")


def shrinks(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def is_replaced(file: Path) -> None:
    """By a file of the same size, as one that copies into the folder does."""
    fresh = file.with_suffix(".new")
    fresh.write_bytes(file.read_bytes().replace(b"Burger", b"Cheese"))
    fresh.replace(file)


@pytest.mark.parametrize("change", [grows, shrinks, is_replaced])
def test_a_file_that_changes_while_it_is_read_is_refused_and_read_once_it_is_whole(
    published: Bench, change: Callable[[Path], None]
) -> None:
    before = marts(published)
    rows = [f"app,r1,2024-01-06T09:00:00Z,x{n},u2,,FALSE,USD,l1,Mains,Burger,1.00,1" for n in range(ENOUGH_ROWS)]
    file = write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, rows)
    changes: list[int | None] = []

    def change_once(event: Event) -> None:
        if (event.layer, event.stage) == ("bronze", "reading") and event.rows and not changes:
            changes.append(event.rows)
            change(file)

    with refusal(InputError) as said:
        published.run(listener=change_once)

    assert said[0] == f"{file}: changed while it was read; deliver it whole, then run the same command again"
    assert marts(published) == before
    write_csv(published.input, file.name, ITEMS_HEADER, rows[:1])
    assert published.run().is_resumed
    assert published.net_amount() == "40.50"


@pytest.mark.parametrize(
    ("layer", "stage"), [("silver", "updating"), ("gold", "building"), ("silver", "audited"), ("gold", "audited")]
)
def test_an_increment_on_a_full_disk_goes_on_once_there_is_space(
    loaded: Home, undisturbed: Home, engine_name: str, tmp_path: Path, layer: str, stage: str
) -> None:
    with mounted(tmp_path / "disk") as disk:
        home, ballast = copy_of(loaded, disk / "home", engine_name), disk / "ballast"
        write_csv(home.bench.input, INCREMENT[0].name, ITEMS_HEADER, INCREMENT[0].rows)
        before = marts(home.bench)

        def fill_disk(event: Event) -> None:
            if (event.layer, event.stage) == (layer, stage) and not ballast.exists():
                fill(ballast)

        with refusal(StorageError) as said:
            home.bench.run(listener=fill_disk)

        assert ": no space left on the d" in said[0]
        assert marts(home.bench) == before
        ballast.unlink()
        assert home.bench.run().is_resumed
        assert unequal(home, undisturbed) == {}


def lose_order_items(home: Home) -> Path:
    (folder,) = (home.bench.workspace.home / "lake" / "bronze" / "restaurant" / "order_items").iterdir()
    shutil.rmtree(folder)
    return folder


def test_a_correction_of_rows_whose_delivery_was_lost_from_the_lake_says_so(home: Home) -> None:
    folder, before = lose_order_items(home), marts(home.bench)
    write_csv(home.bench.input, "order_items_6.csv", ITEMS_HEADER, [CORRECTION])

    with refusal(StorageError) as said:
        home.bench.run()

    assert said[0].startswith(f"{folder.parent}: 2 of 2 records behind published rows are gone; restore the folder")
    assert marts(home.bench) == before


def test_new_orders_are_loaded_though_an_earlier_delivery_was_lost_from_the_lake(
    home: Home, loaded: Home, engine_name: str, tmp_path: Path
) -> None:
    whole = copy_of(loaded, tmp_path / "whole", engine_name)
    lose_order_items(home)
    for one in (home, whole):
        one.deliver([File("order_items", 6, (NEW_ORDER,))])

    assert unequal(home, whole) == {}


@pytest.mark.parametrize("key", ["user_id", "order_date"])
def test_published_rows_that_cannot_be_read_once_are_taken_for_none_by_no_table_that_waits_for_them(
    home: Home, undisturbed: Home, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_out, failed = DuckDbSession.copy_out, []

    def once(session: DuckDbSession, query: str, folder: str) -> list[str]:
        if folder.endswith(f"/orders/{key}") and not failed:
            failed.append(folder)
            time.sleep(0.5)  # meanwhile another table comes to wait for the same rows
            raise StorageError("the warehouse does not answer")
        return copy_out(session, query, folder)

    monkeypatch.setattr(DuckDbSession, "copy_out", once)
    with pytest.raises(StorageError, match="does not answer"):
        home.deliver(INCREMENT)

    assert home.bench.run().is_resumed
    assert (len(failed), unequal(home, undisturbed)) == (1, {})
