"""Who may do what: every statement of every policy, and what of it is not named one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from synthesised import Synthesised, many, text

# Resources with a wildcard, by what they are, and why they cannot be named one by one.
ARGUED_RESOURCES = {
    r"^<.*BucketsLake.*Arn.*>/lake/\*$": "files of the lake come and go; the prefix is the lake's",
    r"^<.*BucketsLake.*Arn.*>/lake/staging/\*$": "what an interrupted run left, which UNLOAD replaces",
    r"^<.*BucketsLake.*Arn.*>/artifacts/\*$": "packages of jobs, a folder a version",
    r"^<.*BucketsLanding.*Arn.*>/\*$": "delivered files, which are not known before",
    r"^<.*BucketsLanding.*Arn.*>/incoming/\*$": "what is not yet whole; put together and removed by the functions",
    r"^<.*BucketsLanding.*Arn.*>/landing/\w+/\*$": "a product's delivered files, for its own bronze job",
    r":log-group:/aws-glue/jobs/\*$": "Glue names the log groups of jobs",
    r":network-interface/\*$": "Glue names the network interfaces; only its own tag is allowed",
    r":execution:<\w+Machine\w+\.Name>:\*$": "executions get their names when they are started",
    r":secret:redshift!medallion[\w-]+-medallion_admin-\?{6}$": "Secrets Manager adds six characters to a name",
}
# Actions that take no resource, so that `*` is all that can be said.
WITHOUT_RESOURCE = {
    "cloudwatch:PutMetricData": "held to two namespaces by a condition",
    "ec2:AssignPrivateIpAddresses": "done by Lambda in the function's name",
    "ec2:CreateNetworkInterface": "the interface is not there yet",
    "ec2:DeleteNetworkInterface": "by its tag for Glue; done by Lambda in the function's name",
    "ec2:DescribeNetworkInterfaces": "describes take no resource",
    "ec2:DescribeRouteTables": "describes take no resource",
    "ec2:DescribeSecurityGroups": "describes take no resource",
    "ec2:DescribeSubnets": "describes take no resource",
    "ec2:DescribeVpcAttribute": "describes take no resource",
    "ec2:DescribeVpcEndpoints": "describes take no resource",
    "ec2:UnassignPrivateIpAddresses": "done by Lambda in the function's name",
    "ecr:GetAuthorizationToken": "the sign-in to the registry of images takes no resource",
    "glue:GetSecurityConfiguration": "Glue knows no resource for it",
    "logs:CreateLogDelivery": "log delivery of Step Functions",
    "logs:DeleteLogDelivery": "log delivery of Step Functions",
    "logs:DescribeLogGroups": "log delivery of Step Functions",
    "logs:DescribeResourcePolicies": "log delivery of Step Functions",
    "logs:GetLogDelivery": "log delivery of Step Functions",
    "logs:ListLogDeliveries": "log delivery of Step Functions",
    "logs:PutResourcePolicy": "log delivery of Step Functions",
    "logs:UpdateLogDelivery": "log delivery of Step Functions",
    "xray:GetSamplingRules": "tracing takes no resource",
    "xray:GetSamplingTargets": "tracing takes no resource",
    "xray:PutTelemetryRecords": "tracing takes no resource",
    "xray:PutTraceSegments": "tracing takes no resource",
}


def test_no_policy_allows_a_wildcard_action(shown: Synthesised, dev: Synthesised) -> None:
    found = {
        action
        for templates in (shown, dev)
        for _, statement in templates.statements()
        for action in many(statement["Action"])
        if "*" in action
    }
    assert found == set()


def test_only_actions_that_take_no_resource_are_allowed_on_all(shown: Synthesised, dev: Synthesised) -> None:
    found = {
        action
        for templates in (shown, dev)
        for _, statement in templates.statements()
        if "*" in [text(one) for one in many(statement["Resource"])]
        for action in many(statement["Action"])
    }
    assert found == WITHOUT_RESOURCE.keys()


def test_every_other_wildcard_in_a_resource_is_argued(shown: Synthesised, dev: Synthesised) -> None:
    found = {
        text(one)
        for templates in (shown, dev)
        for _, statement in templates.statements()
        for one in many(statement["Resource"])
        if text(one) != "*" and re.search(r"[*?]", text(one))
    }
    unargued = [one for one in found if not any(re.search(pattern, one) for pattern in ARGUED_RESOURCES)]
    unused = [pattern for pattern in ARGUED_RESOURCES if not any(re.search(pattern, one) for one in found)]
    assert (unargued, unused) == ([], [])


def test_metrics_are_held_to_two_namespaces(prod: Synthesised) -> None:
    conditions = [
        statement.get("Condition")
        for _, statement in prod.statements()
        if "cloudwatch:PutMetricData" in many(statement["Action"])
    ]
    assert conditions == [{"StringEquals": {"cloudwatch:namespace": ["Glue", "Medallion"]}}] * len(conditions)
    assert conditions


def test_no_role_has_a_managed_policy(shown: Synthesised) -> None:
    granted = {name: role.get("ManagedPolicyArns") for name, role in _roles(shown).items()}
    assert {name: policies for name, policies in granted.items() if policies} == {}


def test_only_services_take_roles_and_none_is_for_another_account(shown: Synthesised) -> None:
    principals = {
        kind
        for role in _roles(shown).values()
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
        for kind in statement["Principal"]
    }
    assert principals == {"Service"}


def test_no_function_and_no_machine_may_delete_anything_of_the_data(prod: Synthesised) -> None:
    passing = ("/incoming/*", "/lake/staging/*")  # what is not yet whole, and what is not yet published
    deleting = {
        name
        for name, statement in prod.statements()
        for action in many(statement["Action"])
        if action.startswith(("s3:Delete", "rds:", "redshift"))
        if not all(text(one).endswith(passing) for one in many(statement["Resource"]))
    }
    assert all("Jobs" in name for name in deleting)
    assert deleting


def test_policies_of_resources_allow_wildcards_to_the_account_itself_alone(shown: Synthesised) -> None:
    wide = [
        (kind, statement)
        for kind, statement in _of_resources(shown)
        if statement["Effect"] == "Allow"
        and (statement["Principal"] in ("*", {"AWS": "*"}) or any("*" in one for one in many(statement["Action"])))
    ]
    assert {kind for kind, _ in wide} == {"AWS::KMS::Key"}
    assert {re.sub(r"arn:[^:]+", "arn", text(one["Principal"]["AWS"])) for _, one in wide} == {
        "arn:iam::<AWS::AccountId>:root"
    }
    # A key whose policy did not name the account could be managed by nobody; IAM decides who of it may. The others are
    # CDK's for secrets: of whoever comes by way of Secrets Manager.
    others = [one for _, one in wide if one["Action"] != "kms:*"]
    assert others
    assert {text(one["Condition"]["StringEquals"]["kms:ViaService"]) for one in others} == {
        "secretsmanager.eu-central-1.amazonaws.com"
    }


def _of_resources(templates: Synthesised) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of the policies of resources, with the type that it is of."""
    kinds = ("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
    for kind, name in (("AWS::KMS::Key", "KeyPolicy"), *((kind, "PolicyDocument") for kind in kinds)):
        found = templates.properties(kind)
        assert found
        for properties in found:
            for statement in properties[name]["Statement"]:
                yield kind, statement


def _roles(templates: Synthesised) -> dict[str, dict[str, Any]]:
    return {name: role["Properties"] for name, role in templates.resources("AWS::IAM::Role").items()}
