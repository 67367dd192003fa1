"""Sums over published tables, as reconciliations compare them: by the warehouse, over what it is about to commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from medallion.checks import Total
from medallion.warehouse.ddl import column_list, quote, quote_relation

if TYPE_CHECKING:
    from medallion.warehouse.base import Session

Groups = dict[tuple[Any, ...], Decimal | int]


class Totals:
    """The figures of totals, those over the same rows of a table taken in one query."""

    def __init__(
        self, session: Session, relation: Callable[[str], str], as_of: date, totals: Iterable[Total] = ()
    ) -> None:
        self._session, self._relation, self._as_of = session, relation, as_of
        self._totals = set(totals)
        self._known: dict[Total, Groups] = {}

    def groups(self, total: Total) -> Groups:
        """The total's figure for each group; groups whose figure is zero are left out."""
        if total not in self._known:
            over = (total.table, total.where, total.by)
            together = sorted({one.column for one in self._totals | {total} if (one.table, one.where, one.by) == over})
            rows = self._session.rows(self._query(total, together))
            width = len(total.by)
            for i, column in enumerate(together):
                found = {tuple(row[:width]): row[width + i] for row in rows if row[width + i]}
                self._known[replace(total, column=column)] = found
        return self._known[total]

    def _query(self, total: Total, columns: list[str]) -> str:
        figures = ["count(*)" if column == "*" else f"sum({quote(column)})" for column in columns]
        by = column_list(total.by)
        return (
            f"SELECT {', '.join([*([by] if by else []), *figures])} FROM {quote_relation(self._relation(total.table))}"
            f" WHERE {total.where.format(as_of=self._as_of)}" + (f" GROUP BY {by}" if by else "")
        )
