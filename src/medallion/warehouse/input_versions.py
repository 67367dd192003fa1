"""On record in `control.input_version`: which published versions tables were built from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from medallion.warehouse import control_tables
from medallion.warehouse.records import replace_records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from medallion.contracts import Table
    from medallion.warehouse.base import Session


@dataclass(frozen=True, kw_only=True)
class InputVersion:
    """A row of `control.input_version`: a version of another product or an earlier day that a table was built from."""

    table: ClassVar[Table] = control_tables.INPUT_VERSION
    run_id: str
    product: str
    table_name: str
    input_product: str
    input_table: str
    version: int
    relation: str
    fingerprint: str | None = None
    read_at: datetime


def record_inputs(session: Session, inputs: Sequence[InputVersion]) -> None:
    """Note which published versions tables were built from, in place of what was noted for them before."""
    replace_records(session, inputs)
