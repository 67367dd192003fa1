"""S3: files as they came, the lake, and who looked at them."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

LAKE_PREFIX = "lake"  # the lake's root; beside it are the jobs' packages
STAGING_PREFIX = "staging/"  # of the lake: what runs stage and unload
ARTIFACTS_PREFIX = "artifacts"
LANDING_PREFIX, INCOMING_PREFIX = "landing/", "incoming/"  # of the landing bucket: files, and what is not yet whole
_ACCESS_LOG_DAYS = 365
_UNFINISHED_UPLOAD_DAYS = 7


class LakeBuckets(Construct):
    """`landing`: delivered files; `lake`: bronze, staging; `logs`: the access logs of both.

    `staging_days`: what interrupted runs left behind is removed after them. `old_version_days`: overwritten and
    deleted objects can be got back for as long.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        removal: RemovalPolicy,
        staging_days: int,
        old_version_days: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self._removal, self._old_versions = removal, Duration.days(old_version_days)
        # S3 delivers access logs to buckets with its own keys only; that bucket has none itself, they would never end.
        self.logs = self._bucket(
            "Logs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            expiration=s3.LifecycleRule(expiration=Duration.days(_ACCESS_LOG_DAYS)),
        )
        encrypted: dict[str, Any] = {
            "encryption": s3.BucketEncryption.KMS,
            "encryption_key": key,
            "bucket_key_enabled": True,  # a KMS request a bucket and hour, not one an object
            "server_access_logs_bucket": self.logs,
        }
        self.landing = self._bucket(
            "Landing",
            **encrypted,
            server_access_logs_prefix="landing/",
            expiration=s3.LifecycleRule(
                prefix=INCOMING_PREFIX,
                expiration=Duration.days(staging_days),
                noncurrent_version_expiration=Duration.days(1),
            ),
        )
        self.lake = self._bucket(
            "Lake",
            **encrypted,
            server_access_logs_prefix="lake/",
            expiration=s3.LifecycleRule(
                prefix=f"{LAKE_PREFIX}/{STAGING_PREFIX}",
                expiration=Duration.days(staging_days),
                noncurrent_version_expiration=Duration.days(1),
            ),
        )

    def _bucket(self, name: str, *, expiration: s3.LifecycleRule | None = None, **properties: Any) -> s3.Bucket:
        old = s3.LifecycleRule(
            noncurrent_version_expiration=self._old_versions,
            abort_incomplete_multipart_upload_after=Duration.days(_UNFINISHED_UPLOAD_DAYS),
        )
        return s3.Bucket(
            self,
            name,
            versioned=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[old, expiration] if expiration else [old],
            removal_policy=self._removal,
            **properties,
        )
