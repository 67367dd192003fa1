"""How the runs are doing, on one page."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_rds as rds
from constructs import Construct

from infra.constructs.product_alarms import ProductAlarms

_HALF, _HOUR = 12, Duration.hours(1)


class RunDashboard(Construct):
    """Successes and failures, times, rejected rows by product; what the databases use."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        products: Mapping[str, ProductAlarms],
        workgroup: str,
        database: rds.IDatabaseInstance,
    ) -> None:
        super().__init__(scope, construct_id)
        alarms = list(products.values())
        compute = cloudwatch.Metric(
            namespace="AWS/Redshift-Serverless",
            metric_name="ComputeSeconds",
            dimensions_map={"Workgroup": workgroup},
            statistic="sum",
            period=_HOUR,
            label="RPU-seconds",
        )
        dashboard = cloudwatch.Dashboard(self, "Dashboard", default_interval=Duration.days(7))
        dashboard.add_widgets(
            _graph("Runs that succeeded", [one.succeeded for one in alarms]),
            _graph("Runs that failed", [one.failed for one in alarms]),
        )
        dashboard.add_widgets(
            _graph("Time of a run (ms)", [one.duration for one in alarms]),
            _graph("Rejected rows of a run", [one.rejected for one in alarms]),
        )
        dashboard.add_widgets(
            _graph("Redshift: compute", [compute]),
            _graph(
                "RDS: CPU (%) and free storage",
                [database.metric_cpu_utilization()],
                [database.metric_free_storage_space()],
            ),
        )


def _graph(
    title: str, left: list[cloudwatch.IMetric], right: list[cloudwatch.IMetric] | None = None
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=left, right=right, width=_HALF)
