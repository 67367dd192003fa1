"""KMS keys, one a purpose, so that who may read logs may not thereby read data or secrets."""

from __future__ import annotations

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct


class Keys(Construct):
    """`data`: lake, databases and queues of rows; `secrets`; `telemetry`: logs, notifications, dead letters."""

    def __init__(self, scope: Construct, construct_id: str, *, removal: RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        self.data = self._key("Data", "Lake, source database and warehouse", removal)
        self.secrets = self._key("Secrets", "Credentials", removal)
        self.telemetry = self._key("Telemetry", "Logs, notifications and dead letters", removal)
        self._let_services_write_telemetry()

    def _key(self, name: str, description: str, removal: RemovalPolicy) -> kms.Key:
        return kms.Key(
            self,
            name,
            description=description,
            enable_key_rotation=True,
            rotation_period=Duration.days(365),
            pending_window=Duration.days(30 if removal is RemovalPolicy.RETAIN else 7),
            removal_policy=removal,
        )

    def _let_services_write_telemetry(self) -> None:
        """CloudWatch writes encrypted logs and notifications by itself, in no role: the key's policy has to say so."""
        logs = f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:*"
        self.telemetry.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"logs.{Aws.REGION}.amazonaws.com")],
                actions=[
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                resources=["*"],  # in a key's policy: this key
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
            )
        )
        self.telemetry.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],  # in a key's policy: this key
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
