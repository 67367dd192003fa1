"""Files that tests put into Drive, where they land, and the one line that an invocation fails with."""

from __future__ import annotations

import random
from typing import Any

import pytest
from drive_bench import MIB, DriveBench

from medallion.errors import MedallionError

PART = 8 * MIB  # of an upload
ITEMS = b"order_id,line\no1,l1\n"
LARGE = random.Random(2).randbytes(17 * MIB)
KEY = "landing/restaurant/f1/order_items.csv"


def line(ingest: DriveBench, kind: type[MedallionError], **options: Any) -> str:
    """What an invocation fails with; nothing has landed."""
    with pytest.raises(kind) as failed:
        ingest.run(**options)
    assert "\n" not in str(failed.value)
    assert ingest.landed() == {}
    return str(failed.value)
