"""The dates of a run: seen from which day, and whether the data goes beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from medallion.pipeline.earlier import settle_earlier
from medallion.pipeline.engine_failure import engine_failures
from medallion.pipeline.other_dates import Dates, refuse_other_dates
from medallion.warehouse import increments
from medallion.warehouse.ddl import quote, quote_relation

if TYPE_CHECKING:
    from medallion.pipeline.running import Running
    from medallion.warehouse.base import Session

ONE_DAY = timedelta(days=1)


def settle_dates(running: Running) -> None:
    """Settle as_of and cutoff, once a run, when the table that has the newest date is staged.

    as_of is the date asked for, the one the run began with, or else the newest one (the start's day without any).
    cutoff is as_of where rows after it exist, else None. With as_of follows which earlier versions are compared with.
    Raises UsageError where a selected table reads one that is as of another day and is not built.
    """
    if running.has_dates:
        return
    table = running.product.as_of[0]
    with engine_failures(table, "reading"):
        newest = newest_date(running)
    running.as_of = running.run.as_of or newest or running.run.started_at.date()
    _note_on_the_future(running, newest)
    dates = Dates(running.as_of, newest)
    running.cutoff = dates.cutoff
    refuse_other_dates(running.request, running.wish.selected, running.published, dates)
    settle_earlier(running)
    running.has_dates = True


def _note_on_the_future(running: Running, newest: date | None) -> None:
    """One wrong date in the future takes all figures there: customers have not bought for years, then."""
    today = running.run.started_at.date()
    if newest and running.as_of == newest > today + ONE_DAY:  # in the east tomorrow has begun
        name, column = running.product.as_of
        running.notes.append(
            f"all is seen from {newest}, the newest {column} of {name}, and that is later than today: if it is wrong,"
            f" deliver those rows corrected; until then --as-of {today} shows the marts without them"
        )


def newest_date(running: Running) -> date | None:
    """The newest date of the product's data, as it is with what this run staged."""
    name, column = running.product.as_of
    staged, version = running.tables.staged.get(name), running.published.get(name)
    found: list[date | None] = []
    if staged:
        import pyarrow.compute as pc

        paths = [file.path for file in staged.table_files]
        found += [pc.max(values).as_py() for values in running.lake.columns(paths, column)]
    if version and (staged is None or staged.keys):
        with running.warehouse.read() as session:
            found.append(_newest_published(running, session, version.relation, [day for day in found if day]))
    return max((day for day in found if day), default=None)


def _newest_published(running: Running, session: Session, relation: str, staged_days: Sequence[date]) -> date | None:
    """The newest date of the published rows that stay; of all of them where a staged one is as new."""
    name, column = running.product.as_of
    statement = f"SELECT max({quote(column)}) FROM {quote_relation(relation)}"
    newest: date | None = session.rows(statement)[0][0]
    staged = running.tables.staged.get(name)
    # To find the rows that are replaced takes time; a day's delivery is mostly newer than all before it.
    is_as_new = newest is None or any(newest <= day for day in staged_days)
    if staged and staged.keys and not is_as_new:
        files = [running.lake.uri(file.path) for file in staged.keys.files]
        values = increments.load_keys(session, staged.keys.column, files)
        key = quote(staged.keys.column.name)
        newest = session.rows(f"{statement} WHERE {key} NOT IN (SELECT {key} FROM {quote_relation(values)})")[0][0]
    return newest
