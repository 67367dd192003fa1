"""What a warehouse has on record, read without making anything there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.warehouse.base import Session, Warehouse


def has_control_tables(session: Session) -> bool:
    """Whether anything ever ran here; a fresh warehouse file has no tables."""
    return bool(session.rows("SELECT 1 FROM information_schema.tables WHERE table_schema = 'control'"))


@contextmanager
def on_record(
    warehouse: Warehouse, is_there: Callable[[Session], bool] = has_control_tables
) -> Iterator[Session | None]:
    """A session to read what is on record; None without a warehouse, and where what is asked for is not there."""
    if not warehouse.exists():
        yield None
        return
    with warehouse.read() as session:
        yield session if is_there(session) else None
