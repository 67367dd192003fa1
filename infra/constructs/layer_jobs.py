"""Glue jobs: what all share, and one product's job of one layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Aws, Duration
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from infra.acknowledgements import acknowledge, acknowledge_wildcard
from infra.constructs.functions import METRICS_NAMESPACE
from infra.constructs.job_packages import JobPackages
from infra.constructs.network import Network

_HERE = f"{Aws.REGION}:{Aws.ACCOUNT_ID}"
_GLUE_LOG_GROUPS = f"arn:{Aws.PARTITION}:logs:{_HERE}:log-group:/aws-glue/jobs/*"
_INTERFACES = f"arn:{Aws.PARTITION}:ec2:{_HERE}:network-interface/*"


class JobEnvironment(Construct):
    """The security configuration and the network connection of all jobs."""

    def __init__(
        self, scope: Construct, construct_id: str, *, network: Network, data: kms.IKey, telemetry: kms.IKey
    ) -> None:
        super().__init__(scope, construct_id)
        self.security = glue.SecurityConfiguration(
            self,
            "Security",
            cloud_watch_encryption=glue.CloudWatchEncryption.kms(telemetry),
            job_bookmarks_encryption=glue.JobBookmarksEncryption.client_side_kms(data),
            s3_encryption=glue.S3Encryption.kms(data),
        )
        # One zone: workers of a job talk to each other, and traffic between zones is paid for.
        self.connection = glue.Connection(
            self,
            "Connection",
            type=glue.ConnectionType.NETWORK,
            description="Into the private network",
            network=glue.ConnectionNetwork.vpc(network.vpc, subnet_type=network.private.subnet_type),
            security_groups=[network.jobs],
        )


@dataclass(frozen=True, kw_only=True)
class JobSettings:
    """What the jobs of an environment have in common."""

    shared: JobEnvironment
    library: assets.Asset
    certificates: assets.Asset | None
    packages: JobPackages
    workers: int
    timeout: Duration


class LayerJob(Construct):
    """One product's job of one layer, with a role that reads and writes what that layer needs.

    `arguments` are those of the script and hold no secret: Glue logs them. `files` are put into its working folder.
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
        files: Sequence[assets.Asset] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = iam.Role(
            self, "Role", description=description, assumed_by=iam.ServicePrincipal("glue.amazonaws.com")
        )
        code = assets.Asset(self, "Script", path=str(script))
        for statement in (*statements, *_what_every_job_needs(settings), _reads_code([code, settings.library, *files])):
            self.role.add_to_policy(statement)
        self.job = glue.PySparkEtlJob(
            self,
            "Job",
            description=description,
            role=self.role.without_policy_updates(),  # CDK would let it read all that was ever uploaded
            script=glue.Code.from_bucket(code.bucket, code.s3_object_key),
            extra_python_files=[glue.Code.from_bucket(settings.library.bucket, settings.library.s3_object_key)],
            extra_files=[glue.Code.from_bucket(one.bucket, one.s3_object_key) for one in files],
            glue_version=glue.GlueVersion.V6_0,  # Spark 4.1.1 on Python 3.13, as glue.lock is made for
            worker_configuration=glue.WorkerConfiguration(
                worker_type=glue.WorkerType.G_1X, number_of_workers=settings.workers
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
                # Without a region Arrow asks us-east-1, which no endpoint of the network leads to.
                "--aws_region": Aws.REGION,
                **{f"--{name}": value for name, value in arguments.items()},
            },
        )
        self.job.node.add_dependency(settings.packages)
        self._acknowledge(settings)

    def _acknowledge(self, settings: JobSettings) -> None:
        acknowledge(
            self.role,
            "IAM5[Resource::*]",
            reason="Describing a VPC, making network interfaces in it, reading a security configuration and writing "
            "metrics take no resource; interfaces are deleted by their tag, metrics are held to two namespaces.",
        )
        for resource, reason in (
            (_GLUE_LOG_GROUPS, "Glue names the groups, by security configuration and role."),
            (_INTERFACES, "Glue names the network interfaces; only its own tag may be put on them."),
        ):
            acknowledge_wildcard(self.role, resource, reason=reason)


def _what_every_job_needs(settings: JobSettings) -> list[iam.PolicyStatement]:
    """Logs, metrics, its connection into the VPC, and the keys of the security configuration."""
    namespaces = {"StringEquals": {"cloudwatch:namespace": ["Glue", METRICS_NAMESPACE]}}
    return [
        iam.PolicyStatement(
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"],
            resources=[_GLUE_LOG_GROUPS],
        ),
        iam.PolicyStatement(actions=["s3:GetObject"], resources=[settings.packages.object_arn]),
        iam.PolicyStatement(actions=["cloudwatch:PutMetricData"], resources=["*"], conditions=namespaces),
        iam.PolicyStatement(
            actions=["glue:GetConnection"],
            resources=[
                f"arn:{Aws.PARTITION}:glue:{_HERE}:catalog",
                f"arn:{Aws.PARTITION}:glue:{_HERE}:connection/{settings.shared.connection.connection_name}",
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
            resources=[_INTERFACES],
            conditions={"ForAllValues:StringEquals": {"aws:TagKeys": ["aws-glue-service-resource"]}},
        ),
        iam.PolicyStatement(
            actions=["ec2:DeleteNetworkInterface"],
            resources=["*"],
            conditions={"Null": {"aws:ResourceTag/aws-glue-service-resource": "false"}},
        ),
    ]


def _reads_code(code: Sequence[assets.Asset]) -> iam.PolicyStatement:
    objects = [one.bucket.arn_for_objects(one.s3_object_key) for one in code]
    return iam.PolicyStatement(actions=["s3:GetObject"], resources=objects)
