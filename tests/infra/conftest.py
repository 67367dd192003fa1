"""Both environments, synthesised once a session: what the tests of infra/ look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from infra.app import ROOT
from infra.code import Code
from synthesised import Synthesised, synthesise

Synthesise = Callable[..., Synthesised]
_PLACES = {"lambdas/drive_ingest": "handler.py", "lambdas/source_load": "handler.py"}
_JOBS = ("bronze.py", "silver.py", "gold.py")


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    """The repository's code; what is not there yet is empty, and so are the packages."""
    root, packages = tmp_path_factory.mktemp("code"), tmp_path_factory.mktemp("packages")
    (root / "src").symlink_to(ROOT / "src")
    for folder, file in (*_PLACES.items(), *(("glue_jobs", job) for job in _JOBS)):
        target, real = root / folder / file, ROOT / folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(real.read_bytes() if real.is_file() else b"")
    for place in ("lambda-layer/python/package.py", "glue-6.0/medallion.gluewheels.zip"):
        (packages / place).parent.mkdir(parents=True)
        (packages / place).write_bytes(b"")
    (root / "build/aws").mkdir(parents=True)
    (root / "build/aws/rds-certificates.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    return Code(root=root, packages=packages, staging=tmp_path_factory.mktemp("staging"))


@pytest.fixture(scope="session")
def context() -> dict[str, Any]:
    """The context of cdk.json, where the restaurant's files come from a Drive folder."""
    given: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    restaurant = given["products"]["restaurant"] | {"drive_folder": "folder-of-the-restaurant"}
    restaurant["rules"] = {"churn_after_days": 60}
    dev = given["environments"]["dev"] | {"reader_role": "dashboards"}
    environments = given["environments"] | {"dev": dev}
    return given | {"products": given["products"] | {"restaurant": restaurant}, "environments": environments}


@pytest.fixture(scope="session")
def environment(code: Code, context: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    """The templates of an environment, by its name."""

    @cache
    def of(name: str) -> Synthesised:
        out: Path = tmp_path_factory.mktemp(name)
        return synthesise(context | {"environment": name}, code, out)

    return of


@pytest.fixture(scope="session")
def prod(environment: Synthesise) -> Synthesised:
    """The templates of prod."""
    return environment("prod")


@pytest.fixture(scope="session")
def dev(environment: Synthesise) -> Synthesised:
    """The templates of dev."""
    return environment("dev")
