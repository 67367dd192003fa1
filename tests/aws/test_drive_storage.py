"""S3 that is overloaded, and others who write to it meanwhile: nothing is overwritten or written twice."""

from __future__ import annotations

from typing import Any

import pytest
from aws_services import answer, before
from drive_bench import DriveBench
from drive_cases import ITEMS, KEY, LARGE

from medallion.errors import BusyError, StorageError


def put_by_another(ingest: DriveBench, content: bytes, md5: str) -> Any:
    return lambda: ingest.s3.put_object(
        Bucket=ingest.bucket, Key=KEY, Body=content, Metadata={"drive-id": "f1", "drive-md5": md5}
    )


@pytest.mark.parametrize(
    ("content", "operation"), [(ITEMS, "PutObject"), (LARGE, "CompleteMultipartUpload")], ids=["small", "large"]
)
@pytest.mark.parametrize("earlier", [None, b"earlier"], ids=["new", "changed"])
def test_what_another_invocation_landed_meanwhile_is_not_written_twice(
    ingest: DriveBench, content: bytes, operation: str, earlier: bytes | None
) -> None:
    if earlier:
        ingest.drive.add("f1", "order_items.csv", earlier)
        ingest.run()
    file = ingest.drive.add("f1", "order_items.csv", content)
    s3 = ingest.client()
    action = put_by_another(ingest, content, file.document()["md5Checksum"])
    before(s3, operation, action, nth=2 if operation.startswith("Complete") else 1)

    answer_ = ingest.run(s3)

    assert (answer_["landed"], answer_["unchanged"], ingest.versions(KEY)) == (0, 1, 2 if earlier else 1)


@pytest.mark.parametrize(
    ("content", "operation"), [(ITEMS, "PutObject"), (LARGE, "CompleteMultipartUpload")], ids=["small", "large"]
)
def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(
    ingest: DriveBench, content: bytes, operation: str
) -> None:
    ingest.drive.add("f1", "order_items.csv", content)
    s3 = ingest.client()
    before(s3, operation, put_by_another(ingest, b"theirs", "x"), nth=2 if operation.startswith("Complete") else 1)

    with pytest.raises(BusyError) as failed:
        ingest.run(s3)

    assert str(failed.value) == (
        f"s3://{ingest.bucket}/{KEY}: another process wrote it at the same time, nothing was overwritten; run again"
    )
    assert ingest.landed() == {KEY: b"theirs"}


@pytest.mark.parametrize(
    ("content", "operation"),
    [
        (ITEMS, "PutObject"),
        (ITEMS, "HeadObject"),
        (LARGE, "CreateMultipartUpload"),
        (LARGE, "UploadPart"),
        (LARGE, "UploadPartCopy"),
        (LARGE, "CompleteMultipartUpload"),
    ],
)
def test_an_overloaded_s3_is_asked_again_and_then_left_to_the_next_invocation(
    ingest: DriveBench, content: bytes, operation: str
) -> None:
    ingest.drive.add("f1", "order_items.csv", content)
    once, always = ingest.client(), ingest.client()
    answer(always, operation, 503, "SlowDown", times=100)
    with pytest.raises(StorageError, match="AWS is overloaded, repeated attempts failed; run again, it goes on"):
        ingest.run(always)
    assert ingest.landed() == {}
    answer(once, operation, 503, "SlowDown")

    assert ingest.run(once)["landed"] == 1
    assert (ingest.landed() == {KEY: content}, ingest.left_over()) == (True, [])
