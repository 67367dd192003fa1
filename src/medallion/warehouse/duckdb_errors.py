"""DuckDB's exceptions in the words of `medallion.errors`: one line with file, cause and remedy."""

from __future__ import annotations

import re
from pathlib import PurePath

import duckdb

from medallion.errors import BusyError, ConflictError, MedallionError, StorageError, UsageError

_HOLDER = re.compile(r"held in (?P<command>.+?) \(PID (?P<pid>\d+)\)")
_SAME_PROCESS = "different configuration"
_READ_ONLY = "read-only mode"
_DISK_FULL = ("No space left", "Disk quota", "File too large", "not enough disk space", "max_temp_directory_size")
_CAUSES = (  # (what DuckDB's message contains, the cause and the remedy)
    (_DISK_FULL, "no space left on the disk; free some and run again (the last commit is intact)"),
    (
        ("not a valid DuckDB database", "sqlite_scanner", "Is a directory", "Corrupt database"),
        "not a DuckDB file, or a damaged one; move it away or choose another folder with --home",
    ),
    (
        ("with version number", "newer version of DuckDB"),
        "written by another version of DuckDB; install that version or move the file away",
    ),
    (
        ("Permission denied", "Operation not permitted", "Read-only file system"),
        "no permission to open it; make the file and its folder writable for this user",
    ),
    (("No such file or directory", "database does not exist"), "no such file or folder; create it or check --home"),
    (("Out of Memory", "failed to allocate"), "not enough memory; close other programs or lower the number of threads"),
)
_QUERY_ERRORS = (
    duckdb.ParserException,
    duckdb.CatalogException,
    duckdb.BinderException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
)


def is_busy(error: duckdb.Error) -> bool:
    """Whether the file is held by another process, or by this one in another mode."""
    return "Could not set lock" in str(error) or _SAME_PROCESS in str(error)


def busy(error: duckdb.Error, location: str, waited_seconds: float) -> BusyError:
    """The error for a file that stayed held; names the holder where DuckDB does."""
    match = _HOLDER.search(str(error))
    holder = "another process"
    if match:
        # Only the program's name: a command line may carry credentials.
        holder = f"process {match['pid']} ({PurePath(match['command']).name})"
    elif _SAME_PROCESS in str(error):
        holder = "another connection of this process"
    return BusyError(f"{location}: in use by {holder}, waited {waited_seconds:.1f} s; wait until it is done or end it")


def is_disk_full(error: duckdb.Error) -> bool:
    """Whether what is wrong is the disk, not the file that was read or what it holds."""
    return any(pattern in str(error) for pattern in _DISK_FULL)


def storage(error: duckdb.Error, location: str) -> MedallionError | None:
    """The error for a file that cannot be read or written, or None where something else is wrong."""
    message = str(error)
    for patterns, cause in _CAUSES:
        if any(pattern in message for pattern in patterns):
            return StorageError(f"{location}: {cause}")
    if isinstance(error, duckdb.TransactionException) and "onflict" in message:
        return ConflictError(f"{location}: another session changed the same rows ({first_line(error)}); try again")
    if isinstance(error, duckdb.IOException | duckdb.FatalException | duckdb.InternalException):
        return StorageError(f"{location}: {first_line(error)}; check the disk and run again")
    return None


def query(error: duckdb.Error, location: str) -> MedallionError | None:
    """The error for a query: what `storage` finds, else UsageError where the query is wrong."""
    if _READ_ONLY in str(error):
        return UsageError(f"{location}: only queries are possible here ({first_line(error)}); leave the change out")
    if isinstance(error, _QUERY_ERRORS):
        return UsageError(f"{location}: {first_line(error)}; correct the query")
    return storage(error, location)


def first_line(error: duckdb.Error) -> str:
    """DuckDB's message without its hints and the echo of the statement."""
    return str(error).strip().split("\n", 1)[0]
