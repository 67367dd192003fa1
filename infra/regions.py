"""Where everything that the stacks need can be had."""

from __future__ import annotations

from medallion.errors import UsageError

# Regions of the standard partition with Redshift Serverless, Glue, EventBridge Scheduler, Step Functions and RDS.
# us-west-1 is left out: an account has two availability zones there, and Redshift Serverless is laid out over three.
REGIONS = (
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-2",
)


def supported(region: str) -> str:
    """The region, where all services are; raises UsageError elsewhere."""
    if region not in REGIONS:
        raise UsageError(
            f"context region '{region}': Redshift Serverless over three zones, Glue or EventBridge Scheduler is not"
            f" there; choose one of: {', '.join(REGIONS)}"
        )
    return region
