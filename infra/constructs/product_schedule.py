"""When a product runs by itself."""

from __future__ import annotations

from aws_cdk import Duration, TimeZone
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct


class ProductSchedule(Construct):
    """A schedule in the product's time zone; what cannot be started within an hour goes to the dead letters."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product: str,
        expression: str,
        timezone: str,
        machine: sfn.StateMachine,
        dead_letters: sqs.IQueue,
        key: kms.IKey,
        is_enabled: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        role = iam.Role(
            self,
            "Role",
            description=f"Starts the runs of {product}",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"),
        )
        for actions, resource in (
            (["states:StartExecution"], machine.state_machine_arn),
            (["sqs:SendMessage"], dead_letters.queue_arn),
            (["kms:Decrypt", "kms:GenerateDataKey"], key.key_arn),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
        self.schedule = scheduler.Schedule(
            self,
            "Schedule",
            description=f"Runs {product}",
            schedule=scheduler.ScheduleExpression.expression(expression, TimeZone.of(timezone)),
            enabled=is_enabled,
            target=targets.StepFunctionsStartExecution(
                machine,
                role=role,
                input=scheduler.ScheduleTargetInput.from_object({}),
                dead_letter_queue=dead_letters,
                retry_attempts=10,
                max_event_age=Duration.hours(1),
            ),
        )
