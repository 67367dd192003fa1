"""A warehouse in which `marketing_360` was published, an access to it, and other terms of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from campaign_tool import NAMED
from outcome import Medallion, Outcome

from medallion import catalog
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.records import Version, replace_records


@pytest.fixture(autouse=True)
def published(folder: Path) -> DuckDbWarehouse:
    """A warehouse in which `marketing_360` was published."""
    (folder / ".medallion").mkdir()
    opened = DuckDbWarehouse(folder / ".medallion" / "warehouse.duckdb")
    version = Version(
        product="marketing_360",
        version=1,
        layer="gold",
        run_id="r1",
        table_name="customer_activity",
        relation="marketing_360_versions.customer_activity__000001",
        as_of=date(2024, 6, 30),
        published_at=datetime(2024, 7, 1, tzinfo=UTC),
    )
    with opened.write() as session:
        create_control_tables(session)
        replace_records(session, [version])
    return opened


@pytest.fixture
def asked(medallion: Medallion) -> Outcome:
    return medallion("access", "request", *NAMED, "--purpose", "weekly mailing", "--by", "carl")


@pytest.fixture
def approved(medallion: Medallion, asked: Outcome) -> Outcome:
    return medallion("access", "approve", *NAMED, "--by", "ana")


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Another catalogue: what is agreed about `marketing_360` is changed."""

    def changed(**agreed: object) -> None:
        products = [
            replace(one, governance=replace(one.governance, **agreed)) if one.name == "marketing_360" else one
            for one in catalog.PRODUCTS
        ]
        monkeypatch.setattr(catalog, "PRODUCTS", tuple(products))

    return changed
