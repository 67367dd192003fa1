"""Google Drive to landing: new and changed files of a product's folder, each whole, verified and once.

Event: `product`, `folder_id`; what it leaves out is taken from PRODUCT, FOLDER_ID. Further in the environment:
DRIVE_SECRET (name of the secret with the service account's key), LANDING_BUCKET, KMS_KEY_ARN, DRIVE_ENDPOINT (other
than Google's). The answer says `done`: false asks for another invocation with the same event, which goes on.
"""

from __future__ import annotations

import os
import time
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from medallion.catalog import product
from medallion.errors import MedallionError
from medallion.ingest.aws_secrets import read_secret
from medallion.ingest.drive import Drive
from medallion.ingest.drive_ingest import ingest_folder
from medallion.ingest.drive_retry import Patience
from medallion.ingest.drive_session import ENDPOINT, KEY_CONTENT, DriveSession
from medallion.ingest.drive_transfer import DriveTransfer
from medallion.ingest.function_settings import FunctionSettings
from medallion.ingest.invocation import Deadline
from medallion.ingest.landing import Landing
from medallion.ingest.s3_bucket import Bucket

SERVICE = "drive_ingest"
Data = dict[str, Any]
logger, tracer = Logger(service=SERVICE), Tracer(service=SERVICE)
metrics = Metrics(namespace="Medallion", service=SERVICE)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: Data, context: LambdaContext, s3: Any = None, secrets: Any = None, sleep: Any = time.sleep) -> Data:
    settings, deadline = FunctionSettings(event, os.environ), Deadline(context.get_remaining_time_in_millis)
    try:
        taken = product(settings.required("product"))
        secret, folder_id = settings.required("drive_secret"), settings.required("folder_id")
        bucket = Bucket(s3 or boto3.client("s3"), settings.required("landing_bucket"), settings.optional("kms_key_arn"))
        key = read_secret(secrets or boto3.client("secretsmanager"), secret, KEY_CONTENT)
        endpoint = settings.optional("drive_endpoint") or ENDPOINT
        drive = Drive(DriveSession(key, secret, Patience(deadline, sleep), endpoint))
        landing = Landing.of(bucket, taken.name)
        outcome = ingest_folder(drive, DriveTransfer(drive, landing, deadline), taken, folder_id, logger.info)
    except MedallionError as error:
        logger.error(str(error))
        metrics.add_metric("FailedInvocations", MetricUnit.Count, 1)
        raise
    metrics.add_metric("LandedFiles", MetricUnit.Count, len(outcome.landed))
    metrics.add_metric("LandedBytes", MetricUnit.Bytes, outcome.landed_bytes)
    return {"product": taken.name, **outcome.document()}
