"""The pipeline: functions, jobs, runs, schedules and alarms, over what the data stack holds."""

from __future__ import annotations

from aws_cdk import Duration, Environment, Stack
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.code import Code
from infra.constructs.functions import FunctionSettings
from infra.constructs.ingestion import Ingestion, layer_of
from infra.constructs.job_packages import JobPackages
from infra.constructs.lake_buckets import LAKE_PREFIX
from infra.constructs.lake_catalog import LakeCatalog
from infra.constructs.layer_jobs import JobEnvironment, JobSettings
from infra.constructs.notifications import Notifications
from infra.constructs.product_alarms import ProductAlarms
from infra.constructs.product_jobs import ProductJobs
from infra.constructs.product_run import ProductRun
from infra.constructs.product_schedule import ProductSchedule
from infra.constructs.run_dashboard import RunDashboard
from infra.constructs.run_definition import FunctionStep, ReadProductStep, Step
from infra.constructs.source_storage_alarm import SourceStorageAlarm
from infra.context import Deployment
from infra.stacks.data import DataStack
from medallion.catalog import PRODUCTS
from medallion.data_product import DataProduct


class PipelineStack(Stack):
    """Every product of the catalogue: its jobs, its state machine, its schedule and its alarms."""

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: Deployment, data: DataStack, code: Code
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=Environment(region=deployment.sizes.region),
            description="medallion: functions, jobs, runs, schedules and alarms",
        )
        self._deployment, self._data = deployment, data
        self._told = Notifications(self, "Notifications", key=data.keys.telemetry, email=deployment.sizes.alarm_email)
        self._ingestion = self._bring_files_in(code)
        self._job_settings = self._settings_of_jobs(code)
        self.told = self._told.topic
        self._machines: dict[str, sfn.StateMachine] = {}
        alarms = {product.name: self._product(product, code) for product in PRODUCTS}  # after those that they read
        lake = f"s3://{data.buckets.lake.bucket_name}/{LAKE_PREFIX}"
        LakeCatalog(self, "Catalog", environment=deployment.environment, lake=lake, products=PRODUCTS)
        SourceStorageAlarm(
            self,
            "SourceStorage",
            database=data.database.instance,
            storage_gb=deployment.sizes.database_storage_gb,
            topic=self.told,
        )
        RunDashboard(
            self,
            "Overview",
            products=alarms,
            workgroup=data.warehouse.workgroup.workgroup_name,
            database=data.database.instance,
        )

    def _bring_files_in(self, code: Code) -> Ingestion:
        data = self._data
        settings = FunctionSettings(
            layer=layer_of(self, "Packages", code=code),
            log_key=data.keys.telemetry,
            log_retention=data.log_retention,
            removal=data.removal,
        )
        return Ingestion(
            self,
            "Ingestion",
            code=code,
            settings=settings,
            keys=data.keys,
            landing=data.buckets.landing,
            drive_secret=data.drive_secret,
            pii_secret=data.pii_secret,
            database=data.database,
            network=data.network,
            certificates=code.certificates(self._deployment.sizes.database_ca),
        )

    def _settings_of_jobs(self, code: Code) -> JobSettings:
        data, sizes = self._data, self._deployment.sizes
        certificates = code.certificates(sizes.database_ca)
        packages = JobPackages(
            self,
            "JobPackages",
            folder=code.wheels(),
            bucket=data.buckets.lake,
            key=data.keys.data,
            log_key=data.keys.telemetry,
            log_retention=data.log_retention,
            removal=data.removal,
        )
        return JobSettings(
            shared=JobEnvironment(
                self, "Jobs", network=data.network, data=data.keys.data, telemetry=data.keys.telemetry
            ),
            library=assets.Asset(self, "Library", path=str(code.library())),
            certificates=assets.Asset(self, "Certificates", path=str(certificates)) if certificates else None,
            packages=packages,
            workers=sizes.glue_workers,
            timeout=Duration.minutes(sizes.glue_timeout_minutes),
        )

    def _product(self, product: DataProduct, code: Code) -> ProductAlarms:
        scope, data, sizes = Construct(self, product.name), self._data, self._deployment.sizes
        jobs = ProductJobs(
            scope,
            "Jobs",
            product=product,
            deployment=self._deployment,
            data=data,
            code=code,
            settings=self._job_settings,
        )
        reads = list(dict.fromkeys(one.product for one in product.inputs))
        machine = ProductRun(
            scope,
            "Run",
            product=product.name,
            steps=[*self._before(product, reads), *jobs.steps],
            reads=[self._machines[name] for name in reads],
            topic=self._told.topic,
            key=data.keys.telemetry,
            timeout=Duration.minutes(sizes.run_timeout_minutes),
            log_retention=data.log_retention,
            removal=data.removal,
        ).machine
        self._machines[product.name] = machine
        self._schedule(scope, product.name, machine)
        return ProductAlarms(
            scope,
            "Alarms",
            product=product.name,
            environment=self._deployment.environment,
            machine=machine,
            topic=self._told.topic,
            freshness=product.governance.freshness if self._runs_by_itself(product.name) else None,
            grace_hours=sizes.alarm_grace_hours,
            most_minutes=sizes.alarm_run_minutes,
            most_rejected=sizes.alarm_rejected_rows,
        )

    def _before(self, product: DataProduct, reads: list[str]) -> list[Step]:
        """What comes before the jobs: the runs of products that it reads, and its files."""
        steps: list[Step] = [
            ReadProductStep(product=name, machine_arn=self._machines[name].state_machine_arn) for name in reads
        ]
        folder = self._deployment.products[product.name].drive_folder
        if folder:
            arn = self._ingestion.drive_ingest.function_arn
            steps.append(FunctionStep(name="DriveIngest", function_arn=arn, payload={"folder_id": folder}))
        if product.file_sources:
            arn = self._ingestion.source_load.function_arn
            steps.append(FunctionStep(name="SourceLoad", function_arn=arn, payload={}))
        return steps

    def _schedule(self, scope: Construct, product: str, machine: sfn.StateMachine) -> None:
        settings = self._deployment.products[product]
        if not settings.schedule:
            return
        ProductSchedule(
            scope,
            "Schedule",
            product=product,
            expression=settings.schedule,
            timezone=settings.timezone,
            machine=machine,
            dead_letters=self._told.dead_letters,
            key=self._data.keys.telemetry,
            is_enabled=self._deployment.sizes.schedules_enabled,
        )

    def _runs_by_itself(self, product: str) -> bool:
        """Whether a schedule runs it, its own or that of a product which reads it."""
        if not self._deployment.sizes.schedules_enabled:
            return False
        readers = [one.name for one in PRODUCTS if product in {read.product for read in one.inputs}]
        return bool(self._deployment.products[product].schedule) or any(map(self._runs_by_itself, readers))
