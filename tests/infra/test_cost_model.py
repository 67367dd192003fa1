"""The cost model: what it counts is what is deployed, what it says stands in the solution design."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from infra.app import ROOT
from infra.context import DashboardSettings, Deployment, read_deployment
from infra.costs import bill as bills
from infra.costs import prices, workload
from infra.costs.__main__ import BEGIN, END, deployments, main, within
from infra.costs.bill import alarm_metrics, bill, total
from infra.costs.document import document
from infra.costs.workload import Volume
from synthesised import DASHBOARD, Synthesised

from medallion.errors import UsageError

DESIGN = ROOT / "docs" / "solution_design.md"
SEED = Volume(scale=1)


@pytest.fixture(params=["dev", "prod"])
def environment_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def deployed(environment_name: str, request: pytest.FixtureRequest) -> Synthesised:
    """The templates of dev, then of prod."""
    synthesised: Synthesised = request.getfixturevalue(environment_name)
    return synthesised


@pytest.fixture
def deployment(environment_name: str) -> Deployment:
    (found,) = (one for one in deployments() if one.environment == environment_name)
    return found


def sized(**changes: Any) -> Deployment:
    """prod with other sizes."""
    (found,) = (one for one in deployments() if one.environment == "prod")
    sizes = found.sizes.model_copy(update=changes)
    return Deployment(environment="prod", sizes=sizes, products=found.products)


def line(deployment: Deployment, name: str, volume: Volume = SEED) -> bills.Line:
    (found,) = (one for one in bill(deployment, volume) if one.name == name)
    return found


def test_the_solution_design_has_what_the_program_says() -> None:
    text = DESIGN.read_text(encoding="utf-8")
    assert within(text, document(deployments())) == text, f"write it anew: python -m infra.costs {DESIGN}"


def test_keys_secrets_and_dashboards_are_those_of_the_templates(deployed: Synthesised) -> None:
    # RDS and Redshift keep their administrators' passwords in a secret each, which no template names.
    managed = [deployed.only("AWS::RDS::DBInstance")["ManageMasterUserPassword"]]
    managed += [deployed.only("AWS::RedshiftServerless::Namespace")["ManageAdminPassword"]]
    counted = (
        len(deployed.resources("AWS::KMS::Key")),
        len(deployed.resources("AWS::SecretsManager::Secret")) + managed.count(True),
        len(deployed.resources("AWS::CloudWatch::Dashboard")),
    )
    assert counted == (bills.KEYS, bills.SECRETS, bills.DASHBOARDS)


def test_endpoints_are_those_of_the_templates(deployed: Synthesised, deployment: Deployment) -> None:
    zones = sum(
        len(one["SubnetIds"])
        for one in deployed.properties("AWS::EC2::VPCEndpoint")
        if one["VpcEndpointType"] == "Interface"
    )
    assert line(deployment, "Interface endpoints").quantity == zones


def test_dashboards_are_paid_for_as_they_are_deployed(shown: Synthesised, prod: Synthesised) -> None:
    task = shown.only("AWS::ECS::TaskDefinition")
    assert (int(task["Cpu"]) / 1024, int(task["Memory"]) / 1024) == (bills.TASK_CPUS, bills.TASK_GB)
    more = {
        kind: len(shown.resources(kind)) - len(prod.resources(kind))
        for kind in ("AWS::EC2::VPCEndpoint", "AWS::CloudWatch::Alarm")
    }
    assert tuple(more.values()) == (bills.DASHBOARD_ENDPOINTS, bills.DASHBOARD_ALARMS)
    of_two_tasks = sized(dashboard=DashboardSettings.model_validate(DASHBOARD))
    assert line(of_two_tasks, "Dashboards").dollars == pytest.approx(
        730 * (0.0225 + 0.008 + 2 * (0.5 * 0.04048 + 2 * 0.004445) + 3 * 3 * 0.01) + 2 * 0.10
    )
    assert line(sized(), "Dashboards").dollars == 0


def test_metrics_of_alarms_are_those_of_the_templates(deployed: Synthesised, deployment: Deployment) -> None:
    watched = 0
    for alarm in deployed.properties("AWS::CloudWatch::Alarm"):
        watched += sum("MetricStat" in one for one in alarm["Metrics"]) if "Metrics" in alarm else 1
    assert alarm_metrics(deployment) == watched


def test_a_round_of_runs_has_every_job_of_the_templates(deployed: Synthesised, deployment: Deployment) -> None:
    # Each product runs once a round: those without a schedule run before the one that reads them.
    assert set(workload.runs_a_round(deployment.products).values()) == {1}
    assert workload.jobs_a_round(deployment.products) == len(deployed.resources("AWS::Glue::Job"))


def test_what_is_paid_while_nothing_runs_does_not_grow_with_the_volume(deployment: Deployment) -> None:
    fixed = {total(bill(deployment, Volume(scale=scale)), fixed_only=True) for scale in (1, 10, 100)}
    assert len(fixed) == 1


def test_more_volume_costs_more(deployment: Deployment) -> None:
    amounts = [total(bill(deployment, Volume(scale=scale))) for scale in (1, 10, 100)]
    assert amounts == sorted(set(amounts))


def test_whole_files_each_night_cost_more_than_a_days(deployment: Deployment) -> None:
    daily, whole = (Volume(scale=10, whole_files=one) for one in (False, True))
    assert total(bill(deployment, whole)) > total(bill(deployment, daily))


@pytest.mark.parametrize(
    ("changes", "name", "dollars"),
    [
        ({"endpoint_zones": 1}, "Interface endpoints", 5 * 730 * 0.01),
        ({"database_multi_az": False}, "RDS", 730 * 0.168),
        ({"database_class": "t4g.micro"}, "RDS", 2 * 730 * 0.016),
        ({"database_storage_gb": 200}, "RDS storage", 2 * 200 * 0.115),
        ({"nat_gateways": 1}, "NAT gateways", 730 * 0.045),
        ({"warehouse_rpu": 8}, "Redshift, readers", 22 * 8 * 0.375),
    ],
)
def test_a_size_of_cdk_json_has_its_price(changes: dict[str, Any], name: str, dollars: float) -> None:
    assert line(sized(**changes), name).dollars == pytest.approx(dollars)


def test_a_job_takes_its_start_on_two_workers_and_keeps_the_warehouse_awake_a_minute() -> None:
    idle = workload.job(core_seconds=0, workers=10)
    assert (idle.dpu_hours, idle.warehouse_hours) == (pytest.approx(2 * 90 / 3600), pytest.approx(60 / 3600))


def test_a_job_with_more_work_takes_more_workers_not_more_time() -> None:
    # 480 seconds of a core: two executors of four cores for a minute, beside one driver.
    busy = workload.job(core_seconds=480, workers=10)
    assert busy.dpu_hours == pytest.approx((2 * 90 + 3 * 60) / 3600)
    assert busy.warehouse_hours == pytest.approx((60 + 60) / 3600)


def test_a_job_takes_no_more_workers_than_it_may() -> None:
    # The same work on one executor: two minutes.
    assert workload.job(core_seconds=480, workers=2).warehouse_hours == pytest.approx((60 + 120) / 3600)


def test_a_class_of_database_without_a_price_is_named() -> None:
    with pytest.raises(UsageError, match=r"price of RDS class 'x9\.huge': is not known; choose one of t4g\.micro"):
        bill(sized(database_class="x9.huge"), SEED)


def test_every_price_has_a_source_and_a_page_to_check_it_on() -> None:
    assert [one.name for one in prices.GENERAL if not one.source or not one.page.startswith("aws.amazon.com/")] == []
    assert "**from memory: check**" in document(deployments())


def test_tables_are_put_between_the_marks_of_a_document(tmp_path: Path) -> None:
    file = tmp_path / "design.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    main([str(file)])
    assert file.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\n{document(deployments())}\n{END}\nafter\n"


def test_a_document_without_the_marks_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "design.md"
    file.write_text("text\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="error: the lines '<!-- costs: written by"):
        main([str(file)])
    assert file.read_text(encoding="utf-8") == "text\n"


def test_without_schedules_runs_are_by_hand() -> None:
    context = {"environment": "x", "environments": {"x": {"region": "us-east-1", "schedules_enabled": False}}}
    deployment = read_deployment(context.get)
    assert workload.rounds_a_month(deployment) == workload.RUNS_BY_HAND
