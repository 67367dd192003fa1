"""`medallion run` and `medallion plan`: bring a product up to date, or say what that would take."""

from __future__ import annotations

from medallion.commands import options
from medallion.commands.run_options import RunOptions, taking_run_options


@taking_run_options()
def run(product: options.Product, given: RunOptions) -> None:
    """Read new files, build what changed, audit it, publish it.

    A run that was interrupted or failed goes on where it stopped. What was published before stays readable until
    everything new is proven.

    Examples:

    medallion run restaurant --input ~/exports

    medallion run restaurant --input ~/exports --set churn_after_days=60 --as-of 2024-01-31

    medallion run restaurant --input ~/exports --source rds --engine spark

    medallion run restaurant --select "+customer_segments sales_trends"
    """
    from medallion.commands.execution import execute, tell
    from medallion.commands.wiring import create_home, request_of, settings_of_run

    request = request_of(product, given)
    settings = settings_of_run(given, request.product)
    create_home(settings)
    tell(execute(settings, request, given), given)


@taking_run_options(without=["quiet"])
def plan(product: options.Product, given: RunOptions) -> None:
    """Show what `run` with the same options would read and build, and why. Changes nothing.

    Examples:

    medallion plan restaurant --input ~/exports

    medallion plan restaurant --select orders+
    """
    from medallion.commands.wiring import open_workspace, request_of, settings_of_run
    from medallion.pipeline.prepare import prepare

    request = request_of(product, given)
    prepared = prepare(open_workspace(settings_of_run(given, request.product)), request)
    if given.as_json:
        from medallion.commands.document import emit
        from medallion.commands.run_document import plan_document

        emit(plan_document(prepared))
    else:
        from medallion.commands.plan_tables import print_plan

        print_plan(prepared)
