"""Findings of cdk-nag that are accepted: each one by its id, with the reason, beside the resource that it is about."""

from __future__ import annotations

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

PACK = "AwsSolutions::AwsSolutions-"


def acknowledge(construct: IConstruct, *findings: str, reason: str) -> None:
    """Accept findings (`RDS3`, `IAM5[Resource::*]`) about this construct and what is within it."""
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=f"{PACK}{finding}", reason=reason) for finding in findings)
    )


def acknowledge_wildcard(role: IConstruct, resource: str, *, reason: str, within: s3.IBucket | None = None) -> None:
    """Accept that a role's policy names `resource`, an ARN with a wildcard.

    `within` is the bucket whose ARN it begins with: that of another stack is the name of an export to cdk-nag.
    """
    stack = Stack.of(role)
    name = _as_nag_writes(stack.resolve(resource))
    if within is not None and Stack.of(within) is not stack:
        owner = Stack.of(within)
        exported = owner.resolve(owner.export_value(within.bucket_arn))["Fn::ImportValue"]
        name = name.replace(_as_nag_writes(stack.resolve(within.bucket_arn)), exported)
    acknowledge(role, f"IAM5[Resource::{name}]", reason=reason)


def _as_nag_writes(value: Any) -> str:
    """A resolved value as text: `<AWS::Region>` for a reference, `<Id.Arn>` for an attribute, joined parts in a row."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return "".join(_as_nag_writes(part) for part in argument[1])
    return f"<{argument if function == 'Ref' else '.'.join(argument)}>"
