"""What infra/ may know: contracts and the catalogue of medallion, CDK, and nothing that runs data."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from infra.app import ROOT
from infra.code import Code

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
    code: Code, context: dict[str, object], tmp_path: Path
) -> None:
    script = f"""
import json, sys
from pathlib import Path
sys.modules.update(dict.fromkeys({_BLOCKED!r}))
from infra.app import build
from infra.code import Code
from aws_cdk import App
app = App(context=json.loads({json.dumps(context | {"environment": "shown"})!r}), outdir={str(tmp_path)!r})
build(app, Code(root=Path({str(code.root)!r}), packages=Path({str(code.packages)!r}), staging=Path({str(tmp_path)!r})))
print(*sorted(stack.stack_name for stack in app.synth().stacks))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": "/nowhere", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    stacks = "medallion-shown-dashboard medallion-shown-data medallion-shown-pipeline"
    assert (done.returncode, done.stdout.strip()) == (0, stacks), done.stderr


@pytest.mark.parametrize("file", [one for one in MODULES if one.parent.name in ("constructs", "stacks")], ids=named)
def test_a_construct_takes_its_properties_by_name_and_typed(file: Path) -> None:
    for made in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(made, ast.ClassDef) and {ast.unparse(base) for base in made.bases} & {"Construct", "Stack"}:
            (init,) = (one for one in made.body if isinstance(one, ast.FunctionDef) and one.name == "__init__")
            assert [one.arg for one in init.args.args] == ["self", "scope", "construct_id"], made.name
            assert [one.arg for one in init.args.kwonlyargs if one.annotation is None] == [], made.name
