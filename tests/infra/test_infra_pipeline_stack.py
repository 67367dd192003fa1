"""The pipeline stack: functions, runs, schedules, alarms and the catalogue."""

from __future__ import annotations

import json
from typing import Any

import pytest
from infra.constructs.lake_catalog import hive_type
from synthesised import Synthesised, text

from medallion.catalog import PRODUCTS
from medallion.data_types import DataType


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


def test_every_product_of_the_catalogue_runs_by_a_schedule_its_own_or_that_of_one_that_reads_it(
    prod: Synthesised,
) -> None:
    machines = prod.resources("AWS::StepFunctions::StateMachine")
    targets = [text(one["Target"]["Arn"]).strip("<>") for one in prod.properties("AWS::Scheduler::Schedule")]
    started, waiting = set[str](), targets
    while waiting:
        name = waiting.pop()
        started.add(name)
        states = json.loads(text(machines[name]["Properties"]["DefinitionString"]))["States"].values()
        named = [text(one.get("Parameters", {}).get("StateMachineArn", "")).strip("<>") for one in states]
        waiting += [one for one in named if one in machines and one not in started]
    assert started == {*machines}
    assert len(machines) == len(PRODUCTS)


def test_what_could_not_be_started_raises_an_alarm(prod: Synthesised) -> None:
    found = prod.of("AWS::CloudWatch::Alarm", "NotificationsNotStarted")
    assert (found["MetricName"], found["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 1)


@pytest.mark.parametrize(("environment_name", "gigabytes"), [("dev", 1), ("prod", 5)])
def test_a_source_database_that_runs_full_and_does_not_grow_raises_an_alarm(
    environment_name: str, gigabytes: int, request: pytest.FixtureRequest
) -> None:
    templates: Synthesised = request.getfixturevalue(environment_name)
    (topic,) = templates.resources("AWS::SNS::Topic")
    found = templates.of("AWS::CloudWatch::Alarm", "SourceStorageLow")
    watched = [found[name] for name in ("Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods")]
    assert watched == ["AWS/RDS", "FreeStorageSpace", "Minimum", 300, 3]
    assert (found["ComparisonOperator"], found["Threshold"]) == ("LessThanThreshold", gigabytes << 30)
    # RDS grows at a tenth of what there is, which is never less than at the beginning.
    database = templates.only("AWS::RDS::DBInstance")
    assert gigabytes < int(database["AllocatedStorage"]) / 10
    assert f"({database['MaxAllocatedStorage']} GiB)" in found["AlarmDescription"]
    assert found["TreatMissingData"] == "ignore"
    assert [text(one) for one in (*found["AlarmActions"], *found["OKActions"])] == [f"<{topic}>"] * 2
    (dimension,) = found["Dimensions"]
    assert (dimension["Name"], "SourceInstance" in text(dimension["Value"])) == ("DBInstanceIdentifier", True)


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
