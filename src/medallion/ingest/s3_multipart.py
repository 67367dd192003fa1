"""Multipart uploads: large objects in parts, of which nothing is visible before all are put together.

S3 itself remembers the parts of an upload, so it can be gone on with by whoever knows the key: nothing else is saved.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from medallion.ingest.aws_errors import error_code, explained_aws
from medallion.ingest.s3_bucket import Bucket, StoredObject, condition

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, CopySourceTypeDef

PART_SIZE = 8 << 20
MOST_PARTS = 10_000
_COPIED_AT_ONCE = 1 << 30
_KEPT = ("PartNumber", "ETag", "ChecksumSHA256")


def part_size_for(size: int) -> int:
    """The bytes of each part of an object of `size` bytes: whole MiB, 8 at the least; the same for the same size."""
    needed = -(-size // MOST_PARTS)
    return max(PART_SIZE, -(-needed // (1 << 20)) << 20)


class MultipartUpload:
    """An upload under way. `size`: how many bytes, from the start, S3 has; it checked each part by its SHA-256."""

    def __init__(self, bucket: Bucket, key: str, upload_id: str) -> None:
        self._bucket = bucket
        self._whole: dict[str, Any] = {"Bucket": bucket.name, "Key": key, "UploadId": upload_id}
        self._uri = bucket.uri(key)
        self._parts: list[CompletedPartTypeDef] = []
        self.size = 0

    @classmethod
    def begin(cls, bucket: Bucket, key: str, metadata: Mapping[str, str]) -> MultipartUpload:
        with explained_aws(bucket.uri(key)):
            made = bucket.client.create_multipart_upload(
                Bucket=bucket.name, Key=key, Metadata=dict(metadata), ChecksumAlgorithm="SHA256", **bucket.encryption
            )
        return cls(bucket, key, made["UploadId"])

    @classmethod
    def unfinished(cls, bucket: Bucket, key: str) -> MultipartUpload | None:
        """The upload to `key` that is furthest, with its parts; None where there is none."""
        found = [cls(bucket, one, upload_id) for one, upload_id in uploads_under(bucket, key) if one == key]
        for upload in found:
            upload._recall()
        return max(found, key=lambda upload: upload.size, default=None)

    def append(self, content: bytes) -> None:
        """The next part; all but the last have the same size."""
        number = len(self._parts) + 1
        with explained_aws(self._uri):
            made = self._bucket.client.upload_part(
                **self._whole, PartNumber=number, Body=content, ChecksumAlgorithm="SHA256"
            )
        self._add(number, made, len(content))

    def append_copy(self, source: StoredObject) -> None:
        """All bytes of another object of the bucket, copied within S3."""
        place: CopySourceTypeDef = {"Bucket": self._bucket.name, "Key": source.key}
        for start in range(0, source.size, _COPIED_AT_ONCE):
            end = min(start + _COPIED_AT_ONCE, source.size)
            number = len(self._parts) + 1
            with explained_aws(self._uri):
                made = self._bucket.client.upload_part_copy(
                    **self._whole, PartNumber=number, CopySource=place, CopySourceIfMatch=source.etag,
                    CopySourceRange=f"bytes={start}-{end - 1}",
                )  # fmt: skip
            self._add(number, made["CopyPartResult"], end - start)

    def complete(self, replaces: StoredObject | None) -> None:
        """Make the object visible, on the condition of `replaces`."""
        with explained_aws(self._uri):
            self._bucket.client.complete_multipart_upload(
                **self._whole, MultipartUpload={"Parts": self._parts}, **condition(replaces)
            )

    def abort(self) -> None:
        """Forget the upload; nothing happens where it is gone."""
        with explained_aws(self._uri):
            try:
                self._bucket.client.abort_multipart_upload(**self._whole)
            except ClientError as error:
                if error_code(error) != "NoSuchUpload":
                    raise

    def _recall(self) -> None:
        """Take up the parts from the first on, as far as none is missing."""
        with explained_aws(self._uri):
            for page in self._bucket.client.get_paginator("list_parts").paginate(**self._whole):
                for part in page.get("Parts", []):
                    if part["PartNumber"] == len(self._parts) + 1:
                        self._add(part["PartNumber"], part, part["Size"])

    def _add(self, number: int, made: Mapping[str, Any], size: int) -> None:
        known = {"PartNumber": number, **made}
        part: Any = {name: known[name] for name in _KEPT if known.get(name)}
        self._parts.append(part)
        self.size += size


def uploads_under(bucket: Bucket, prefix: str) -> list[tuple[str, str]]:
    """Key and id of each upload under way to keys that begin with `prefix`."""
    with explained_aws(bucket.uri(prefix)):
        pages = bucket.client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket.name, Prefix=prefix)
        return [(one["Key"], one["UploadId"]) for page in pages for one in page.get("Uploads", [])]


def copied(bucket: Bucket, source: StoredObject, key: str, metadata: Mapping[str, str], replaces: Any) -> None:
    """Give an object's content another key, of any size, on condition; nothing is left of it where that fails."""
    upload = MultipartUpload.begin(bucket, key, metadata)
    try:
        upload.append_copy(source)
        upload.complete(replaces)
    except BaseException:
        upload.abort()
        raise


class ObjectWriter(io.RawIOBase):
    """A file to be written to an object: visible once the `with` block ends in order, and not at all otherwise.

    An object that is there is replaced. Parts of 8 MiB are in memory.
    """

    def __init__(self, bucket: Bucket, key: str) -> None:
        self._bucket, self._key = bucket, key
        self._replaces = bucket.head(key)
        self._upload = MultipartUpload.begin(bucket, key, {})
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._waiting += content
        while len(self._waiting) >= PART_SIZE:
            self._upload.append(bytes(self._waiting[:PART_SIZE]))
            del self._waiting[:PART_SIZE]
        return memoryview(content).nbytes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._upload.abort()
            return
        try:
            if self._waiting or not self._upload.size:
                self._upload.append(bytes(self._waiting))
            self._upload.complete(self._replaces)
        except BaseException:
            self._upload.abort()
            raise
