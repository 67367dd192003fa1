"""One layer of a product's run as a job: the same run as `medallion run --through`, gone on with by the next job."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medallion.contracts import Layer
from medallion.jobs.arguments import BronzeArguments, JobArguments, is_run_by_glue, parse

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.pipeline.progress import Report
    from medallion.pipeline.running import Request
    from medallion.settings import Settings

ARGUMENTS: dict[Layer, type[JobArguments]] = {Layer.BRONZE: BronzeArguments}


def main(layer: Layer, given: Sequence[str] | None = None) -> None:
    """Run a product up to a layer, as the arguments (the process's own) say.

    Raises the MedallionError that stopped it, whose line Glue shows as the job's error; a repeat goes on from there.
    """
    words = sys.argv[1:] if given is None else given
    arguments = parse(ARGUMENTS.get(layer, JobArguments), words)
    if is_run_by_glue(words):
        os.environ.setdefault("SPARK_ENV_LOADED", "1")  # as spark-submit says: the session's settings are given
    if arguments.aws_region:  # AWS's own clients differ in which of the two they heed
        os.environ.setdefault("AWS_REGION", arguments.aws_region)
        os.environ.setdefault("AWS_DEFAULT_REGION", arguments.aws_region)
    LayerJob(layer, arguments).run()


@dataclass(frozen=True)
class LayerJob:
    """A job of one layer."""

    layer: Layer
    arguments: JobArguments

    def run(self) -> Report:
        """Bring the product up to the layer."""
        if self.arguments.home:
            return self._run(self.arguments.home)
        # Of files of its own it has temporary ones alone, where lake and warehouse are elsewhere.
        with tempfile.TemporaryDirectory(prefix="medallion-", ignore_cleanup_errors=True) as home:
            return self._run(Path(home))

    def _run(self, home: Path) -> Report:
        from medallion import catalog
        from medallion.commands.execution import published
        from medallion.commands.run_log import printed_log
        from medallion.commands.wiring import create_home, open_workspace
        from medallion.jobs.rejected_rows import put_rejected_rows
        from medallion.pipeline import run

        product = catalog.product(self.arguments.product)
        settings = self._settings(product, home)
        create_home(settings)
        title = f"{self.layer} of {product.name}, engine {settings.engine}, run {self.arguments.run_id or 'unnamed'}"
        with printed_log(settings, title) as log:
            workspace = open_workspace(settings)
            report = run.execute(workspace, self._request(product), log.listener)
            for note in report.notes:
                log.note(note)
            log.note(f"{report.run_id or 'nothing to do'}: {published(report)}")
            if self.layer is Layer.GOLD and self.arguments.metrics_namespace:
                log.note(put_rejected_rows(workspace.warehouse, report, self.arguments))
        return report

    def _request(self, product: DataProduct) -> Request:
        from medallion.pipeline.running import Request
        from medallion.settings import load_rules

        given = self.arguments
        return Request(
            product=product,
            rules=load_rules(product, given=given.rules),
            input=self._input(product),
            as_of=given.as_of,
            through=self.layer,
            run_id=given.run_id,
        )

    def _input(self, product: DataProduct) -> str | None:
        given = self.arguments
        return given.input if isinstance(given, BronzeArguments) and product.file_sources else None

    def _settings(self, product: DataProduct, home: Path) -> Settings:
        from medallion.settings import load_settings

        given = self.arguments
        return load_settings(
            home=home,
            engine=given.engine,
            region=given.aws_region,
            lake=given.lake,
            warehouse=given.warehouse,
            warehouse_secret=given.warehouse_secret,
            warehouse_role=given.copy_role,
            reader_role=given.reader_role,
            **self._secrets(product),
        )

    def _secrets(self, product: DataProduct) -> dict[str, Any]:
        """The settings that hold a secret, and what depends on there being a source database."""
        given = self.arguments
        if not isinstance(given, BronzeArguments):
            return {}
        from medallion.jobs.job_secrets import pii_key_of, source_dsn_of

        dsn = source_dsn_of(given)
        source = "rds" if dsn and product.file_sources else None
        return {"source_dsn": dsn, "source": source, "pii_key": pii_key_of(given)}
