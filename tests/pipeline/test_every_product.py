"""What the core promises about increments, audits and versions, for every product of the catalogue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from broken_mart import with_every_row_twice
from comparison import about_versions, differences
from every_product import EVERY_PRODUCT, PRODUCTS, story_of
from tried import Contents, Tried
from warehouse_contents import unaccounted_tables

from medallion import cli
from medallion.catalog import product
from medallion.contracts import Layer
from medallion.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession

    from medallion.data_product import DataProduct
    from medallion.embedded.postgres import EmbeddedPostgres
    from medallion.pipeline.plan import Plan
    from medallion.pipeline.progress import Report

ACTIONS = {"build": "built", "update": "updated", "skip": "skipped"}
WITH_SOURCES = pytest.mark.parametrize("known", [one for one in PRODUCTS if one.sources], ids=lambda known: known.name)
_REASONS = "SELECT table_name, reasons, raw_text, row_key FROM quarantine.rejected_row WHERE product = ? ORDER BY ALL"
_CHECKS = "SELECT table_name, check_name FROM control.quality WHERE run_id = ? ORDER BY ALL"
_UNACCOUNTED = """SELECT file_name, record_count FROM control.batch WHERE status = 'loaded' AND record_count <>
    published_count + refused_count + rejected_count + duplicate_count + coalesce(deleted_count, 0)"""


@dataclass(frozen=True)
class Told:
    """A product after its second delivery; what was planned for it and done, and the marts after the first."""

    home: Tried
    first: Contents
    planned: Plan
    done: Report


@pytest.fixture(scope="module")
def told(
    spark: SparkSession, engine_name: str, tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres
) -> Callable[[DataProduct], Told]:
    """To be copied, never to be changed."""

    @cache
    def of(name: str) -> Told:
        known = product(name)
        home = Tried.new(known, tmp_path_factory.mktemp("told"), engine_name, postgres.dsn)
        home.deliver(0)
        home.run()
        first = home.marts()
        home.deliver(1)
        planned = home.plan()
        return Told(home, first, planned, home.run())

    return lambda known: of(known.name)


@EVERY_PRODUCT
def test_two_deliveries_one_after_the_other_are_one_full_load(
    told: Callable[[DataProduct], Told], tmp_path: Path, known: DataProduct
) -> None:
    bit_by_bit = told(known).home
    at_once = Tried.new(known, tmp_path, bit_by_bit.engine, bit_by_bit.server_dsn)
    at_once.deliver(0, 1)

    at_once.run(is_full=True)

    # A pull numbers what it brings, a file its lines: of tables the numbers differ from pull to pull.
    lineage = ("_batch_id", "_row_number") if known.table_sources else ("_batch_id",)
    ignored = {step.table.name: lineage for step in known.steps}
    assert differences(known, bit_by_bit.warehouse, at_once.warehouse, ignored, about_versions(known)) == {}
    assert bit_by_bit.rows(_REASONS, known.name) == at_once.rows(_REASONS, known.name)
    assert told(known).first != bit_by_bit.marts()


@EVERY_PRODUCT
def test_a_small_delivery_updates_tables_by_key(told: Callable[[DataProduct], Told], known: DataProduct) -> None:
    done = {table.name: table.action for table in told(known).done.tables}

    changed = {step.table.name for step in known.steps if step.key and done[step.table.name] != "skipped"}
    assert {done[name] for name in changed} <= {"updated"}
    assert bool(changed) == bool(known.keys)


@EVERY_PRODUCT
def test_every_record_is_accepted_rejected_or_a_repeat_and_the_rejected_ones_are_kept(
    told: Callable[[DataProduct], Told], known: DataProduct
) -> None:
    home = told(known).home

    assert home.rows(_UNACCOUNTED) == []
    counted = "SELECT coalesce(sum(refused_count + rejected_count), 0) FROM control.batch WHERE product = ?"
    kept = home.rows(_REASONS, known.name)
    assert home.rows(counted, known.name) == [(len(kept),)]
    assert story_of(known).reasons <= {reason for _, reasons, *_ in kept for reason in reasons.split(",")}


@EVERY_PRODUCT
def test_every_check_of_a_run_is_on_record(told: Callable[[DataProduct], Told], known: DataProduct) -> None:
    report = told(known).done

    recorded = told(known).home.rows(_CHECKS, str(report.run_id))
    assert recorded == sorted((check.table, check.name) for check in report.checks)
    assert {name for name, _ in recorded} >= {step.table.name for step in known.layer(Layer.GOLD)}


@EVERY_PRODUCT
def test_a_run_does_what_the_plan_said(told: Callable[[DataProduct], Told], known: DataProduct) -> None:
    planned = {table.name: ACTIONS[table.action] for table in told(known).planned.tables}

    assert {table.name: table.action for table in told(known).done.tables} == planned


@EVERY_PRODUCT
def test_where_nothing_is_new_nothing_is_done(told: Callable[[DataProduct], Told], known: DataProduct) -> None:
    home = told(known).home
    assert home.plan().is_empty

    assert home.run().run_id is None


@WITH_SOURCES
def test_too_many_bad_rows_publish_nothing_and_the_same_command_goes_on_once_they_are_put_right(
    told: Callable[[DataProduct], Told], tmp_path: Path, known: DataProduct
) -> None:
    home = told(known).home.copy(tmp_path, 0, 1)
    before = home.marts()
    home.origin.put(story_of(known).spoilt)
    with pytest.raises(AuditError, match="rejects_are_within_the_limit"):
        home.run()
    assert home.marts() == before
    home.origin.put(story_of(known).mended)

    report = home.run()

    assert report.is_resumed
    assert home.marts() != before
    assert home.rows(_UNACCOUNTED) == []
    assert home.rows(_REASONS, known.name) == told(known).home.rows(_REASONS, known.name)


@EVERY_PRODUCT
def test_a_mart_that_breaks_its_contract_publishes_nothing_and_the_same_command_goes_on_once_it_is_right(
    told: Callable[[DataProduct], Told], tmp_path: Path, known: DataProduct
) -> None:
    home = told(known).home.copy(tmp_path, 0, 1)
    before = home.marts()
    home.deliver(2)
    with pytest.raises(AuditError, match=f"{known.steps[-1].table.name}: check 'grain_is_unique' fails"):
        home.run(product=with_every_row_twice(known))
    assert home.marts() == before

    report = home.run()

    assert report.is_resumed
    assert home.marts() != before
    assert unaccounted_tables(home.warehouse) == []


@pytest.fixture
def command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    """Runs a command on a copy of a product's home; its exit code and JSON document."""
    home = tmp_path / "home"

    def run(*arguments: str) -> tuple[int, Any]:
        capfd.readouterr()
        code = cli.main([*arguments, "--home", str(home), "--json"])
        return code, json.loads(capfd.readouterr().out)

    return run


@EVERY_PRODUCT
def test_readers_can_be_taken_back_to_a_version_and_old_ones_forgotten(
    told: Callable[[DataProduct], Told], tmp_path: Path, command: Any, known: DataProduct
) -> None:
    home = told(known).home.copy(tmp_path)
    second = home.marts()

    code, rolled_back = command("rollback", known.name)
    assert (code, sorted(rolled_back["marts"])) == (0, sorted(second))
    assert home.marts() == told(known).first

    _, listed = command("versions", known.name)
    assert [one["version"] for one in listed["versions"]] == [3, 2, 1]

    command("rollback", known.name, "--to", "2")
    _, pruned = command("prune", known.name, "--keep", "1")
    assert (pruned["kept"], pruned["dropped"]) == ([4], [3, 2, 1])
    assert home.marts() == second
    assert unaccounted_tables(home.warehouse) == []


@EVERY_PRODUCT
def test_what_changed_between_versions_is_summed_up(
    told: Callable[[DataProduct], Told], tmp_path: Path, command: Any, known: DataProduct
) -> None:
    told(known).home.copy(tmp_path)
    first = told(known).first
    second = told(known).home.marts()

    for name in (step.table.name for step in known.layer(Layer.GOLD)):
        code, found = command("diff", f"{known.name}.{name}", "1", "2")

        assert code == 0
        assert found["rows"]["added"] - found["rows"]["removed"] == len(second[name]) - len(first[name])


@EVERY_PRODUCT
def test_rejected_rows_are_listed_shown_exported_and_read_again(
    told: Callable[[DataProduct], Told], tmp_path: Path, command: Any, known: DataProduct
) -> None:
    home = told(known).home.copy(tmp_path)
    kept, before = home.rows(_REASONS, known.name), home.marts()

    code, listed = command("quarantine", "list", known.name)
    assert (code, listed["rows"]) == (0, len(kept))
    for table in sorted({table for table, *_ in kept}):
        _, shown = command("quarantine", "show", known.name, "--table", table, "--limit", "1000")
        assert len(shown["rows"]) == sum(one == table for one, *_ in kept)
        is_file = bool(known.source(str(known.step(table).table.source)).file_pattern)
        code, _ = command("quarantine", "export", known.name, "--table", table, "--output", str(tmp_path / "out"))
        assert code == (0 if is_file else 2)
    if kept:
        code, _ = command("quarantine", "replay", known.name)
        assert code == 0
    assert home.rows(_REASONS, known.name) == kept
    assert home.marts() == before
