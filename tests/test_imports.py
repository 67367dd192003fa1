"""Who may know whom, by the imports of every module (those for type checkers too); how long code may be; docstrings."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import medallion
from import_rules import FILE_ACCESS, GROUND, MAY_KNOW, ONLY_IN, PROTOCOL
from medallion.catalog import PRODUCTS

SOURCE = Path(medallion.__file__).parent
ROOT = SOURCE.parents[1]
MODULES = sorted(SOURCE.rglob("*.py"))
FOLDERS = ("benchmarks", "docs", "glue_jobs", "infra", "lambdas", "src", "tests")  # all that hold Python
MOST_LINES_OF_A_FILE, MOST_LINES_OF_A_FUNCTION, MOST_LINES_OF_A_JOB = 250, 50, 60
MEDALLION = "medallion."
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def imports(file: Path) -> frozenset[str]:
    """The full names of modules that a file imports, and `module.name` for what it takes from them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def part_of(file: Path) -> str:
    """`pipeline` for a module in that folder, `engine` for engine.py."""
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def parts_known(file: Path) -> set[str]:
    """The parts of the package that a module imports."""
    names = {name.split(".")[1] for name in imports(file) if name.startswith(MEDALLION)}
    return {name for name in names if (SOURCE / name).is_dir() or (SOURCE / f"{name}.py").is_file()}


def named(file: Path) -> str:
    return str(file.relative_to(SOURCE))


@pytest.mark.parametrize("part", MAY_KNOW)
def test_a_part_knows_only_the_parts_below_it(part: str) -> None:
    files = [file for file in MODULES if part_of(file) == part]
    assert files, f"there is no {part} any more: correct the rule"
    strangers = {named(file): parts_known(file) - {*MAY_KNOW[part]} for file in files}
    assert {name: found for name, found in strangers.items() if found} == {}


def test_every_part_has_a_rule_or_is_an_entry_point() -> None:
    assert {part_of(file) for file in MODULES} - MAY_KNOW.keys() == {
        "__init__",
        "__main__",
        "cli",
        "commands",
        "dashboard",
        "jobs",
    }


def test_nothing_knows_the_dashboard() -> None:
    others = [file for file in MODULES if part_of(file) != "dashboard"]
    assert [named(file) for file in others if "dashboard" in parts_known(file)] == []


def test_the_dashboard_starts_without_an_engine() -> None:
    blocked = "import sys; sys.modules.update(dict.fromkeys(['pyspark', 'pysail', 'grpc', 'psycopg'])); "
    pages = "from medallion.dashboard.entry import app; from medallion.dashboard.pages import PAGES; print(len(PAGES))"
    child = subprocess.run([sys.executable, "-c", blocked + pages], capture_output=True, text=True, check=False)
    assert (child.returncode, int(child.stdout or 0) > 0) == (0, True), child.stderr


def test_the_pipeline_knows_the_warehouse_by_its_protocol_only() -> None:
    known = {
        name.split(".")[2]
        for file in MODULES
        if part_of(file) == "pipeline"
        for name in imports(file)
        if name.startswith("medallion.warehouse.")
    }
    assert known <= {*PROTOCOL}


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_where_it_belongs(library: str) -> None:
    users = [file for file in MODULES if any(name.split(".")[0] == library for name in imports(file))]
    assert [named(file) for file in users if not any(Path(named(file)).match(at) for at in ONLY_IN[library])] == []


def test_tables_and_contracts_touch_no_file_and_no_data_library() -> None:
    forbidden = {*FILE_ACCESS, "pyarrow", "pandas", "boto3", "duckdb", "streamlit"}
    files = [file for file in MODULES if part_of(file) in (*GROUND, "products")]
    found = {named(file): {name.split(".")[0] for name in imports(file)} & forbidden for file in files}
    assert {name: libraries for name, libraries in found.items() if libraries} == {}
    calls = [
        f"{named(file)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("open", "print", "input", "exec", "eval")
    ]
    assert calls == []


def test_a_products_tables_know_no_other_product() -> None:
    for file in MODULES:
        if part_of(file) == "products" and len(file.relative_to(SOURCE).parts) > 2:
            own = f"medallion.products.{file.relative_to(SOURCE).parts[1]}"
            others = {name for name in imports(file) if name.startswith("medallion.products.")}
            assert {name for name in others if f"{name}.".startswith(f"{own}.")} == others, named(file)


def test_only_the_engine_makes_a_session() -> None:
    assert [named(file) for file in MODULES if "SparkSession.builder" in file.read_text()] == ["engine.py"]


@pytest.mark.parametrize("entry", ["medallion.catalog", "medallion.warehouse.ddl", "medallion.documentation.odcs"])
def test_contracts_can_be_read_where_neither_spark_nor_arrow_nor_duckdb_is_installed(entry: str) -> None:
    blocked = "import sys; sys.modules.update(dict.fromkeys(['pyspark', 'pysail', 'pyarrow', 'duckdb', 'pandas'])); "
    tables = "from medallion.catalog import PRODUCTS; print(sum(len(product.steps) for product in PRODUCTS))"
    child = subprocess.run(
        [sys.executable, "-c", f"{blocked}import {entry}; {tables}"], capture_output=True, text=True, check=False
    )
    assert (child.returncode, int(child.stdout or 0) > 0) == (0, True), child.stderr


def test_every_file_of_the_repository_can_be_read_in_one_go() -> None:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    assert {file.relative_to(ROOT).parts[0] for file in files} == {*FOLDERS}
    lines = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {name: count for name, count in lines.items() if count > MOST_LINES_OF_A_FILE} == {}


@pytest.mark.parametrize("folder", ["src/medallion", "infra", "lambdas", "glue_jobs"])
def test_every_function_can_be_read_in_one_go(folder: str) -> None:
    """From `def` on, with its docstring and the functions within; of commands too, whose parameters are help text."""
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    lines = {
        f"{file.relative_to(ROOT)}:{node.name}": int(node.end_lineno or 0) - node.lineno + 1
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, FUNCTION)
    }
    assert {name: count for name, count in lines.items() if count > MOST_LINES_OF_A_FUNCTION} == {}


@pytest.mark.parametrize("file", MODULES, ids=named)
def test_modules_and_their_public_functions_and_classes_say_what_they_are_for(file: Path) -> None:
    """Methods and functions within functions are not asked: their class or function speaks for them."""
    module = ast.parse(file.read_text(encoding="utf-8"))
    defined = [node for node in module.body if isinstance(node, (*FUNCTION, ast.ClassDef)) and node.name[0] != "_"]
    assert ast.get_docstring(module)
    assert [node.name for node in defined if not ast.get_docstring(node)] == []


def test_a_job_is_thin_and_does_nothing_itself() -> None:
    jobs = sorted((ROOT / "glue_jobs").glob("*.py"))
    assert jobs
    for job in jobs:
        assert len(job.read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_A_JOB
        assert {name.split(".")[0] for name in imports(job)} <= {"__future__", "medallion", "os", "sys"}, job.name


@pytest.mark.parametrize("name", ["drive_ingest", "source_load"])
def test_a_function_is_thin_and_wires_library_modules(name: str) -> None:
    handler = ROOT / "lambdas" / name / "handler.py"
    text = handler.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES_OF_A_JOB
    libraries = {one.split(".")[0] for one in imports(handler)}
    assert libraries <= {"__future__", "medallion", "os", "time", "typing", "boto3", "aws_lambda_powertools"}
    parts = {one.split(".")[1] for one in imports(handler) if one.startswith(MEDALLION)}
    assert parts <= {"catalog", "errors", "ingest"}
    assert [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)] == ["handler"]


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("drive_ingest", ["pyspark", "pysail", "pyarrow", "duckdb", "pandas", "numpy", "psycopg"]),
        ("source_load", ["pyspark", "pysail", "duckdb", "google", "requests"]),
    ],
)
def test_a_function_needs_no_library_that_it_does_not_use(name: str, absent: list[str]) -> None:
    blocked = f"import sys; sys.modules.update(dict.fromkeys({absent})); "
    child = subprocess.run(
        [sys.executable, "-c", f"{blocked}sys.path.insert(0, {str(ROOT / 'lambdas' / name)!r}); import handler"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr


def test_every_test_module_has_a_name_of_its_own() -> None:
    names = sorted(file.name for file in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in names if names.count(name) > 1] == []  # pytest imports them by that alone


def test_no_part_asks_which_product_it_has() -> None:
    """Outside products, samples and the catalogue nothing is compared with, or looked up by, a product's name."""
    names = {product.name for product in PRODUCTS}
    exempt = ("products", "samples", "catalog")
    found = []
    for file in (file for file in MODULES if part_of(file) not in exempt):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named_here = [one for one in _chosen_by(node) if isinstance(one, ast.Constant) and one.value in names]
            found += [f"{named(file)}:{one.lineno}: {one.value}" for one in named_here]
    assert found == []


def _chosen_by(node: ast.AST) -> list[ast.AST]:
    """The texts that a comparison, a `match`, a look-up or a table of cases decides by."""
    if isinstance(node, ast.Compare):
        return [one for part in (node.left, *node.comparators) for one in ast.walk(part)]
    if isinstance(node, ast.MatchValue):
        return [node.value]
    if isinstance(node, ast.Subscript):
        return list(ast.walk(node.slice))
    if isinstance(node, ast.Dict):
        return [key for key in node.keys if key]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return list(node.args) if node.func.attr in {"get", "startswith", "product"} else []
    return []
