"""Every metric of every mart is documented with its formula, and with the line that defines it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

import medallion
from medallion.catalog import PRODUCTS
from medallion.column_lineage.builds import product_lineage
from medallion.contracts import Layer
from medallion.data_product import Step
from medallion.documentation.definitions import definition_of, question_of
from medallion.documentation.metrics import metrics_of, render

SOURCE = Path(medallion.__file__).parents[1]
DOCUMENT = SOURCE.parent / "docs" / "metrics.md"
MARTS = [pytest.param(step, id=step.table.name) for product in PRODUCTS for step in product.layer(Layer.GOLD)]


@pytest.mark.parametrize("step", MARTS)
def test_every_metric_has_a_formula(step: Step) -> None:
    assert [column.name for column in metrics_of(step.table) if not column.formula] == []


@pytest.mark.parametrize("step", MARTS)
def test_every_mart_says_its_question_and_what_is_left_out(step: Step) -> None:
    assert question_of(step)
    assert step.table.exclusions


@pytest.mark.parametrize("step", MARTS)
def test_the_line_of_a_metric_names_it_or_begins_its_definition(step: Step) -> None:
    for column in metrics_of(step.table):
        found = definition_of(step, column.name)
        lines = (SOURCE / found.path).read_text(encoding="utf-8").splitlines()[found.line - 1 : found.line + 1]
        assert f'"{column.name}"' in "".join(lines), (column.name, found)


def test_the_document_in_the_repository_is_current(spark: SparkSession) -> None:
    lineage = {one.name: product_lineage(spark, one, one.rules()) for one in PRODUCTS}

    assert DOCUMENT.read_text(encoding="utf-8") == render(PRODUCTS, lineage), "run: medallion contracts metrics"
