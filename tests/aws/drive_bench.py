"""Drive, a bucket and the function between them, with what tests want to know of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aws_services import AwsServices
from drive_api import DriveApi
from drive_files import ROOT
from lambda_context import PLENTY_MS, Context

MIB = 1 << 20


@dataclass
class DriveBench:
    aws: AwsServices
    drive: DriveApi
    handler: Any
    bucket: str
    secret: str
    s3: Any
    waits: list[float] = field(default_factory=list)

    @classmethod
    def new(cls, aws: AwsServices, drive: DriveApi, handler: Any) -> DriveBench:
        drive.reset()
        return cls(aws, drive, handler, aws.new_bucket(), aws.new_secret(drive.key_document()), aws.shared("s3"))

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PRODUCT": "restaurant", "FOLDER_ID": ROOT, "DRIVE_SECRET": self.secret, "LANDING_BUCKET": self.bucket,
            "KMS_KEY_ARN": self.aws.kms_key, "DRIVE_ENDPOINT": self.drive.endpoint,
            "AWS_ENDPOINT_URL": self.aws.endpoint, "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "POWERTOOLS_TRACE_DISABLED": "true",
        }  # fmt: skip

    def run(self, s3: Any = None, remaining: Callable[[], int] = lambda: PLENTY_MS, **event: Any) -> dict[str, Any]:
        """One invocation; waits are noted, not waited."""
        secrets = self.aws.shared("secretsmanager")
        found: dict[str, Any] = self.handler(
            event, Context(remaining), s3=s3 or self.s3, secrets=secrets, sleep=self.waits.append
        )
        return found

    def landed(self, prefix: str = "landing/") -> dict[str, bytes]:
        """What a reader of the bucket sees: content by key."""
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return {one["Key"]: self.s3.get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read() for one in found}

    def head(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.s3.head_object(Bucket=self.bucket, Key=key)
        return found

    def versions(self, key: str) -> int:
        return len(self.s3.list_object_versions(Bucket=self.bucket, Prefix=key).get("Versions", []))

    def left_over(self) -> list[str]:
        """Uploads under way and objects that are not yet whole."""
        uploads = self.s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])
        return [one["Key"] for one in uploads] + list(self.landed("incoming/"))

    def client(self) -> Any:
        """A client of S3 in which faults can be planted."""
        return self.aws.client("s3")

    def is_clean(self) -> bool:
        """Whether nothing is visible, and nothing half done is left."""
        return not self.landed() and not self.left_over()


class Clock:
    """Time that is there until it is used up."""

    def __init__(self) -> None:
        self.left_ms = PLENTY_MS

    def __call__(self) -> int:
        return self.left_ms

    def use_up(self) -> None:
        self.left_ms = 0
