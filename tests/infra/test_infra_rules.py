"""Rules of others: cdk-nag's AwsSolutions, cfn-lint, and names that are left to AWS."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from cfnlint import ManualArgs, lint
from infra.context import Sizes
from synthesised import Synthesised

from medallion.catalog import PRODUCTS

ENVIRONMENTS = pytest.mark.parametrize("name", ["dev", "prod", "shown"])
# Each kind of finding that is accepted somewhere; the reason stands beside the resource.
ACCEPTED = {
    "dev": {"IAM5", "L1", "RDS3", "RDS10", "RDS11", "SMG4", "SQS3"},
    "prod": {"IAM5", "L1", "RDS11", "SMG4", "SQS3"},
    "shown": {"COG8", "EC23", "ECS2", "IAM5", "L1", "RDS11", "SMG4", "SQS3"},
}
# Names that have to be given: CloudFormation asks for them, or people write them.
NAMES = {
    ("AWS::RedshiftServerless::Namespace", "NamespaceName"): "required",
    ("AWS::RedshiftServerless::Namespace", "FinalSnapshotName"): "required with a final snapshot",
    ("AWS::RedshiftServerless::Workgroup", "WorkgroupName"): "required",
    ("AWS::RedshiftServerless::Workgroup", "NamespaceName"): "refers to the namespace",
    ("AWS::Glue::SecurityConfiguration", "Name"): "required; CDK derives it from the stack",
    ("AWS::Glue::Table", "DatabaseName"): "refers to the database",
}
# What CloudFormation calls a physical name; `Name` only where it is one.
PHYSICAL = ("BucketName", "RoleName", "FunctionName", "TopicName", "QueueName", "LogGroupName", "StateMachineName")
PHYSICAL += ("DBInstanceIdentifier", "AlarmName", "DashboardName", "GroupName", "PolicyName", "LayerName", "KeyName")
PHYSICAL += ("NamespaceName", "WorkgroupName", "FinalSnapshotName", "DBParameterGroupName", "DBSubnetGroupName")
PHYSICAL += ("DatabaseName", "SecretName")
NAMED_BY_NAME = ("AWS::Glue::Job", "AWS::Glue::SecurityConfiguration", "AWS::Scheduler::Schedule")
NAMED_BY_NAME += ("AWS::SecretsManager::Secret",)


def suppressed(templates: Synthesised) -> list[dict[str, Any]]:
    (report,) = [one for one in templates.report["pluginReports"] if one["pluginName"] == "AwsSolutions"]
    assert report["violations"] == []
    found: list[dict[str, Any]] = report["suppressedViolations"]
    return found


@ENVIRONMENTS
def test_cdk_nag_finds_nothing_that_is_not_accepted(name: str, request: pytest.FixtureRequest) -> None:
    reports = request.getfixturevalue(name).report["pluginReports"]
    assert {report["pluginName"]: report["conclusion"] for report in reports if report["conclusion"] != "success"} == {}


@ENVIRONMENTS
def test_what_is_accepted_is_accepted_one_by_one_and_with_a_reason(name: str, request: pytest.FixtureRequest) -> None:
    found = suppressed(request.getfixturevalue(name))
    kinds = {one["ruleName"].removeprefix("AwsSolutions-").split("[")[0] for one in found}
    assert kinds == ACCEPTED[name]
    assert [one for one in found if len(one["reason"]) < 30] == []
    stacks = [one["acknowledgedAt"] for one in found if "/" not in one["acknowledgedAt"]]
    assert stacks == []  # never for a whole stack


def test_templates_are_clean_for_cfn_lint(shown: Synthesised) -> None:
    # W3005: CDK states dependencies that references already make.
    found = [
        str(match)
        for template in sorted(shown.folder.glob("*.template.json"))
        for match in lint(template.read_text(), config=ManualArgs(regions=["eu-central-1"], ignore_checks=["W3005"]))
    ]
    assert found == []


@ENVIRONMENTS
def test_no_physical_name_is_fixed_but_where_one_has_to_be(name: str, request: pytest.FixtureRequest) -> None:
    templates: Synthesised = request.getfixturevalue(name)
    fixed = {
        (resource["Type"], key)
        for stack in templates.stacks.values()
        for resource in stack["Resources"].values()
        for key in resource.get("Properties", {})
        if resource["Type"] != "AWS::IAM::Policy"  # a policy of a role: its name is within the role
        and (key in PHYSICAL or (key == "Name" and resource["Type"] in NAMED_BY_NAME))
        and isinstance(resource["Properties"][key], str)
    }
    assert fixed - NAMES.keys() == set()


def test_two_environments_share_no_given_name(prod: Synthesised, dev: Synthesised) -> None:
    for kind, key in NAMES:
        names = [{str(one[key]) for one in templates.properties(kind) if key in one} for templates in (prod, dev)]
        assert names[0] & names[1] == set()


def test_stacks_stay_well_below_what_cloudformation_takes(shown: Synthesised) -> None:
    assert {name: len(stack["Resources"]) < 400 for name, stack in shown.stacks.items()} == {
        "data": True,
        "pipeline": True,
        "dashboard": True,
    }
    sizes = [template.stat().st_size for template in shown.folder.glob("*.template.json")]
    assert max(sizes) < 900_000  # of 1 MB


def test_dev_and_prod_are_made_of_the_same_resources(prod: Synthesised, dev: Synthesised) -> None:
    kinds = [
        Counter(one["Type"] for stack in templates.stacks.values() for one in stack["Resources"].values())
        for templates in (prod, dev)
    ]
    # Who is told; and where nothing runs by itself, nothing counts as stale.
    more = Counter({"AWS::SNS::Subscription": 1, "AWS::CloudWatch::Alarm": len(PRODUCTS)})
    assert (kinds[0] - kinds[1], kinds[1] - kinds[0]) == (more, Counter())


@pytest.mark.parametrize(
    ("kind", "key", "in_dev", "in_prod"),
    [
        ("AWS::RDS::DBInstance", "DBInstanceClass", "db.t4g.micro", "db.m7g.large"),
        ("AWS::RDS::DBInstance", "MultiAZ", False, True),
        ("AWS::RDS::DBInstance", "DeletionProtection", False, True),
        ("AWS::RDS::DBInstance", "BackupRetentionPeriod", 1, 14),
        ("AWS::RDS::DBInstance", "AllocatedStorage", "20", "100"),
        ("AWS::RedshiftServerless::Workgroup", "BaseCapacity", 8, 32),
        ("AWS::RedshiftServerless::Workgroup", "MaxCapacity", 16, 128),
    ],
)
def test_dev_and_prod_differ_in_their_sizes(
    prod: Synthesised, dev: Synthesised, kind: str, key: str, in_dev: object, in_prod: object
) -> None:
    assert (dev.only(kind)[key], prod.only(kind)[key]) == (in_dev, in_prod)


def test_what_is_stateful_outlives_its_stack_in_prod_and_not_in_dev(prod: Synthesised, dev: Synthesised) -> None:
    kinds = ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::RedshiftServerless::Namespace", "AWS::RDS::DBInstance")
    found = [
        {one["DeletionPolicy"] for kind in kinds for one in templates.resources(kind).values()}
        for templates in (prod, dev)
    ]
    assert found == [{"Retain", "Snapshot"}, {"Delete"}]


def test_schedules_are_asleep_in_dev(prod: Synthesised, dev: Synthesised) -> None:
    states = [{one["State"] for one in templates.properties("AWS::Scheduler::Schedule")} for templates in (prod, dev)]
    assert states == [{"ENABLED"}, {"DISABLED"}]


def test_every_difference_has_a_default_or_is_the_region() -> None:
    assert [name for name, field in Sizes.model_fields.items() if field.is_required()] == ["region"]
