"""Landing, a source database of its own with `aws_s3`, and the function between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_s3_extension
import psycopg
from aws_services import AwsServices
from lambda_context import PLENTY_MS, Context
from psycopg.conninfo import conninfo_to_dict
from small_postgres import new_database

from medallion.embedded.postgres import EmbeddedPostgres

ITEMS_HEADER = (
    "APP_NAME,RESTAURANT_ID,CREATION_TIME_UTC,ORDER_ID,USER_ID,PRINTED_CARD_NUMBER,IS_LOYALTY,CURRENCY,LINEITEM_ID,"
    "ITEM_CATEGORY,ITEM_NAME,ITEM_PRICE,ITEM_QUANTITY"
)
LINE = "app,r1,2024-01-01T10:00:00Z,{order},u1,,TRUE,USD,l1,Mains,{name},10.00,2"


def items(*names: str) -> bytes:
    """A file of order items: an order of one line each, by the name of what was sold."""
    lines = [LINE.format(order=f"o{number}", name=name) for number, name in enumerate(names, 1)]
    return "\n".join([ITEMS_HEADER, *lines, ""]).encode()


@dataclass
class SourceBench:
    aws: AwsServices
    handler: Any
    bucket: str
    dsn: str
    secret: str
    s3: Any

    @classmethod
    def new(cls, aws: AwsServices, server: EmbeddedPostgres, handler: Any) -> SourceBench:
        dsn = new_database(server.dsn, "source")
        aws_s3_extension.install(dsn, aws.endpoint)
        return cls(aws, handler, aws.new_bucket(), dsn, aws.new_secret(rds_secret(dsn)), aws.shared("s3"))

    @property
    def database(self) -> str:
        return str(conninfo_to_dict(self.dsn)["dbname"])

    @property
    def port(self) -> int:
        return int(str(conninfo_to_dict(self.dsn)["port"]))

    @property
    def user(self) -> str:
        return str(conninfo_to_dict(self.dsn)["user"])

    @property
    def password(self) -> str:
        return str(conninfo_to_dict(self.dsn)["password"])

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PRODUCT": "restaurant", "LANDING_BUCKET": self.bucket, "SOURCE_SECRET": self.secret,
            "KMS_KEY_ARN": self.aws.kms_key, "PGSSLMODE": "disable", "POWERTOOLS_TRACE_DISABLED": "true",
        }  # fmt: skip

    def run(self, s3: Any = None, remaining: Callable[[], int] = lambda: PLENTY_MS, **event: Any) -> dict[str, Any]:
        """One invocation."""
        secrets = self.aws.shared("secretsmanager")
        found: dict[str, Any] = self.handler(event, Context(remaining), s3=s3 or self.s3, secrets=secrets)
        return found

    def land(self, file_id: str, name: str, content: bytes) -> None:
        self.s3.put_object(
            Bucket=self.bucket, Key=f"landing/restaurant/{file_id}/{name}", Body=content, Metadata={"drive-name": name}
        )

    def land_folder(self, folder: Path) -> None:
        for path in folder.glob("*.csv*"):
            self.land(f"id-of-{path.name}", path.name, path.read_bytes())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def keys(self, prefix: str) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [one["Key"] for one in found]

    def counts(self) -> tuple[int, int, int]:
        """Rows of order_items, contents loaded, objects taken in."""
        [found] = self.rows(
            "SELECT (SELECT count(*) FROM restaurant.order_items), (SELECT count(*) FROM restaurant._batch),"
            " (SELECT count(*) FROM restaurant._object)"
        )
        return found  # type: ignore[return-value]


def rds_secret(dsn: str, **other: Any) -> dict[str, Any]:
    """A database's secret as RDS keeps it."""
    parts = conninfo_to_dict(dsn)
    return {
        "engine": "postgres", "username": parts["user"], "password": parts["password"], "host": parts["host"],
        "port": int(str(parts["port"])), "dbname": parts["dbname"], **other,
    }  # fmt: skip
