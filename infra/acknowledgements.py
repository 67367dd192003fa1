"""Findings of cdk-nag that are accepted: each one by its id, with the reason, beside the resource that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations

if TYPE_CHECKING:
    from constructs import IConstruct

PACK = "AwsSolutions::AwsSolutions-"


def acknowledge(construct: IConstruct, *findings: str, reason: str) -> None:
    """Accept findings (`RDS3`, `IAM5[Resource::*]`) about this construct and what is within it."""
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=f"{PACK}{finding}", reason=reason) for finding in findings)
    )
