"""What an engine raises, in the words of `medallion.errors`: engines have exceptions of many kinds and many lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from medallion.errors import EngineError, MedallionError, StorageError
from medallion.lake import is_out_of_space

_SHOWN_CHARACTERS = 500


@contextmanager
def engine_failures(subject: str, doing: str) -> Iterator[None]:
    """Whatever an engine raises in the block becomes an EngineError about `subject`, a full disk a StorageError."""
    try:
        yield
    except MedallionError:
        raise
    except Exception as error:
        if is_out_of_space(error):
            raise StorageError(
                f"{subject}: no space left on the device while {doing} it;"
                " free some and run the same command again, it goes on"
            ) from error
        raise EngineError(
            f"{subject}: the engine failed while {doing} it: {_reason(error)};"
            " see --verbose, then run the same command again"
        ) from error


def _reason(error: Exception) -> str:
    """The first line that says anything."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:_SHOWN_CHARACTERS] if lines else type(error).__name__
