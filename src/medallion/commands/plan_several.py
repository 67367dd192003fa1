"""The plans of several products in one command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from medallion.commands.hints import completed, echo
from medallion.commands.several import options_for
from medallion.errors import MedallionError

if TYPE_CHECKING:
    from medallion.commands.run_options import RunOptions
    from medallion.data_product import DataProduct
    from medallion.pipeline.prepare import Prepared


@dataclass(frozen=True, kw_only=True)
class _Planned:
    """The plan of a product, or why there is none: an error, or products that are to be built `first`."""

    name: str = field(kw_only=False)
    prepared: Prepared | None = None
    first: tuple[str, ...] = ()
    error: str = ""
    exit_code: int = 0


def plan_several(products: Sequence[DataProduct], given: RunOptions) -> None:
    """Show each plan, in the order in which the products would be run.

    A product that reads one that is to be built first cannot be planned before that is published: it is named.
    """
    from medallion.commands.wiring import open_workspace, request_of, settings_of_run
    from medallion.pipeline.prepare import prepare

    workspace = open_workspace(settings_of_run(given, *products))
    built: set[str] = set()
    found: list[_Planned] = []
    for product in products:
        first = tuple(dict.fromkeys(one.product for one in product.inputs if one.product in built))
        planned = _Planned(product.name, first=first)
        if not first:
            try:
                prepared = prepare(workspace, request_of(product.name, options_for(product, given)))
                planned = _Planned(product.name, prepared=prepared)
            except MedallionError as error:
                planned = _Planned(product.name, error=completed(str(error)), exit_code=error.exit_code)
        if planned.prepared is None or not planned.prepared.plan.is_empty:
            built.add(product.name)
        found.append(planned)
    _tell(found, as_json=given.as_json)
    if code := next((one.exit_code for one in found if one.exit_code), 0):
        raise typer.Exit(code)


def _tell(found: Sequence[_Planned], *, as_json: bool) -> None:
    if as_json:
        from medallion.commands.document import emit

        emit({"products": [_document(one) for one in found]})
        return
    from medallion.commands.plan_tables import print_plan

    for one in found:
        typer.echo(f"{one.name}:")
        if one.prepared:
            print_plan(one.prepared)
        elif one.error:
            echo(f"error: {one.name}: {one.error}", err=True)
        else:
            typer.echo(f"reads {', '.join(one.first)}, which is to be built first: planned after that")


def _document(planned: _Planned) -> dict[str, Any]:
    from medallion.commands.run_document import plan_document

    if planned.prepared:
        return plan_document(planned.prepared)
    if planned.error:
        return {"product": planned.name, "error": planned.error, "exit_code": planned.exit_code}
    return {"product": planned.name, "follows": list(planned.first)}
