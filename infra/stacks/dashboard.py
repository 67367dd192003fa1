"""The dashboards: a container behind a load balancer with sign-in. Deployed where the context names a certificate."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.code import Code
from infra.constructs.dashboard_access import DashboardAccess
from infra.constructs.dashboard_service import DashboardService
from infra.constructs.sign_in import SignIn
from infra.context import DashboardSettings, Sizes
from infra.stacks.data import DataStack


class DashboardStack(Stack):
    """One app for all products' pages. It holds nothing: it can be removed and deployed again at any time."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        sizes: Sizes,
        settings: DashboardSettings,
        data: DataStack,
        told: sns.ITopic,
        code: Code,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=Environment(region=sizes.region),
            description="medallion: dashboards behind a load balancer with sign-in",
        )
        app = self._app(sizes, settings, data, code)
        sign_in = SignIn(
            self,
            "SignIn",
            domain=settings.domain,
            provider=settings.provider,
            is_protected=sizes.deletion_protection,
            removal=data.removal,
        )
        access = DashboardAccess(
            self,
            "Access",
            network=data.network,
            networks=settings.networks,
            certificate=settings.certificate,
            sign_in=sign_in,
            service=app.service,
            logs=data.buckets.logs,
            is_protected=sizes.deletion_protection,
        )
        access.alarm(told)
        outputs = [
            ("Address", f"https://{settings.domain}/", "Where the dashboards are, once the name leads to Target"),
            ("Target", access.balancer.load_balancer_dns_name, "What the domain's CNAME or alias record names"),
        ]
        if sign_in.pool:
            outputs.append(("People", sign_in.pool.user_pool_id, "User pool into which an administrator puts people"))
        for name, value, description in outputs:
            CfnOutput(self, name, value=value, description=description)

    def _app(self, sizes: Sizes, settings: DashboardSettings, data: DataStack, code: Code) -> DashboardService:
        return DashboardService(
            self,
            "App",
            image=code.dashboard_image(),
            network=data.network,
            warehouse=data.warehouse,
            reader_role=sizes.reader_role,
            tasks=settings.tasks,
            log_key=data.keys.telemetry,
            log_retention=data.log_retention,
            removal=data.removal,
        )
