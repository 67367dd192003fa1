"""Wrong context is one clear line; nothing is synthesised."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from infra.app import ROOT, given_context
from infra.code import Code
from infra.context import read_deployment
from infra.regions import REGIONS, supported
from infra.schedules import checked_schedule
from synthesised import DASHBOARD

from medallion.errors import UsageError


def read(context: dict[str, Any], **changes: Any) -> Any:
    return read_deployment((context | changes).get)


def of_product(context: dict[str, Any], **settings: str) -> dict[str, Any]:
    return context | {"products": {"restaurant": settings}}


def test_dev_and_prod_are_read_from_cdk_json(context: dict[str, Any]) -> None:
    found = [read(context, environment=name).sizes.deletion_protection for name in ("dev", "prod")]
    assert found == [False, True]


def test_a_value_of_the_command_line_wins_and_is_read_as_its_type(context: dict[str, Any]) -> None:
    assert read(context, glue_workers="7").sizes.glue_workers == 7


def test_a_product_without_settings_runs_by_hand(context: dict[str, Any]) -> None:
    assert read(context).products["sales_crm"].schedule == ""


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"environment": "staging"}, "context environment 'staging': is unknown; choose one of: dev, prod"),
        ({"region": "mars-north-1"}, "context region 'mars-north-1': Redshift Serverless over three zones"),
        ({"region": "us-west-1"}, "context region 'us-west-1': Redshift Serverless over three zones"),
        ({"glue_workers": "1"}, "context dev.glue_workers '1': Input should be greater than or equal to 2"),
        ({"warehouse_rpu": "12"}, "context dev.warehouse_rpu '12': Input should be a multiple of 8"),
        ({"warehouse_rpu": "64"}, "context dev: warehouse_max_rpu is below warehouse_rpu"),
        ({"run_timeout_minutes": "30"}, "context dev: run_timeout_minutes is not above glue_timeout_minutes"),
        ({"deletion_protection": "true"}, "context dev: alarm_email is empty where deletion_protection is on"),
        (
            {"deletion_protection": "true", "alarm_email": "a@b.org"},
            "context dev: database_ca is empty where deletion_protection is on; name the file with certificates",
        ),
        ({"alarm_email": "nobody"}, "context dev.alarm_email 'nobody': String should match pattern"),
        ({"dashboard": "{"}, "context dashboard: is not JSON ('{'); write an object"),
        ({"dashboard": {"domain": "marts.org"}}, "context dev.dashboard.certificate: Field required"),
        ({"dashboard": DASHBOARD | {"domain": "marts"}}, "context dev.dashboard.domain 'marts': String should match"),
        ({"dashboard": DASHBOARD | {"networks": ["office"]}}, "context dev.dashboard.networks"),
        ({"dashboard": DASHBOARD, "reader_role": ""}, "context dev: reader_role is empty where there is a dashboard"),
        (
            {"dashboard": DASHBOARD, "region": "eu-west-1"},
            "context dev: dashboard.certificate is of another region; the load balancer needs one of eu-west-1",
        ),
        ({"environments": {"dev": {}}}, "context dev.region: Field required"),
        (
            {"environments": {"dev": {"region": "eu-west-1", "colour": 1}}},
            "context dev.colour: is unknown; choose one of",
        ),
        ({"environments": None}, "context environments: is missing or no object"),
        ({"products": "{"}, "context products: is not JSON ('{'); write an object"),
        ({"products": {"pizza": {}}}, "context products.pizza: is no product of the catalogue; choose of: restaurant"),
        (
            {"products": {"restaurant": {"rules": {"churn_after_days": "soon"}}}},
            "context products.restaurant.rules.churn_after_days 'soon': Input should be a valid integer",
        ),
        ({"products": {"restaurant": {"rules": {"churn": 1}}}}, "context products.restaurant.rules.churn: is unknown;"),
        (
            {"products": {"sales_crm": {"drive_folder": "x"}}},
            "context products.sales_crm.drive_folder: it reads no files",
        ),
    ],
)
def test_wrong_context_is_one_line(context: dict[str, Any], changes: dict[str, Any], line: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(context, **changes)
    assert str(raised.value).startswith(line)
    assert len(str(raised.value).splitlines()) == 1


def test_a_time_zone_that_is_unknown_is_named(context: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"products\.restaurant\.timezone 'Mars/Base': is unknown"):
        read(of_product(context, timezone="Mars/Base"))


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("0 3 * * *", "is neither cron(…) nor rate(…)"),
        ("rate(0 hours)", "is neither cron(…) nor rate(…)"),
        ("cron(0 3 * * ?)", "has 5 fields and not 6"),
        ("cron(0 3 * * * *)", "one of day of month and day of week has to be '?'"),
        ("cron(0 3 ? * ? *)", "one of day of month and day of week has to be '?'"),
        ("cron(60 3 * * ? *)", "minutes '60' is not within 0-59"),
        ("cron(0 24 * * ? *)", "hours '24' is not within 0-23"),
        ("cron(0 L * * ? *)", "hours 'L' is not within 0-23"),
        ("cron(0 3 ? * 8 *)", "day of week '8' is not within 1-7"),
        ("cron(0 3 ? NOV-DIC MON *)", "month 'NOV-DIC' is not within 1-12"),
        ("cron(0/0 3 * * ? *)", "minutes '0/0' is not within 0-59"),
        ("cron(0 3 * * ? 1969)", "year '1969' is not within 1970-2199"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(context: dict[str, Any], expression: str, problem: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(of_product(context, schedule=expression))
    assert str(raised.value).startswith(f"context products.restaurant.schedule '{expression}': {problem}; write")


@pytest.mark.parametrize(
    "expression",
    [
        "rate(12 hours)",
        "cron(0 3 * * ? *)",
        "cron(0/15 8-17 ? * MON-FRI *)",
        "cron(30 2 L * ? *)",
        "cron(0 6 ? * 2#1 2026-2030)",
        "cron(0 6 ? * FRIL *)",
        "cron(0 6 15W JAN,JUL ? *)",
    ],
)
def test_a_schedule_of_eventbridge_is_taken(expression: str) -> None:
    assert checked_schedule("restaurant", expression) == expression


def test_regions_are_those_where_every_service_has_an_endpoint() -> None:
    import botocore.session

    session = botocore.session.get_session()
    services = ("redshift-serverless", "glue", "scheduler", "rds", "stepfunctions", "lambda")
    everywhere = set.intersection(*({*session.get_available_regions(service)} for service in services))
    assert {*REGIONS} == {region for region in everywhere if "fips" not in region} - {"us-west-1"}


def test_a_region_where_all_is_there_is_taken() -> None:
    assert supported("eu-central-1") == "eu-central-1"


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        ("lambdas/drive_ingest/handler.py", "lambdas/drive_ingest/handler.py: is missing in"),
        ("glue_jobs/gold.py", "glue_jobs/gold.py: is missing in"),
    ],
)
def test_code_that_is_missing_is_named(code: Code, missing: str, line: str, tmp_path: Any) -> None:
    empty = Code(root=tmp_path, packages=code.packages, staging=code.staging)
    with pytest.raises(UsageError, match=line):
        empty.function("drive_ingest") if "lambdas" in missing else empty.job("gold")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_are_missing_are_asked_for(code: Code, content: str | None, tmp_path: Any) -> None:
    bare = Code(root=tmp_path, packages=code.packages, staging=code.staging)
    if content:
        (tmp_path / "rds.pem").write_text(content)
    with pytest.raises(UsageError, match=r"^context database_ca: rds.pem is missing or holds no certificates; downloa"):
        bare.certificates("rds.pem")


def test_packages_that_were_not_fetched_are_asked_for(code: Code, tmp_path: Any) -> None:
    bare = Code(root=code.root, packages=tmp_path, staging=code.staging)
    for fetch in (bare.layer, bare.wheels):
        with pytest.raises(UsageError, match=r"packages for AWS are missing; fetch them with: make package"):
            fetch()


def test_the_same_library_is_the_same_zip(code: Code) -> None:
    assert code.library().read_bytes() == code.library().read_bytes()


def test_arguments_are_context_values() -> None:
    assert given_context(["environment=prod", "alarm_email=a@b.c"]) == {"environment": "prod", "alarm_email": "a@b.c"}


def test_an_argument_that_is_none_is_refused() -> None:
    with pytest.raises(
        SystemExit, match=r"error: argument 'prod': is not name=value; write for example environment=prod"
    ):
        given_context(["prod"])


def test_the_app_says_what_is_wrong_in_one_line_and_fails() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.app", "environment=staging"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "error: context environment 'staging': is unknown; choose one of: dev, prod"


def test_cdk_starts_the_app_with_the_projects_python() -> None:
    assert json.loads((ROOT / "cdk.json").read_text())["app"] == ".venv/bin/python -m infra.app"
