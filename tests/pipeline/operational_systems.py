"""A PostgreSQL of the tests' own with the tables of the operational systems, and homes that products are run in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import psycopg
from pydantic import SecretStr
from restaurant_input import workspace_in
from small_postgres import new_database

from medallion.catalog import product
from medallion.pipeline.run import execute
from medallion.pipeline.running import Request
from medallion.samples.customer_360 import COLUMNS
from medallion.settings import load_rules

if TYPE_CHECKING:
    from pathlib import Path

    from medallion.pipeline.progress import Report
    from medallion.pipeline.running import Workspace


@dataclass(frozen=True)
class Systems:
    """A database with empty tables `sources.crm_customers`, `erp_orders` and `wms_shipments`."""

    dsn: str

    @classmethod
    def new(cls, server_dsn: str) -> Systems:
        found = cls(new_database(server_dsn, "systems"))
        tables = "; ".join(f"CREATE TABLE sources.{table} ({columns})" for table, columns in COLUMNS.items())
        found.execute(f"CREATE SCHEMA sources; {tables}")
        return found

    def execute(self, sql: str, *parameters: object) -> None:
        with psycopg.connect(self.dsn) as connection:
            connection.execute(sql, parameters or None)

    def add_customers(self, *ids: int, name: str = "Ada") -> None:
        for number in ids:
            self.execute(
                "INSERT INTO sources.crm_customers VALUES (%s, %s, 'Archer', %s, '2024-01-15 10:30:00')",
                *(number, name, f"{number}@example.org"),
            )


@dataclass
class HomeOfProducts:
    """A home in which products are run on one database."""

    workspace: Workspace

    @classmethod
    def new(cls, folder: Path, engine: str, systems: Systems) -> HomeOfProducts:
        workspace = workspace_in(folder, engine)
        settings = workspace.settings.model_copy(update={"source_dsn": SecretStr(systems.dsn)})
        return cls(replace(workspace, settings=settings))

    def run(self, name: str = "sales_crm", **asked: Any) -> Report:
        known = product(name)
        return execute(self.workspace, Request(product=known, rules=load_rules(known), **asked))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.workspace.warehouse.read() as session:
            return session.rows(sql)

    def pulls(self, source: str = "crm_customers") -> list[tuple[int | None, ...]]:
        """(records, published, refused, duplicates, deleted) of each pull."""
        return self.rows(
            "SELECT record_count, published_count, refused_count, duplicate_count, deleted_count FROM control.batch"
            f" WHERE source = '{source}' AND status = 'loaded' ORDER BY batch_id"
        )


NAMES = "SELECT id, first_name FROM sales_crm.customers ORDER BY id"
EVERYTHING = "SELECT * FROM sales_crm.customers ORDER BY id"
