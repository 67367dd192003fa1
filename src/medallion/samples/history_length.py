"""How long a sample's history may be."""

from __future__ import annotations

from medallion.errors import UsageError

_CENTURY = 36_500  # in days: all of them are dates that the gate takes


def check_days(days: int) -> None:
    """Raise `UsageError` where a history of so many days is none, or begins before dates that are accepted."""
    if not 1 <= days <= _CENTURY:
        raise UsageError(f"days: {days} is outside 1 to {_CENTURY}; give the length of the history in days")
