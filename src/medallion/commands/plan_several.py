"""The plans of several products in one command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from medallion.commands.several import options_for

if TYPE_CHECKING:
    from medallion.commands.run_options import RunOptions
    from medallion.data_product import DataProduct
    from medallion.pipeline.prepare import Prepared


def plan_several(products: Sequence[DataProduct], given: RunOptions) -> None:
    """Show each plan, in the order in which the products would be run.

    A product that reads one that is to be built first cannot be planned before that is published: it is named.
    """
    from medallion.commands.wiring import open_workspace, request_of, settings_of_run
    from medallion.pipeline.prepare import prepare

    workspace = open_workspace(settings_of_run(given, *products))
    built: set[str] = set()
    found: list[tuple[str, Prepared | None, tuple[str, ...]]] = []
    for product in products:
        first = tuple(dict.fromkeys(one.product for one in product.inputs if one.product in built))
        prepared = None if first else prepare(workspace, request_of(product.name, options_for(product, given)))
        if prepared is None or not prepared.plan.is_empty:
            built.add(product.name)
        found.append((product.name, prepared, first))
    if given.as_json:
        from medallion.commands.document import emit

        emit({"products": [_document(*one) for one in found]})
        return
    from medallion.commands.plan_tables import print_plan

    for name, prepared, first in found:
        typer.echo(f"{name}:")
        if prepared is None:
            typer.echo(f"reads {', '.join(first)}, which is to be built first: planned after that")
        else:
            print_plan(prepared)


def _document(name: str, prepared: Prepared | None, first: tuple[str, ...]) -> dict[str, Any]:
    from medallion.commands.run_document import plan_document

    return plan_document(prepared) if prepared else {"product": name, "follows": list(first)}
