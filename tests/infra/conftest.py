"""All environments, synthesised once a session: what the tests of infra/ look at."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from infra.code import Code
from synthesised import Synthesised, code_in, context_of_cdk_json, synthesise

Synthesise = Callable[..., Synthesised]


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    """The repository's code; packages are empty."""
    return code_in(tmp_path_factory.mktemp("deployed"))


@pytest.fixture(scope="session")
def context() -> dict[str, Any]:
    """The context of cdk.json, where the restaurant's files come from a Drive folder."""
    return context_of_cdk_json()


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


@pytest.fixture(scope="session")
def shown(environment: Synthesise) -> Synthesised:
    """The templates of prod with dashboards."""
    return environment("shown")
