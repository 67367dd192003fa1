"""The dashboards' container: on Fargate, in private subnets, reading the warehouse in a role that can do no more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import Aws, Duration, RemovalPolicy, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as images
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.constructs.network import Network
from infra.constructs.warehouse import Warehouse

PORT = 8501
HEALTH = "/_stcore/health"
_CPU, _MEMORY_MB = 512, 2048
_SCRATCH = "/tmp"  # the one place in the container that can be written


class DashboardService(Construct):
    """`service`: `tasks` copies of the app, of which a bad new version is taken back.

    Redshift gives the task's role a password for an hour at a time, for a user that has `reader_role` and nothing else:
    there is no secret to keep.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image: Path,
        network: Network,
        warehouse: Warehouse,
        reader_role: str,
        tasks: int,
        log_key: kms.IKey,
        log_retention: logs.RetentionDays,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._log = logs.LogGroup(self, "Log", retention=log_retention, encryption_key=log_key, removal_policy=removal)
        definition = self._definition(warehouse, reader_role)
        settings = {"MEDALLION_WAREHOUSE": warehouse.url, "MEDALLION_REGION": Aws.REGION, "HOME": _SCRATCH}
        self._add_container(definition, image, settings)
        cluster = ecs.Cluster(self, "Cluster", vpc=network.vpc, container_insights_v2=ecs.ContainerInsights.ENHANCED)
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=definition,
            desired_count=tasks,
            vpc_subnets=ec2.SubnetSelection(subnet_type=network.private.subnet_type),
            security_groups=[network.dashboards],
            assign_public_ip=False,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            min_healthy_percent=100,  # a new version is up before the old one goes
            max_healthy_percent=200,
            health_check_grace_period=Duration.minutes(2),
        )

    def _definition(self, warehouse: Warehouse, reader_role: str) -> ecs.FargateTaskDefinition:
        role, agent = (
            iam.Role(self, name, description=description, assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
            for name, description in (
                ("Role", "Dashboards: reads the marts"),
                ("Agent", "Starts the dashboards: fetches the image, writes the log"),
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["redshift-serverless:GetCredentials", "redshift-serverless:GetWorkgroup"],
                resources=[warehouse.workgroup.attr_workgroup_workgroup_arn],
            )
        )
        Tags.of(role).add("RedshiftDbRoles", reader_role)  # the roles that Redshift gives whoever comes with this one
        acknowledge(agent, "IAM5[Resource::*]", reason="Signing in to the registry of images takes no resource.")
        return ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=_CPU,
            memory_limit_mib=_MEMORY_MB,
            task_role=role,
            execution_role=agent,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.X86_64, operating_system_family=ecs.OperatingSystemFamily.LINUX
            ),
            volumes=[ecs.Volume(name="scratch")],
        )

    def _add_container(
        self, definition: ecs.FargateTaskDefinition, image: Path, environment: Mapping[str, str]
    ) -> None:
        built = images.DockerImageAsset(self, "Image", directory=str(image), platform=images.Platform.LINUX_AMD64)
        container = definition.add_container(
            "App",
            image=ecs.ContainerImage.from_docker_image_asset(built),
            port_mappings=[ecs.PortMapping(container_port=PORT)],
            environment=dict(environment),
            readonly_root_filesystem=True,
            user="1000",
            logging=ecs.LogDrivers.aws_logs(stream_prefix="dashboards", log_group=self._log),
        )
        container.add_mount_points(ecs.MountPoint(container_path=_SCRATCH, source_volume="scratch", read_only=False))
        acknowledge(definition, "ECS2", reason="The address of the warehouse is no secret; there is none in the task.")
