"""Landing to the source database: each delivered file through the gate and into PostgreSQL, in one transaction a file.

Event: `product`; without it PRODUCT. Further in the environment: LANDING_BUCKET, KMS_KEY_ARN, SOURCE_SECRET (name of
the secret with the database's user), SOURCE_URL (where it is, if the secret does not say), PII_KEY_SECRET (with
`pii_key`, for products that keep keyed hashes), PGSSLMODE and PGSSLROOTCERT. The answer says `done`: false asks for
another invocation with the same event, which goes on.
"""

from __future__ import annotations

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from medallion.catalog import product
from medallion.errors import MedallionError
from medallion.ingest.aws_secrets import read_secret
from medallion.ingest.function_settings import FunctionSettings
from medallion.ingest.invocation import Deadline
from medallion.ingest.landing import Landing, rejects_prefix
from medallion.ingest.s3_bucket import Bucket
from medallion.ingest.source_connection import SECRET_CONTENT, dsn_from, pii_key_from
from medallion.ingest.source_database import SourceDatabase
from medallion.ingest.source_load import SourceLoad
from medallion.ingest.source_objects import SourceObjects

SERVICE = "source_load"
logger, tracer = Logger(service=SERVICE), Tracer(service=SERVICE)
metrics = Metrics(namespace="medallion", service=SERVICE)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext, s3: Any = None, secrets: Any = None) -> dict[str, Any]:
    settings, deadline = FunctionSettings(event, os.environ), Deadline(context.get_remaining_time_in_millis)
    try:
        taken = product(settings.required("product"))
        bucket = Bucket(s3 or boto3.client("s3"), settings.required("landing_bucket"), settings.optional("kms_key_arn"))
        secrets, secret = secrets or boto3.client("secretsmanager"), settings.required("source_secret")
        dsn = dsn_from(read_secret(secrets, secret, SECRET_CONTENT), secret, settings.optional("source_url"))
        pii_key = pii_key_from(secrets, settings.optional("pii_key_secret"))
        objects = SourceObjects(SourceDatabase(dsn, taken))
        objects.ensure_tables()
        landing = Landing.of(bucket, taken.name)
        load = SourceLoad(landing, objects, taken, deadline, rejects_prefix(taken.name), pii_key)
        outcome = load.load_all(logger.info)
    except MedallionError as error:
        logger.error(str(error))
        metrics.add_metric("FailedInvocations", MetricUnit.Count, 1)
        raise
    metrics.add_metric("LoadedRows", MetricUnit.Count, outcome.accepted_rows)
    metrics.add_metric("RejectedRows", MetricUnit.Count, outcome.rejected_rows)
    return {"product": taken.name, **outcome.document()}
