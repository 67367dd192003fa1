"""docs/adding_a_product.md, followed word by word in a copy of the project: files written, commands typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from reader import ROOT, Reader

PAGE = ROOT / "docs" / "adding_a_product.md"
COPIED = (
    "src",
    "tests/conftest.py",
    "tests/unit/test_catalog.py",
    "tests/unit/test_keys.py",
    "pyproject.toml",
    "README.md",
    "tests/products/frames.py",
    "tests/products/conftest.py",
)


@pytest.mark.slow
def test_the_page_leads_from_an_empty_folder_to_a_published_product(tmp_path: Path, engine_name: str) -> None:
    reader = Reader(tmp_path, engine_name, COPIED)

    done = reader.follows(PAGE.read_text(encoding="utf-8"))

    assert min(done.values()) > 0
    assert "bike_rides" in (tmp_path / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
