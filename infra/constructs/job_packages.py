"""The packages of other authors that Glue's jobs need, in the lake's bucket: without internet pip cannot fetch them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from aws_cdk import Size, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct, IConstruct

from infra.acknowledgements import acknowledge
from infra.constructs.lake_buckets import ARTIFACTS_PREFIX

WHEELS = "medallion.gluewheels.zip"  # Glue knows a zip of wheels by the end of its name


class JobPackages(Construct):
    """Copies the zip of wheels under its own name; an asset's would be its hash. `address` is where it is.

    The folder is named by the content: jobs that are under way keep the packages they were started with.
    """

    def __init__(self, scope: Construct, construct_id: str, *, folder: Path, bucket: s3.IBucket, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.prefix = f"{ARTIFACTS_PREFIX}/{sha256((folder / WHEELS).read_bytes()).hexdigest()[:16]}"
        copy = deployment.BucketDeployment(
            self,
            "Copy",
            sources=[deployment.Source.asset(str(folder))],
            destination_bucket=bucket,
            destination_key_prefix=self.prefix,
            prune=False,
            retain_on_delete=True,
            memory_limit=1024,
            ephemeral_storage_size=Size.gibibytes(1),
        )
        self.address = f"s3://{bucket.bucket_name}/{self.prefix}/{WHEELS}"
        self.objects = bucket.arn_for_objects(f"{self.prefix}/*")
        self.node.add_dependency(copy)
        _acknowledge(self, copy)


def _acknowledge(scope: IConstruct, copy: deployment.BucketDeployment) -> None:
    """The function that copies is CDK's own, and so are its role and runtime."""
    acknowledge(Stack.of(scope), reason="")
    acknowledge(copy, reason="")
