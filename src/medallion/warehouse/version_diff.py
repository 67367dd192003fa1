"""What two versions of a mart differ in: rows by grain, columns, and money. All by SQL, in the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from medallion.errors import UsageError
from medallion.warehouse.ddl import quote, quote_relation
from medallion.warehouse.version_sides import BOOLEAN, DOUBLE, NUMBER, Sides, sides_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from medallion.contracts import Table
    from medallion.warehouse.base import Session
    from medallion.warehouse.records import Version

CURRENCY = "currency"
_RELATIVE_TOLERANCE = 1e-9  # of doubles: sums depend on their order in the last bits
_FINITE = 1e300  # a difference that is no number, or infinite, is a change
_SAME, _ROUNDED, _CHANGED = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class MovedMoney:
    """The sums of an amount over all rows of either version; of one currency where the mart has such a column."""

    column: str
    currency: str | None
    old: Decimal
    new: Decimal

    @property
    def difference(self) -> Decimal:
        return self.new - self.old


@dataclass(frozen=True, kw_only=True)
class ChangedRow:
    """A row that both versions have: its grain, and (old, new) of each column that changed."""

    key: Mapping[str, Any]
    changes: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, kw_only=True)
class VersionDiff:
    """Counts of rows; how many of the unchanged differ by rounding alone; columns with the rows they changed in.

    `retyped` are columns that cannot be compared, as (name, old type, new type); `examples` the first changed rows.
    """

    old: Version
    new: Version
    added: int
    removed: int
    changed: int
    unchanged: int
    rounded: int
    changed_columns: Mapping[str, int]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    retyped: tuple[tuple[str, str, str], ...]
    money: tuple[MovedMoney, ...]
    examples: tuple[ChangedRow, ...]


def compare_versions(session: Session, table: Table, old: Version, new: Version, examples: int = 5) -> VersionDiff:
    """Hold two versions of a mart against each other, matching rows by its grain (NULL matches NULL).

    Doubles that differ by less than a billionth count as unchanged. Raises UsageError where the grain was another one.
    """
    sides = sides_of(session, table, old.relation, new.relation)
    unmatched = [name for name in table.grain if name not in sides.names or name in sides.retyped]
    if unmatched:
        raise UsageError(
            f"{table.name}: versions {old.version} and {new.version} have no common key '{unmatched[0]}', so their rows"
            " cannot be matched; look at each with: medallion query"
        )
    compared = sides.compared
    judged = _judged(sides, old.relation, new.relation)
    counts = [int(value or 0) for value in session.rows(judged + _counts(compared))[0]]
    added, removed, changed, unchanged, rounded = counts[:5]
    return VersionDiff(
        old=old,
        new=new,
        added=added,
        removed=removed,
        changed=changed,
        unchanged=unchanged + rounded,
        rounded=rounded,
        changed_columns={name: rows for name, rows in zip(compared, counts[5:], strict=True) if rows},
        only_old=tuple(name for name in sides.old if name not in sides.new),
        only_new=tuple(name for name in sides.new if name not in sides.old),
        retyped=tuple((name, sides.old[name], sides.new[name]) for name in sides.retyped),
        money=tuple(_money(session, sides, old.relation, new.relation)),
        examples=tuple(_examples(session, sides, judged, examples)) if changed else (),
    )


def _judged(sides: Sides, old: str, new: str) -> str:
    """One row a key of either version: k0… the key, o0… and n0… the values, d0… how they differ, and `state`.

    Grouping matches NULL with NULL, which neither a join on equality nor one that Redshift can hash does.
    """
    grain, compared = sides.table.grain, sides.compared
    keys = [f"{quote(name)} AS k{i}" for i, name in enumerate(grain)]
    values = [f"{_plain(sides, name)} AS v{i}" for i, name in enumerate(compared)]
    read = ", ".join([*keys, *values])
    key_names = ", ".join(f"k{i}" for i in range(len(grain)))
    matched = "".join(
        f", max(CASE WHEN side = 0 THEN v{i} END) AS o{i}, max(CASE WHEN side = 1 THEN v{i} END) AS n{i}"
        for i in range(len(compared))
    )
    differences = "".join(f", {_difference(i, sides.kind(name) == DOUBLE)}" for i, name in enumerate(compared))
    worst = f"greatest({', '.join(f'd{i}' for i in range(len(compared)))})" if compared else str(_SAME)
    return (
        f"WITH sides AS (SELECT {read}, 0 AS side FROM {quote_relation(old)}"
        f" UNION ALL SELECT {read}, 1 AS side FROM {quote_relation(new)}),"
        f" matched AS (SELECT {key_names}, min(side) AS first_side, max(side) AS last_side{matched}"
        f" FROM sides GROUP BY {key_names}),"
        f" compared AS (SELECT matched.*{differences} FROM matched),"
        " judged AS (SELECT compared.*, CASE WHEN first_side = 1 THEN 'added' WHEN last_side = 0 THEN 'removed'"
        f" WHEN {worst} = {_CHANGED} THEN 'changed' WHEN {worst} = {_ROUNDED} THEN 'rounded' ELSE 'unchanged' END"
        " AS state FROM compared) "
    )


def _plain(sides: Sides, name: str) -> str:
    """A column as something that has a maximum: Redshift's booleans have none."""
    column = quote(name)
    return f"CASE WHEN {column} THEN 1 WHEN NOT {column} THEN 0 END" if sides.kind(name) == BOOLEAN else column


def _difference(i: int, is_double: bool) -> str:
    rounding = (
        f" WHEN abs(o{i} - n{i}) <= {_RELATIVE_TOLERANCE} * greatest(abs(o{i}), abs(n{i}))"
        f" AND abs(o{i} - n{i}) < {_FINITE} THEN {_ROUNDED}"
        if is_double
        else ""
    )
    equal = f"o{i} = n{i} OR (o{i} IS NULL AND n{i} IS NULL)"
    return f"CASE WHEN {equal} THEN {_SAME}{rounding} ELSE {_CHANGED} END AS d{i}"


def _counts(compared: Sequence[str]) -> str:
    states = [f"state = '{state}'" for state in ("added", "removed", "changed", "unchanged", "rounded")]
    columns = [f"state = 'changed' AND d{i} = {_CHANGED}" for i in range(len(compared))]
    sums = ", ".join(f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)" for condition in [*states, *columns])
    return f"SELECT {sums} FROM judged"


def _examples(session: Session, sides: Sides, judged: str, limit: int) -> list[ChangedRow]:
    grain, compared = sides.table.grain, sides.compared
    keys = [f"k{i}" for i in range(len(grain))]
    values = [f"o{i}, n{i}, d{i}" for i in range(len(compared))]
    rows = session.rows(
        f"{judged}SELECT {', '.join([*keys, *values])} FROM judged WHERE state = 'changed'"
        f" ORDER BY {', '.join(keys)} LIMIT {int(limit)}"
    )
    found = []
    for row in rows:
        changes = {}
        for i, name in enumerate(compared):
            old, new, difference = row[len(grain) + 3 * i : len(grain) + 3 * i + 3]
            if difference == _CHANGED:
                changes[name] = (_truth(old), _truth(new)) if sides.kind(name) == BOOLEAN else (old, new)
        found.append(ChangedRow(key=dict(zip(grain, row, strict=False)), changes=changes))
    return found


def _money(session: Session, sides: Sides, old: str, new: str) -> list[MovedMoney]:
    money = {c.name for c in sides.table.columns if c.unit == "currency" and c.data_type.name == "decimal"}
    amounts = [name for name in sides.names if name in money and sides.kind(name) == NUMBER]
    if not amounts:
        return []
    by_currency = CURRENCY in sides.names
    before, after = ({key: sums for key, *sums in session.rows(_sums(amounts, by_currency, one))} for one in (old, new))
    nothing = [0] * len(amounts)
    return [
        MovedMoney(
            column=name,
            currency=key,
            old=Decimal(before.get(key, nothing)[i] or 0),
            new=Decimal(after.get(key, nothing)[i] or 0),
        )
        for i, name in enumerate(amounts)
        for key in sorted({*before, *after}, key=lambda key: (key is None, str(key)))
    ]


def _sums(amounts: Sequence[str], by_currency: bool, relation: str) -> str:
    sums = ", ".join(f"sum({quote(name)})" for name in amounts)
    if not by_currency:
        return f"SELECT NULL, {sums} FROM {quote_relation(relation)}"
    return f"SELECT {quote(CURRENCY)}, {sums} FROM {quote_relation(relation)} GROUP BY {quote(CURRENCY)}"


def _truth(value: int | None) -> bool | None:
    return None if value is None else bool(value)
