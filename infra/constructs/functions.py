"""Lambda functions: each with its own role, itemised, and its own encrypted log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.constructs.network import Network

RUNTIME = lambda_.Runtime.PYTHON_3_13  # the Python of Glue 6.0: one set of packages for both
METRICS_NAMESPACE = "Medallion"


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """What the functions have in common."""

    layer: lambda_.ILayerVersion
    log_key: kms.IKey
    log_retention: logs.RetentionDays
    removal: RemovalPolicy


class IngestFunction(Construct):
    """One function of a folder with `handler.handler`.

    Without a `network` it is outside of the VPC and reaches the internet; within one it reaches what that lets it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        code: Path,
        environment: Mapping[str, str],
        statements: Sequence[iam.PolicyStatement],
        settings: FunctionSettings,
        memory_mb: int,
        network: Network | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        log = logs.LogGroup(
            self,
            "Log",
            retention=settings.log_retention,
            encryption_key=settings.log_key,
            removal_policy=settings.removal,
        )
        role = iam.Role(self, "Role", description=description, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        for statement in (*statements, *_own_log(log), *(_network_interfaces() if network else ())):
            role.add_to_policy(statement)
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=RUNTIME,
            architecture=lambda_.Architecture.X86_64,
            handler="handler.handler",
            code=lambda_.Code.from_asset(str(code)),
            layers=[settings.layer],
            role=role,
            timeout=Duration.minutes(15),
            memory_size=memory_mb,
            log_group=log,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
            environment={"POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE, **environment},
            environment_encryption=settings.log_key,
            **_placed(network),
        )
        self._acknowledge(role, is_placed=network is not None)

    def _acknowledge(self, role: iam.Role, *, is_placed: bool) -> None:
        acknowledge(
            self.function, "L1", reason="Python 3.13 is that of Glue 6.0: one set of packages is built and tested."
        )
        calls = "X-Ray's calls and the network interfaces of a function in a VPC" if is_placed else "X-Ray's calls"
        acknowledge(role, "IAM5[Resource::*]", reason=f"{calls} have no resource to name.")


def _placed(network: Network | None) -> dict[str, Any]:
    if network is None:
        return {}
    placed = ec2.SubnetSelection(subnet_type=network.private.subnet_type)
    return {"vpc": network.vpc, "vpc_subnets": placed, "security_groups": [network.functions]}


def _own_log(log: logs.ILogGroup) -> list[iam.PolicyStatement]:
    return [iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log.log_group_arn])]


def _network_interfaces() -> list[iam.PolicyStatement]:
    """What the service does in the function's name to place it in a VPC; none of it takes a resource at creation."""
    return [
        iam.PolicyStatement(
            actions=[
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:UnassignPrivateIpAddresses",
            ],
            resources=["*"],
        )
    ]
