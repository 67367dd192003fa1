"""The Glue scripts as they are on Spark with Hadoop's S3A connector, as on Glue: `make test-s3a`.

`spark-submit` fetches the connector from the Maven registry: hadoop-aws of the version of Spark's own Hadoop, with the
parts of AWS's SDK that it uses in place of the bundle of all (600 MB). S3 is moto's, Redshift is emulated.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyspark
import pytest
from infra.code import Code
from redshift_emulator import ROLE
from redshift_place import Place, redshift_place
from restaurant_marts import on_one_machine, on_redshift
from shipped import OF_GLUE, not_on_aws, shipped

from medallion.contracts import Layer
from medallion.embedded.java import java_home

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("MEDALLION_TEST_S3A" not in os.environ, reason="needs the Maven registry: make test-s3a"),
]
ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SDK = "2.29.52"  # what hadoop-aws 3.4.2 was built with
SDK_PARTS = ("s3", "s3-transfer-manager", "sts", "apache-client")
S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
CREDENTIALS = "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider"


def medallion(*arguments: object) -> None:
    done = subprocess.run([str(BIN / "medallion"), *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def version_of_hadoop() -> str:
    [jar] = (Path(pyspark.__file__).parent / "jars").glob("hadoop-client-api-*.jar")
    return re.sub(r"hadoop-client-api-(.+)\.jar", r"\1", jar.name)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with redshift_place() as found:
        yield found


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dirty files, and a home beside them in which they were run on one machine."""
    folder = tmp_path_factory.mktemp("restaurant")
    medallion("generate", "restaurant", "--orders", 200, "--seed", 2, "--dirty", 0.1, "--output", folder / "files")
    medallion("run", "restaurant", "--input", folder / "files", "--home", folder / "home")
    return folder


class Jobs:
    """Jobs started by `spark-submit` with S3A behind `s3://`."""

    def __init__(self, place: Place, files: Path, folder: Path) -> None:
        self.place, self.files = place, files
        self.environment = {**os.environ, "MEDALLION_WAREHOUSE_PASSWORD": place.emulator.password}
        self.environment.pop("SPARK_CONNECT_MODE_ENABLED", None)
        self.environment |= {"SPARK_HOME": str(Path(pyspark.__file__).parent), "PYSPARK_PYTHON": sys.executable}
        library = Code(root=ROOT, packages=folder, staging=folder).library()
        self.environment |= shipped(folder, library, "glue.lock", OF_GLUE)
        java = java_home(folder)
        if java:
            self.environment["JAVA_HOME"] = str(java)
        settings = {
            "spark.hadoop.fs.s3.impl": S3A, "spark.hadoop.fs.s3a.endpoint": os.environ["AWS_ENDPOINT_URL"],
            "spark.hadoop.fs.s3a.path.style.access": "true", "spark.hadoop.fs.s3a.endpoint.region": "eu-central-1",
            "spark.hadoop.fs.s3a.aws.credentials.provider": CREDENTIALS, "spark.ui.enabled": "false",
            "spark.jars.excludes": "software.amazon.awssdk:bundle", "spark.sql.shuffle.partitions": "2",
        }  # fmt: skip
        packages = [f"org.apache.hadoop:hadoop-aws:{version_of_hadoop()}"]
        packages += [f"software.amazon.awssdk:{part}:{SDK}" for part in SDK_PARTS]
        self.submit = [str(BIN / "spark-submit"), "--master", "local[2]", "--packages", ",".join(packages)]
        self.submit += [word for pair in settings.items() for word in ("--conf", "=".join(pair))]

    def run(self, layer: Layer) -> str:
        """Run a layer's job; what it said."""
        given = {
            "--JOB_NAME": f"restaurant-{layer}", "--product": "restaurant", "--run_id": "night-1", "--as_of": "latest",
            "--lake": self.place.lake, "--warehouse": self.place.url, "--copy_role": ROLE,
        } | ({"--input": str(self.files)} if layer is Layer.BRONZE else {})  # fmt: skip
        words = [word for pair in given.items() for word in pair]
        command = [*self.submit, f"glue_jobs/{layer}.py", *words]
        ended = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
        return ended.stdout


def test_what_glue_lacks_is_kept_from_the_jobs() -> None:
    assert {"duckdb", "pysail", "jinja2", "pytest"} <= not_on_aws("glue.lock", OF_GLUE)


def test_the_marts_are_those_of_the_embedded_engine_on_one_machine(
    place: Place, delivered: Path, tmp_path: Path
) -> None:
    jobs = Jobs(place, delivered / "files", tmp_path)

    said = [jobs.run(layer) for layer in (Layer.BRONZE, Layer.SILVER, Layer.GOLD)]

    assert "night-1: stopped after bronze" in said[0]
    assert "night-1: version 1 is published" in said[2]
    assert on_redshift(place.warehouse) == on_one_machine(delivered / "home")
    assert not [output for output in said if place.emulator.password in output]
