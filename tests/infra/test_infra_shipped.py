"""What is uploaded is all that functions and jobs need: run from it alone, with the packages that are there on AWS."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from infra.code import Code
from shipped import OF_GLUE, OF_LAMBDA, not_on_aws, shipped

from medallion.catalog import PRODUCTS
from medallion.pipeline.fingerprint import definition_of

AS_OF = date(2024, 1, 31)
DEFINITIONS = """
import medallion
from datetime import date
from medallion.catalog import PRODUCTS
from medallion.pipeline.fingerprint import definition_of
print(medallion.__file__)
for product in PRODUCTS:
    for step in product.steps:
        print(definition_of(product, step, product.rules(), date(2024, 1, 31)))
"""


def ran(words: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MEDALLION_", "AWS_"))}
    command = [sys.executable, *words]
    return subprocess.run(command, env=own | environment, capture_output=True, text=True, check=False)


def test_tables_are_defined_alike_by_the_zip_that_jobs_import_and_by_the_checkout(code: Code, tmp_path: Path) -> None:
    library = code.library()
    done = ran(["-c", DEFINITIONS], shipped(tmp_path, library, "glue.lock", OF_GLUE))
    assert done.returncode == 0, done.stderr
    place, *found = done.stdout.split()
    assert place.startswith(f"{library}/")
    assert found == [
        definition_of(product, step, product.rules(), AS_OF) for product in PRODUCTS for step in product.steps
    ]


@pytest.mark.parametrize("layer", ["bronze", "silver", "gold"])
def test_a_jobs_script_starts_with_what_glue_has(code: Code, tmp_path: Path, layer: str) -> None:
    environment = shipped(tmp_path, code.library(), "glue.lock", OF_GLUE)
    words = ["--JOB_NAME", "any", "--product", "pizza", "--warehouse", "redshift://127.0.0.1:1/any"]
    done = ran([str(code.job(layer)), *words, "--lake", "s3://any/lake"], environment)
    assert "product 'pizza' is unknown" in done.stderr.splitlines()[-1], done.stderr


@pytest.mark.parametrize("name", ["drive_ingest", "source_load"])
def test_a_function_starts_with_what_lambda_has(code: Code, tmp_path: Path, name: str) -> None:
    folder = code.function(name)
    environment = shipped(tmp_path, folder, "lambda.lock", OF_LAMBDA) | {"AWS_DEFAULT_REGION": "eu-central-1"}
    done = ran(["-c", "import handler, medallion; print(medallion.__file__)"], environment)
    assert done.stdout.strip() == f"{folder}/medallion/__init__.py", done.stderr


def test_packages_that_are_not_uploaded_are_kept_from_both() -> None:
    assert {"duckdb", "pysail", "jinja2", "pytest"} <= not_on_aws("glue.lock", OF_GLUE)
    assert {"duckdb", "pyspark", "pandas", "pytest"} <= not_on_aws("lambda.lock", OF_LAMBDA)
