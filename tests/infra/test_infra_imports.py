"""What infra/ may know: contracts and the catalogue of medallion, CDK, and nothing that runs data."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from infra.app import ROOT

MODULES = sorted((ROOT / "infra").rglob("*.py"))
MAY_KNOW = {"catalog", "contracts", "data_product", "data_types", "errors"}
LIBRARIES = {"aws_cdk", "cdk_nag", "constructs", "infra", "medallion", "pydantic"}
MOST_LINES_OF_A_FILE, MOST_LINES_OF_A_FUNCTION = 250, 50
_BLOCKED = ["pyspark", "pysail", "pyarrow", "duckdb", "pandas", "boto3", "botocore"]


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
    return names


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", MODULES, ids=named)
def test_infra_knows_contracts_and_cdk_only(file: Path) -> None:
    names = imported(file)
    assert {name.split(".")[0] for name in names} - LIBRARIES - sys.stdlib_module_names == set()
    assert {name.split(".")[1] for name in names if name.startswith("medallion.")} <= MAY_KNOW


@pytest.mark.parametrize("file", MODULES, ids=named)
def test_a_module_of_infra_can_be_read_in_one_go(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    longest = max((int(one.end_lineno or 0) - one.lineno + 1 for one in functions), default=0)
    assert len(text.splitlines()) <= MOST_LINES_OF_A_FILE
    assert longest <= MOST_LINES_OF_A_FUNCTION


def test_the_environment_is_read_where_the_app_starts_and_nowhere_else() -> None:
    assert [named(file) for file in MODULES if "os.environ" in file.read_text()] == [
        "infra/__init__.py",
        "infra/app.py",
    ]


@pytest.mark.slow
def test_synthesis_needs_neither_spark_nor_aws_nor_a_node_of_the_system(
    context: dict[str, object], tmp_path: Path
) -> None:
    script = f"""
import json, os, sys
sys.modules.update(dict.fromkeys({_BLOCKED!r}))
import infra
from aws_cdk import App, Stack
from infra.context import read_deployment
from infra.stacks.data import DataStack
import infra.stacks.pipeline
context = json.loads({json.dumps(context)!r})
app = App(context=context, outdir={str(tmp_path)!r})
DataStack(app, 'data', sizes=read_deployment(app.node.try_get_context).sizes)
print(len(app.synth().stacks[0].template['Resources']))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": "/nowhere", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, int(done.stdout or 0) > 40) == (0, True), done.stderr
