"""The pipeline stack's Glue jobs: what they run on, where, with which arguments, and what they are not told."""

from __future__ import annotations

import re
from typing import Any

from synthesised import Synthesised, text

from medallion.catalog import PRODUCTS

WITH_SOURCES = [product for product in PRODUCTS if product.sources]
JOB_COUNT = 2 * len(PRODUCTS) + len(WITH_SOURCES)


def jobs(templates: Synthesised) -> list[dict[str, Any]]:
    found = templates.properties("AWS::Glue::Job")
    assert len(found) == JOB_COUNT
    return found


def arguments(templates: Synthesised, start: str) -> dict[str, str]:
    given = templates.of("AWS::Glue::Job", start)["DefaultArguments"]
    return {name: text(value) for name, value in given.items()}


def test_every_product_has_a_job_a_layer_and_bronze_only_where_it_has_sources(prod: Synthesised) -> None:
    expected = {f"{product.name.replace('_', '')}Jobs{layer}" for product in PRODUCTS for layer in ("Silver", "Gold")}
    expected |= {f"{product.name.replace('_', '')}JobsBronze" for product in WITH_SOURCES}
    found = {name.rsplit("Job", 1)[0] for name in prod.resources("AWS::Glue::Job")}
    assert {name.removesuffix("Job") for name in found} == expected


def test_jobs_run_on_spark_4_with_g1x_workers_that_scale(prod: Synthesised) -> None:
    for job in jobs(prod):
        assert (job["GlueVersion"], job["WorkerType"], job["NumberOfWorkers"]) == ("6.0", "G.1X", 10)
        assert job["DefaultArguments"]["--enable-auto-scaling"] == "true"


def test_a_job_is_stopped_in_time_and_never_repeated_by_glue(prod: Synthesised) -> None:
    assert {(job["Timeout"], job["MaxRetries"]) for job in jobs(prod)} == {(240, 0)}


def test_no_two_runs_of_a_job_go_on_at_once(prod: Synthesised) -> None:
    assert {job["ExecutionProperty"]["MaxConcurrentRuns"] for job in jobs(prod)} == {1}


def test_jobs_are_in_the_network_and_encrypt_what_they_leave(prod: Synthesised) -> None:
    (connection,) = prod.resources("AWS::Glue::Connection")
    security = prod.only("AWS::Glue::SecurityConfiguration")["Name"]
    for job in jobs(prod):
        assert [text(one) for one in job["Connections"]["Connections"]] == [f"<{connection}>"]
        assert job["SecurityConfiguration"] in (
            security,
            {"Ref": next(iter(prod.resources("AWS::Glue::SecurityConfiguration")))},
        )


def test_a_security_configuration_encrypts_logs_bookmarks_and_files(prod: Synthesised) -> None:
    found = prod.only("AWS::Glue::SecurityConfiguration")["EncryptionConfiguration"]
    assert found["CloudWatchEncryption"]["CloudWatchEncryptionMode"] == "SSE-KMS"
    assert found["JobBookmarksEncryption"]["JobBookmarksEncryptionMode"] == "CSE-KMS"
    assert [one["S3EncryptionMode"] for one in found["S3Encryptions"]] == ["SSE-KMS"]


def test_the_library_is_a_zip_and_packages_come_without_the_internet(prod: Synthesised) -> None:
    given = arguments(prod, "restaurantJobsSilver")
    assert given["--extra-py-files"].endswith(".zip")
    assert given["--additional-python-modules"].endswith("/medallion.gluewheels.zip")
    assert given["--python-modules-installer-option"] == "--no-index"


def test_what_a_job_is_given_says_where_things_are(prod: Synthesised) -> None:
    given = arguments(prod, "restaurantJobsBronze")
    assert given["--product"] == "restaurant"
    assert given["--environment"] == "prod"
    patterns = {
        "lake": "s3://.+/lake",
        "warehouse": "redshift://.+:5439/medallion",
        "source": "postgresql://.+/source.+",
    }
    assert [name for name, pattern in patterns.items() if not re.fullmatch(pattern, given[f"--{name}"])] == []


def test_a_jobs_arguments_name_secrets_and_hold_none(prod: Synthesised) -> None:
    for job in jobs(prod):
        given = {name: text(value) for name, value in job["DefaultArguments"].items()}
        assert "resolve:secretsmanager" not in str(job)
        assert not [name for name in given if "password" in name or name.endswith("key")]
        assert not [value for value in given.values() if "://" in value and "@" in value]
        assert given["--warehouse_secret"].startswith("redshift!")


def test_only_products_that_hash_personal_data_are_told_of_the_key(prod: Synthesised) -> None:
    told = {
        name.split("Jobs")[0]
        for name, job in prod.resources("AWS::Glue::Job").items()
        if "--pii_secret" in job["Properties"]["DefaultArguments"]
    }
    hashing = {
        product.name.replace("_", "")
        for product in PRODUCTS
        if any(column.pii_action == "hmac" for source in product.sources for column in source.columns)
    }
    assert told == hashing


def test_only_bronze_reaches_the_source_database(prod: Synthesised) -> None:
    with_source = {
        name
        for name, job in prod.resources("AWS::Glue::Job").items()
        if "--source" in job["Properties"]["DefaultArguments"]
    }
    assert with_source == {name for name in prod.resources("AWS::Glue::Job") if "JobsBronze" in name}
