"""The stateful stack: what must hold of keys, buckets, network, databases and secrets."""

from __future__ import annotations

import pytest
from synthesised import Synthesised, many, text

from medallion.catalog import PRODUCTS
from medallion.pipeline.stage import run_folder
from medallion.warehouse.redshift_unload import unload_statement

ENVIRONMENTS = pytest.mark.parametrize("name", ["dev", "prod"])
PUBLIC_ACCESS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def test_every_key_is_rotated(prod: Synthesised) -> None:
    assert [key["EnableKeyRotation"] for key in prod.properties("AWS::KMS::Key")] == [True] * 3


def test_every_bucket_keeps_versions(prod: Synthesised) -> None:
    found = [bucket["VersioningConfiguration"] for bucket in prod.properties("AWS::S3::Bucket")]
    assert found == [{"Status": "Enabled"}] * 3


def test_no_bucket_can_be_made_public(prod: Synthesised) -> None:
    found = [bucket["PublicAccessBlockConfiguration"] for bucket in prod.properties("AWS::S3::Bucket")]
    assert found == [dict.fromkeys(PUBLIC_ACCESS, True)] * 3


def test_landing_and_lake_are_encrypted_with_the_data_key(prod: Synthesised) -> None:
    for name in ("BucketsLanding", "BucketsLake"):
        (rule,) = prod.of("AWS::S3::Bucket", name)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        assert text(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]).startswith("<KeysData")
        assert rule["BucketKeyEnabled"] is True


def test_every_bucket_refuses_requests_without_tls(prod: Synthesised) -> None:
    policies = prod.properties("AWS::S3::BucketPolicy")
    refused = [
        text(policy["Bucket"])
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Action"] == "s3:*"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    ]
    assert sorted(refused) == sorted(f"<{name}>" for name in prod.resources("AWS::S3::Bucket"))


def test_access_to_landing_and_lake_is_logged(prod: Synthesised) -> None:
    for name in ("BucketsLanding", "BucketsLake"):
        logged = prod.of("AWS::S3::Bucket", name)["LoggingConfiguration"]
        assert text(logged["DestinationBucketName"]).startswith("<BucketsLogs")


@ENVIRONMENTS
def test_staging_and_old_versions_are_removed_in_time(name: str, request: pytest.FixtureRequest) -> None:
    templates: Synthesised = request.getfixturevalue(name)
    rules = templates.of("AWS::S3::Bucket", "BucketsLake")["LifecycleConfiguration"]["Rules"]
    (staging,) = [rule for rule in rules if rule.get("Prefix") == "lake/staging/"]
    (whole,) = [rule for rule in rules if "Prefix" not in rule]
    assert staging["ExpirationInDays"] == 7
    assert whole["NoncurrentVersionExpiration"]["NoncurrentDays"] == {"dev": 30, "prod": 90}[name]
    assert whole["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_subnets_are_private_and_over_three_zones(prod: Synthesised) -> None:
    subnets = prod.properties("AWS::EC2::Subnet")
    zones = {text(subnet["AvailabilityZone"]) for subnet in subnets}
    assert (len(subnets), len(zones), {subnet["MapPublicIpOnLaunch"] for subnet in subnets}) == (3, 3, {False})


def test_the_network_has_no_way_to_or_from_the_internet(prod: Synthesised) -> None:
    kinds = ("NatGateway", "InternetGateway", "Route", "EIP", "EgressOnlyInternetGateway")
    assert {kind: len(prod.resources(f"AWS::EC2::{kind}")) for kind in kinds} == dict.fromkeys(kinds, 0)


def test_the_gateway_of_s3_is_on_every_route_table(prod: Synthesised) -> None:
    (gateway,) = [one for one in prod.properties("AWS::EC2::VPCEndpoint") if one["VpcEndpointType"] == "Gateway"]
    assert text(gateway["ServiceName"]).endswith(".s3")
    on = sorted(text(table) for table in gateway["RouteTableIds"])
    assert on == sorted(f"<{table}>" for table in prod.resources("AWS::EC2::RouteTable"))


@ENVIRONMENTS
def test_jobs_reach_the_services_they_call_from_within_the_network(name: str, request: pytest.FixtureRequest) -> None:
    templates: Synthesised = request.getfixturevalue(name)
    endpoints = [one for one in templates.properties("AWS::EC2::VPCEndpoint") if one["VpcEndpointType"] == "Interface"]
    services = sorted(text(one["ServiceName"]).rsplit(".", 1)[1] for one in endpoints)
    assert services == ["glue", "kms", "logs", "monitoring", "secretsmanager"]
    assert {one["PrivateDnsEnabled"] for one in endpoints} == {True}
    assert {len(one["SubnetIds"]) for one in endpoints} == {{"dev": 1, "prod": 3}[name]}


def test_nothing_lets_the_whole_world_in(prod: Synthesised) -> None:
    rules = prod.properties("AWS::EC2::SecurityGroupIngress")
    inline = [
        rule for group in prod.properties("AWS::EC2::SecurityGroup") for rule in group.get("SecurityGroupIngress", [])
    ]
    assert len(rules) > 5
    assert [rule for rule in (*rules, *inline) if "CidrIp" in rule or "CidrIpv6" in rule] == []


def test_traffic_is_recorded(prod: Synthesised) -> None:
    flow = prod.only("AWS::EC2::FlowLog")
    assert (flow["ResourceType"], flow["TrafficType"]) == ("VPC", "ALL")


def test_the_source_database_is_encrypted_and_private(prod: Synthesised) -> None:
    database = prod.only("AWS::RDS::DBInstance")
    assert (database["StorageEncrypted"], database["PubliclyAccessible"]) == (True, False)
    assert text(database["KmsKeyId"]).startswith("<KeysData")


def test_the_source_database_asks_for_tls(prod: Synthesised) -> None:
    assert prod.only("AWS::RDS::DBParameterGroup")["Parameters"]["rds.force_ssl"] == "1"


def test_rds_makes_keeps_and_changes_the_password_of_the_source_database(prod: Synthesised) -> None:
    database = prod.only("AWS::RDS::DBInstance")
    assert database["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in database
    assert text(database["MasterUserSecret"]["KmsKeyId"]).startswith("<KeysSecrets")


def test_the_source_database_may_import_from_landing_and_nothing_else(prod: Synthesised) -> None:
    (association,) = prod.only("AWS::RDS::DBInstance")["AssociatedRoles"]
    assert association["FeatureName"] == "s3Import"
    role = text(association["RoleArn"]).strip("<>").removesuffix(".Arn")
    (policy,) = [one for one in prod.properties("AWS::IAM::Policy") if text(one["Roles"][0]) == f"<{role}>"]
    statements = policy["PolicyDocument"]["Statement"]
    resources = {text(one) for statement in statements for one in many(statement["Resource"])}
    actions = {one for statement in statements for one in many(statement["Action"])}
    assert all(one.startswith(("<BucketsLanding", "<KeysData")) for one in resources)
    assert actions == {"s3:GetObject", "s3:ListBucket", "kms:Decrypt"}


def test_the_warehouse_is_encrypted_and_its_administrator_is_redshifts_own_secret(prod: Synthesised) -> None:
    namespace = prod.only("AWS::RedshiftServerless::Namespace")
    assert namespace["ManageAdminPassword"] is True
    assert "AdminUserPassword" not in namespace
    assert text(namespace["KmsKeyId"]).startswith("<KeysData")
    assert text(namespace["AdminPasswordSecretKmsKeyId"]).startswith("<KeysSecrets")


def test_what_is_done_in_the_warehouse_is_logged(prod: Synthesised) -> None:
    namespace = prod.only("AWS::RedshiftServerless::Namespace")
    workgroup = prod.only("AWS::RedshiftServerless::Workgroup")
    parameters = {one["ParameterKey"]: one["ParameterValue"] for one in workgroup["ConfigParameters"]}
    assert namespace["LogExports"] == ["userlog", "connectionlog", "useractivitylog"]
    assert parameters["enable_user_activity_logging"] == "true"


def test_the_warehouse_is_private_and_asks_for_tls(prod: Synthesised) -> None:
    workgroup = prod.only("AWS::RedshiftServerless::Workgroup")
    parameters = {one["ParameterKey"]: one["ParameterValue"] for one in workgroup["ConfigParameters"]}
    assert (workgroup["PubliclyAccessible"], workgroup["EnhancedVpcRouting"]) == (False, True)
    assert len(workgroup["SubnetIds"]) == 3
    assert parameters["require_ssl"] == "true"


def test_copy_and_unload_reach_the_lakes_prefix_and_nothing_else(prod: Synthesised) -> None:
    policy = prod.of("AWS::IAM::Policy", "WarehouseCopyRole")
    by_action = {
        action: {text(one) for one in many(statement["Resource"])}
        for statement in policy["PolicyDocument"]["Statement"]
        for action in many(statement["Action"])
    }
    (bucket,) = [name for name in prod.resources("AWS::S3::Bucket") if name.startswith("BucketsLake")]
    assert by_action["s3:GetObject"] == by_action["s3:PutObject"] == {f"<{bucket}.Arn>/lake/*"}
    assert by_action["s3:ListBucket"] == {f"<{bucket}.Arn>"}


def test_unload_may_remove_what_it_replaces_where_runs_unload_and_nothing_else(prod: Synthesised) -> None:
    restaurant = PRODUCTS[0]
    assert unload_statement("SELECT 1", "s3://any", "any").endswith(" CLEANPATH")  # which is refused without the right
    policy = prod.of("AWS::IAM::Policy", "WarehouseCopyRole")
    (removed,) = [
        text(statement["Resource"])
        for statement in policy["PolicyDocument"]["Statement"]
        if "s3:DeleteObject" in many(statement["Action"])
    ]
    place = removed.removesuffix("*").partition("/")[2]
    assert place == "lake/staging/"
    assert f"lake/{run_folder(restaurant, 'night-1')}".startswith(place)


def test_only_redshift_of_this_account_takes_the_copy_role(prod: Synthesised) -> None:
    statements = prod.of("AWS::IAM::Role", "WarehouseCopyRole")["AssumeRolePolicyDocument"]["Statement"]
    services = {service for statement in statements for service in many(statement["Principal"]["Service"])}
    conditions = [statement["Condition"] for statement in statements]
    assert services == {"redshift.amazonaws.com", "redshift-serverless.amazonaws.com"}
    assert conditions == [{"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}] * len(statements)


def test_every_log_is_encrypted_and_does_not_stay_for_ever(prod: Synthesised) -> None:
    for log in prod.properties("AWS::Logs::LogGroup"):
        assert "KmsKeyId" in log
        assert log["RetentionInDays"] == 365


def test_secrets_are_encrypted_with_their_own_key(prod: Synthesised) -> None:
    found = [text(secret["KmsKeyId"]) for secret in prod.properties("AWS::SecretsManager::Secret")]
    assert len(found) == 2
    assert all(key.startswith("<KeysSecrets") for key in found)


def test_services_that_write_encrypted_logs_and_notifications_may_use_the_key(prod: Synthesised) -> None:
    key = prod.of("AWS::KMS::Key", "KeysTelemetry")
    allowed = {
        text(statement["Principal"]["Service"]): ({*many(statement["Action"])}, statement["Condition"])
        for statement in key["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"]
    }
    needed = {"kms:Decrypt", "kms:GenerateDataKey"}
    assert {service: needed <= actions for service, (actions, _) in allowed.items()} == {
        "cloudwatch.amazonaws.com": True,
        "logs.<AWS::Region>.amazonaws.com": True,
    }
    assert all(condition for _, condition in allowed.values())  # for this account's own logs and alarms alone
