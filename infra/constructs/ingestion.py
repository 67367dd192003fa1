"""The two functions that bring files in: from Google Drive to landing, and from landing into the source database."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledgements import acknowledge_wildcard
from infra.code import Code
from infra.constructs.functions import RUNTIME, FunctionSettings, IngestFunction
from infra.constructs.keys import Keys
from infra.constructs.lake_buckets import INCOMING_PREFIX
from infra.constructs.network import Network
from infra.constructs.source_database import SourceDatabase

_CODE_FOLDER = "/var/task"  # where Lambda puts a function's code
DRIVE_INGEST, SOURCE_LOAD = "drive_ingest", "source_load"


class Ingestion(Construct):
    """`drive_ingest` and `source_load`.

    Both are invoked with {product, run_id, as_of} (the first also with folder_id) and answer {"done": bool}: false
    says that there is more to do than fits into one invocation, and that they are to be invoked again.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        code: Code,
        settings: FunctionSettings,
        keys: Keys,
        landing: s3.IBucket,
        drive_secret: secretsmanager.ISecret,
        pii_secret: secretsmanager.ISecret,
        database: SourceDatabase,
        network: Network,
        certificates: Path | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._certificates = certificates
        self._code, self._settings, self._keys, self._landing = code, settings, keys, landing
        self.drive_ingest = self._drive_ingest(drive_secret)
        self.source_load = self._source_load(database, pii_secret, network)
        for function in (self.drive_ingest, self.source_load):
            assert function.role is not None
            for objects in ("*", f"{INCOMING_PREFIX}*"):
                acknowledge_wildcard(
                    function.role,
                    landing.arn_for_objects(objects),
                    within=landing,
                    reason="Which objects there will be is not known: all of the landing bucket, and no other.",
                )

    def _drive_ingest(self, drive_secret: secretsmanager.ISecret) -> lambda_.Function:
        # Google is on the internet, and all else that it needs has public, signed addresses: no NAT for it.
        return IngestFunction(
            self,
            "DriveIngest",
            description="Copies new and changed files of a Google Drive folder to the landing bucket",
            code=self._code.function(DRIVE_INGEST),
            environment={
                "POWERTOOLS_SERVICE_NAME": DRIVE_INGEST,
                "LANDING_BUCKET": self._landing.bucket_name,
                "KMS_KEY_ARN": self._keys.data.key_arn,
                "DRIVE_SECRET": drive_secret.secret_arn,
            },
            statements=[
                *_landing_access(self._landing, self._keys.data),
                *_reads_secrets([drive_secret.secret_arn], self._keys.secrets),
            ],
            settings=self._settings,
            memory_mb=1024,
        ).function

    def _source_load(
        self, database: SourceDatabase, pii_secret: secretsmanager.ISecret, network: Network
    ) -> lambda_.Function:
        files = [self._certificates] if self._certificates else []
        return IngestFunction(
            self,
            "SourceLoad",
            description="Checks delivered files and imports them into the source database",
            code=self._code.function(SOURCE_LOAD, *files),
            environment={
                "POWERTOOLS_SERVICE_NAME": SOURCE_LOAD,
                "LANDING_BUCKET": self._landing.bucket_name,
                "KMS_KEY_ARN": self._keys.data.key_arn,
                "SOURCE_URL": database.url,
                "SOURCE_SECRET": database.secret_arn,
                "PII_KEY_SECRET": pii_secret.secret_arn,
                **({"PGSSLROOTCERT": f"{_CODE_FOLDER}/{self._certificates.name}"} if self._certificates else {}),
            },
            statements=[
                *_landing_access(self._landing, self._keys.data),
                *_reads_secrets([database.secret_arn, pii_secret.secret_arn], self._keys.secrets),
            ],
            settings=self._settings,
            memory_mb=2048,
            network=network,
        ).function


def layer_of(scope: Construct, construct_id: str, *, code: Code) -> lambda_.LayerVersion:
    """The packages of other authors that the functions share."""
    return lambda_.LayerVersion(
        scope,
        construct_id,
        description="Packages of drive_ingest and source_load",
        code=lambda_.Code.from_asset(str(code.layer())),
        compatible_runtimes=[RUNTIME],
    )


def _landing_access(landing: s3.IBucket, key: kms.IKey) -> list[iam.PolicyStatement]:
    """Objects are read, written and, where an upload is given up, aborted; deleted only while they are not whole."""
    objects = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    return [
        iam.PolicyStatement(actions=objects, resources=[landing.arn_for_objects("*")]),
        iam.PolicyStatement(actions=["s3:DeleteObject"], resources=[landing.arn_for_objects(f"{INCOMING_PREFIX}*")]),
        iam.PolicyStatement(actions=["s3:ListBucket", "s3:ListBucketMultipartUploads"], resources=[landing.bucket_arn]),
        iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn]),
    ]


def _reads_secrets(arns: list[str], key: kms.IKey) -> list[iam.PolicyStatement]:
    through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{Aws.REGION}.amazonaws.com"}}
    return [
        iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=arns),
        iam.PolicyStatement(actions=["kms:Decrypt"], resources=[key.key_arn], conditions=through),
    ]
