"""The private network: no way in, and out only to AWS unless NAT gateways are asked for."""

from __future__ import annotations

from collections.abc import Mapping

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


class Network(Construct):
    """A VPC over three zones with `private` subnets, and the security groups of `jobs` and `functions`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        nat_gateways: int,
        endpoint_zones: int,
        log_key: kms.IKey,
        log_retention: logs.RetentionDays,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        private = ec2.SubnetType.PRIVATE_WITH_EGRESS if nat_gateways else ec2.SubnetType.PRIVATE_ISOLATED
        subnets = [ec2.SubnetConfiguration(name="private", subnet_type=private, cidr_mask=20)]
        if nat_gateways:
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
        self._add_endpoints(endpoint_zones)

    def _group(self, name: str, description: str) -> ec2.SecurityGroup:
        """A group that may reach HTTPS and what it is let into; without NAT that is AWS and nothing else."""
        group = ec2.SecurityGroup(self, name, vpc=self.vpc, description=description, allow_all_outbound=False)
        group.add_egress_rule(ec2.Peer.any_ipv4(), HTTPS, "AWS: endpoints, and S3 by its gateway's addresses")
        return group

    def _add_endpoints(self, zones: int) -> None:
        self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        endpoints = self._group("Endpoints", "Interface endpoints of AWS services")
        for group in (self.jobs, self.functions):
            endpoints.add_ingress_rule(group, HTTPS, "calls of AWS services")
        placed = ec2.SubnetSelection(
            subnets=self.vpc.select_subnets(subnet_type=self.private.subnet_type).subnets[:zones]
        )
        for name, service in ENDPOINTS.items():
            self.vpc.add_interface_endpoint(
                name, service=service, subnets=placed, security_groups=[endpoints], open=False, private_dns_enabled=True
            )
