"""`medallion generate customer_360`: sample tables in a PostgreSQL."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from medallion.samples.customer_360 import Customer360Sample

PLANTED = "customer_360_planted.json"


def write_customer_360(
    sample: Customer360Sample, *, home: Path | None, source_dsn: str | None, is_replacing: bool, as_json: bool
) -> None:
    """Generate, write, and say what was written; what was planted goes to a file in the home folder."""
    from medallion.commands.wiring import create_home, open_workspace, settings_of
    from medallion.ingest.source_sample import write_tables
    from medallion.pipeline.operational import source_dsn as opened
    from medallion.samples import customer_360

    settings = settings_of(None, home=home, source_dsn=source_dsn)
    started = time.monotonic()
    generated = customer_360.generate(sample)
    create_home(settings)
    with opened(open_workspace(settings)) as dsn:
        write_tables(dsn, customer_360.SCHEMA, customer_360.COLUMNS, generated.tables, is_replacing=is_replacing)
    counts = {f"{customer_360.SCHEMA}.{name}": len(rows) for name, rows in generated.tables.items()}
    planted = settings.home / PLANTED
    _write_planted(planted, {"sample": asdict(sample), "tables": counts, "planted": generated.planted})
    if as_json:
        from medallion.commands.document import emit

        emit({"tables": counts, "planted": str(planted)})
        return
    for name, count in counts.items():
        typer.echo(f"{name}: {count:,} rows")
    typer.echo(f"{planted}: what was planted ({time.monotonic() - started:.1f} s)")
    typer.echo("next: medallion run sales_crm")


def _write_planted(path: Path, document: dict[str, object]) -> None:
    import json

    from medallion.errors import StorageError
    from medallion.lake import storage_message

    try:
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(storage_message(str(path), error)) from error
