"""What stops a job on AWS is one line: what, which value, what to do; and nothing was changed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aws_services import AwsServices, refused
from redshift_emulator import ROLE
from redshift_place import Place, redshift_place

from medallion.catalog import product
from medallion.contracts import Layer
from medallion.errors import MedallionError
from medallion.jobs.layer_job import main

SOURCES = product("restaurant").file_sources


class Deployed:
    """What a bronze job of the restaurant is given where all is right, with which tests do something wrong."""

    def __init__(self, aws: AwsServices, place: Place, bucket: str) -> None:
        self.aws, self.place, self.bucket = aws, place, bucket
        login = {"username": place.emulator.user, "password": place.emulator.password}
        self.given = {
            "--product": "restaurant", "--engine": "embedded", "--lake": place.lake,
            "--warehouse": place.url.replace(f"{place.emulator.user}@", ""),
            "--warehouse_secret": aws.new_secret(login),
            "--copy_role": ROLE, "--input": f"s3://{bucket}/landing/restaurant/",
        }  # fmt: skip

    def run(self, **other: str) -> str:
        """The line that a job with other arguments stops with."""
        words = [
            word for pair in (self.given | {f"--{name}": one for name, one in other.items()}).items() for word in pair
        ]
        with pytest.raises(MedallionError) as stopped:
            main(Layer.BRONZE, words)
        line = str(stopped.value)
        assert len(line.splitlines()) == 1
        assert self.place.emulator.password not in line
        return line


@pytest.fixture
def deployed(aws: AwsServices) -> Iterator[Deployed]:
    with redshift_place() as place:
        bucket = aws.new_bucket()
        for source in SOURCES:
            header, key = ",".join(source.column_names), f"landing/restaurant/{source.name}.csv"
            aws.shared("s3").put_object(Bucket=bucket, Key=key, Body=f"{header}\n".encode())
        yield Deployed(aws, place, bucket)
        assert place.as_administrator("SELECT * FROM control.version") == []


def test_a_landing_bucket_that_does_not_exist(deployed: Deployed) -> None:
    assert deployed.run(input="s3://no-such-landing/landing/") == (
        "s3://no-such-landing/landing/: the bucket does not exist; correct its name, or deploy the data stack first"
    )


def test_a_job_without_a_home_leaves_nothing_on_its_machine(
    deployed: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    deployed.run(input="s3://no-such-landing/landing/")
    assert list(tmp_path.iterdir()) == []


def test_a_lake_bucket_that_does_not_exist(deployed: Deployed) -> None:
    line = deployed.run(lake="s3://no-such-lake/lake")
    assert line.startswith("s3://no-such-lake/lake/")
    assert line.endswith(": there is no such bucket; check --lake and the region")


def test_a_secret_of_the_warehouse_that_does_not_exist(deployed: Deployed) -> None:
    assert deployed.run(warehouse_secret="gone") == (
        "secret gone: there is no such secret; check its name and the region"
    )


def test_a_secret_of_the_source_database_that_does_not_exist(deployed: Deployed) -> None:
    line = deployed.run(source="postgresql://127.0.0.1:5432/source", source_secret="gone")
    assert line == "secret gone: does not exist in this account and region; create it"


def test_a_source_database_that_cannot_be_reached(deployed: Deployed, unused_port: Callable[[], int]) -> None:
    secret = deployed.aws.new_secret({"username": "medallion", "password": "any"})
    port = unused_port()
    line = deployed.run(source=f"postgresql://127.0.0.1:{port}/source?sslmode=disable", source_secret=secret)
    assert line.startswith(f"database 127.0.0.1:{port}/source: connection failed")


def test_a_warehouse_that_cannot_be_reached(deployed: Deployed, unused_port: Callable[[], int]) -> None:
    port = unused_port()
    assert f"127.0.0.1:{port}" in deployed.run(warehouse=f"redshift://127.0.0.1:{port}/medallion")


@pytest.mark.parametrize("part", ["landing/restaurant", "bronze"])
def test_credentials_that_have_expired(deployed: Deployed, part: str) -> None:
    with refused(part, 400, "ExpiredToken"):
        line = deployed.run()
    assert "the AWS credentials have expired" in line


def test_a_key_of_hashes_that_is_not_in_its_secret(deployed: Deployed) -> None:
    secret = deployed.aws.new_secret({"other": "any"})
    assert deployed.run(pii_secret=secret).startswith(f"secret {secret}: has no 'pii_key'; store the key of personal")


def test_a_product_that_is_none(deployed: Deployed) -> None:
    assert deployed.run(product="pizza").startswith("product 'pizza' is unknown")
