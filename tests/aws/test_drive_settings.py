"""Settings that are missing or wrong, and whatever AWS refuses to the function drive_ingest: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_services import answer
from drive_cases import ITEMS, line

from medallion.errors import MedallionError, StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from drive_bench import DriveBench


@pytest.mark.parametrize("name", ["PRODUCT", "FOLDER_ID", "DRIVE_SECRET", "LANDING_BUCKET"])
def test_a_setting_that_is_missing(ingest: DriveBench, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)

    assert line(ingest, UsageError) == (
        f"setting {name}: is missing; set it in the function's environment, or '{name.lower()}' in the event"
    )


def test_an_unknown_product(ingest: DriveBench) -> None:
    assert line(ingest, UsageError, product="retail").startswith("product 'retail' is unknown; choose one of: ")


def test_a_bucket_that_does_not_exist(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)

    assert line(ingest, UsageError, landing_bucket="lake-nowhere") == (
        "s3://lake-nowhere/landing/restaurant/f1/order_items.csv: the bucket does not exist; correct its name, or"
        " deploy the data stack first"
    )


def denied(ingest: DriveBench) -> str:
    return f"s3://{ingest.bucket}/landing/restaurant/f1/order_items.csv: "


@pytest.mark.parametrize(
    ("status", "code", "kind", "message"),
    [
        (
            *(403, "AccessDenied", StorageError),
            "access denied; allow the function's role to use it, and the key it is encrypted with",
        ),
        (
            *(400, "ExpiredToken", UsageError),
            "the AWS credentials have expired or are not valid; renew the AWS credentials, or correct the function's"
            " role",
        ),
        (
            *(301, "PermanentRedirect", UsageError),
            "the bucket is in another region; name one of the function's own region",
        ),
        (
            *(400, "KMS.DisabledException", StorageError),
            "its KMS key cannot be used; enable the KMS key, or name another one",
        ),
        (
            *(400, "InvalidArgument", StorageError),
            "InvalidArgument: as told; check the name, the right to use it, then run again",
        ),
    ],
)
def test_what_s3_refuses(ingest: DriveBench, status: int, code: str, kind: type[MedallionError], message: str) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    s3 = ingest.client()
    answer(s3, "PutObject", status, code, times=10)

    assert line(ingest, kind, s3=s3) == denied(ingest) + message


def test_an_s3_that_cannot_be_reached(ingest: DriveBench, unused_port: Callable[[], int]) -> None:
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    away = type(ingest.aws)(f"http://127.0.0.1:{unused_port()}").client("s3")

    found = line(ingest, StorageError, s3=away)

    assert found.startswith(f"{denied(ingest)}AWS cannot be reached (Could not connect")
    assert found.endswith("check the network (in a VPC: the endpoints), then run again")


def test_no_aws_credentials(ingest: DriveBench, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    ingest.drive.add("f1", "order_items.csv", ITEMS)
    bare = boto3.Session().client("s3", endpoint_url=ingest.aws.endpoint)

    assert line(ingest, UsageError, s3=bare) == (
        f"{denied(ingest)}there are no AWS credentials; renew the AWS credentials, or correct the function's role"
    )
