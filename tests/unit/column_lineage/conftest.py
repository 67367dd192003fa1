"""Plans are read on the embedded engine, whose sessions are those of Spark Connect; the other one has none to read."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def _embedded(engine_name: str) -> None:
    if engine_name != "embedded":
        pytest.skip("plans are read on the embedded engine alone")
