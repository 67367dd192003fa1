"""The pipeline stack: functions, jobs, runs, schedules, alarms and the catalogue."""

from __future__ import annotations

import re
from typing import Any

import pytest
from infra.constructs.lake_catalog import hive_type
from synthesised import Synthesised, text

from medallion.catalog import PRODUCTS
from medallion.data_types import DataType

WITH_SOURCES = [product for product in PRODUCTS if product.sources]
JOB_COUNT = 2 * len(PRODUCTS) + len(WITH_SOURCES)


def jobs(templates: Synthesised) -> list[dict[str, Any]]:
    found = templates.properties("AWS::Glue::Job")
    assert len(found) == JOB_COUNT
    return found


def arguments(templates: Synthesised, start: str) -> dict[str, str]:
    given = templates.of("AWS::Glue::Job", start)["DefaultArguments"]
    return {name: text(value) for name, value in given.items()}


def alarms(templates: Synthesised, product: str) -> dict[str, dict[str, Any]]:
    """The alarms of a product, by name; what they watch is in `watched`."""
    start = f"{product.replace('_', '')}Alarms"
    found = {}
    for name, one in templates.resources("AWS::CloudWatch::Alarm").items():
        if name.startswith(start):
            properties = one["Properties"]
            metrics = [part["MetricStat"] for part in properties.get("Metrics", []) if "MetricStat" in part]
            watched = [part["Metric"] | {"Period": part["Period"]} for part in metrics] or [properties]
            found[name.removeprefix(start)[:-8]] = properties | {"watched": watched}
    return found


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


@pytest.mark.parametrize("function", ["IngestionDriveIngest", "IngestionSourceLoad"])
def test_a_function_traces_logs_as_json_and_has_a_quarter_of_an_hour(prod: Synthesised, function: str) -> None:
    found = prod.of("AWS::Lambda::Function", function)
    assert (found["Handler"], found["Timeout"], found["Runtime"]) == ("handler.handler", 900, "python3.13")
    assert found["TracingConfig"] == {"Mode": "Active"}
    assert found["LoggingConfig"]["LogFormat"] == "JSON"
    assert "KmsKeyArn" in found


def test_drive_is_reached_from_outside_the_network_and_the_database_from_within(prod: Synthesised) -> None:
    assert "VpcConfig" not in prod.of("AWS::Lambda::Function", "IngestionDriveIngest")
    assert len(prod.of("AWS::Lambda::Function", "IngestionSourceLoad")["VpcConfig"]["SubnetIds"]) == 3


def test_functions_are_told_the_names_of_secrets_and_no_secret(prod: Synthesised) -> None:
    drive = prod.of("AWS::Lambda::Function", "IngestionDriveIngest")["Environment"]["Variables"]
    load = prod.of("AWS::Lambda::Function", "IngestionSourceLoad")["Environment"]["Variables"]
    assert {*drive} == {
        "LANDING_BUCKET", "KMS_KEY_ARN", "DRIVE_SECRET",
        "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME",
    }  # fmt: skip
    assert {*load} - {*drive} == {"SOURCE_URL", "SOURCE_SECRET", "PII_KEY_SECRET", "PGSSLROOTCERT"}
    assert text(load["SOURCE_URL"]).startswith("postgresql://")
    assert "@" not in text(load["SOURCE_URL"])


def test_the_source_databases_certificate_is_checked_where_the_certificates_are_given(
    prod: Synthesised, dev: Synthesised
) -> None:
    load = prod.of("AWS::Lambda::Function", "IngestionSourceLoad")["Environment"]["Variables"]
    job = prod.of("AWS::Glue::Job", "restaurantJobsBronze")["DefaultArguments"]
    assert load["PGSSLROOTCERT"] == "/var/task/rds-certificates.pem"
    assert text(load["SOURCE_URL"]).endswith("?sslmode=verify-full")
    assert text(job["--extra-files"]).endswith(f"/{job['--source_ca']}")

    assert text(dev.of("AWS::Glue::Job", "restaurantJobsBronze")["DefaultArguments"]["--source"]).endswith("=require")


def test_every_state_machine_logs_everything_traces_and_ends_in_time(prod: Synthesised) -> None:
    machines = prod.properties("AWS::StepFunctions::StateMachine")
    assert len(machines) == len(PRODUCTS)
    for machine in machines:
        assert machine["LoggingConfiguration"]["Level"] == "ALL"
        assert machine["TracingConfiguration"] == {"Enabled": True}
        assert '"TimeoutSeconds": 43200' in text(machine["DefinitionString"])


def test_schedules_have_the_products_time_zone_and_keep_what_did_not_start(prod: Synthesised) -> None:
    schedule = prod.of("AWS::Scheduler::Schedule", "restaurantSchedule")
    (queue,) = prod.resources("AWS::SQS::Queue")
    assert schedule["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert text(schedule["Target"]["DeadLetterConfig"]["Arn"]) == f"<{queue}.Arn>"
    assert schedule["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10}


def test_what_could_not_be_started_raises_an_alarm(prod: Synthesised) -> None:
    found = prod.of("AWS::CloudWatch::Alarm", "NotificationsNotStarted")
    assert (found["MetricName"], found["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 1)


@pytest.mark.parametrize("product", [product.name for product in PRODUCTS])
def test_every_product_has_its_four_alarms_and_they_are_told(prod: Synthesised, product: str) -> None:
    (topic,) = prod.resources("AWS::SNS::Topic")
    found = alarms(prod, product)
    assert {*found} == {"Failed", "Rejected", "Slow", "Stale"}
    assert {text(action) for alarm in found.values() for action in alarm["AlarmActions"]} == {f"<{topic}>"}


def test_a_product_is_stale_after_its_service_level_and_the_grace_without_a_success(prod: Synthesised) -> None:
    stale = alarms(prod, "restaurant")["Stale"]
    (watched,) = stale["watched"]
    assert (watched["MetricName"], watched["Period"], stale["EvaluationPeriods"]) == ("ExecutionsSucceeded", 3600, 26)
    assert (stale["DatapointsToAlarm"], stale["TreatMissingData"]) == (26, "breaching")


def test_failed_timed_out_and_aborted_runs_all_count_as_failed(prod: Synthesised) -> None:
    names = {one["MetricName"] for one in alarms(prod, "restaurant")["Failed"]["watched"]}
    assert names == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}


def test_rejected_rows_over_the_threshold_raise_an_alarm(prod: Synthesised) -> None:
    rejected = alarms(prod, "restaurant")["Rejected"]
    (watched,) = rejected["watched"]
    dimensions = {one["Name"]: one["Value"] for one in watched["Dimensions"]}
    assert (watched["Namespace"], watched["MetricName"], rejected["Threshold"]) == ("Medallion", "RejectedRows", 1000)
    assert dimensions == {"Environment": "prod", "Product": "restaurant"}


def test_a_run_that_takes_too_long_raises_an_alarm(prod: Synthesised) -> None:
    slow = alarms(prod, "restaurant")["Slow"]
    assert ([one["MetricName"] for one in slow["watched"]], slow["Threshold"]) == (["ExecutionTime"], 120 * 60 * 1000)


def test_the_topic_and_the_dead_letters_are_encrypted_and_ask_for_tls(prod: Synthesised) -> None:
    assert "KmsMasterKeyId" in prod.only("AWS::SNS::Topic")
    assert "KmsMasterKeyId" in prod.only("AWS::SQS::Queue")
    for kind in ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"):
        statements = prod.only(kind)["PolicyDocument"]["Statement"]
        conditions = [one["Condition"] for one in statements if one["Effect"] == "Deny"]
        assert conditions == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_there_is_one_dashboard_with_every_product(prod: Synthesised) -> None:
    body = text(prod.only("AWS::CloudWatch::Dashboard")["DashboardBody"])
    assert [product.name for product in PRODUCTS if product.name not in body] == []


def test_the_catalogue_has_every_bronze_table_with_the_contracts_columns(prod: Synthesised) -> None:
    tables = {one["TableInput"]["Name"]: one["TableInput"] for one in prod.properties("AWS::Glue::Table")}
    sources = {f"{product.name}_{source.bronze.name}": source for product in PRODUCTS for source in product.sources}
    assert {*tables} == {*sources}
    for name, source in sources.items():
        columns = [(one["Name"], one["Type"]) for one in tables[name]["StorageDescriptor"]["Columns"]]
        assert columns == [(one.name.lower(), hive_type(one.data_type)) for one in source.bronze.columns]


def test_a_table_of_the_catalogue_is_where_bronze_writes(prod: Synthesised) -> None:
    (table,) = [
        one["TableInput"]
        for one in prod.properties("AWS::Glue::Table")
        if one["TableInput"]["Name"] == "restaurant_bronze_order_items"
    ]
    location = text(table["StorageDescriptor"]["Location"])
    assert location.startswith("s3://")
    assert location.endswith("/lake/bronze/restaurant/order_items/")


@pytest.mark.parametrize(
    ("contract", "hive"),
    [("varchar(20)", "string"), ("integer", "int"), ("decimal(18,2)", "decimal(18,2)"), ("timestamp", "timestamp")],
)
def test_types_of_contracts_have_their_names_in_the_catalogue(contract: str, hive: str) -> None:
    assert hive_type(DataType.parse(contract)) == hive
