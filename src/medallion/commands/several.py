"""Several products in one command: each after those it reads, one summary, and no one stopped by another's failure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import typer

from medallion.commands.hints import completed, echo
from medallion.errors import MedallionError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from medallion.commands.execution import Done
    from medallion.commands.run_options import RunOptions
    from medallion.data_product import DataProduct
    from medallion.settings import Settings

_HEADS = ("product", "what became of it", "version", "as of", "tables", "rejected", "warned", "seconds")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one product: a run that came to its end, an error, or neither, because of those it reads."""

    product: DataProduct
    done: Done | None = None
    error: str = ""
    exit_code: int = 0
    waits_for: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return self.done is not None

    @property
    def status(self) -> str:
        if self.done:
            return "succeeded" if self.done.report.run_id else "nothing_to_do"
        return "failed" if self.error else "not_run"

    @property
    def reason(self) -> str:
        """Why it was not run."""
        return f"it reads {', '.join(self.waits_for)}" if self.waits_for else ""


def run_several(products: Sequence[DataProduct], given: RunOptions) -> None:
    """Run the products, in this order; exits with the code of the first that failed, else 0."""
    from medallion import engine
    from medallion.commands.wiring import create_home, settings_of_run

    _refuse(given)
    settings = settings_of_run(given, *products)
    create_home(settings)
    outcomes: dict[str, Outcome] = {}
    with engine.kept_open():
        for product in products:
            bad = {name for name, outcome in outcomes.items() if not outcome.is_good}
            outcomes[product.name] = _outcome(product, settings, given, _read_among(product, bad))
    _tell(list(outcomes.values()), settings, given)
    if code := next((one.exit_code for one in outcomes.values() if one.exit_code), 0):
        raise typer.Exit(code)


def options_for(product: DataProduct, given: RunOptions) -> RunOptions:
    """The options of one of several products: its files are in the folder of its name."""
    folder = given.input_folder
    own = f"{folder.rstrip('/')}/{product.name}" if folder and product.file_sources else None
    return replace(given, input_folder=own)


def _refuse(given: RunOptions) -> None:
    """Raises UsageError on options that mean tables, layers or rules of one product."""
    for option, value in (("--select", given.select), ("--set", given.rules)):
        if value:
            raise UsageError(f"{option}: is for one product; name only that, or write rules to medallion.toml")
    if given.through:
        raise UsageError("--through: is for one product, as others read what it publishes at its end; name only that")


def _read_among(product: DataProduct, names: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.product for one in product.inputs if one.product in names))


def _outcome(product: DataProduct, settings: Settings, given: RunOptions, waits_for: tuple[str, ...]) -> Outcome:
    from medallion.commands.execution import execute
    from medallion.commands.wiring import request_of

    if waits_for:
        return Outcome(product=product, waits_for=waits_for)
    if not given.quiet and not given.as_json:
        typer.echo(f"{product.name}:", err=True)
    own = options_for(product, given)
    try:
        return Outcome(product=product, done=execute(settings, request_of(product.name, own), own))
    except MedallionError as error:
        return Outcome(product=product, error=completed(" ".join(str(error).splitlines())), exit_code=error.exit_code)
    except Exception as error:
        if given.verbose:
            raise
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        return Outcome(product=product, error=f"unexpected {' '.join(what.splitlines())}", exit_code=1)


def _tell(outcomes: Sequence[Outcome], settings: Settings, given: RunOptions) -> None:
    if given.as_json:
        from medallion.commands.document import emit

        code = next((one.exit_code for one in outcomes if one.exit_code), 0)
        status = "failed" if code else "succeeded"
        emit({"status": status, "exit_code": code, "products": [_document(one) for one in outcomes]})
        return
    from medallion.commands.render import grid, say

    if not given.quiet:
        grid(_HEADS, [_row(one) for one in outcomes], right=range(2, len(_HEADS)))
        for one in outcomes:
            for line in _remarks(one):
                say(f"{one.product.name}: {line}")
    for one in outcomes:
        if one.error:
            echo(f"error: {one.product.name}: {one.error}", err=True)
    good = sum(one.is_good for one in outcomes)
    say(f"{good} of {len(outcomes)} products are up to date in {settings.home}", "bold")


def _row(outcome: Outcome) -> tuple[str, ...]:
    from medallion.commands.render import EMPTY, count

    report = outcome.done.report if outcome.done else None
    words = outcome.status.replace("_", " ") + (f": {outcome.reason}" if outcome.reason else "")
    if report is None:
        return (outcome.product.name, words, *[EMPTY] * (len(_HEADS) - 2))
    return (
        outcome.product.name,
        words,
        str(report.version or EMPTY),
        str(report.as_of or EMPTY),
        count(sum(table.action != "skipped" for table in report.tables)),
        count(sum(table.rows_rejected for table in report.tables)),
        count(sum(not check.passed for check in report.checks)),
        f"{report.seconds:.1f}",
    )


def _remarks(outcome: Outcome) -> list[str]:
    """The warnings and notes of a run, in a line each."""
    if outcome.done is None:
        return []
    report = outcome.done.report
    warned = [check.name for check in report.checks if not check.passed]
    return [*([f"warned: {', '.join(warned)}"] if warned else []), *report.notes]


def _document(outcome: Outcome) -> Mapping[str, Any]:
    from medallion.commands.run_document import report_document

    if outcome.done:
        return report_document(outcome.done.report) | outcome.done.document | {"log": str(outcome.done.log)}
    found: dict[str, Any] = {"product": outcome.product.name, "status": outcome.status}
    if outcome.error:
        return found | {"error": outcome.error, "exit_code": outcome.exit_code}
    return found | {"reason": outcome.reason}
