"""What wakes somebody: a run failed, none succeeded in time, too many rows were rejected, or it takes too long."""

from __future__ import annotations

from datetime import timedelta

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.functions import METRICS_NAMESPACE

_MOST_HOURS = 168  # what an alarm of CloudWatch can look back


class ProductAlarms(Construct):
    """Alarms of one product. `metrics` are those for the dashboard, by what they say.

    `freshness` is the product's service level; without one, or where nothing runs it by itself, no alarm asks for
    runs. Its hours have `grace_hours` added: a nightly run does not end at the same minute.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product: str,
        environment: str,
        machine: sfn.StateMachine,
        topic: sns.ITopic,
        freshness: timedelta | None,
        grace_hours: int,
        most_minutes: int,
        most_rejected: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self._product, self._topic = product, topic
        five_minutes, hour = Duration.minutes(5), Duration.hours(1)
        self.failed = cloudwatch.MathExpression(
            expression=" + ".join(f"{product}_{end}" for end in ("failed", "timed_out", "aborted")),
            label=f"{product}: runs that failed",
            period=five_minutes,
            using_metrics={  # a name stands for one metric on a dashboard, so it has the product's
                f"{product}_failed": machine.metric_failed(period=five_minutes),
                f"{product}_timed_out": machine.metric_timed_out(period=five_minutes),
                f"{product}_aborted": machine.metric_aborted(period=five_minutes),
            },
        )
        self.succeeded = machine.metric_succeeded(period=hour, label=f"{product}: runs that succeeded")
        self.duration = machine.metric_time(period=five_minutes, statistic="max", label=product)
        self.rejected = cloudwatch.Metric(
            namespace=METRICS_NAMESPACE,
            metric_name="RejectedRows",
            dimensions_map={"Environment": environment, "Product": product},
            period=five_minutes,
            statistic="max",
            label=product,
        )
        self._alarm("Failed", self.failed, 1, f"A run of {product} failed; the message of the run has its error line.")
        self._alarm(
            "Rejected", self.rejected, most_rejected, f"{product}: a run rejected {most_rejected} rows or more."
        )
        self._alarm(
            "Slow", self.duration, most_minutes * 60_000, f"A run of {product} took {most_minutes} minutes or more."
        )
        if freshness:
            self._stale(round(freshness.total_seconds() / 3600) + grace_hours)

    def _stale(self, hours: int) -> None:
        """Hours without a success, counted one by one: also before the first run, and where nothing is reported."""
        periods = min(hours, _MOST_HOURS)
        alarm = self.succeeded.create_alarm(
            self,
            "Stale",
            alarm_description=f"{self._product}: no run succeeded in {periods} hours; its service level asks for one.",
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            threshold=1,
            evaluation_periods=periods,
            datapoints_to_alarm=periods,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        self._tell(alarm)

    def _alarm(self, name: str, metric: cloudwatch.IMetric, threshold: int, description: str) -> None:
        self._tell(
            cloudwatch.Alarm(
                self,
                name,
                metric=metric,
                alarm_description=description,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                threshold=threshold,
                evaluation_periods=1,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
        )

    def _tell(self, alarm: cloudwatch.Alarm) -> None:
        alarm.add_alarm_action(actions.SnsAction(self._topic))
        alarm.add_ok_action(actions.SnsAction(self._topic))
