"""The way in to the dashboards: a load balancer with a certificate, behind which one has to sign in."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as alarm_actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as balancing
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.constructs.dashboard_service import HEALTH, PORT
from infra.constructs.network import HTTPS, Network
from infra.constructs.sign_in import SignIn

_EVERYBODY = "0.0.0.0/0"


class DashboardAccess(Construct):
    """`balancer`: HTTPS for `networks` (CIDR), each request signed in; HTTP leads to HTTPS. Who came is logged.

    Websockets of a viewer stay with the copy of the app that has the viewer's session.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        networks: Sequence[str],
        certificate: str,
        sign_in: SignIn,
        service: ecs.FargateService,
        logs: s3.IBucket,
        is_protected: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self.balancer = balancing.ApplicationLoadBalancer(
            self,
            "Balancer",
            vpc=network.vpc,
            internet_facing=True,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            security_group=network.visitors,
            drop_invalid_header_fields=True,
            deletion_protection=is_protected,
            idle_timeout=Duration.minutes(5),
        )
        self.balancer.log_access_logs(logs, prefix="dashboards")
        self.target = self._target(network, service)
        listener = self.balancer.add_listener(
            "Https",
            port=443,
            protocol=balancing.ApplicationProtocol.HTTPS,
            certificates=[balancing.ListenerCertificate.from_arn(certificate)],
            ssl_policy=balancing.SslPolicy.TLS13_RES,
            default_action=sign_in.then(balancing.ListenerAction.forward([self.target])),
            open=False,
        )
        service.node.add_dependency(listener)  # ECS refuses a target group that no listener forwards to
        self.balancer.add_redirect(open=False)
        self._let_in(network, networks)

    def _target(self, network: Network, service: ecs.FargateService) -> balancing.ApplicationTargetGroup:
        return balancing.ApplicationTargetGroup(
            self,
            "App",
            vpc=network.vpc,
            port=PORT,
            protocol=balancing.ApplicationProtocol.HTTP,
            targets=[service],
            stickiness_cookie_duration=Duration.hours(10),
            deregistration_delay=Duration.seconds(30),
            health_check=balancing.HealthCheck(path=HEALTH, interval=Duration.seconds(15), healthy_threshold_count=2),
        )

    def _let_in(self, network: Network, networks: Sequence[str]) -> None:
        for cidr in networks:
            for port in (HTTPS, ec2.Port.tcp(80)):
                network.visitors.add_ingress_rule(ec2.Peer.ipv4(cidr), port, "whoever is let to the sign-in")
        if _EVERYBODY in networks:
            acknowledge(
                network.visitors, "EC23", reason="The page asks everybody to sign in; context dashboard.networks."
            )

    def alarm(self, topic: sns.ITopic) -> None:
        """Tell `topic` when no copy of the app is well, or when it fails often."""
        five_minutes = Duration.minutes(5)
        unwell = self.target.metrics.healthy_host_count(period=five_minutes, statistic="min")
        failed = self.target.metrics.http_code_target(
            balancing.HttpCodeTarget.TARGET_5XX_COUNT, period=five_minutes, statistic="sum"
        )
        action = alarm_actions.SnsAction(topic)
        unwell.create_alarm(
            self,
            "Down",
            alarm_description="No copy of the dashboards answers; their log says why.",
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=2,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        ).add_alarm_action(action)
        failed.create_alarm(
            self,
            "Failing",
            alarm_description="The dashboards failed to answer; their log says why.",
            threshold=10,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        ).add_alarm_action(action)
