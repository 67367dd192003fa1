"""Delivered files that are objects in S3, under the names that they were delivered with."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, cast

from medallion.errors import InputError, UsageError
from medallion.ingest.delivered_places import S3, FoundFile
from medallion.ingest.landing import delivered_name

if TYPE_CHECKING:
    from medallion.ingest.s3_bucket import Bucket, StoredObject

_ASKED_AT_ONCE = 16
_NANOSECONDS = 1_000_000_000


def objects_below(address: str) -> list[FoundFile]:
    """All objects whose keys begin with the address's folder; what a key ends in `/` for is no file."""
    bucket, prefix = _split(address)
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    listed = [found for found in bucket.objects(folder) if not found.key.endswith("/")]
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:  # a listing leaves out what objects say about themselves
        whole = pool.map(lambda found: bucket.head(found.key), listed)
    return [_found(bucket, one) for one in whole if one is not None]


def object_at(address: str) -> FoundFile | None:
    """The object as it is now; None where there is none."""
    bucket, key = _split(address)
    found = bucket.head(key)
    return _found(bucket, found) if found else None


def open_object(address: str) -> BinaryIO:
    """The object as it is now, to be read from its start; it fails where it is replaced meanwhile.

    Raises InputError where there is none.
    """
    bucket, key = _split(address)
    found = bucket.head(key)
    if found is None:
        raise InputError(f"{address}: does not exist; deliver it again")
    return cast("BinaryIO", bucket.open(found))


def _found(bucket: Bucket, found: StoredObject) -> FoundFile:
    # S3 says whole seconds. What stands for the content fills the rest: two contents of one second differ as well.
    within = int(hashlib.sha256(found.etag.encode()).hexdigest()[:15], 16) % _NANOSECONDS
    modified_ns = int(found.modified_at.timestamp()) * _NANOSECONDS + within
    return FoundFile(bucket.uri(found.key), delivered_name(found.key, found.metadata), found.size, modified_ns)


def _split(address: str) -> tuple[Bucket, str]:
    """Bucket and key of an address. Raises UsageError where it names no bucket, or boto3 is missing."""
    name, _, key = address.removeprefix(S3).partition("/")
    if not name:
        raise UsageError(f"{address}: names no bucket; write s3://BUCKET/FOLDER")
    return _bucket(name), key


@cache
def _bucket(name: str) -> Bucket:
    try:
        import boto3
        from botocore.config import Config

        from medallion.ingest.aws_errors import explained_aws
        from medallion.ingest.s3_bucket import Bucket
    except ModuleNotFoundError as error:
        raise UsageError(f"s3://{name}: needs {error.name}; install it with: pip install 'medallion[aws]'") from error
    with explained_aws(f"s3://{name}"):
        patient = Config(retries={"mode": "standard", "max_attempts": 6}, max_pool_connections=_ASKED_AT_ONCE)
        return Bucket(boto3.client("s3", config=patient), name)
