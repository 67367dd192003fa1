"""List prices in dollars, each with where it was found. One region, no discounts, no free tiers, no tax."""

from __future__ import annotations

from dataclasses import dataclass

from medallion.errors import UsageError

REGION = "us-east-1"  # the region that seed 003 names, and the one that public sources quote
READ_IN = "November 2026"
HOURS_A_MONTH = 730

_CLOUDBURN = "cloudburn.io, 2026"
_MEMORY = "from memory"
_SECONDARY = "public repositories, 2026"


@dataclass(frozen=True, kw_only=True)
class Price:
    """`dollars` for a `unit`; `source` is where it was read, `page` AWS's own page to check it on."""

    name: str
    dollars: float
    unit: str
    source: str
    page: str

    @property
    def is_to_be_checked(self) -> bool:
        """Whether no source but memory stands behind it."""
        return self.source == _MEMORY


def _price(name: str, dollars: float, unit: str, source: str, page: str) -> Price:
    return Price(name=name, dollars=dollars, unit=unit, source=source, page=f"aws.amazon.com/{page}/pricing")


GLUE_DPU = _price(
    "Glue, Spark job (a second's price, a minute at least)",
    0.44,
    "DPU-hour",
    "AWS Guidance cost tables, 2024; awsnegotiations.com, 2026",
    "glue",
)
REDSHIFT_RPU = _price(
    "Redshift Serverless (a second's price, a minute at least)", 0.375, "RPU-hour", _SECONDARY, "redshift"
)
REDSHIFT_STORAGE = _price("Redshift managed storage", 0.024, "GB-month", _SECONDARY, "redshift")
ENDPOINT_HOUR = _price("Interface endpoint", 0.01, "hour and zone", "awsnegotiations.com, 2026", "privatelink")
ENDPOINT_GB = _price("Interface endpoint, data", 0.01, "GB", "aws.amazon.com/privatelink/pricing", "privatelink")
NAT_HOUR = _price("NAT gateway", 0.045, "hour", _MEMORY, "vpc")
RDS_STORAGE = _price(
    "RDS gp3 storage (twice for two zones)", 0.115, "GB-month", "usage.ai, June 2026", "rds/postgresql"
)
KMS_KEY = _price("KMS key (each of its first two rotations adds as much)", 1.0, "month", _CLOUDBURN, "kms")
KMS_REQUESTS = _price("KMS requests", 0.03, "10,000", "wring.co", "kms")
SECRET = _price("Secrets Manager secret", 0.40, "month", _SECONDARY, "secrets-manager")
ALARM = _price("CloudWatch alarm, by metric", 0.10, "month", "signoz.io, February 2026", "cloudwatch")
METRIC = _price("CloudWatch custom metric", 0.30, "month", "signoz.io, February 2026", "cloudwatch")
DASHBOARD = _price("CloudWatch dashboard", 3.0, "month", "factualminds.com, June 2026", "cloudwatch")
LOG_INGEST = _price("CloudWatch Logs, written", 0.50, "GB", "factualminds.com, June 2026", "cloudwatch")
LOG_STORAGE = _price("CloudWatch Logs, kept", 0.03, "GB-month", _MEMORY, "cloudwatch")
BALANCER = _price("Application load balancer", 0.0225, "hour", _MEMORY, "elasticloadbalancing")
BALANCER_UNIT = _price("Its capacity unit", 0.008, "hour", _MEMORY, "elasticloadbalancing")
FARGATE_CPU = _price("Fargate, x86", 0.04048, "vCPU-hour", _MEMORY, "fargate")
FARGATE_MEMORY = _price("Fargate, memory", 0.004445, "GB-hour", _MEMORY, "fargate")
LAMBDA = _price("Lambda, x86", 0.0000166667, "GB-second", _MEMORY, "lambda")
S3_STORAGE = _price("S3 Standard", 0.023, "GB-month", "AWS Guidance cost table, July 2024", "s3")
S3_WRITES = _price("S3 PUT, COPY, LIST", 0.005, "1,000", "AWS Guidance cost table, July 2024", "s3")
S3_READS = _price("S3 GET", 0.0004, "1,000", "AWS Guidance cost table, July 2024", "s3")
TRANSITION = _price("Step Functions, standard", 0.000025, "transition", _MEMORY, "step-functions")

_RDS_CLASSES = {  # PostgreSQL, one zone
    "t4g.micro": (0.016, "infratally.com, 2026"),
    "t4g.small": (0.032, "infratally.com, 2026"),
    "t4g.medium": (0.065, "infratally.com, 2026"),
    "t4g.large": (0.129, _SECONDARY),
    "m7g.large": (0.168, _SECONDARY),
}


def database_hour(instance_class: str) -> Price:
    """An hour of an RDS class in one zone; two zones cost twice. Raises UsageError on a class without a price."""
    if instance_class not in _RDS_CLASSES:
        known = ", ".join(_RDS_CLASSES)
        raise UsageError(
            f"price of RDS class '{instance_class}': is not known; choose one of {known}, or add it to {__name__}"
        )
    dollars, source = _RDS_CLASSES[instance_class]
    name = f"RDS for PostgreSQL, {instance_class} (twice for two zones)"
    return _price(name, dollars, "hour", source, "rds/postgresql")


GENERAL = (
    GLUE_DPU,
    REDSHIFT_RPU,
    REDSHIFT_STORAGE,
    ENDPOINT_HOUR,
    ENDPOINT_GB,
    NAT_HOUR,
    RDS_STORAGE,
    KMS_KEY,
    KMS_REQUESTS,
    SECRET,
    ALARM,
    METRIC,
    DASHBOARD,
    LOG_INGEST,
    LOG_STORAGE,
    BALANCER,
    BALANCER_UNIT,
    FARGATE_CPU,
    FARGATE_MEMORY,
    LAMBDA,
    S3_STORAGE,
    S3_WRITES,
    S3_READS,
    TRANSITION,
)
