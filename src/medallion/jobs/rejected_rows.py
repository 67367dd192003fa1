"""The metric behind the alarm on rejected rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.errors import MedallionError
from medallion.warehouse import control

if TYPE_CHECKING:
    from medallion.jobs.arguments import JobArguments
    from medallion.pipeline.progress import Report
    from medallion.warehouse.base import Warehouse

METRIC = "RejectedRows"


def put_rejected_rows(warehouse: Warehouse, report: Report, given: JobArguments) -> str:
    """Tell CloudWatch how many rows of the run's deliveries were rejected; says in a line what came of it.

    The marts are published by now, so a metric that cannot be put fails nothing.
    """
    import boto3

    from medallion.ingest.aws_errors import explained_aws

    count = 0
    if report.run_id is not None:
        with warehouse.read() as session:
            count = control.rejected_count(session, report.run_id)
    named = {"Environment": given.environment, "Product": given.product}
    point = {
        "MetricName": METRIC,
        "Dimensions": [{"Name": name, "Value": value} for name, value in named.items()],
        "Value": count,
        "Unit": "Count",
    }
    try:
        with explained_aws(f"metric {METRIC}"):
            boto3.client("cloudwatch").put_metric_data(Namespace=given.metrics_namespace, MetricData=[point])
    except MedallionError as error:
        return f"{count:,} rejected rows; {error}"
    return f"{count:,} rejected rows"
