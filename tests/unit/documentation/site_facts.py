"""Facts about products for pages: contracts alone, or as published, with what a run found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from medallion.data_product import DataProduct
from medallion.documentation.site.facts import (
    CheckFacts,
    ProductFacts,
    RunFacts,
    SiteFacts,
    TableFacts,
)

NOW = datetime(2024, 6, 2, 12, 0, tzinfo=UTC)


def facts_of(product: DataProduct, **more: Any) -> ProductFacts:
    """A product's facts; what is not given is as before any run."""
    agreed = product.governance
    entry = {
        "owner": agreed.owner or None,
        "type": agreed.type.value,
        "lifecycle": agreed.lifecycle.value,
        "concepts": [one.name for one in agreed.concepts],
        "tags": list(agreed.tags),
        "terms_of_use": agreed.terms_of_use or None,
        "freshness_hours": 24.0 if agreed.freshness else None,
        "version": None,
        "as_of": None,
        "published_at": None,
        "is_fresh": None,
    }
    return ProductFacts(product=product, entry=entry | more.pop("entry", {}), **more)


def published(product: DataProduct, *, is_fresh: bool | None = True, **more: Any) -> ProductFacts:
    """A product whose second version was published two hours ago, with a row of each table."""
    tables = {step.table.name: table_of(step.table.name, step.table.column_names) for step in product.steps}
    entry = {"version": 2, "as_of": date(2024, 6, 1), "published_at": NOW.replace(hour=10), "is_fresh": is_fresh}
    run = RunFacts(
        run_id="r2", status="succeeded", as_of=date(2024, 6, 1), started_at=NOW.replace(hour=9), finished_at=NOW
    )
    return facts_of(product, entry=entry, tables=tables | more.pop("tables", {}), last_run=run, **more)


def table_of(name: str, columns: Sequence[str], *rows: tuple[Any, ...]) -> TableFacts:
    return TableFacts(
        version=2,
        relation=f"any.{name}",
        as_of=date(2024, 6, 1),
        published_at=NOW.replace(hour=10),
        row_count=1234,
        rows_in=1300,
        rows_rejected=60,
        rows_duplicate=6,
        sample_columns=tuple(columns),
        sample=rows or (tuple(Decimal("1.50") for _ in columns),),
    )


def check(table: str, severity: str = "fail", *, passed: bool = True, **more: Any) -> CheckFacts:
    return CheckFacts(
        table=table,
        name=more.get("name", f"{table}_is_good"),
        severity=severity,
        passed=passed,
        failed_count=0 if passed else 7,
        detail=more.get("detail", ""),
        description=more.get("description", "it is good"),
    )


def site(*products: ProductFacts, **more: Any) -> SiteFacts:
    return SiteFacts(products=products, built_at=NOW, **more)
