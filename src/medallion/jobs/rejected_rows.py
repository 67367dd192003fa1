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

    The marts are published by now, so rows that cannot be counted and a metric that cannot be put fail nothing. Where
    nothing was counted, as there was nothing to do or the warehouse did not answer, no metric is put: a zero would say
    that a run's rows were looked at and are all right. The alarm takes no metric for nothing to tell.
    """
    if report.run_id is None:
        return f"no run, so no metric {METRIC}"
    try:
        with warehouse.read() as session:
            count = control.rejected_count(session, report.run_id)
    except MedallionError as error:
        return f"rejected rows are not counted, no metric {METRIC}; {error}"
    try:
        _put(count, given)
    except MedallionError as error:
        return f"{count:,} rejected rows; {error}"
    return f"{count:,} rejected rows"


def _put(count: int, given: JobArguments) -> None:
    import boto3

    from medallion.ingest.aws_errors import explained_aws

    named = {"Environment": given.environment, "Product": given.product}
    point = {
        "MetricName": METRIC,
        "Dimensions": [{"Name": name, "Value": value} for name, value in named.items()],
        "Value": count,
        "Unit": "Count",
    }
    with explained_aws(f"metric {METRIC}"):
        boto3.client("cloudwatch").put_metric_data(Namespace=given.metrics_namespace, MetricData=[point])
