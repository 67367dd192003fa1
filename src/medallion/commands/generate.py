"""`medallion generate`: realistic sample files, a command a product."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from medallion.commands import options
from medallion.errors import StorageError

if TYPE_CHECKING:
    from medallion.samples.generated_files import GeneratedFiles, Progress

app = typer.Typer(help="Write realistic sample files.", no_args_is_help=False)
SAMPLE_FOLDER, CARD_SAMPLE_FOLDER = "sample", Path("card_payments_sample")

Discounts = Annotated[
    Literal["none", "some"], typer.Option("--discounts", help="Whether there are negative option prices.")
]
PriceSemantics = Annotated[
    Literal["unit", "line_total"], typer.Option("--price-semantics", help="What item_price holds.")
]


@app.callback()
def _group() -> None:
    """Write realistic sample files."""


@app.command()
def restaurant(
    orders: Annotated[int, typer.Option("--orders", help="How many orders.")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.")] = 1,
    dirty: Annotated[float, typer.Option("--dirty", metavar="0..1", help="How much dirt; real files: 0.1.")] = 0.0,
    discounts: Discounts = "some",
    days: Annotated[int, typer.Option("--days", help="Length of the history, which ends on 2024-02-21.")] = 1401,
    days_late: Annotated[int, typer.Option("--days-late", help="Last days that come in files of their own.")] = 0,
    price_semantics: PriceSemantics = "unit",
    loyalty_lift: Annotated[
        float, typer.Option("--loyalty-lift", metavar="0..1", help="Orders that joining adds, as a share.")
    ] = 0.0,
    discount_repeat: Annotated[
        float, typer.Option("--discount-repeat", metavar="0..1", help="Share of discounts that bring another order.")
    ] = 0.0,
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress the files.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Folder to write to. Default: HOME/sample.")
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Write a restaurant group's orders: order_items, order_item_options, date_dim, and planted.json.

    What was planted in the data (distributions, churn, dirt) is written beside it.

    Examples:

    medallion generate restaurant --orders 20000 --seed 1 --dirty 0.02

    medallion generate restaurant --orders 1000000 --days-late 3 --gzip --output big
    """
    from medallion.commands.wiring import settings_of
    from medallion.samples.restaurant import RestaurantSample, generate

    folder = output or settings_of(None, home=home).home / SAMPLE_FOLDER
    sample = RestaurantSample(
        orders=orders,
        seed=seed,
        dirty=dirty,
        discounts=discounts,
        days=days,
        days_late=days_late,
        price_semantics=price_semantics,
        gzip=gzip,
        loyalty_lift=loyalty_lift,
        discount_repeat=discount_repeat,
    )
    _write("restaurant", folder, lambda progress: generate(sample, folder, progress), as_json=as_json)


@app.command("card_payments")
def card_payments(
    transactions: Annotated[int, typer.Option("--transactions", help="How many transactions.")] = 1_500,
    stores: Annotated[int, typer.Option("--stores", help="How many stores; twice as many devices.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.")] = 1,
    dirty: Annotated[float, typer.Option("--dirty", metavar="0..1", help="How much dirt.")] = 0.0,
    days: Annotated[int, typer.Option("--days", help="Length of the history, which ends on 2023-02-28.")] = 515,
    days_late: Annotated[int, typer.Option("--days-late", help="Last days that come in files of their own.")] = 0,
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress the files.")] = False,
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="Folder to write to; card data is for no home folder.")
    ] = CARD_SAMPLE_FOLDER,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Write card payments in stores: stores, devices, transactions, and planted.json; all cards are invented.

    Example:

    medallion generate card_payments --transactions 100000 --stores 1000 --dirty 0.1 --days-late 3
    """
    from medallion.samples.card_payments import CardPaymentsSample, generate

    sample = CardPaymentsSample(
        transactions=transactions, stores=stores, seed=seed, dirty=dirty, days=days, days_late=days_late, gzip=gzip
    )
    _write("card_payments", output, lambda progress: generate(sample, output, progress), as_json=as_json)


@app.command("customer_360")
def customer_360(
    customers: Annotated[int, typer.Option("--customers", help="How many customers.")] = 400,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same rows.")] = 1,
    dirty: Annotated[float, typer.Option("--dirty", metavar="0..1", help="How much dirt.")] = 0.0,
    days: Annotated[int, typer.Option("--days", help="Length of the history, which ends on 2024-06-30.")] = 540,
    replace: Annotated[bool, typer.Option("--replace", help="Drop the tables where they are there already.")] = False,
    source_dsn: options.SourceDsn = None,
    home: options.Home = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Put customers, orders and shipments into a PostgreSQL, as three operational systems have them.

    The tables are sources.crm_customers, sources.erp_orders and sources.wms_shipments, in the database named or in the
    home folder's own.

    Example:

    medallion generate customer_360 --customers 10000 --dirty 0.1
    """
    from medallion.commands.generate_tables import write_customer_360
    from medallion.samples.customer_360 import Customer360Sample

    sample = Customer360Sample(customers=customers, seed=seed, dirty=dirty, days=days)
    write_customer_360(sample, home=home, source_dsn=source_dsn, is_replacing=replace, as_json=as_json)


def _write(product: str, folder: Path, generate: Callable[[Progress | None], GeneratedFiles], *, as_json: bool) -> None:
    """Generate, and say what was written."""
    from medallion.lake import storage_message

    started = time.monotonic()
    try:
        with _progress(is_quiet=as_json) as progress:
            written = generate(progress)
    except OSError as error:
        raise StorageError(storage_message(str(folder), error)) from error
    if as_json:
        from medallion.commands.document import emit

        emit({"folder": str(written.folder), "files": written.rows, "planted": str(written.planted)})
        return
    for path in written.paths:
        typer.echo(f"{path}: {written.rows[path.name]:,} records, {path.stat().st_size / 1e6:,.1f} MB")
    typer.echo(f"{written.planted}: what was planted ({time.monotonic() - started:.1f} s)")
    typer.echo(f"next: medallion run {product} --input {written.folder}")


@contextmanager
def _progress(*, is_quiet: bool) -> Iterator[Progress | None]:
    """A line on standard error that counts rows, where a person watches."""
    import sys

    if is_quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    written = Counter[str]()
    with Console(stderr=True).status("generating") as line:

        def tell(table: str, rows: int) -> None:
            written[table] += rows
            line.update(", ".join(f"{name} {count:,} rows" for name, count in written.items()))

        yield tell
