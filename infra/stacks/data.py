"""The stateful stack: what would be missed if it were gone."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Fn, RemovalPolicy, Stack
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.constructs.keys import Keys
from infra.constructs.lake_buckets import LakeBuckets
from infra.constructs.network import ZONES, Network
from infra.constructs.source_database import SourceDatabase
from infra.constructs.warehouse import Warehouse
from infra.context import Sizes

RETENTIONS = {
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


class DataStack(Stack):
    """Keys, buckets, network, source database, warehouse, and the two secrets that people provide or keep."""

    def __init__(self, scope: Construct, construct_id: str, *, sizes: Sizes) -> None:
        super().__init__(
            scope,
            construct_id,
            env=Environment(region=sizes.region),
            termination_protection=sizes.deletion_protection,
            description="medallion: keys, buckets, network, source database and warehouse",
        )
        removal = RemovalPolicy.RETAIN if sizes.deletion_protection else RemovalPolicy.DESTROY
        self.removal, self.log_retention = removal, RETENTIONS[sizes.log_days]
        self.keys = Keys(self, "Keys", removal=removal)
        self.buckets = LakeBuckets(
            self,
            "Buckets",
            key=self.keys.data,
            removal=removal,
            staging_days=sizes.staging_days,
            old_version_days=sizes.old_version_days,
        )
        self.network = Network(
            self,
            "Network",
            nat_gateways=sizes.nat_gateways,
            endpoint_zones=sizes.endpoint_zones,
            has_dashboards=sizes.dashboard is not None,
            log_key=self.keys.telemetry,
            log_retention=self.log_retention,
            removal=removal,
        )
        self.database, self.warehouse = self._database(sizes), self._warehouse(sizes)
        self.drive_secret = self._drive_secret()
        self.pii_secret = self._pii_secret()
        self._say_where_things_are()

    def _database(self, sizes: Sizes) -> SourceDatabase:
        return SourceDatabase(
            self,
            "Source",
            network=self.network,
            key=self.keys.data,
            secret_key=self.keys.secrets,
            landing=self.buckets.landing,
            instance_class=sizes.database_class,
            storage_gb=sizes.database_storage_gb,
            is_multi_az=sizes.database_multi_az,
            backup_days=sizes.backup_days,
            is_protected=sizes.deletion_protection,
            is_checked=bool(sizes.database_ca),
        )

    def _warehouse(self, sizes: Sizes) -> Warehouse:
        return Warehouse(
            self,
            "Warehouse",
            network=self.network,
            key=self.keys.data,
            secret_key=self.keys.secrets,
            lake=self.buckets.lake,
            base_rpu=sizes.warehouse_rpu,
            max_rpu=sizes.warehouse_max_rpu,
            removal=self.removal,
        )

    @property
    def availability_zones(self) -> list[str]:
        """Three of the account's zones in this region, by number: no look-up in AWS, and no names that differ."""
        return [Fn.select(zone, Fn.get_azs(self.region)) for zone in range(ZONES)]

    def _drive_secret(self) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "DriveKey",
            description="Google service account's key (JSON) that reads the Drive folders; put in by hand",
            encryption_key=self.keys.secrets,
            removal_policy=self.removal,
        )
        acknowledge(
            secret, "SMG4", reason="Google issues this key, and AWS cannot change it; docs/deployment.md says how."
        )
        return secret

    def _pii_secret(self) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "PiiKey",
            description="Key with which the gate hashes personal data (contract action hmac)",
            encryption_key=self.keys.secrets,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template="{}", generate_string_key="pii_key", password_length=64, exclude_punctuation=True
            ),
            removal_policy=self.removal,
        )
        acknowledge(
            secret, "SMG4", reason="Another key gives other hashes: rows would no longer be told to be of one person."
        )
        return secret

    def _say_where_things_are(self) -> None:
        for name, value, description in (
            ("LandingBucket", self.buckets.landing.bucket_name, "Delivered files: <product>/<file>"),
            ("LakeBucket", self.buckets.lake.bucket_name, "Bronze, staging and quarantine files"),
            ("SourceUrl", self.database.url, "Source database; user and password are in SourceSecret"),
            ("SourceSecret", self.database.secret_arn, "Secret of the source database"),
            ("WarehouseUrl", self.warehouse.url, "Warehouse; user and password are in WarehouseSecret"),
            ("WarehouseSecret", self.warehouse.secret_name, "Secret of the warehouse"),
            ("DriveSecret", self.drive_secret.secret_arn, "Put the service account's key here"),
        ):
            CfnOutput(self, name, value=value, description=description)
