"""`medallion contracts`: the contracts as documents for other tools and for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medallion.commands import options
from medallion.errors import AuditError, StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medallion.column_lineage.builds import TableLineage
    from medallion.data_product import DataProduct

_EVERY = "all"

app = typer.Typer(help="Write the contracts of all tables as documents.", no_args_is_help=False)


@app.command()
def export(
    product: options.AnyProduct = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="DIR", help="Folder for <product>.odcs.yaml; default: standard output."),
    ] = None,
    port: Annotated[
        str | None,
        typer.Option("--port", metavar="PORT", help="Of an output port only; all: a document for each port."),
    ] = None,
    verbose: options.Verbose = False,
) -> None:
    """Write the Open Data Contract Standard (ODCS v3) documents of products, as YAML.

    Example:

    medallion contracts export restaurant --output contracts

    medallion contracts export restaurant --port marts
    """
    documents = dict(_documents(_products(product), port))
    if output is None:
        typer.echo("---\n".join(documents.values()), nl=False)
        return
    for name, text in documents.items():
        path = output / f"{name}.odcs.yaml"
        _write(path, text)
        typer.echo(str(path))


@app.command()
def dictionary(
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="Markdown file.")] = Path(
        "docs/data_dictionary.md"
    ),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where the file is not current.")] = False,
    verbose: options.Verbose = False,
) -> None:
    """Write the data dictionary of all products, as Markdown.

    Examples:

    medallion contracts dictionary

    medallion contracts dictionary --check
    """
    from medallion.documentation.data_dictionary import render

    _write_or_check(output, render(_products(None)), "dictionary", check=check)


@app.command()
def metrics(
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="Markdown file.")] = Path("docs/metrics.md"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where the file is not current.")] = False,
    verbose: options.Verbose = False,
) -> None:
    """Write the metrics of all marts, as Markdown: question, formula, grain, unit, source, file and line.

    What each is computed from is read from the builds, which are called on empty tables in the embedded engine.

    Examples:

    medallion contracts metrics

    medallion contracts metrics --check
    """
    from medallion.documentation.metrics import render

    products = _products(None)
    _write_or_check(output, render(products, _lineage(products)), "metrics", check=check)


def _write_or_check(file: Path, text: str, command: str, *, check: bool) -> None:
    """The document written, or held against the file; raises AuditError where that says something else."""
    if not check:
        _write(file, text)
        typer.echo(str(file))
        return
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        raise AuditError(f"{file}: is not what the contracts say; run: medallion contracts {command}")
    typer.echo(f"{file}: is current")


def _lineage(products: Sequence[DataProduct]) -> dict[str, dict[str, TableLineage]]:
    """Of each product's tables what their columns are computed from, with the rules' defaults."""
    from tempfile import TemporaryDirectory

    from medallion import engine
    from medallion.column_lineage.builds import product_lineage
    from medallion.commands.document import standard_output_kept

    with TemporaryDirectory() as folder, standard_output_kept(), engine.session("embedded", Path(folder)) as spark:
        return {one.name: product_lineage(spark, one, one.rules()) for one in products}


def _documents(products: Sequence[DataProduct], port: str | None) -> Iterator[tuple[str, str]]:
    """The contracts by name: of products, of one port of each, or of every port. Raises UsageError on another port."""
    from medallion.documentation.odcs import to_yaml

    for product in products:
        ports = product.governance.output_ports
        if port is None:
            yield product.name, to_yaml(product)
            continue
        chosen = [one for one in ports if port in (one.name, _EVERY)]
        if not chosen:
            names = ", ".join([*(one.name for one in ports), _EVERY])
            raise UsageError(f"--port {port}: is no output port of {product.name}; choose one of: {names}")
        for one in chosen:
            yield f"{product.name}.{one.name}", to_yaml(product, one)


def _products(name: str | None) -> tuple[DataProduct, ...]:
    from medallion import catalog

    return (catalog.product(name),) if name else catalog.PRODUCTS


def _write(path: Path, text: str) -> None:
    from medallion.lake import storage_message

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(storage_message(str(path), error)) from error
