"""Any split of the input into batches, in any order, with replays, corrections and late files, ends equal to one full
load.

MEDALLION_SLOW_TESTS=1 tries many more examples, other ones each time.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest
from comparison import about_versions, differences
from deliveries_strategy import WORLDS, File, Run, histories, splits
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from increments import Home, copy_of, delivered_at_once, delivered_in_runs, home_in, unequal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

IS_SLOW, IS_SPARK = (
    os.environ.get("MEDALLION_SLOW_TESTS") == "1",
    os.environ.get("MEDALLION_TEST_ENGINE") == "spark",
)
TALLY: Counter[str] = Counter()


def few(usually: int, slowly: int) -> settings:
    """How many examples are tried; each takes several runs."""
    return settings(
        max_examples=slowly if IS_SLOW else 3 if IS_SPARK else usually,
        deadline=None,
        database=None,
        derandomize=not IS_SLOW,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@pytest.fixture(scope="module")
def loaded(spark: SparkSession, engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Home]:
    """A home of a product that its big files were delivered to; to be copied, never to be changed."""

    @cache
    def home_of(name: str) -> Home:
        home = home_in(tmp_path_factory.mktemp("loaded"), engine_name, product_name=name)
        home.deliver(WORLDS[name].bulk)
        return home

    return home_of


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for one example after the other."""
    folder = tmp_path_factory.mktemp("increments")
    yield folder
    shutil.rmtree(folder)


def both(place: Path, loaded: Home, runs: tuple[Run, ...], files: tuple[File, ...]) -> tuple[Home, Home]:
    """A home that the runs delivered to, and one that got `files` at once."""
    for old in place.iterdir():
        shutil.rmtree(old)
    engine = loaded.bench.workspace.settings.engine
    first, *later = runs
    name = loaded.bench.product
    if first.files == WORLDS[name].bulk:
        home = delivered_in_runs(copy_of(loaded, place / "in_runs", engine), later)
    else:
        home = delivered_in_runs(home_in(place / "in_runs", engine, product_name=name), runs)
    TALLY.update(home.actions, examples=1, runs=len(later))
    event(f"updated tables: {home.actions['updated'] > 0}")
    return home, delivered_at_once(home_in(place / "at_once", engine, product_name=name), files)


@pytest.mark.parametrize("name", WORLDS)
@few(usually=5, slowly=120)
@given(data=st.data())
def test_files_in_any_order_and_number_of_runs_end_equal_to_one_full_load(
    place: Path, loaded: Callable[[str], Home], name: str, data: st.DataObject
) -> None:
    runs = data.draw(histories(WORLDS[name]))

    bit_by_bit, at_once = both(place, loaded(name), runs, tuple(file for run in runs for file in run.files))

    assert unequal(bit_by_bit, at_once) == {}


@few(usually=3, slowly=30)
@given(split=splits())
def test_rows_spread_over_any_files_end_equal_to_one_file(
    place: Path, loaded: Callable[[str], Home], split: tuple[tuple[File, ...], tuple[Run, ...]]
) -> None:
    together, runs = split
    spread, at_once = both(place, loaded("restaurant"), runs, together)

    origin = {step.table.name: ("_batch_id", "_row_number") for step in spread.product.steps}
    known = spread.product
    assert differences(known, spread.warehouse, at_once.warehouse, origin, about_versions(known)) == {}


def test_most_of_these_runs_updated_tables_by_key() -> None:
    if not TALLY:
        pytest.skip("counts what the tests above did")

    assert TALLY["updating runs"] > TALLY["runs"] / 2, dict(TALLY)
