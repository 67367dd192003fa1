"""`medallion quarantine`: what was refused and why, and two ways to put it right: correct the data, or the rule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medallion.commands import options
from medallion.commands.hints import echo
from medallion.commands.run_options import RunOptions, taking_run_options

if TYPE_CHECKING:
    from medallion.commands.correction_file import Correction
    from medallion.data_product import DataProduct
    from medallion.warehouse.quarantine import Chosen

app = typer.Typer(help="Rejected rows: see them, correct them, read them again.", no_args_is_help=True)

Table = Annotated[str | None, typer.Option("--table", metavar="T", help="Rows of this silver table only.")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="R", help="Rows rejected for this reason only.")]
File = Annotated[str | None, typer.Option("--file", metavar="NAME", help="Rows of the delivered file of this name.")]


@app.command("list")
def list_rows(
    product: options.Product,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """List by table and reason what is in quarantine, and what to do about it.

    Example:

    medallion quarantine list restaurant
    """
    from medallion import catalog
    from medallion.commands.quarantined import groups_of, quarantined
    from medallion.commands.recorded import on_record
    from medallion.commands.wiring import open_warehouse, settings_of
    from medallion.warehouse.quarantine import Chosen

    known = catalog.product(product)
    with on_record(open_warehouse(settings_of(config, home=home))) as session:
        rows = quarantined(session, known, Chosen()) if session else []
    groups = groups_of(known, rows)
    if as_json:
        from medallion.commands.document import emit
        from medallion.commands.quarantine_tables import list_document

        emit(list_document(known, rows, groups))
    else:
        from medallion.commands.quarantine_tables import print_list

        print_list(known, rows, groups)


@app.command("show")
def show_rows(
    product: options.Product,
    table: Table = None,
    reason: Reason = None,
    file: File = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=options.MOST, help="How many rows.")] = 20,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Show rows in quarantine: file, record number, reasons, and what was delivered.

    Examples:

    medallion quarantine show restaurant --table order_items --reason invalid_item_price

    medallion quarantine show restaurant --file order_items_2024-01-06.csv --json
    """
    from medallion import catalog
    from medallion.commands.quarantined import quarantined
    from medallion.commands.recorded import on_record
    from medallion.commands.wiring import open_warehouse, settings_of
    from medallion.warehouse.quarantine import count_of

    known = catalog.product(product)
    chosen = _chosen(known, table, reason, file)
    with on_record(open_warehouse(settings_of(config, home=home))) as session:
        rows = quarantined(session, known, chosen, limit) if session else []
        total = count_of(session, known.name, chosen) if session else 0
    if as_json:
        from medallion.commands.document import emit
        from medallion.commands.quarantine_tables import row_document

        emit({"product": known.name, "row_count": total, "rows": [row_document(one) for one in rows]})
    else:
        from medallion.commands.quarantine_tables import print_rows

        print_rows(known, rows, total)


@app.command("export")
def export_rows(
    product: options.Product,
    table: Annotated[str, typer.Option("--table", metavar="T", help="Silver table whose rejected rows are written.")],
    output: Annotated[Path, typer.Option("--output", metavar="DIR|FILE", help="Folder for the file, or its name.")],
    reason: Reason = None,
    file: File = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Write rejected rows as a CSV to correct and to deliver again; it counts as newer than the files they came with.

    A JSON file beside it says why each was rejected. Rows of which a later delivery was accepted are left out.

    Example:

    medallion quarantine export restaurant --table order_items --output corrections
    """
    from datetime import UTC, datetime

    from medallion import catalog
    from medallion.commands.correction_file import correction_of, target_of, write_correction
    from medallion.commands.quarantined import quarantined, source_step
    from medallion.commands.recorded import on_record
    from medallion.commands.wiring import open_warehouse, open_workspace, settings_of
    from medallion.errors import UsageError

    known = catalog.product(product)
    step, settings = source_step(known, table), settings_of(config, home=home)
    with on_record(open_warehouse(settings)) as session:
        chosen = _chosen(known, table, reason, file)
        found = quarantined(session, known, chosen) if session else []
        rows = [one for one in found if not one.is_superseded]
        if session is None or not rows:
            replaced = f" ({len(found):,} were replaced by later deliveries)" if found else ""
            raise UsageError(f"{known.name}: there is nothing to correct{replaced}; see: {_list_command(known)}")
        correction = correction_of(session, open_workspace(settings).lake, known, step, rows)
    target = target_of(output, known, correction, datetime.now(UTC))
    reasons = write_correction(target, correction)
    if as_json:
        from medallion.commands.document import emit
        from medallion.commands.quarantine_tables import export_document

        emit(export_document(known, correction, target, reasons))
    else:
        _say_exported(known, correction, target, reasons)


@app.command("replay")
@taking_run_options(without=["input_folder", "source", "source_dsn", "select", "full_refresh", "through"])
def replay_rows(
    product: options.Product,
    given: RunOptions,
    table: Table = None,
    reason: Reason = None,
    file: File = None,
) -> None:
    """Read rows in quarantine again, with code and rules as they are now; and the other rows of the same keys.

    Afterwards rows of two sets of rules may stand side by side: the next run builds such a table whole.

    Examples:

    medallion quarantine replay restaurant --reason excluded_app

    medallion quarantine replay restaurant --table order_items --set excluded_app_names=[]
    """
    from dataclasses import replace

    from medallion.commands.execution import execute, tell
    from medallion.commands.replay_outcome import outcome_of, rows_to_replay
    from medallion.commands.wiring import open_warehouse, refuse_unpublished, request_of, settings_of_run

    request = request_of(product, given)
    settings = settings_of_run(given, request.product)
    chosen = _chosen(request.product, table, reason, file)
    refuse_unpublished(settings, request.product)
    warehouse = open_warehouse(settings)
    rows = rows_to_replay(warehouse, request.product, chosen)
    done = execute(settings, replace(request, replay=chosen), given)
    outcome = outcome_of(warehouse, request.product, rows)
    tell(replace(done, more=outcome.lines(request.product), document={"replay": outcome.document()}), given)


def _chosen(product: DataProduct, table: str | None, reason: str | None, file: str | None) -> Chosen:
    from medallion.commands.quarantined import source_step
    from medallion.warehouse.quarantine import Chosen

    if table is not None:
        source_step(product, table)
    return Chosen(table=table, reason=reason, file_name=file)


def _list_command(product: DataProduct) -> str:
    return f"medallion quarantine list {product.name}"


def _say_exported(product: DataProduct, correction: Correction, target: Path, reasons: Path) -> None:
    set_of = " and ".join(correction.source.set_columns)
    written = len(correction.rows) - correction.withheld
    typer.echo(f"{target}: {written:,} rejected rows of {correction.step.table.name}; reasons in {reasons}")
    if correction.withheld:
        typer.echo(
            f"{correction.withheld:,} more are not in it: their text was withheld, since it may hold personal data;"
            " correct them in the files that were delivered, by file and row number in the reasons"
        )
    if correction.siblings:
        typer.echo(
            f"with {len(correction.siblings):,} accepted records: a delivery replaces all records of one {set_of}, so"
            " leave them in"
        )
    if correction.kept_out:
        typer.echo(
            f"{correction.kept_out:,} of the rows are as delivered, since they could not be read: their fields may be"
            " in another order than the header's"
        )
        if set_of:
            typer.echo(f"add to these the accepted records of the same {set_of}, which they would replace")
    echo(f"next: correct the file, put it into the input folder, then: medallion run {product.name} --input DIR")
