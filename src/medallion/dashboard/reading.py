"""Reading the warehouse for pages: short sessions that never keep a run waiting, and results kept by version.

A local warehouse is one file that either one process writes or several read: it is opened for a query and closed at
once. What was read of a published version stays true, so it is kept and shown again without opening anything.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from medallion.dashboard.pinned import Pinned, read_pinned
from medallion.errors import MedallionError

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Session, Warehouse

T = TypeVar("T")
Row = dict[str, Any]
_MOST_KEPT = 4_000  # results, most of them of a few rows
_LONGEST_KEPT = 2_000  # rows; longer ones are downloads, made once
_POINTER_SECONDS = 2.0  # how often the published version is looked up where nothing tells whether it changed


class Unavailable(Exception):  # noqa: N818
    """The warehouse cannot be read now: a run is writing it, or what was asked for is not there any more."""


@dataclass
class _Pointer:
    """What was published of a product when it was last looked up, and how the warehouse's file was then."""

    pinned: Pinned | None = None
    mark: object = None
    read_at: float = float("-inf")
    is_known: bool = False
    is_held: bool = False  # it could not be read when it was looked up last


@dataclass
class Source:
    """The warehouse as pages read it, shared by all sessions of the process."""

    warehouse: Warehouse
    files: tuple[str, ...] = ()
    _kept: OrderedDict[tuple[object, ...], list[Row]] = field(default_factory=OrderedDict)
    _pointers: dict[str, _Pointer] = field(default_factory=dict)
    _live: dict[tuple[object, ...], tuple[object, Any]] = field(default_factory=dict)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def pinned(self, product: DataProduct, *, is_forced: bool = False) -> Pinned | None:
        """What is published now, or was when it could last be read; None where nothing is.

        Raises Unavailable where that was never read.
        """
        pointer = self._pointers.setdefault(product.name, _Pointer())
        mark = self.mark()
        is_recent = time.monotonic() - pointer.read_at < _POINTER_SECONDS
        is_same = is_recent if mark is None or pointer.is_held else mark == pointer.mark
        if pointer.is_known and is_same and not is_forced:
            return pointer.pinned
        try:
            found = self.within(lambda session: read_pinned(session, product)) if self.warehouse.exists() else None
        except Unavailable:
            pointer.read_at, pointer.is_held = time.monotonic(), True
            if not pointer.is_known:
                raise
            return pointer.pinned
        pointer.pinned, pointer.mark, pointer.is_known, pointer.is_held = found, mark, True, False
        pointer.read_at = time.monotonic()
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
        found = [dict(zip(columns, row, strict=True)) for row in rows]
        if len(found) > _LONGEST_KEPT:
            return found
        with self._mutex:
            self._kept[key] = found
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def live(self, key: tuple[object, ...], read: Callable[[], Any]) -> Any:
        """What `read` finds, which opens the warehouse itself; read anew when the warehouse's file has changed.

        What was found last is given while a run is writing it. Raises Unavailable where there is nothing.
        """
        mark = self.mark()
        known = self._live.get(key)
        if known is not None and mark is not None and known[0] == mark:
            return known[1]
        try:
            found = read()
        except MedallionError as error:
            if known is not None:
                return known[1]
            raise Unavailable(str(error)) from error
        self._live[key] = (mark, found)
        return found

    def within(self, work: Callable[[Session], T]) -> T:
        """What `work` returns in a reading session. Raises Unavailable."""
        try:
            with self.warehouse.read() as session:
                return work(session)
        except MedallionError as error:
            raise Unavailable(str(error)) from error

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
