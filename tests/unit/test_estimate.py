"""How many rows a table will have, estimated from a source's first file."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from medallion.catalog import product
from medallion.pipeline.estimate import expected_rows
from medallion.warehouse.records import Batch

if TYPE_CHECKING:
    from pathlib import Path

RESTAURANT = product("restaurant")
STEP = next(step for step in RESTAURANT.steps if step.table.source == "order_items")
CONTENT = b"id,name\n" + b"1,one\n" * 99
PACKED = gzip.compress(CONTENT)


def estimated(path: Path) -> int | None:
    size = path.stat().st_size if path.exists() else 100
    batch = Batch(
        product="restaurant", source="order_items", batch_id="b", file_name=path.name, file_path=str(path),
        byte_count=size, registered_at=datetime(2024, 1, 7, tzinfo=UTC),
    )  # fmt: skip
    return expected_rows(RESTAURANT, STEP, None, [], [batch])


@pytest.mark.parametrize(("name", "content"), [("f.csv", CONTENT), ("f.csv.gz", PACKED)], ids=["plain", "packed"])
def test_a_first_file_has_as_many_rows_as_its_beginning_says(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert estimated(tmp_path / name) == 99


@pytest.mark.parametrize("content", [PACKED[:-8] + bytes(8), CONTENT], ids=["damaged", "no gzip"])
def test_what_cannot_be_unpacked_counts_as_no_rows_and_is_left_to_the_gate(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.csv.gz").write_bytes(content)
    assert estimated(tmp_path / "f.csv.gz") == 0


def test_what_cannot_be_read_counts_as_no_rows_and_is_left_to_the_gate(tmp_path: Path) -> None:
    assert estimated(tmp_path / "gone.csv") == 0
    assert estimated(tmp_path) == 0  # a folder
