"""Values as people read them, by the unit that the contract gives."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from medallion.commands import render


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Decimal("1234.50"), "currency", "1,234.50"),
        (1234.5, "currency", "1,234.50"),
        (0.125, "rate", "12.5 %"),
        (12.5, "percent", "12.5 %"),
        (12345, "count", "12,345"),
        (2024, None, "2024"),
        (45, "days", "45"),
        (None, "currency", "–"),
        (True, None, "True"),
        (date(2024, 2, 21), None, "2024-02-21"),
        (datetime(2024, 2, 21, 10, 5, 7, 999, tzinfo=UTC), None, "2024-02-21 10:05:07+00:00"),
        ("two\nlines", None, "two lines"),
        ("x" * 60, None, "x" * 47 + "…"),
    ],
)
def test_a_value_is_written_by_its_unit(value: Any, unit: str | None, text: str) -> None:
    assert render.cell(value, unit) == text


@pytest.mark.parametrize(
    ("byte_count", "text"), [(0, "0 B"), (999, "999 B"), (15_900, "15.9 kB"), (5 * 10**9, "5.0 GB"), (None, "–")]
)
def test_a_size_is_written_in_the_unit_that_fits(byte_count: int | None, text: str) -> None:
    assert render.size(byte_count) == text


def test_a_wide_table_is_printed_in_blocks_that_repeat_the_key(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["key", *(f"column_{i:02d}" for i in range(30))]

    render.values(names, [tuple(range(31))], repeated=1)

    out = capsys.readouterr().out
    assert out.count(" key ") > 1
    assert all(out.count(name) == 1 for name in names[1:])
    assert max(map(len, out.splitlines())) <= render.console().width
