"""What the documents name is there: files they link to, tests they point at, settings, outputs, marts and columns."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from infra.context import Sizes

from medallion.catalog import PRODUCTS, product
from medallion.contracts import Layer
from medallion.warehouse.base import DUCKDB
from medallion.warehouse.ddl import create_table

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
RESTAURANT = product("restaurant")
MARTS = [step.table for step in RESTAURANT.steps if step.table.layer is Layer.GOLD]
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)(?:#[^)\s]*)?\)")
_TEST = re.compile(r"`(?:[\w/]*/)?(test_\w+\.py)`")
_SOURCE = re.compile(r"`((?:src/medallion|products|lambdas|glue_jobs|infra|constructs|pipeline|ingest)/[\w/.]+)`")


def shown(default: object) -> str:
    """A default as the guide writes it."""
    return str(default).lower() if default != "" else "none"


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = _LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", ["solution_design.md", "verification.md"])
def test_tests_that_are_pointed_at_are_there(document: str) -> None:
    there = {file.name for file in (ROOT / "tests").rglob("test_*.py")}
    assert set(_TEST.findall((ROOT / "docs" / document).read_text(encoding="utf-8"))) - there == set()


@pytest.mark.parametrize("document", ["solution_design.md", "sign_off.md"])
def test_code_that_is_pointed_at_is_there(document: str) -> None:
    places = (ROOT, ROOT / "src" / "medallion", ROOT / "infra")
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    named_here = _SOURCE.findall(text)
    assert [one for one in named_here if not any((place / one).exists() for place in places)] == []


@pytest.mark.parametrize("document", ["solution_design.md", "sign_off.md"])
def test_every_mart_of_the_restaurant_is_explained(document: str) -> None:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    assert [mart.name for mart in MARTS if f"`{mart.name}`" not in text] == []


def test_every_rule_of_the_restaurant_is_on_the_sign_off_sheet() -> None:
    text = (ROOT / "docs" / "sign_off.md").read_text(encoding="utf-8")
    assert [rule for rule in RESTAURANT.rules.model_fields if f"`{rule}`" not in text] == []


def test_every_size_is_in_the_deployment_guide_with_its_default() -> None:
    _, _, context = DEPLOYMENT.partition("\n## Context\n")
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in context.splitlines() if line.startswith("| `")]
    said: dict[str, str] = {}
    for names, defaults, *_ in rows:
        listed = re.findall(r"`(\w+)`", names)
        said |= dict(zip(listed, defaults.split(", "), strict=True))
    wanted = {name: "–" if one.is_required() else shown(one.default) for name, one in Sizes.model_fields.items()}
    assert {name: said.get(name) for name in wanted} == wanted


def test_outputs_that_the_deployment_guide_names_are_those_of_the_data_stack() -> None:
    source = (ROOT / "infra" / "stacks" / "data.py").read_text(encoding="utf-8")
    outputs = re.findall(r'^            \("(\w+)", self\.', source, flags=re.MULTILINE)
    _, _, table = DEPLOYMENT.partition("| output | |")
    assert set(re.findall(r"`([A-Z]\w+)`", table.partition("\n\n")[0])) == set(outputs)


def test_the_questions_of_the_deployment_guide_can_be_asked_of_the_marts() -> None:
    _, _, block = DEPLOYMENT.partition("```sql\n-- customer lifetime value")
    questions = [one for one in block.partition("```")[0].split(";") if "SELECT" in one]
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA restaurant")
        for mart in MARTS:
            connection.execute(create_table(f"restaurant.{mart.name}", mart, DUCKDB))
        for question in questions:
            connection.execute(question[question.index("SELECT") :])
    assert len(questions) == 7


def test_products_of_the_catalogue_are_in_the_solution_design() -> None:
    text = (ROOT / "docs" / "solution_design.md").read_text(encoding="utf-8")
    assert [one.name for one in PRODUCTS if one.name not in text] == []


def test_the_solution_design_counts_the_totals_and_names_the_keys_as_they_are() -> None:
    text = (ROOT / "docs" / "solution_design.md").read_text(encoding="utf-8")
    said = re.findall(r"(\d+) totals that agree", text)
    assert said == [str(len(RESTAURANT.reconciliations))]
    _, _, keys = text.partition("Their keys: ")
    named_keys = re.findall(r"((?:`\w+`,?\s+)+)\(([^)]+)\)", keys.partition("\n\n")[0])
    found = {table: columns for tables, columns in named_keys for table in re.findall(r"`(\w+)`", tables)}
    # Three tables stand together, with the one column in which they differ as a choice.
    by = {"hour_days": "hour", "category_days": "item_category", "item_days": "item_name"}
    choice = " or ".join(by.values())
    found |= {table: found[table].replace(choice, column) for table, column in by.items()}
    assert len(found) == 7
    assert found == {table: ", ".join(RESTAURANT.step(table).table.grain) for table in found}
