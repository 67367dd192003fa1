"""Reading the warehouse for pages: short sessions that keep no run waiting for long, and results kept by version.

A local warehouse is one file that either one process writes or several read: it is opened for what a page asks, as that
takes longer than a query, and closed when the page is made. What was read of a published version stays true, so it is
kept and shown again without opening anything.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from medallion.dashboard.pinned import Pinned, read_pinned
from medallion.errors import DeniedError, MedallionError, UsageError

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Session, Warehouse

T = TypeVar("T")
Row = dict[str, Any]
_MOST_KEPT = 4_000  # results, most of them of a few rows
_LONGEST_KEPT = 2_000  # rows; longer ones are downloads, made once
_HELD_SECONDS = 2.0  # how often a file is tried again that a run is writing
# Where no file tells whether anything changed. Redshift Serverless is paid by the second while it is asked, so pages
# ask seldom, and of themselves only while somebody may be looking.
_FOUND_SECONDS = 60.0
_IDLE_SECONDS = 600.0


class Unavailable(Exception):  # noqa: N818
    """The warehouse cannot be read now: a run is writing it. `is_gone`: it can, but not what was asked of it.

    `is_denied`: what was asked for is there, but the warehouse's user has no right to it.
    """

    def __init__(self, words: str, *, is_gone: bool = False, is_denied: bool = False) -> None:
        super().__init__(words)
        self.is_gone, self.is_denied = is_gone, is_denied

    @classmethod
    def of(cls, error: MedallionError) -> Unavailable:
        """For what the warehouse says."""
        return cls(str(error), is_gone=isinstance(error, UsageError), is_denied=isinstance(error, DeniedError))


@dataclass
class _Pointer:
    """What was published of a product when it was last looked up, and how the warehouse's file was then."""

    pinned: Pinned | None = None
    mark: object = None
    read_at: float = float("-inf")
    is_known: bool = False
    is_held: bool = False  # it could not be read when it was looked up last


@dataclass(frozen=True)
class _Found:
    """What was read, when, and how the warehouse's file was then."""

    mark: object
    read_at: float
    value: Any


@dataclass
class Source:
    """The warehouse as pages read it, shared by all sessions of the process.

    `files` are those that change with it; none where it is no file. `clock` counts seconds.
    """

    warehouse: Warehouse
    files: tuple[str, ...] = ()
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[tuple[object, ...], list[Row]] = field(default_factory=OrderedDict)
    _pointers: dict[str, _Pointer] = field(default_factory=dict)
    _live: dict[tuple[object, ...], _Found] = field(default_factory=dict)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def pinned(self, product: DataProduct, *, is_forced: bool = False) -> Pinned | None:
        """What is published now, or was when it could last be read; None where nothing is.

        Raises Unavailable where that was never read.
        """
        pointer = self._pointers.setdefault(product.name, _Pointer())
        mark = self.mark()
        if pointer.is_held and mark is not None:
            is_same = self.clock() - pointer.read_at < _HELD_SECONDS
        else:
            is_same = self._holds(pointer.mark, pointer.read_at)
        if pointer.is_known and is_same and not is_forced:
            return pointer.pinned
        try:
            found = self.within(lambda session: read_pinned(session, product)) if self.warehouse.exists() else None
        except Unavailable:
            pointer.read_at, pointer.is_held = self.clock(), True
            if not pointer.is_known:
                raise
            return pointer.pinned
        pointer.pinned, pointer.mark, pointer.is_known, pointer.is_held = found, mark, True, False
        pointer.read_at = self.clock()
        return found

    def is_readable(self) -> bool:
        """Whether the warehouse can be read at this moment."""
        try:
            self.within(lambda session: session.rows("SELECT 1"))
        except Unavailable:
            return False
        return True

    def ask(self, stamp: str, columns: Sequence[str], sql: str, parameters: Sequence[object]) -> list[Row]:
        """The rows of a query on the tables of one version, kept by `stamp`. Raises Unavailable."""
        key = (stamp, sql, tuple(parameters))
        with self._mutex:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        rows = self.within(lambda session: session.rows(sql, parameters))
        found = [dict(zip(columns, map(_counted, row), strict=True)) for row in rows]
        if len(found) > _LONGEST_KEPT:
            return found
        with self._mutex:
            self._kept[key] = found
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def live(self, key: tuple[object, ...], read: Callable[[], Any]) -> Any:
        """What `read` finds, which opens the warehouse itself; read anew when the warehouse's file has changed.

        Where it is no file, once a minute. What was found last is given while it cannot be read. Raises Unavailable
        where there is nothing, or no right to it.
        """
        mark = self.mark()
        known = self._live.get(key)
        if known is not None and self._holds(known.mark, known.read_at):
            return known.value
        try:
            found = read()
        except MedallionError as error:
            if known is not None and not isinstance(error, DeniedError):
                return known.value
            raise Unavailable.of(error) from error
        self._live[key] = _Found(mark, self.clock(), found)
        return found

    def is_left_alone(self, touched_at: float) -> bool:
        """Whether a page that somebody last touched at that time is to stop asking by itself, as asking costs."""
        return not self.files and self.clock() - touched_at > _IDLE_SECONDS

    def kept_open(self) -> AbstractContextManager[None]:
        """For the many short sessions of a page: one connection. A run that wants a file waits for the page at most."""
        return self.warehouse.kept_open()

    def _holds(self, mark: object, read_at: float) -> bool:
        """Whether what was read at a time, of a file as it was then, may be shown again."""
        return mark == self.mark() if self.files else self.clock() - read_at < _FOUND_SECONDS

    def within(self, work: Callable[[Session], T]) -> T:
        """What `work` returns in a reading session. Raises Unavailable."""
        try:
            with self.warehouse.read() as session:
                return work(session)
        except MedallionError as error:
            raise Unavailable.of(error) from error

    def mark(self) -> object:
        """What changes whenever the warehouse's file does; None where it is no file."""
        if not self.files:
            return None
        found: list[object] = []
        for name in self.files:
            try:
                seen = Path(name).stat()
            except OSError:
                found.append(None)
            else:
                found.append((seen.st_ino, seen.st_mtime_ns, seen.st_size))
        return tuple(found)


def _counted(value: Any) -> Any:
    """A sum of counts as the number that it is: on Redshift it comes as a decimal without places."""
    return int(value) if isinstance(value, Decimal) and value.as_tuple().exponent == 0 else value


@dataclass(frozen=True)
class Marts:
    """The marts of one published version, to be asked in SQL that DuckDB and Redshift both understand."""

    source: Source
    pinned: Pinned

    def ask(self, columns: str, sql: str, *parameters: object) -> list[Row]:
        """The rows of a query, by the names in `columns` (separated by blanks); they are shared: not to be changed.

        A mart is written `{name}` in it, and the version before its `{before_name}`; values are `?`, never text.
        """
        return self.source.ask(
            f"{self.pinned.product} {self.pinned.stamp}",
            columns.split(),
            sql.format_map(self.pinned.relations()),
            parameters,
        )

    def one(self, columns: str, sql: str, *parameters: object) -> Row:
        """The single row of a query; all None where there is none."""
        found = self.ask(columns, sql, *parameters)
        return found[0] if found else dict.fromkeys(columns.split())

    def has(self, table: str, *columns: str) -> bool:
        """Whether the version has the mart, with these columns."""
        known = self.pinned.table(table)
        return known is not None and known.columns.issuperset(columns)

    def has_before(self, table: str) -> bool:
        """Whether the version before is kept and has the mart."""
        return self.pinned.before is not None and self.pinned.before.table(table) is not None
