"""Transactions as a whole, done again where a warehouse took them back: the one place that decides about repeats."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from medallion.errors import ConflictError, LostConnectionError, MedallionError, UnknownOutcomeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from medallion.warehouse.base import Session, Warehouse

T = TypeVar("T")
_ATTEMPTS = 6
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 3.0  # seconds; doubled each time, and spread, so that two do not meet again


def repeated(warehouse: Warehouse, work: Callable[[Session], T], is_done: Callable[[Session], bool] | None = None) -> T:
    """`Warehouse.transact` in terms of `Warehouse.write`."""
    attempt = 1
    while True:
        try:
            with warehouse.write() as session:
                result = work(session)
        except (ConflictError, LostConnectionError):
            if attempt == _ATTEMPTS:
                raise
        except UnknownOutcomeError as error:
            if attempt == _ATTEMPTS:
                raise
            if is_done and _holds(warehouse, is_done, error):
                return result
        else:
            return result
        _pause(attempt)
        attempt += 1


def _holds(warehouse: Warehouse, is_done: Callable[[Session], bool], error: UnknownOutcomeError) -> bool:
    """Whether a commit whose answer was lost holds. Raises UnknownOutcomeError where that cannot be found out."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with warehouse.write() as session:  # it may lock, to let the transaction end that lost its connection
                return is_done(session)
        except MedallionError:
            _pause(attempt)
    raise error


def _pause(attempt: int) -> None:
    longest = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)
    time.sleep(random.uniform(longest / 2, longest))
