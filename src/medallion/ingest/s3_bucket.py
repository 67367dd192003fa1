"""A bucket whose objects are encrypted with a KMS key and replaced on condition only."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from medallion.errors import StorageError
from medallion.ingest.aws_errors import error_code, explained_aws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READ_AT_ONCE = 8 << 20
_READ_ATTEMPTS = 4
_MISSING = ("404", "NoSuchKey")


@dataclass(frozen=True)
class StoredObject:
    """An object as it was found: `etag` stands for its content, `size` is in bytes, `metadata` empty when listed."""

    key: str
    etag: str
    size: int
    modified_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


def condition(replaces: StoredObject | None) -> dict[str, Any]:
    """The condition of a write: nothing is there (None), or still what was found."""
    return {"IfMatch": replaces.etag} if replaces else {"IfNoneMatch": "*"}


@dataclass(frozen=True)
class Bucket:
    """Objects of one bucket. Without `kms_key` (an ARN) the bucket's own default encryption applies.

    Failures are MedallionErrors that name bucket and key; a condition that is not met is an OvertakenError.
    """

    client: S3Client
    name: str
    kms_key: str | None = None

    @property
    def encryption(self) -> dict[str, Any]:
        """What every request that makes an object says about its encryption."""
        if not self.kms_key:
            return {}
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key, "BucketKeyEnabled": True}

    def uri(self, key: str) -> str:
        return f"s3://{self.name}/{key}"

    def head(self, key: str) -> StoredObject | None:
        """What is there; None for nothing (which S3 says only to those who may list the bucket)."""
        with explained_aws(self.uri(key)):
            try:
                found = self.client.head_object(Bucket=self.name, Key=key)
            except ClientError as error:
                if error_code(error) in _MISSING:
                    return None
                raise
        return StoredObject(key, found["ETag"], found["ContentLength"], found["LastModified"], found["Metadata"])

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        """The objects whose keys begin with `prefix`, by key."""
        with explained_aws(self.uri(prefix)):
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
                for found in page.get("Contents", []):
                    yield StoredObject(found["Key"], found["ETag"], found["Size"], found["LastModified"])

    def put(self, key: str, content: bytes, metadata: Mapping[str, str], replaces: StoredObject | None) -> None:
        """Write a small object whole, on the condition of `replaces`."""
        with explained_aws(self.uri(key)):
            self.client.put_object(
                Bucket=self.name, Key=key, Body=content, Metadata=dict(metadata), ChecksumAlgorithm="SHA256",
                **self.encryption, **condition(replaces),
            )  # fmt: skip

    def read(self, found: StoredObject, start: int, size: int) -> bytes:
        """At most `size` bytes from `start` on, of the object as it was found; OvertakenError if it was replaced."""
        if start >= found.size:
            return b""
        end = min(start + size, found.size) - 1
        for attempt in range(1, _READ_ATTEMPTS + 1):
            with explained_aws(self.uri(found.key)):
                try:
                    answer = self.client.get_object(
                        Bucket=self.name, Key=found.key, IfMatch=found.etag, Range=f"bytes={start}-{end}"
                    )
                    content = answer["Body"].read()
                except BotoCoreError:  # boto3 itself repeats requests, not the reading of answers
                    if attempt == _READ_ATTEMPTS:
                        raise
                    continue
            if len(content) == end - start + 1:
                return content
        raise StorageError(f"{self.uri(found.key)}: bytes {start} to {end} do not come whole; run again")

    def open(self, found: StoredObject) -> io.BufferedReader:
        """The object as it was found, to be read from its start; about 8 MiB of it are in memory."""
        return io.BufferedReader(_ObjectStream(self, found), READ_AT_ONCE)

    def delete(self, key: str) -> None:
        with explained_aws(self.uri(key)):
            self.client.delete_object(Bucket=self.name, Key=key)


class _ObjectStream(io.RawIOBase):
    def __init__(self, bucket: Bucket, found: StoredObject) -> None:
        self._bucket = bucket
        self._found = found
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        content = self._bucket.read(self._found, self._position, len(target))
        target[: len(content)] = content
        self._position += len(content)
        return len(content)
