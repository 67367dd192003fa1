"""Sums over published tables, as reconciliations compare them: by the warehouse, over what it is about to commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from medallion.checks import EVERY_ROW, Total
from medallion.warehouse.ddl import column_list, quote, quote_relation

if TYPE_CHECKING:
    from medallion.warehouse.base import Session

Groups = dict[tuple[Any, ...], Decimal | int]


class Totals:
    """The figures of totals, those of a table by the same columns taken in one query."""

    def __init__(
        self, session: Session, relation: Callable[[str], str], as_of: date, totals: Iterable[Total] = ()
    ) -> None:
        self._session, self._relation, self._as_of = session, relation, as_of
        self._totals = set(totals)
        self._known: dict[Total, Groups] = {}

    def groups(self, total: Total) -> Groups:
        """The total's figure for each group; groups whose figure is zero are left out."""
        if total not in self._known:
            together = [one for one in self._totals | {total} if (one.table, one.by) == (total.table, total.by)]
            rows = self._session.rows(self._query(total, together))
            width = len(total.by)
            for place, one in enumerate(together, start=width):
                self._known[one] = {tuple(row[:width]): row[place] for row in rows if row[place]}
        return self._known[total]

    def _query(self, total: Total, together: Sequence[Total]) -> str:
        by = column_list(total.by)
        columns = [*([by] if by else []), *(self._figure(one) for one in together)]
        return (
            f"SELECT {', '.join(columns)} FROM {quote_relation(self._relation(total.table))}"
            f"{f' GROUP BY {by}' if by else ''}"
        )

    def _figure(self, total: Total) -> str:
        value = "1" if total.column == "*" else quote(total.column)
        if total.where != EVERY_ROW:
            value = f"CASE WHEN {total.where.format(as_of=self._as_of)} THEN {value} END"
        return f"{'count' if total.column == '*' else 'sum'}({value})"
