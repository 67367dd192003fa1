"""What every warehouse can do: the protocol that the pipeline is written against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from medallion.contracts import Table

T = TypeVar("T")
DUCKDB = "duckdb"
REDSHIFT = "redshift"


class Session(Protocol):
    """One transaction. It commits when its block ends and rolls back when an exception leaves the block.

    Relations are written `schema.name`, unquoted; statements take `?` placeholders. Times are UTC: a `timestamp` goes
    in and comes out as a datetime without zone that holds UTC.
    """

    @property
    def dialect(self) -> str:
        """`duckdb` or `redshift`."""
        ...

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run a statement; several may be given, separated by semicolons, where there are no parameters."""
        ...

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query. Raises UsageError where the query itself is wrong."""
        ...

    def insert(self, relation: str, table: Table, rows: Sequence[Sequence[object]]) -> None:
        """Append a few rows, each with a value for every column of `table` in its order."""
        ...

    def copy_in(self, relation: str, table: Table, files: Sequence[str]) -> int:
        """Append Parquet files to an existing relation with the columns of `table`; returns the rows loaded.

        The files hold at least the contract's columns, found by name; further columns are ignored. No files, no rows.
        Raises StorageError where a file is missing, damaged, or does not fit the contract.
        """
        ...

    def copy_out(self, query: str, folder: str) -> list[str]:
        """Write a query's result as Parquet files into `folder` (what Parquet it held is replaced); returns the files.

        An empty result is a file without rows; timestamps are written as instants in UTC.
        """
        ...

    def lock(self, relation: str) -> None:
        """Keep other sessions from passing the same call until this one ends; call it before anything else is read."""
        ...


class Warehouse(Protocol):
    """A place to open sessions on. Readers see the last commit, whole."""

    @property
    def dialect(self) -> str:
        """`duckdb` or `redshift`."""
        ...

    @property
    def location(self) -> str:
        """The file or endpoint, for messages."""
        ...

    def write(self) -> AbstractContextManager[Session]:
        """A session that may change data. Raises BusyError when others keep it, StorageError when it fails."""
        ...

    def transact(self, work: Callable[[Session], T], is_done: Callable[[Session], bool] | None = None) -> T:
        """Do `work` in a session that may change data; returns what it returns. For work that can be done again.

        Where the warehouse took the transaction back for what others did meanwhile, or lost it before the commit, the
        whole of it is done again, a few times. Where it is not known whether a commit holds, `is_done` says so in a
        session of its own; without it, the work is done again. The errors of `write`, and UnknownOutcomeError.
        """
        ...

    def read(self) -> AbstractContextManager[Session]:
        """A session that cannot change data; the same errors."""
        ...

    def kept_open(self) -> AbstractContextManager[None]:
        """For a block with many short sessions: spares opening each anew where that costs.

        Other processes may have to wait half a second longer for their turn.
        """
        ...

    def exists(self) -> bool:
        """Whether there is a warehouse to read yet."""
        ...

    def tidy_up(self) -> None:
        """Do now, while there is other work, what a later commit would have to do before it ends.

        To be called between sessions; where others keep it from being done, nothing happens.
        """
        ...
