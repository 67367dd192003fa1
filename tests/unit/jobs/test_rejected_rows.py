"""The metric of rejected rows is put after the publish: it tells what was counted, and fails nothing."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from medallion.errors import LostConnectionError
from medallion.jobs.arguments import JobArguments
from medallion.jobs.rejected_rows import put_rejected_rows
from medallion.pipeline.progress import Report
from medallion.warehouse import control
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.records import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GIVEN = JobArguments(product="restaurant", environment="dev", metrics_namespace="Medallion")


class CloudWatch:
    """What is put, or the error that is raised instead."""

    def __init__(self) -> None:
        self.put: list[dict[str, Any]] = []
        self.error: Exception | None = None

    def put_metric_data(self, **point: Any) -> None:
        if self.error:
            raise self.error
        self.put.append(point)


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> CloudWatch:
    client = CloudWatch()
    monkeypatch.setattr("boto3.client", {"cloudwatch": client}.__getitem__)
    return client


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDbWarehouse:
    """One in which the run `r` has a delivery of which the gate rejected two rows and a table three."""
    made = DuckDbWarehouse(tmp_path / "warehouse.duckdb")
    batch = Batch(
        product="restaurant", source="order_items", batch_id="b", file_name="order_items.csv", run_id="r",
        rejected_count=2, refused_count=3, registered_at=datetime(2024, 1, 7, tzinfo=UTC),
    )  # fmt: skip
    with made.write() as session:
        create_control_tables(session)
        control.record_batches(session, [batch])
    return made


def report(run_id: str | None) -> Report:
    return Report(
        product="restaurant", run_id=run_id, is_resumed=False, as_of=None, version=1, tables=(), checks=(), notes=(),
        seconds=1.0, location="w",
    )  # fmt: skip


def test_the_rows_that_gate_and_tables_rejected_are_put_together(
    warehouse: DuckDbWarehouse, cloudwatch: CloudWatch
) -> None:
    assert put_rejected_rows(warehouse, report("r"), GIVEN) == "5 rejected rows"
    (put,) = cloudwatch.put
    (point,) = put["MetricData"]
    assert (put["Namespace"], point["MetricName"], point["Value"]) == ("Medallion", "RejectedRows", 5)
    assert point["Dimensions"] == [
        {"Name": "Environment", "Value": "dev"},
        {"Name": "Product", "Value": "restaurant"},
    ]


def test_where_there_was_nothing_to_do_there_is_no_metric_of_a_run(
    warehouse: DuckDbWarehouse, cloudwatch: CloudWatch
) -> None:
    assert put_rejected_rows(warehouse, report(None), GIVEN) == "no run, so no metric RejectedRows"
    assert cloudwatch.put == []


def test_rows_that_cannot_be_counted_fail_nothing_and_are_no_zero(
    warehouse: DuckDbWarehouse, cloudwatch: CloudWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def lost() -> Iterator[None]:
        raise LostConnectionError("redshift://w: the connection was lost; run the same again")
        yield

    monkeypatch.setattr(warehouse, "read", lost)
    assert put_rejected_rows(warehouse, report("r"), GIVEN) == (
        "rejected rows are not counted, no metric RejectedRows; "
        "redshift://w: the connection was lost; run the same again"
    )
    assert cloudwatch.put == []


def test_a_metric_that_cannot_be_put_fails_nothing(warehouse: DuckDbWarehouse, cloudwatch: CloudWatch) -> None:
    cloudwatch.error = EndpointConnectionError(endpoint_url="https://monitoring")
    said = put_rejected_rows(warehouse, report("r"), GIVEN)
    assert said.startswith("5 rejected rows; metric RejectedRows: AWS cannot be reached (")
