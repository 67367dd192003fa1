"""What wakes somebody before the source database is full and takes nothing any more."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.source_database import most_storage_gb

# RDS adds storage once a tenth of it or less is free for five minutes. Half of that tenth, of the storage that it began
# with, for a quarter of an hour: it has not been added. A share of what it may grow to would be free never, or always.
_SHARE = 0.05
_PERIOD, _PERIODS = Duration.minutes(5), 3
_BYTES = 1 << 30


class SourceStorageAlarm(Construct):
    """An alarm on the free storage of the source database: growing by itself is at its end, or cannot keep up."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        database: rds.IDatabaseInstance,
        storage_gb: int,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        alarm = database.metric_free_storage_space(period=_PERIOD, statistic="min").create_alarm(
            self,
            "Low",
            alarm_description=f"The source database has had less than {storage_gb * _SHARE:g} GiB free for 15 minutes:"
            f" it has grown to the most that it may ({most_storage_gb(storage_gb)} GiB), or fills faster than it grows;"
            " docs/runbook.md says what to do.",
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            threshold=int(storage_gb * _SHARE * _BYTES),
            evaluation_periods=_PERIODS,
            # A database that was stopped says nothing and is not full; one that is full and says nothing is not well.
            treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
        )
        alarm.add_alarm_action(actions.SnsAction(topic))
        alarm.add_ok_action(actions.SnsAction(topic))
