"""A product's jobs: bronze where it has sources of its own, then silver and gold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgements import acknowledge_wildcard
from infra.code import Code
from infra.constructs.lake_buckets import LAKE_PREFIX, LANDING_PREFIX
from infra.constructs.layer_jobs import JobSettings, LayerJob
from infra.constructs.run_definition import JobStep
from medallion.contracts import Layer, PiiAction
from medallion.data_product import DataProduct

if TYPE_CHECKING:
    from infra.context import Deployment
    from infra.stacks.data import DataStack


class ProductJobs(Construct):
    """`steps` are its jobs as steps of a run, in their order."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product: DataProduct,
        deployment: Deployment,
        data: DataStack,
        code: Code,
        settings: JobSettings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._product, self._data, self._deployment = product, data, deployment
        self._certificates = settings.certificates
        layers = [Layer.SILVER, Layer.GOLD]
        if product.sources:
            layers.insert(0, Layer.BRONZE)
        self.steps: list[JobStep] = []
        for layer in layers:
            job = LayerJob(
                self,
                layer.capitalize(),
                description=f"{product.title}: {layer}",
                script=code.job(layer),
                arguments={"product": product.name, "environment": deployment.environment, **self._arguments(layer)},
                statements=self._statements(layer),
                settings=settings,
                files=[self._certificates] if layer is Layer.BRONZE and self._certificates else [],
            )
            if layer is Layer.BRONZE and product.file_sources:
                acknowledge_wildcard(
                    job.role,
                    data.buckets.landing.arn_for_objects(self._landing),
                    within=data.buckets.landing,
                    reason="Which files are delivered is not known: all of the product's, and of no other.",
                )
            acknowledge_wildcard(
                job.role,
                data.buckets.lake.arn_for_objects(f"{LAKE_PREFIX}/*"),
                within=data.buckets.lake,
                reason="Files of the lake come and go with every run: all below its prefix, nothing beside it.",
            )
            self.steps.append(JobStep(name=layer.capitalize(), job_name=job.job.job_name))

    def _arguments(self, layer: Layer) -> dict[str, str]:
        data = self._data
        arguments = {
            "lake": f"s3://{data.buckets.lake.bucket_name}/{LAKE_PREFIX}",
            "warehouse": data.warehouse.url,
            "warehouse_secret": data.warehouse.secret_name,
            "copy_role": data.warehouse.copy_role.role_arn,
        }
        rules = self._deployment.products[self._product.name].rules
        if rules:
            arguments["rules"] = json.dumps(rules, sort_keys=True)
        if layer is Layer.GOLD and self._deployment.sizes.reader_role:
            arguments["reader_role"] = self._deployment.sizes.reader_role
        if layer is Layer.BRONZE:
            arguments |= self._arguments_of_sources()
        return arguments

    def _arguments_of_sources(self) -> dict[str, str]:
        data = self._data
        arguments = {"source": data.database.url, "source_secret": data.database.secret_arn}
        if self._certificates:
            arguments["source_ca"] = f"{self._certificates.asset_hash}.pem"
        if self._product.file_sources:
            arguments["input"] = f"s3://{data.buckets.landing.bucket_name}/{LANDING_PREFIX}{self._product.name}/"
        if self._hashes:
            arguments["pii_secret"] = data.pii_secret.secret_arn
        return arguments

    def _statements(self, layer: Layer) -> list[iam.PolicyStatement]:
        data = self._data
        bucket, key, secrets = data.buckets.lake, data.keys.data, data.keys.secrets
        read = [data.warehouse.secret_arns]
        if layer is Layer.BRONZE:
            read += [data.database.secret_arn, *([data.pii_secret.secret_arn] if self._hashes else [])]
        # What was staged is taken away after the publish, so a job may delete; versions keep what it did.
        objects = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{Aws.REGION}.amazonaws.com"}}
        delivered = self._reads_deliveries() if layer is Layer.BRONZE and self._product.file_sources else []
        return [
            *delivered,
            iam.PolicyStatement(actions=objects, resources=[bucket.arn_for_objects(f"{LAKE_PREFIX}/*")]),
            iam.PolicyStatement(actions=["s3:ListBucket", "s3:GetBucketLocation"], resources=[bucket.bucket_arn]),
            iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn]),
            iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=read),
            iam.PolicyStatement(actions=["kms:Decrypt"], resources=[secrets.key_arn], conditions=through),
        ]

    def _reads_deliveries(self) -> list[iam.PolicyStatement]:
        landing = self._data.buckets.landing
        # If exists: of an object that is gone S3 says so only to those who may list, and asks without a prefix then.
        below = {"StringLikeIfExists": {"s3:prefix": [self._landing]}}
        return [
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[landing.arn_for_objects(self._landing)]),
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[landing.bucket_arn], conditions=below),
        ]

    @property
    def _landing(self) -> str:
        return f"{LANDING_PREFIX}{self._product.name}/*"

    @property
    def _hashes(self) -> bool:
        """Whether the gate replaces any of its values by a keyed hash."""
        return any(column.pii_action is PiiAction.HMAC for source in self._product.sources for column in source.columns)
