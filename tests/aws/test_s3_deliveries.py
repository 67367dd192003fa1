"""Delivered files that are objects in S3 are taken as those of a folder are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_services import AwsServices

from medallion.catalog import product
from medallion.errors import InputError, UsageError
from medallion.ingest.aws_errors import OvertakenError
from medallion.ingest.delivered_files import find_deliveries
from medallion.ingest.delivered_places import file_at, open_delivery

if TYPE_CHECKING:
    from collections.abc import Callable

RESTAURANT = product("restaurant")


@pytest.fixture
def bucket(aws: AwsServices, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket that this process's own clients reach."""
    settings = {"AWS_ENDPOINT_URL": aws.endpoint, "AWS_DEFAULT_REGION": "eu-central-1"}
    for name, value in (settings | {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}).items():
        monkeypatch.setenv(name, value)
    return aws.new_bucket()


@pytest.fixture
def put(aws: AwsServices, bucket: str) -> Callable[..., str]:
    """Puts an object, with the name that it was delivered under where one is said; its address."""

    def object_(key: str, content: bytes = b"x", name: str | None = None) -> str:
        metadata = {"drive-name": name} if name else {}
        aws.shared("s3").put_object(Bucket=bucket, Key=key, Body=content, Metadata=metadata)
        return f"s3://{bucket}/{key}"

    return object_


def test_objects_below_the_address_are_found_by_the_names_they_were_delivered_with(
    bucket: str, put: Callable[..., str]
) -> None:
    numbered = put("landing/a1/order_items_2__new_.csv", name="order_items_2 (new).csv")
    plain = put("landing/b2/Order_Items_10.csv")
    put("landing/b2/notes.csv")
    put("landing/", b"")
    put("landing-old/order_items_1.csv")

    found = find_deliveries(f"s3://{bucket}/landing", RESTAURANT)

    assert [(file.name, file.location) for file in found.files] == [
        ("order_items_2 (new).csv", numbered),
        ("Order_Items_10.csv", plain),
    ]
    assert found.unrecognised == ("notes.csv",)


def test_a_whole_bucket_may_be_named(bucket: str, put: Callable[..., str]) -> None:
    put("order_items.csv")
    assert [file.name for file in find_deliveries(f"s3://{bucket}", RESTAURANT).files] == ["order_items.csv"]


def test_an_object_is_read_from_its_start_and_known_by_size_and_time(put: Callable[..., str]) -> None:
    address = put("order_items.csv", b"content")
    found = file_at(address)
    with open_delivery(address) as stream:
        assert stream.read() == b"content"
    assert found is not None
    assert (found.name, found.size, found.modified_ns // 10**9 > 1_700_000_000) == ("order_items.csv", 7, True)
    assert file_at(address) == found


def test_another_content_of_the_same_length_and_second_is_another_file(put: Callable[..., str]) -> None:
    before, after = file_at(put("order_items.csv", b"aaaa")), file_at(put("order_items.csv", b"bbbb"))
    assert before is not None
    assert after is not None
    assert before.modified_ns != after.modified_ns


def test_an_object_that_is_replaced_while_it_is_read_is_told(put: Callable[..., str]) -> None:
    address = put("order_items.csv", bytes(20 << 20))
    with open_delivery(address) as stream:
        stream.read(1 << 20)
        put("order_items.csv", b"new")
        with pytest.raises(OvertakenError, match="another process wrote it at the same time"):
            stream.read(19 << 20)


def test_what_is_not_there_is_named(bucket: str, put: Callable[..., str]) -> None:
    assert file_at(f"s3://{bucket}/order_items.csv") is None
    with pytest.raises(InputError, match=rf"^s3://{bucket}/order_items.csv: does not exist; deliver it again"):
        open_delivery(f"s3://{bucket}/order_items.csv")
    with pytest.raises(InputError, match=rf"^s3://{bucket}/empty: no file is called .*\(found: no files\)"):
        find_deliveries(f"s3://{bucket}/empty", RESTAURANT)
    with pytest.raises(UsageError, match=r"^s3://no-such-bucket-here/: the bucket does not exist; correct its name"):
        find_deliveries("s3://no-such-bucket-here", RESTAURANT)
    with pytest.raises(UsageError, match=r"^s3:///x: names no bucket; write s3://BUCKET/FOLDER"):
        find_deliveries("s3:///x", RESTAURANT)
