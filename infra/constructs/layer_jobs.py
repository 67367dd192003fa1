"""Glue jobs: what all share, and one product's job of one layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Aws, Duration
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.constructs.functions import METRICS_NAMESPACE
from infra.constructs.job_packages import JobPackages
from infra.constructs.network import Network

GLUE_LOGS = "/aws-glue/jobs"


class JobEnvironment(Construct):
    """The security configuration and the network connection of all jobs."""

    def __init__(self, scope: Construct, construct_id: str, *, network: Network, data: kms.IKey, telemetry: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.security = glue.SecurityConfiguration(
            self,
            "Security",
            cloud_watch_encryption=glue.CloudWatchEncryption(
                mode=glue.CloudWatchEncryptionMode.KMS, kms_key=telemetry
            ),
            job_bookmarks_encryption=glue.JobBookmarksEncryption(
                mode=glue.JobBookmarksEncryptionMode.CLIENT_SIDE_KMS, kms_key=data
            ),
            s3_encryption=glue.S3Encryption(mode=glue.S3EncryptionMode.KMS, kms_key=data),
        )
        # One zone: workers of a job talk to each other, and traffic between zones is paid for.
        self.connection = glue.Connection(
            self,
            "Connection",
            type=glue.ConnectionType.NETWORK,
            description="Into the private network",
            subnet=network.vpc.select_subnets(subnet_type=network.private.subnet_type).subnets[0],
            security_groups=[network.jobs],
        )


@dataclass(frozen=True, kw_only=True)
class JobSettings:
    """What the jobs of an environment have in common."""

    shared: JobEnvironment
    library: Path
    packages: JobPackages
    glue_version: str
    workers: int
    timeout: Duration


class LayerJob(Construct):
    """One product's job of one layer, with a role that reads and writes what that layer needs.

    `arguments` are those of the script and hold no secret: Glue logs them. Spark 4.1.1 is Glue 6.0.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        script: Path,
        arguments: Mapping[str, str],
        statements: Sequence[iam.PolicyStatement],
        settings: JobSettings,
    ) -> None:
        super().__init__(scope, construct_id)
        role = iam.Role(self, "Role", description=description, assumed_by=iam.ServicePrincipal("glue.amazonaws.com"))
        for statement in (*statements, *_what_every_job_needs(settings)):
            role.add_to_policy(statement)
        self.job = glue.PySparkEtlJob(
            self,
            "Job",
            description=description,
            role=role,
            script=glue.Code.from_asset(str(script)),
            extra_python_files=[glue.Code.from_asset(str(settings.library))],
            glue_version=glue.GlueVersion.of(settings.glue_version),
            worker_configuration=glue.WorkerConfiguration(
                worker_type=glue.WorkerType.G_1_X, number_of_workers=settings.workers
            ),
            timeout=settings.timeout,
            max_concurrent_runs=1,  # two runs of a product cannot overlap, whoever starts them
            max_retries=0,  # the state machine repeats, and knows why
            connections=[settings.shared.connection],
            security_configuration=settings.shared.security,
            continuous_logging=glue.ContinuousLoggingProps(enabled=True),
            default_arguments={
                "--enable-auto-scaling": "true",
                "--job-bookmark-option": "job-bookmark-disable",
                "--additional-python-modules": settings.packages.address,
                "--python-modules-installer-option": "--no-index",
                "--metrics_namespace": METRICS_NAMESPACE,
                **{f"--{name}": value for name, value in arguments.items()},
            },
        )
        self._acknowledge(role)

    def _acknowledge(self, role: iam.Role) -> None:
        acknowledge(
            role,
            "IAM5[Resource::*]",
            reason="Describing a VPC, its network interfaces and metrics take no resource; metrics are held to two namespaces.",
        )


def _what_every_job_needs(settings: JobSettings) -> list[iam.PolicyStatement]:
    """Logs, metrics, its connection into the VPC, and the keys of the security configuration."""
    here = f"arn:{Aws.PARTITION}:{{}}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{{}}"
    namespaces = {"StringEquals": {"cloudwatch:namespace": ["Glue", METRICS_NAMESPACE]}}
    return [
        iam.PolicyStatement(
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"],
            resources=[here.format("logs", f"log-group:{GLUE_LOGS}/*")],
        ),
        iam.PolicyStatement(actions=["s3:GetObject"], resources=[settings.packages.objects]),
        iam.PolicyStatement(actions=["cloudwatch:PutMetricData"], resources=["*"], conditions=namespaces),
        iam.PolicyStatement(
            actions=["glue:GetConnection"],
            resources=[
                here.format("glue", "catalog"),
                here.format("glue", f"connection/{settings.shared.connection.connection_name}"),
            ],
        ),
        iam.PolicyStatement(actions=["glue:GetSecurityConfiguration"], resources=["*"]),
        iam.PolicyStatement(
            actions=[
                "ec2:CreateNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeRouteTables",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcAttribute",
                "ec2:DescribeVpcEndpoints",
            ],
            resources=["*"],
        ),
        iam.PolicyStatement(
            actions=["ec2:CreateTags", "ec2:DeleteTags"],
            resources=[here.format("ec2", "network-interface/*")],
            conditions={"ForAllValues:StringEquals": {"aws:TagKeys": ["aws-glue-service-resource"]}},
        ),
        iam.PolicyStatement(
            actions=["ec2:DeleteNetworkInterface"],
            resources=["*"],
            conditions={"Null": {"aws:ResourceTag/aws-glue-service-resource": "false"}},
        ),
    ]
