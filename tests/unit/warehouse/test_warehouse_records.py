"""Records as dataclasses and as tables."""

from __future__ import annotations

from dataclasses import fields

import pytest

from medallion.warehouse.lease import Lease
from medallion.warehouse.records import Batch, Checkpoint, QualityResult, RejectedRow, Run, Version


@pytest.mark.parametrize("kind", [Run, Checkpoint, Batch, QualityResult, Version, RejectedRow, Lease])
def test_a_row_s_fields_are_the_columns_of_its_contract(kind):
    assert tuple(field.name for field in fields(kind)) == kind.table.column_names
