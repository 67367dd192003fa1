"""The packages of other authors that Glue's jobs need, in the lake's bucket: without internet pip cannot fetch them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from aws_cdk import RemovalPolicy, Size, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct

from infra.acknowledgements import acknowledge, acknowledge_wildcard
from infra.constructs.lake_buckets import ARTIFACTS_PREFIX
from infra.packages import WHEELS


class JobPackages(Construct):
    """Copies the zip of wheels under its own name, by which Glue knows what it is; an asset's would be its hash.

    `address` is where it is. The folder is named by the content: jobs that are under way keep the packages they were
    started with.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        folder: Path,
        bucket: s3.IBucket,
        key: kms.IKey,
        log_key: kms.IKey,
        log_retention: logs.RetentionDays,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        prefix = f"{ARTIFACTS_PREFIX}/{sha256((folder / WHEELS).read_bytes()).hexdigest()[:16]}"
        self.address = f"s3://{bucket.bucket_name}/{prefix}/{WHEELS}"
        self.object_arn = bucket.arn_for_objects(f"{prefix}/{WHEELS}")
        content = assets.Asset(self, "Content", path=str(folder))
        log = logs.LogGroup(self, "Log", retention=log_retention, encryption_key=log_key, removal_policy=removal)
        role = self._role(content, bucket, key, log)
        deployment.BucketDeployment(
            self,
            "Copy",
            sources=[deployment.Source.bucket(content.bucket, content.s3_object_key)],
            destination_bucket=bucket,
            destination_key_prefix=prefix,
            prune=False,
            retain_on_delete=True,
            memory_limit=1024,
            ephemeral_storage_size=Size.gibibytes(1),
            role=role.without_policy_updates(),  # CDK would let it read and write both buckets as a whole
            log_group=log,
        )
        for child in Stack.of(self).node.children:
            if child.node.id.startswith("Custom::CDKBucketDeployment"):
                acknowledge(
                    child, "L1", reason="The function that copies is CDK's own, with the runtime it is tested with."
                )

    def _role(self, content: assets.Asset, bucket: s3.IBucket, key: kms.IKey, log: logs.ILogGroup) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            description="Copies the jobs' packages into the lake's bucket",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        objects = bucket.arn_for_objects(f"{ARTIFACTS_PREFIX}/*")
        for actions, resource in (
            (["s3:GetObject"], content.bucket.arn_for_objects(content.s3_object_key)),
            (["s3:PutObject", "s3:AbortMultipartUpload"], objects),
            (["s3:ListBucket"], bucket.bucket_arn),
            (["kms:Decrypt", "kms:GenerateDataKey"], key.key_arn),
            (["logs:CreateLogStream", "logs:PutLogEvents"], log.log_group_arn),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
        acknowledge_wildcard(role, objects, within=bucket, reason="It writes where packages are, a folder a version.")
        return role
