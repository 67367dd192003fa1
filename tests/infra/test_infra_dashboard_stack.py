"""The dashboards' stack: who gets in, what the app may do, and that it is there only where it was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from infra.app import ROOT, build
from infra.code import Code
from synthesised import DASHBOARD, Synthesised, many, text

from medallion.errors import UsageError

PROVIDER = {
    "issuer": "https://people.example.com",
    "authorization_endpoint": "https://people.example.com/authorize",
    "token_endpoint": "https://people.example.com/token",
    "user_info_endpoint": "https://people.example.com/userinfo",
    "client_id": "marts",
    "client_secret": "dashboards/client-secret",
}


def statements_of(templates: Synthesised, start: str) -> list[dict[str, Any]]:
    return [one for name, one in templates.statements() if name.startswith(start)]


def test_every_request_is_signed_in_before_it_reaches_the_app(shown: Synthesised) -> None:
    listeners = {one["Port"]: one for one in shown.properties("AWS::ElasticLoadBalancingV2::Listener")}
    assert [action["Type"] for action in listeners[443]["DefaultActions"]] == ["authenticate-cognito", "forward"]
    assert shown.properties("AWS::ElasticLoadBalancingV2::ListenerRule") == []
    (redirect,) = listeners[80]["DefaultActions"]
    assert (redirect["Type"], redirect["RedirectConfig"]["Protocol"]) == ("redirect", "HTTPS")


def test_nobody_signs_up_and_everybody_has_a_second_factor(shown: Synthesised) -> None:
    pool = shown.only("AWS::Cognito::UserPool")
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("ON", ["SOFTWARE_TOKEN_MFA"])
    client = shown.only("AWS::Cognito::UserPoolClient")
    assert client["CallbackURLs"] == ["https://marts.example.com/oauth2/idpresponse"]


def test_the_page_speaks_current_tls_with_the_certificate_given(shown: Synthesised) -> None:
    (listener,) = [one for one in shown.properties("AWS::ElasticLoadBalancingV2::Listener") if one["Port"] == 443]
    assert listener["Certificates"] == [{"CertificateArn": DASHBOARD["certificate"]}]
    assert "TLS13" in listener["SslPolicy"]


def test_the_app_runs_in_private_subnets_and_only_the_load_balancer_reaches_it(shown: Synthesised) -> None:
    network = shown.only("AWS::ECS::Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert network["AssignPublicIp"] == "DISABLED"
    assert all("private" in text(subnet) for subnet in network["Subnets"])
    group = {"Fn::GetAtt": ["NetworkDashboardsC28A67C5", "GroupId"]}
    ways = [one for one in shown.properties("AWS::EC2::SecurityGroupIngress") if one["GroupId"] == group]
    assert [(one["FromPort"], text(one["SourceSecurityGroupId"])) for one in ways] == [
        (8501, "<NetworkVisitorsE197C3DB.GroupId>")
    ]


def test_the_app_may_sign_in_to_the_warehouse_and_nothing_else(shown: Synthesised) -> None:
    (statement,) = statements_of(shown, "AppRole")
    assert statement["Action"] == ["redshift-serverless:GetCredentials", "redshift-serverless:GetWorkgroup"]
    assert "WorkgroupArn" in text(statement["Resource"])


def test_the_warehouse_gives_the_app_the_readers_role(shown: Synthesised) -> None:
    tags = {one["Key"]: one["Value"] for one in shown.of("AWS::IAM::Role", "AppRole")["Tags"]}
    assert tags["RedshiftDbRoles"] == "dashboards"


def test_the_container_has_no_secret_no_root_and_one_place_to_write(shown: Synthesised) -> None:
    (container,) = shown.only("AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    assert {one["Name"] for one in container["Environment"]} == {"HOME", "MEDALLION_REGION", "MEDALLION_WAREHOUSE"}
    assert "Secrets" not in container
    assert (container["User"], container["ReadonlyRootFilesystem"]) == ("1000", True)
    assert [one["ContainerPath"] for one in container["MountPoints"]] == ["/tmp"]


def test_the_image_and_credentials_come_without_a_way_to_the_internet(shown: Synthesised) -> None:
    services = {
        text(one["ServiceName"]).partition("eu-central-1.")[2] for one in shown.properties("AWS::EC2::VPCEndpoint")
    }
    assert {"ecr.api", "ecr.dkr", "redshift-serverless"} <= services
    assert shown.properties("AWS::EC2::NatGateway") == []


def test_the_app_is_up_before_the_balancer_sends_anybody_and_a_bad_version_goes_back(shown: Synthesised) -> None:
    (service,) = shown.resources("AWS::ECS::Service").values()
    assert any("Https" in name for name in many(service["DependsOn"]))
    assert service["Properties"]["DeploymentConfiguration"]["DeploymentCircuitBreaker"] == {
        "Enable": True,
        "Rollback": True,
    }
    assert shown.only("AWS::ElasticLoadBalancingV2::TargetGroup")["HealthCheckPath"] == "/_stcore/health"


def test_somebody_is_told_when_the_app_is_down(shown: Synthesised) -> None:
    alarms = [one for name, one in shown.resources("AWS::CloudWatch::Alarm").items() if name.startswith("Access")]
    metrics = {one["Properties"]["MetricName"] for one in alarms}
    assert metrics == {"HealthyHostCount", "HTTPCode_Target_5XX_Count"}
    assert all("Topic" in text(one["Properties"]["AlarmActions"][0]) for one in alarms)


def test_without_a_certificate_there_is_no_stack_and_no_public_subnet(prod: Synthesised) -> None:
    assert prod.dashboard is None
    assert {one["MapPublicIpOnLaunch"] for one in prod.properties("AWS::EC2::Subnet")} == {False}
    assert prod.properties("AWS::EC2::InternetGateway") == []


def test_people_of_another_provider_sign_in_there_and_no_pool_is_made(
    code: Code, context: dict[str, Any], tmp_path: Path
) -> None:
    dashboard = DASHBOARD | {"provider": PROVIDER, "networks": ["203.0.113.0/24"]}
    app = App(context=context | {"environment": "shown", "dashboard": dashboard}, outdir=str(tmp_path))
    build(app, code)
    templates = {stack.stack_name.rsplit("-", 1)[1]: stack.template["Resources"] for stack in app.synth().stacks}
    kinds = {one["Type"] for one in templates["dashboard"].values()}
    assert "AWS::Cognito::UserPool" not in kinds
    (listener,) = [
        one["Properties"]
        for one in templates["dashboard"].values()
        if one["Type"] == "AWS::ElasticLoadBalancingV2::Listener" and one["Properties"]["Port"] == 443
    ]
    config = listener["DefaultActions"][0]["AuthenticateOidcConfig"]
    assert config["Issuer"] == "https://people.example.com"
    assert config["ClientSecret"] == "{{resolve:secretsmanager:dashboards/client-secret:SecretString:::}}"
    (visitors,) = [one for name, one in templates["data"].items() if name.startswith("NetworkVisitorsE")]
    assert {one["CidrIp"] for one in visitors["Properties"]["SecurityGroupIngress"]} == {"203.0.113.0/24"}


def test_the_image_is_made_of_locked_packages_and_the_library(code: Code) -> None:
    folder = code.dashboard_image()
    assert sorted(path.name for path in folder.iterdir()) == ["Dockerfile", "dashboard.lock", "medallion"]
    lines = (folder / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes" in lines
    assert "USER 1000" in lines


def test_without_its_lock_file_the_image_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / "infra").symlink_to(ROOT / "infra")
    code = Code(root=tmp_path, packages=tmp_path, staging=tmp_path / "staging")
    with pytest.raises(UsageError, match=r"^requirements/dashboard.lock: is missing; the dashboards have no image"):
        code.dashboard_image()
