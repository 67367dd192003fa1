"""Homes that are delivered to bit by bit or at once, and what is to be equal between them: tables down to the record
of the file that each row comes from, quarantine, and the counts of every file.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import duckdb
from comparison import about_versions, differences
from restaurant_input import Bench, workspace_in

from medallion.catalog import product

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from deliveries_strategy import File, Run

    from medallion.contracts import Table
    from medallion.data_product import DataProduct
    from medallion.pipeline.progress import Report

_QUARANTINE = "SELECT table_name, source_file, row_number, reasons, raw_text, row_key FROM quarantine.rejected_row"
_COUNTS = """SELECT source, file_name, record_count, accepted_count, rejected_count, published_count, refused_count,
    duplicate_count FROM control.batch WHERE status = 'loaded'"""
_COUNTS_ELSEWHERE = """SELECT file_name, published_count, refused_count, duplicate_count FROM control.batch
    WHERE status <> 'loaded' AND coalesce(published_count, refused_count, duplicate_count, 0) <> 0"""


@dataclass
class Home:
    """A home of its own; `actions` counts what its runs did with tables, and the runs that updated some."""

    bench: Bench
    actions: Counter[str] = field(default_factory=Counter)

    @property
    def product(self) -> DataProduct:
        return product(self.bench.product)

    @property
    def warehouse(self) -> Path:
        return self.bench.workspace.home / "warehouse.duckdb"

    def deliver(self, files: Iterable[File], *, keeps: bool = False) -> Report:
        """Put files into the input folder, instead of what lies there or beside it, and run."""
        folder = self.bench.input
        folder.mkdir(exist_ok=True)
        for old in () if keeps else folder.iterdir():
            old.unlink()
        for file in files:
            (folder / file.name).write_text(file.text, encoding="utf-8")
        report = self.bench.run()
        self.actions.update(table.action for table in report.tables)
        self.actions["updating runs"] += any(table.action == "updated" for table in report.tables)
        return report


def home_in(folder: Path, engine: str, *, delivery_order: str = "file_name", product_name: str = "restaurant") -> Home:
    """An empty home in a folder, which is made."""
    workspace = workspace_in(folder / "home", engine)
    settings = workspace.settings.model_copy(update={"delivery_order": delivery_order})
    workspace = replace(workspace, settings=settings)
    return Home(Bench(workspace, folder / "input", product_name))


def copy_of(home: Home, folder: Path, engine: str, *, delivery_order: str = "file_name") -> Home:
    """A home with the same contents in another folder."""
    copy = home_in(folder, engine, delivery_order=delivery_order, product_name=home.bench.product)
    shutil.copytree(home.bench.workspace.home, copy.bench.workspace.home, dirs_exist_ok=True)
    return copy


def delivered_in_runs(home: Home, runs: Iterable[Run]) -> Home:
    for run in runs:
        home.deliver(run.files, keeps=run.keeps)
    return home


def delivered_at_once(home: Home, files: Iterable[File]) -> Home:
    home.deliver(files)
    return home


def unequal(one: Home, other: Home) -> dict[str, Any]:
    """What differs between two homes, by table or kind of record; nothing where they are equal.

    Tables that compare versions say what was published before, which a load at once has not.
    """
    known = one.product
    ignored = {step.table.name: ("_batch_id",) for step in known.steps}
    found: dict[str, Any] = dict(differences(known, one.warehouse, other.warehouse, ignored, about_versions(known)))
    queries = {"quarantine": _QUARANTINE, "counts": _COUNTS, "counts of replays": _COUNTS_ELSEWHERE}
    queries |= {
        f"origin of {step.table.name}": _origins(known, step.table) for step in known.steps if step.table.source
    }
    for name, query in queries.items():
        left, right = (_rows(home.warehouse, query) for home in (one, other))
        if left != right:
            found[name] = {
                "only in one": list((left - right).elements())[:5],
                "only in the other": list((right - left).elements())[:5],
            }
    return found


def _origins(known: DataProduct, table: Table) -> str:
    """The file and record of each row of a table."""
    columns = ", ".join(f"t.{name}" for name in table.grain)
    return f"""SELECT {columns}, b.file_name, t._row_number FROM {known.schema(table.layer)}.{table.name} t
        LEFT JOIN control.batch b
        ON b.source = '{table.source}' AND b.batch_id = t._batch_id AND b.status = 'loaded'"""


def _rows(warehouse: Path, query: str) -> Counter[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return Counter(connection.execute(query).fetchall())
