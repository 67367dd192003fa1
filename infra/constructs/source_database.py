"""RDS for PostgreSQL: the source database, and where delivered files are imported."""

from __future__ import annotations

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledgements import acknowledge, acknowledge_wildcard
from infra.constructs.network import Network

DATABASE, USER = "source", "medallion"
_VERSION = rds.PostgresEngineVersion.VER_17_6


class SourceDatabase(Construct):
    """One encrypted instance whose password RDS makes, keeps in Secrets Manager and changes every seven days.

    It may import from `landing` and nothing else. `secret_arn` names the secret, `url` says where it is, without it,
    and whether its certificate `is_checked` by those who connect.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        key: kms.IKey,
        secret_key: kms.IKey,
        landing: s3.IBucket,
        instance_class: str,
        storage_gb: int,
        is_multi_az: bool,
        backup_days: int,
        is_protected: bool,
        is_checked: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        engine = rds.DatabaseInstanceEngine.postgres(version=_VERSION)
        self.instance = rds.DatabaseInstance(
            self,
            "Instance",
            engine=engine,
            instance_type=ec2.InstanceType(instance_class),
            vpc=network.vpc,
            vpc_subnets=network.private,
            publicly_accessible=False,
            multi_az=is_multi_az,
            database_name=DATABASE,
            credentials=rds.Credentials.from_username(USER, encryption_key=secret_key),
            manage_master_user_password=True,
            allocated_storage=storage_gb,
            max_allocated_storage=most_storage_gb(storage_gb),
            storage_type=rds.StorageType.GP3,
            storage_encrypted=True,
            storage_encryption_key=key,
            backup_retention=Duration.days(backup_days),
            copy_tags_to_snapshot=True,
            delete_automated_backups=not is_protected,
            deletion_protection=is_protected,
            removal_policy=RemovalPolicy.SNAPSHOT if is_protected else RemovalPolicy.DESTROY,
            auto_minor_version_upgrade=True,
            parameter_group=self._parameters(engine),
            cloudwatch_logs_exports=["postgresql", "upgrade"],
            s3_import_role=self._import_role(landing, key),
        )
        self.secret_arn = _secret_arn(self.instance)
        checks = "verify-full" if is_checked else "require"
        self.url = f"postgresql://{self.instance.instance_endpoint.socket_address}/{DATABASE}?sslmode={checks}"
        self._let_in(network)
        self._acknowledge(is_multi_az=is_multi_az, is_protected=is_protected)

    def _let_in(self, network: Network) -> None:
        for group in (network.jobs, network.functions):
            self.instance.connections.allow_default_port_from(group, "reads and imports")
            group.connections.allow_to_default_port(self.instance, "reads and imports")

    def _import_role(self, landing: s3.IBucket, key: kms.IKey) -> iam.Role:
        """What aws_s3.table_import_from_s3 reads with."""
        conditions = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        role = iam.Role(
            self,
            "ImportRole",
            description="Imports of the source database from the landing bucket",
            assumed_by=iam.ServicePrincipal("rds.amazonaws.com", conditions=conditions),
        )
        objects = landing.arn_for_objects("*")
        role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[objects]))
        role.add_to_policy(iam.PolicyStatement(actions=["s3:ListBucket"], resources=[landing.bucket_arn]))
        role.add_to_policy(iam.PolicyStatement(actions=["kms:Decrypt"], resources=[key.key_arn]))
        acknowledge_wildcard(role, objects, reason="Any delivered file may be imported; of no other bucket.")
        return role

    def _parameters(self, engine: rds.IInstanceEngine) -> rds.ParameterGroup:
        return rds.ParameterGroup(
            self,
            "Parameters",
            engine=engine,
            description="TLS only; changes of the schema and slow statements are logged",
            parameters={"rds.force_ssl": "1", "log_statement": "ddl", "log_min_duration_statement": "10000"},
        )

    def _acknowledge(self, *, is_multi_az: bool, is_protected: bool) -> None:
        acknowledge(
            self.instance,
            "RDS11",
            reason="The default port: it is reached from two security groups in a network without a way in.",
        )
        if not is_multi_az:
            acknowledge(
                self.instance, "RDS3", reason="Context database_multi_az is off: here an hour of outage is all right."
            )
        if not is_protected:
            acknowledge(
                self.instance, "RDS10", reason="Context deletion_protection is off: this environment is torn down."
            )


def most_storage_gb(storage_gb: int) -> int:
    """What the storage may grow to by itself, of what it begins with."""
    return storage_gb * 4


def _secret_arn(instance: rds.DatabaseInstance) -> str:
    resource = instance.node.default_child
    assert isinstance(resource, rds.CfnDBInstance)
    return resource.attr_master_user_secret_secret_arn
