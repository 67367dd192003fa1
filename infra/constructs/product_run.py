"""The state machine that runs a product, and what it may do."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.acknowledgements import acknowledge, acknowledge_wildcard
from infra.constructs.run_definition import FunctionStep, JobStep, Step, run_definition


class ProductRun(Construct):
    """One state machine a product; its definition is `run_definition`, its role may do just what is in there."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product: str,
        steps: Sequence[Step],
        reads: Sequence[sfn.StateMachine],
        topic: sns.ITopic,
        key: kms.IKey,
        timeout: Duration,
        log_retention: logs.RetentionDays,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        log = logs.LogGroup(self, "Log", retention=log_retention, encryption_key=key, removal_policy=removal)
        role = self._role(product)
        for statement in (*_allowed(steps), *_telling(topic, key), *_running(reads)):
            role.add_to_policy(statement)
        definition = run_definition(
            product=product, steps=steps, topic_arn=topic.topic_arn, timeout_seconds=int(timeout.to_seconds())
        )
        text = json.dumps(definition).replace("${AWS::Partition}", Aws.PARTITION)
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            comment=f"One run of {product}",
            definition_body=sfn.DefinitionBody.from_string(text),
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL, include_execution_data=True),
            removal_policy=RemovalPolicy.DESTROY,
        )
        # A policy of its own: within the role's it would wait for the machine, and the machine for it.
        iam.Policy(
            self,
            "SeesItself",
            roles=[role],
            statements=[
                iam.PolicyStatement(actions=["states:ListExecutions"], resources=[self.machine.state_machine_arn])
            ],
        )
        self._acknowledge(role, reads)

    def _role(self, product: str) -> iam.Role:
        conditions = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        return iam.Role(
            self,
            "Role",
            description=f"Runs {product}",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com", conditions=conditions),
        )

    def _acknowledge(self, role: iam.Role, reads: Sequence[sfn.StateMachine]) -> None:
        acknowledge(
            role,
            "IAM5[Resource::*]",
            reason="Log delivery and X-Ray's calls, which CDK adds for logging and tracing, have no resource to name.",
        )
        for one in reads:
            acknowledge_wildcard(role, executions_of(one), reason="An execution gets its name when it is started.")


def _allowed(steps: Sequence[Step]) -> list[iam.PolicyStatement]:
    functions = [step.function_arn for step in steps if isinstance(step, FunctionStep)]
    jobs = [_here("glue", f"job/{step.job_name}") for step in steps if isinstance(step, JobStep)]
    actions = ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"]  # what .sync asks for
    return [
        *([iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=functions)] if functions else []),
        iam.PolicyStatement(actions=actions, resources=jobs),
    ]


def _telling(topic: sns.ITopic, key: kms.IKey) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(actions=["sns:Publish"], resources=[topic.topic_arn]),
        iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn]),
    ]


def _running(reads: Sequence[sfn.StateMachine]) -> list[iam.PolicyStatement]:
    """To start the runs of other products and wait for them: by a rule of EventBridge that AWS keeps."""
    if not reads:
        return []
    rule = _here("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
    return [
        iam.PolicyStatement(actions=["states:StartExecution"], resources=[one.state_machine_arn for one in reads]),
        iam.PolicyStatement(
            actions=["states:DescribeExecution", "states:StopExecution"],
            resources=[executions_of(one) for one in reads],
        ),
        iam.PolicyStatement(actions=["events:PutTargets", "events:PutRule", "events:DescribeRule"], resources=[rule]),
    ]


def executions_of(machine: sfn.StateMachine) -> str:
    """The ARN of all executions of a machine."""
    return _here("states", f"execution:{machine.state_machine_name}:*")


def _here(service: str, resource: str) -> str:
    return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}"
