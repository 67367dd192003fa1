"""The private network: no way in, and out only to AWS unless NAT gateways are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

ZONES = 3  # Redshift Serverless asks for subnets in three availability zones
HTTPS = ec2.Port.tcp(443)
# What jobs and the function within the network call. S3 has a gateway, which costs nothing. Step Functions, Scheduler,
# SNS and the Data API are called from outside of it, and nothing within assumes roles by itself: no endpoints for them.
ENDPOINTS: Mapping[str, ec2.InterfaceVpcEndpointAwsService] = {
    "SecretsManager": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,  # credentials of both databases
    "Logs": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,  # Glue writes a job's logs while it runs
    "Monitoring": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,  # rejected rows, and Glue's own metrics
    "Glue": ec2.InterfaceVpcEndpointAwsService.GLUE,  # a job reads its connection and its security configuration
    "Kms": ec2.InterfaceVpcEndpointAwsService.KMS,  # what a security configuration has a job encrypt itself
}
# And what the dashboards need besides: their image, and credentials for the warehouse.
DASHBOARD_ENDPOINTS: Mapping[str, ec2.InterfaceVpcEndpointAwsService] = {
    "Ecr": ec2.InterfaceVpcEndpointAwsService.ECR,
    "EcrDocker": ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
    "RedshiftServerless": ec2.InterfaceVpcEndpointAwsService.REDSHIFT_SERVERLESS,
}
DASHBOARD_PORT = ec2.Port.tcp(8501)


class Network(Construct):
    """A VPC over three zones with `private` subnets, and the security groups of `jobs` and `functions`.

    Where it `has_dashboards` there are public subnets as well, for a load balancer and nothing else, and the groups of
    `visitors` (the load balancer) and `dashboards`.
    """

    visitors: ec2.SecurityGroup
    dashboards: ec2.SecurityGroup

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        nat_gateways: int,
        endpoint_zones: int,
        has_dashboards: bool,
        log_key: kms.IKey,
        log_retention: logs.RetentionDays,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.has_dashboards = has_dashboards
        private = ec2.SubnetType.PRIVATE_WITH_EGRESS if nat_gateways else ec2.SubnetType.PRIVATE_ISOLATED
        subnets = [ec2.SubnetConfiguration(name="private", subnet_type=private, cidr_mask=20)]
        if nat_gateways or has_dashboards:
            public = ec2.SubnetType.PUBLIC
            subnets.append(
                ec2.SubnetConfiguration(name="public", subnet_type=public, cidr_mask=24, map_public_ip_on_launch=False)
            )
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr("10.40.0.0/16"),
            max_azs=ZONES,
            nat_gateways=nat_gateways,
            subnet_configuration=subnets,
            restrict_default_security_group=False,  # nothing is in it, and emptying it takes a function of its own
        )
        self.private = ec2.SubnetSelection(subnet_type=private)
        self.vpc.add_flow_log(
            "Flows",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(
                logs.LogGroup(self, "FlowLog", retention=log_retention, encryption_key=log_key, removal_policy=removal)
            ),
        )
        self.jobs = self._group("Jobs", "Glue jobs")
        # Spark's driver and workers talk to each other on any port; Glue refuses a group without this rule.
        self.jobs.connections.allow_internally(ec2.Port.all_tcp(), "between driver and workers")
        self.functions = self._group("Functions", "Lambda functions that reach the source database")
        callers = [self.jobs, self.functions]
        if has_dashboards:
            self._add_dashboards()
            callers.append(self.dashboards)
        self._add_endpoints(endpoint_zones, {**ENDPOINTS, **(DASHBOARD_ENDPOINTS if has_dashboards else {})}, callers)

    def _group(self, name: str, description: str) -> ec2.SecurityGroup:
        """A group that may reach HTTPS and what it is let into; without NAT that is AWS and nothing else."""
        group = ec2.SecurityGroup(self, name, vpc=self.vpc, description=description, allow_all_outbound=False)
        group.add_egress_rule(ec2.Peer.any_ipv4(), HTTPS, "AWS: endpoints, and S3 by its gateway's addresses")
        return group

    def _add_dashboards(self) -> None:
        self.dashboards = self._group("Dashboards", "Containers of the dashboards")
        # HTTPS out: to those who know the people. Who may come in, the load balancer's construct says.
        self.visitors = self._group("Visitors", "Load balancer of the dashboards")
        self.dashboards.connections.allow_from(self.visitors, DASHBOARD_PORT, "pages")
        self.visitors.connections.allow_to(self.dashboards, DASHBOARD_PORT, "pages")

    def _add_endpoints(
        self,
        zones: int,
        services: Mapping[str, ec2.InterfaceVpcEndpointAwsService],
        callers: Sequence[ec2.SecurityGroup],
    ) -> None:
        self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        endpoints = self._group("Endpoints", "Interface endpoints of AWS services")
        for group in callers:
            endpoints.add_ingress_rule(group, HTTPS, "calls of AWS services")
        placed = ec2.SubnetSelection(
            subnets=self.vpc.select_subnets(subnet_type=self.private.subnet_type).subnets[:zones]
        )
        for name, service in services.items():
            self.vpc.add_interface_endpoint(
                name, service=service, subnets=placed, security_groups=[endpoints], open=False, private_dns_enabled=True
            )
