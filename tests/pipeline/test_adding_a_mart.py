"""README.md, "Add a mart", followed word by word in a copy of the project, whose own tests then hold what came."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from reader import ROOT, Reader

COPIED = ("src", "docs", "infra", "tests", "pyproject.toml", "README.md", "CHANGELOG.md")
# What is asked of every mart; the tests of everything else would take long, and say nothing of this one.
HELD = {
    "tests/unit/test_restaurant_catalog.py": "marts_are_built",
    "tests/unit/test_catalog.py": "restaurant",
    "tests/unit/test_documents.py": "mart",
    "tests/unit/test_contracts.py": "restaurant",
    "tests/unit/documentation/test_data_dictionary.py": "repository",
    "tests/unit/column_lineage/test_metrics_document.py": "sales_by or current",
    "tests/unit/commands/test_catalog_build.py": "people_are_told",
}


def section() -> str:
    """The steps, without the indent that blocks have in a list."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    steps = text.partition("\n## Add a mart\n")[2].partition("\n## ")[0]
    return re.sub(r"^ {3}", "", steps, flags=re.MULTILINE)


@pytest.mark.slow
def test_the_section_leads_to_a_mart_that_the_projects_own_tests_accept(tmp_path: Path, engine_name: str) -> None:
    if engine_name != "embedded":
        pytest.skip("lineage, and so the document of metrics, is read on the embedded engine alone")
    reader = Reader(tmp_path, engine_name, COPIED)
    reader.types("medallion generate restaurant --orders 200 --seed 1 --output in")
    reader.types("medallion run restaurant --input in")

    done = reader.follows(section())

    assert (done["python"], done["diff"], done["sh"]) == (1, 5, 1)
    reader.types("medallion show sales_by_weekday")
    reader.sees("weekday")
    tests = " or ".join(f"({name})" for name in dict.fromkeys(HELD.values()))
    reader.types(f'pytest -q -p no:cacheprovider {" ".join(HELD)} -k "{tests}"')
