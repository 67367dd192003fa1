"""How products stand and what their runs did: the same functions as `medallion status`, `history` and the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from medallion.commands.catalog import document_of
from medallion.commands.catalog_facts import brief_facts
from medallion.commands.standing import Standing, run_seconds, standing_of
from medallion.documentation.data_dictionary import values_of
from medallion.documentation.definitions import definition_of
from medallion.documentation.site.facts import ProductFacts
from medallion.warehouse import control, quarantine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medallion.dashboard.reading import Row, Source
    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Session, Warehouse
    from medallion.warehouse.records import Run

MOST_RUNS, MOST_REJECTED = 50, 200


@dataclass(frozen=True)
class Pipeline:
    """A product's standing, its facts in the catalogue, and its newest runs."""

    standing: Standing
    facts: ProductFacts
    runs: tuple[Run, ...]


def pipeline_of(source: Source, product: DataProduct) -> Pipeline:
    """How the product stands now. Raises Unavailable."""

    found: Pipeline = source.live(("pipeline", product.name), lambda: _read(source.warehouse, product))
    return found


def _read(warehouse: Warehouse, product: DataProduct) -> Pipeline:
    now = datetime.now(UTC)
    standing = standing_of(warehouse, product)
    if standing.last is None and not standing.marts:
        return Pipeline(standing, ProductFacts(product=product, entry=document_of(standing, now)), ())
    with warehouse.read() as session:
        return Pipeline(
            standing, brief_facts(session, standing, now), tuple(control.runs(session, product.name, MOST_RUNS))
        )


def run_rows(pipeline: Pipeline) -> list[Row]:
    """The newest runs, newest first."""
    return [
        {
            "run": run.run_id,
            "status": run.status.value,
            "as_of": run.as_of,
            "started_at": run.started_at,
            "seconds": run_seconds(run),
            "attempt": run.attempt,
            "engine": run.engine,
            "source": run.source,
            "error": run.error,
        }
        for run in pipeline.runs
    ]


def table_rows(pipeline: Pipeline) -> list[Row]:
    """Each published table: its version and rows, and what the run that built it last read and rejected."""
    return [
        {
            "table": name,
            "layer": pipeline.facts.product.step(name).table.layer.value,
            "version": facts.version,
            "rows": facts.row_count,
            "rows_in": facts.rows_in,
            "rejected": facts.rows_rejected,
            "duplicates": facts.rows_duplicate,
            "published_at": facts.published_at,
        }
        for name, facts in pipeline.facts.tables.items()
    ]


def seconds_rows(source: Source, run_id: str) -> list[Row]:
    """The seconds that each table of a run took, longest first. Raises Unavailable."""

    def read() -> list[Row]:
        with source.warehouse.read() as session:
            found = control.checkpoints(session, run_id)
        rows: list[Row] = [{"table": one.table_name, "layer": one.layer, "seconds": one.seconds} for one in found]
        return sorted((row for row in rows if row["seconds"]), key=lambda row: -float(row["seconds"]))

    rows: list[Row] = source.live(("seconds", run_id), read)
    return rows


def check_rows(pipeline: Pipeline) -> list[Row]:
    """The results of each table's last audit, those that did not hold first."""
    order = {(False, "fail"): 0, (False, "warn"): 1}
    found: list[Row] = [
        {
            "result": "passed" if one.passed else "failed" if one.severity == "fail" else "warning",
            "table": one.table,
            "check": one.name,
            "rows": one.failed_count,
            "found": one.detail,
            "meaning": one.description,
            "_order": order.get((one.passed, one.severity), 2),
        }
        for one in pipeline.facts.checks
    ]
    found.sort(key=lambda row: int(row["_order"]))
    return [{name: value for name, value in row.items() if name != "_order"} for row in found]


def rejected(pipeline: Pipeline) -> int:
    """Rows in quarantine by table and reason, added up: a row with two reasons counts twice, as in the list."""
    return sum(number for _, _, number in pipeline.standing.rejected)


def rejected_rows(source: Source, product: DataProduct, table: str, reason: str | None) -> tuple[list[Row], int]:
    """The first rows of a table in quarantine, with a reason or any, and how many there are.

    Raises Unavailable, which `is_denied` to those who may not see personal data.
    """
    chosen = quarantine.Chosen(table=table, reason=reason)

    def read_in(session: Session) -> tuple[list[Row], int]:
        rows: list[dict[str, Any]] = [
            {"file": one.source_file, "record": one.row_number, "reasons": one.reasons, "delivered": one.raw_text}
            for one in quarantine.rows_of(session, product.name, chosen, MOST_REJECTED)
        ]
        return rows, quarantine.count_of(session, product.name, chosen)

    def read() -> tuple[list[Row], int]:
        with source.warehouse.read() as session:
            return read_in(session)

    found: tuple[list[Row], int] = source.live(("rejected", product.name, table, reason), read)
    return found


def dictionary(products: Sequence[DataProduct], words: str) -> list[Row]:
    """Columns of published tables whose table, name or description has all the words, in any letter case."""
    wanted = words.lower().split()
    found = []
    for product in products:
        for step in product.steps:
            for column in step.table.columns:
                text = f"{product.name}.{step.table.name}.{column.name} {column.description}".lower()
                if all(word in text for word in wanted):
                    found.append(
                        {
                            "table": f"{product.schema(step.table.layer)}.{step.table.name}",
                            "column": column.name,
                            "type": column.type,
                            "unit": column.unit,
                            "description": column.description,
                            "values": values_of(column),
                            "personal": column.pii,
                            "defined_in": str(definition_of(step, column.name)),
                        }
                    )
    return found
