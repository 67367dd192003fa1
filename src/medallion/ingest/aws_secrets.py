"""Secrets of AWS Secrets Manager that are JSON documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from medallion.errors import UsageError
from medallion.ingest.aws_errors import explained_aws

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def read_secret(client: SecretsManagerClient, name: str, content: str) -> dict[str, Any]:
    """The document in the secret `name`; `content` says in words what it has to be. Raises UsageError, StorageError."""
    with explained_aws(f"secret {name}"):
        text = client.get_secret_value(SecretId=name).get("SecretString", "")
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"secret {name}: is not a JSON document; store {content} in it")
    return found
