"""Redshift Serverless: silver, gold, quarantine and the control tables."""

from __future__ import annotations

from typing import Any

from aws_cdk import Aws, Names, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshiftserverless as redshift
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledgements import acknowledge_wildcard
from infra.constructs.lake_buckets import LAKE_PREFIX, STAGING_PREFIX
from infra.constructs.network import Network

DATABASE, ADMIN, PORT = "medallion", "medallion_admin", 5439


class Warehouse(Construct):
    """A namespace and a workgroup in the private subnets.

    Redshift makes the administrator's password, keeps it in Secrets Manager and changes it every thirty days.
    `copy_role` reads and writes the lake's prefix for COPY and UNLOAD, and removes what is staged; nothing else.
    `secret_name` names the secret, `secret_arns` is what IAM knows it by, `url` says where the database is, without it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        key: kms.IKey,
        secret_key: kms.IKey,
        lake: s3.IBucket,
        base_rpu: int,
        max_rpu: int,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.copy_role = self._copy_role(lake, key)
        # CloudFormation asks for both names; they are derived from the stack, so that environments do not meet.
        name = Names.unique_resource_name(self, max_length=40, separator="-").lower()
        namespace = redshift.CfnNamespace(
            self,
            "Namespace",
            namespace_name=name,
            db_name=DATABASE,
            admin_username=ADMIN,
            manage_admin_password=True,
            admin_password_secret_kms_key_id=secret_key.key_id,
            kms_key_id=key.key_arn,
            iam_roles=[self.copy_role.role_arn],
            default_iam_role_arn=self.copy_role.role_arn,
            log_exports=["userlog", "connectionlog", "useractivitylog"],
            **_final_snapshot(name, removal),
        )
        namespace.apply_removal_policy(removal)
        self.group = self._group(network)
        self.workgroup = self._workgroup(name, network, base_rpu, max_rpu)
        self.workgroup.add_resource_dependency(namespace)
        self.workgroup.apply_removal_policy(removal)
        self.url = f"redshift://{self.workgroup.attr_workgroup_endpoint_address}:{PORT}/{DATABASE}"
        # CloudFormation does not tell the secret's ARN. Its name follows from these two; AWS adds six characters.
        self.secret_name = f"redshift!{name}-{ADMIN}"
        self.secret_arns = (
            f"arn:{Aws.PARTITION}:secretsmanager:{Aws.REGION}:{Aws.ACCOUNT_ID}:secret:{self.secret_name}-??????"
        )

    def _group(self, network: Network) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self, "Access", vpc=network.vpc, description="Redshift Serverless", allow_all_outbound=False
        )
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "COPY and UNLOAD by the gateway of S3")
        group.connections.allow_from(network.jobs, ec2.Port.tcp(PORT), "loads and reads of jobs")
        network.jobs.connections.allow_to(group, ec2.Port.tcp(PORT), "loads and reads of jobs")
        if network.has_dashboards:
            group.connections.allow_from(network.dashboards, ec2.Port.tcp(PORT), "reads of dashboards")
            network.dashboards.connections.allow_to(group, ec2.Port.tcp(PORT), "reads of dashboards")
        return group

    def _workgroup(self, name: str, network: Network, base_rpu: int, max_rpu: int) -> redshift.CfnWorkgroup:
        return redshift.CfnWorkgroup(
            self,
            "Workgroup",
            workgroup_name=name,
            namespace_name=name,
            base_capacity=base_rpu,
            max_capacity=max_rpu,
            publicly_accessible=False,
            enhanced_vpc_routing=True,
            port=PORT,
            subnet_ids=network.vpc.select_subnets(subnet_type=network.private.subnet_type).subnet_ids,
            security_group_ids=[self.group.security_group_id],
            config_parameters=[_parameter("require_ssl", "true"), _parameter("enable_user_activity_logging", "true")],
        )

    def _copy_role(self, lake: s3.IBucket, key: kms.IKey) -> iam.Role:
        objects, staged = (lake.arn_for_objects(f"{LAKE_PREFIX}/{below}*") for below in ("", STAGING_PREFIX))
        role = iam.Role(
            self,
            "CopyRole",
            description="COPY and UNLOAD between Redshift and the lake",
            assumed_by=iam.CompositePrincipal(
                *(
                    iam.ServicePrincipal(service, conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}})
                    for service in ("redshift.amazonaws.com", "redshift-serverless.amazonaws.com")
                )
            ),
        )
        for statement in (
            iam.PolicyStatement(actions=["s3:GetObject", "s3:PutObject"], resources=[objects]),
            # UNLOAD … CLEANPATH removes what an interrupted attempt left; runs unload into their staging folder only.
            iam.PolicyStatement(actions=["s3:DeleteObject"], resources=[staged]),
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[lake.bucket_arn],
                conditions={"StringLike": {"s3:prefix": f"{LAKE_PREFIX}/*"}},
            ),
            iam.PolicyStatement(actions=["s3:GetBucketLocation"], resources=[lake.bucket_arn]),
            iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn]),
        ):
            role.add_to_policy(statement)
        for resource, reason in (
            (objects, "What is loaded and unloaded is below the lake's prefix; nothing else is."),
            (staged, "Which files an interrupted run left is not known; all of them are staged."),
        ):
            acknowledge_wildcard(role, resource, reason=reason)
        return role


def _final_snapshot(name: str, removal: RemovalPolicy) -> dict[str, Any]:
    """What is kept of a namespace that is deleted in spite of its protection."""
    if removal is not RemovalPolicy.RETAIN:
        return {}
    return {"final_snapshot_name": f"{name}-final", "final_snapshot_retention_period": 35}


def _parameter(name: str, value: str) -> redshift.CfnWorkgroup.ConfigParameterProperty:
    return redshift.CfnWorkgroup.ConfigParameterProperty(parameter_key=name, parameter_value=value)
