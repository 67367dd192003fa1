"""A month's bill, line by line: what is paid while nothing runs, and what runs and readers add."""

from __future__ import annotations

from dataclasses import dataclass

from infra.context import Deployment, Sizes
from infra.costs import prices, workload
from infra.costs.workload import Volume
from medallion.catalog import PRODUCTS

# Counted in the templates by a test.
KEYS, SECRETS, DASHBOARDS, ENDPOINTS = 3, 4, 1, 5
DASHBOARD_ENDPOINTS, DASHBOARD_ALARMS = 3, 2
TASK_CPUS, TASK_GB = 0.5, 2.0
ALARM_METRICS_A_PRODUCT = 5  # failed is a sum of three metrics; rejected, slow
OTHER_ALARM_METRICS = 2  # dead letters, free storage of the source database
METRICS_A_PRODUCT = 1  # RejectedRows
FUNCTION_METRICS = 6  # files and bytes landed, rows loaded and rejected, failures of each function

# Assumed.
LOG_GB_A_JOB, FLOW_LOG_GB_A_DAY = 0.02, 0.05
WRITES_A_JOB, READS_A_JOB, KMS_REQUESTS_A_JOB = 400, 2_000, 300
TRANSITIONS_A_RUN = 15
FUNCTION_MEMORY_GB = {"drive_ingest": 1, "source_load": 2}
FUNCTION_START_SECONDS, FUNCTION_GB_A_SECOND = 10, 0.015
LANDING_FACTOR, LAKE_FACTOR, WAREHOUSE_FACTOR = 1.0, 1.0, 2.0  # gigabytes kept, for one of CSV
PARQUET_SHARE = 0.3  # bytes of a delivery in bronze, for one of CSV; 0.26 measured on a generated sample
MONTHS_OF_WHOLE_FILES = 12  # bronze keeps every delivery: its size after so long


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the bill; `quantity` in `unit` where that is worth showing."""

    name: str
    dollars: float
    is_fixed: bool = False
    quantity: float | None = None
    unit: str = ""


def bill(deployment: Deployment, volume: Volume) -> tuple[Line, ...]:
    """The lines of a month, fixed ones first. Raises UsageError where a price is not known."""
    return (*_fixed(deployment), *_compute(deployment, volume), *_kept(deployment, volume), _small(deployment))


def total(lines: tuple[Line, ...], *, fixed_only: bool = False) -> float:
    """Dollars of all lines, or of those that are paid while nothing runs."""
    return sum(line.dollars for line in lines if line.is_fixed or not fixed_only)


def alarm_metrics(deployment: Deployment) -> int:
    """Metrics that alarms look at; freshness is watched where a schedule runs a product, the others always."""
    watched = len(workload.runs_a_round(deployment.products)) if deployment.sizes.schedules_enabled else 0
    return ALARM_METRICS_A_PRODUCT * len(PRODUCTS) + watched + OTHER_ALARM_METRICS


def dashboards(sizes: Sizes) -> float:
    """Load balancer, tasks, and the endpoints and alarms that are there for them; nothing where there are none."""
    if sizes.dashboard is None:
        return 0
    balancer = prices.BALANCER.dollars + prices.BALANCER_UNIT.dollars
    task = TASK_CPUS * prices.FARGATE_CPU.dollars + TASK_GB * prices.FARGATE_MEMORY.dollars
    endpoints = DASHBOARD_ENDPOINTS * sizes.endpoint_zones * prices.ENDPOINT_HOUR.dollars
    hourly = balancer + sizes.dashboard.tasks * task + endpoints
    return hourly * prices.HOURS_A_MONTH + DASHBOARD_ALARMS * prices.ALARM.dollars


def _fixed(deployment: Deployment) -> list[Line]:
    sizes, hours = deployment.sizes, prices.HOURS_A_MONTH
    instances = 2 if sizes.database_multi_az else 1
    endpoints = ENDPOINTS * sizes.endpoint_zones
    watching = (
        alarm_metrics(deployment) * prices.ALARM.dollars
        + (METRICS_A_PRODUCT * len(PRODUCTS) + FUNCTION_METRICS) * prices.METRIC.dollars
        + DASHBOARDS * prices.DASHBOARD.dollars
    )
    amounts = (
        ("Interface endpoints", endpoints * hours * prices.ENDPOINT_HOUR.dollars, endpoints, "zone-endpoints"),
        ("NAT gateways", sizes.nat_gateways * hours * prices.NAT_HOUR.dollars, sizes.nat_gateways, ""),
        ("RDS", instances * hours * prices.database_hour(sizes.database_class).dollars, instances, "instances"),
        ("RDS storage", instances * sizes.database_storage_gb * prices.RDS_STORAGE.dollars, None, ""),
        ("KMS keys, secrets", KEYS * prices.KMS_KEY.dollars + SECRETS * prices.SECRET.dollars, None, ""),
        ("Alarms, metrics, dashboard", watching, None, ""),
        ("Dashboards", dashboards(sizes), sizes.dashboard.tasks if sizes.dashboard else None, "tasks"),
    )
    return [
        Line(name=name, dollars=dollars, is_fixed=True, quantity=quantity, unit=unit)
        for name, dollars, quantity, unit in amounts
    ]


def _compute(deployment: Deployment, volume: Volume) -> list[Line]:
    compute, rpu = workload.jobs_compute(deployment, volume), deployment.sizes.warehouse_rpu
    used = {
        "Glue jobs": (compute.dpu_hours, "DPU-hours", prices.GLUE_DPU),
        "Redshift, jobs": (compute.warehouse_hours * rpu, "RPU-hours", prices.REDSHIFT_RPU),
        "Redshift, readers": (workload.reading_hours(deployment) * rpu, "RPU-hours", prices.REDSHIFT_RPU),
        "Lambda": (_function_seconds(deployment, volume), "GB-seconds", prices.LAMBDA),
    }
    return [
        Line(name=name, dollars=quantity * price.dollars, quantity=quantity, unit=unit)
        for name, (quantity, unit, price) in used.items()
    ]


def _function_seconds(deployment: Deployment, volume: Volume) -> float:
    """Gigabyte-seconds: both functions are called in each run of a product with files, and read what is new."""
    memory = sum(FUNCTION_MEMORY_GB.values())
    starts = FUNCTION_START_SECONDS * sum(bool(product.file_sources) for product in PRODUCTS)
    nightly = starts + volume.nightly_gigabytes / FUNCTION_GB_A_SECOND
    first = volume.gigabytes / FUNCTION_GB_A_SECOND
    return memory * (nightly * workload.rounds_a_month(deployment) + first * workload.FULL_LOADS)


def _kept(deployment: Deployment, volume: Volume) -> list[Line]:
    """Storage: S3 with earlier versions, Redshift with earlier versions of the marts."""
    gigabytes = volume.gigabytes * (LANDING_FACTOR + LAKE_FACTOR)
    if volume.whole_files:
        rounds = workload.rounds_a_month(deployment)
        kept_nights = rounds * deployment.sizes.old_version_days / 30
        gigabytes += volume.gigabytes * (kept_nights + PARQUET_SHARE * rounds * MONTHS_OF_WHOLE_FILES)
    warehouse = volume.gigabytes * WAREHOUSE_FACTOR
    dollars = gigabytes * prices.S3_STORAGE.dollars + warehouse * prices.REDSHIFT_STORAGE.dollars
    return [Line(name="S3 and Redshift storage", dollars=dollars, quantity=gigabytes + warehouse, unit="GB")]


def _small(deployment: Deployment) -> Line:
    """Logs, requests and transitions."""
    rounds = workload.rounds_a_month(deployment)
    jobs = rounds * workload.jobs_a_round(deployment.products)
    runs = rounds * sum(workload.runs_a_round(deployment.products).values())
    log_gb = jobs * LOG_GB_A_JOB + FLOW_LOG_GB_A_DAY * workload.NIGHTS
    dollars = (
        log_gb * (prices.LOG_INGEST.dollars + prices.ENDPOINT_GB.dollars)
        + log_gb * prices.LOG_STORAGE.dollars * deployment.sizes.log_days / 30
        + jobs * WRITES_A_JOB / 1_000 * prices.S3_WRITES.dollars
        + jobs * READS_A_JOB / 1_000 * prices.S3_READS.dollars
        + jobs * KMS_REQUESTS_A_JOB / 10_000 * prices.KMS_REQUESTS.dollars
        + runs * TRANSITIONS_A_RUN * prices.TRANSITION.dollars
    )
    return Line(name="Logs, requests, transitions", dollars=dollars, quantity=log_gb, unit="GB of logs")
