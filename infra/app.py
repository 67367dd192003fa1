"""Entry point: `python -m infra.app [name=value …]` writes the templates of one environment into cdk.out/.

The CDK command line starts it too (cdk.json); its `-c name=value` wins over cdk.json, as `name=value` does here.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.code import Code
from infra.context import read_deployment
from infra.stacks.dashboard import DashboardStack
from infra.stacks.data import DataStack
from infra.stacks.pipeline import PipelineStack
from medallion.errors import MedallionError

ROOT = Path(__file__).parents[1]


def build(app: App, code: Code) -> None:
    """The stacks of the environment that the app's context names, checked by cdk-nag. Raises UsageError."""
    deployment = read_deployment(app.node.try_get_context)
    name = f"medallion-{deployment.environment}"
    data = DataStack(app, f"{name}-data", sizes=deployment.sizes)
    pipeline = PipelineStack(app, f"{name}-pipeline", deployment=deployment, data=data, code=code)
    if deployment.sizes.dashboard:
        DashboardStack(
            app,
            f"{name}-dashboard",
            sizes=deployment.sizes,
            settings=deployment.sizes.dashboard,
            data=data,
            told=pipeline.told,
            code=code,
        )
    for key, value in (("application", "medallion"), ("environment", deployment.environment)):
        Tags.of(app).add(key, value)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def given_context(arguments: Sequence[str]) -> dict[str, str]:
    """`name=value` arguments; raises SystemExit with a line on anything else."""
    pairs = [argument.partition("=") for argument in arguments]
    wrong = [name for name, equals, _ in pairs if not equals or not name]
    if wrong:
        sys.exit(f"error: argument '{wrong[0]}': is not name=value; write for example environment=prod")
    return {name: value for name, _, value in pairs}


def main(arguments: Sequence[str]) -> None:
    """Read the context, build the stacks, write the templates."""
    packages = ROOT / "build" / "aws"
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    # Stack traces and the tree are for looking into CDK itself; analytics would be sent to AWS.
    app = App(
        context=context,
        post_cli_context=given_context(arguments),
        outdir=None if "CDK_OUTDIR" in os.environ else str(ROOT / "cdk.out"),
        stack_traces=False,
        tree_metadata=False,
        analytics_reporting=False,
    )
    try:
        build(app, Code(root=ROOT, packages=packages, staging=packages / "staged"))
    except MedallionError as error:
        sys.exit(f"error: {error}")
    app.synth()


if __name__ == "__main__":
    main(sys.argv[1:])
