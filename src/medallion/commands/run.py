"""`medallion run` and `medallion plan`: bring a product up to date, or say what that would take."""

from __future__ import annotations

from medallion.commands import options
from medallion.commands.run_options import RunOptions, taking_run_options


@taking_run_options()
def run(products: options.Products, given: RunOptions) -> None:
    """Read new files, build what changed, audit it, publish it.

    A run that was interrupted or failed goes on where it stopped; one that failed with --select or --as-of only with
    the same options. What was published before stays readable until everything new is proven. Of several products each
    is run after those it reads, and --input holds a folder of each one's name.

    Examples:

    medallion run restaurant --input ~/exports

    medallion run restaurant --input ~/exports --set churn_after_days=60 --as-of 2024-01-31

    medallion run restaurant --input ~/exports --source rds --engine spark

    medallion run restaurant --select "+customer_segments sales_trends"

    medallion run restaurant --input ~/exports --through bronze

    medallion run sales_crm sales_erp logistics_wms marketing_360

    medallion run all --input ~/exports
    """
    from medallion import catalog
    from medallion.commands.execution import execute, tell
    from medallion.commands.wiring import create_home, request_of, settings_of_run

    chosen = catalog.products(products)
    if len(chosen) > 1:
        from medallion.commands.several import run_several

        run_several(chosen, given)
        return
    request = request_of(chosen[0].name, given)
    settings = settings_of_run(given, request.product)
    create_home(settings)
    tell(execute(settings, request, given), given)


@taking_run_options(without=["quiet", "through"])
def plan(products: options.Products, given: RunOptions) -> None:
    """Show what `run` with the same options would read and build, and why. Changes nothing.

    Examples:

    medallion plan restaurant --input ~/exports

    medallion plan restaurant --select orders+

    medallion plan all --input ~/exports
    """
    from medallion import catalog
    from medallion.commands.wiring import open_workspace, request_of, settings_of_run
    from medallion.pipeline.prepare import prepare

    chosen = catalog.products(products)
    if len(chosen) > 1:
        from medallion.commands.plan_several import plan_several

        plan_several(chosen, given)
        return
    request = request_of(chosen[0].name, given)
    prepared = prepare(open_workspace(settings_of_run(given, request.product)), request)
    if given.as_json:
        from medallion.commands.document import emit
        from medallion.commands.run_document import plan_document

        emit(plan_document(prepared))
    else:
        from medallion.commands.plan_tables import print_plan

        print_plan(prepared)
