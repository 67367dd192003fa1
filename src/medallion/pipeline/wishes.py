"""What a request asks for beyond what changed, put in terms of tables and key values."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from medallion.errors import UsageError
from medallion.pipeline.decision import Wish
from medallion.pipeline.selection import selected_tables
from medallion.warehouse import control, quarantine
from medallion.warehouse.ddl import quote, quote_relation

if TYPE_CHECKING:
    from medallion.pipeline.running import Request
    from medallion.warehouse.base import Session


def wish_of(request: Request, session: Session | None, *, is_resumed: bool = False) -> Wish:
    """The wish of a request; `session` is None where nothing was ever published.

    Raises UsageError where no rows are meant, unless the run goes on: then an earlier attempt may have dealt with them.
    """
    if request.select is None and request.backfill is None and request.replay is None:
        return Wish(is_full=request.is_full)
    if session is None or not control.published_versions(session, request.product.name):
        raise UsageError(f"{request.product.name}: nothing was published yet; run it whole first")
    if request.select is not None:
        return Wish(selected=selected_tables(request.product, request.select), is_full=request.is_full)
    wish = _backfill(request, session) if request.backfill else _replay(request, session)
    if not wish.tables and not is_resumed:
        raise UsageError(f"{request.product.name}: {_no_rows(request)}")
    return wish


def _no_rows(request: Request) -> str:
    if request.backfill:
        first, last = request.backfill
        return f"{request.product.as_of[0]} has no rows from {first} to {last}; check --from and --to"
    return f"no row in quarantine is meant by this; see: medallion quarantine list {request.product.name}"


def _backfill(request: Request, session: Session) -> Wish:
    """The keys of the rows whose date lies in the span."""
    assert request.backfill is not None
    first, last = request.backfill
    product = request.product
    table, column = product.as_of
    step = product.step(table)
    if not step.key:
        raise UsageError(f"{product.name}: {table} has no key to backfill by; use run --full-refresh")
    relation = f"{product.schema(step.table.layer)}.{table}"
    rows = session.rows(
        f"SELECT CAST({quote(step.key)} AS VARCHAR) FROM {quote_relation(relation)}"
        f" WHERE {quote(column)} BETWEEN ? AND ?",
        (first, last),
    )
    tables = [one.table.name for one in product.steps if rows and one.table.source and one.key == step.key]
    return Wish(
        again=f"backfill of {first} to {last}",
        ignores_definition=True,
        tables=frozenset(tables),
        values={step.key: [value for (value,) in rows]},
    )


def _replay(request: Request, session: Session) -> Wish:
    """The keys that rows in quarantine name."""
    assert request.replay is not None
    product, wanted = request.product, request.replay
    values: dict[str, list[str]] = defaultdict(list)
    tables: set[str] = set()
    for table_name, row_key in quarantine.keys_of(session, product.name, wanted):
        step = next((one for one in product.steps if one.table.name == table_name), None)
        if step is not None:
            tables.add(table_name)
            if step.key and row_key is not None:
                values[step.key].append(row_key)
    return Wish(again="replay of quarantine", ignores_definition=True, tables=frozenset(tables), values=dict(values))
