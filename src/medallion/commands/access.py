"""`medallion access`: who may read which output port: asked for, approved or not, ended; all of it on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medallion.commands import access_reading, options
from medallion.commands.access_change import Given, take

if TYPE_CHECKING:
    from medallion.settings import Settings
    from medallion.warehouse.access import Access
    from medallion.warehouse.access_steps import Case
    from medallion.warehouse.base import Session

app = typer.Typer(help="Who may read which output port: ask, approve, revoke, list.", no_args_is_help=True)

Port = access_reading.Port
For = Annotated[
    str, typer.Option("--for", metavar="CONSUMER", help="Who reads: a role of the warehouse, or user:NAME for a user.")
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who acts. Default: this account.")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; goes on record.")]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; goes on record.")]


@app.command("request")
def request_access(
    port: Port,
    consumer: For,
    purpose: Annotated[
        str | None,
        typer.Option("--purpose", metavar="TEXT", help="What for. Default where terms changed: that of before."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Last day, YYYY-MM-DD (UTC). Default: no end.")
    ] = None,
    by: By = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Ask for an output port. Shows what it gives, personal data included, and the terms that are agreed to.

    Where the terms of an access changed, asking again agrees to the new ones. An access that is to get another purpose
    or last day stays until the new request is decided.

    Examples:

    medallion access request marketing_360.customer_activity --for campaign_tool --purpose "weekly mailing"

    medallion access request sales_erp.orders --for user:ana --purpose "audit 2026" --until 2027-06-30
    """
    from medallion.commands.wiring import date_of

    last_day = date_of(until, "--until") if until is not None else None

    def step(session: Session, case: Case, settings: Settings) -> Access:
        from medallion.warehouse.access_steps import ask

        return ask(session, case, purpose, last_day)

    take(Given(port, consumer, by, home, config, as_json), step, is_new=True)


@app.command()
def approve(
    port: Port,
    consumer: For,
    reason: Reason = None,
    allow_self: Annotated[
        bool, typer.Option("--allow-self", help="Approve what you asked for yourself; goes on record.")
    ] = False,
    by: By = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Approve what was asked for, in the name of the product's owner.

    Whoever asked does not approve, unless --allow-self says so. The setting approvers names who may, by team.

    Example:

    medallion access approve marketing_360.customer_activity --for campaign_tool
    """

    def step(session: Session, case: Case, settings: Settings) -> Access:
        from medallion.warehouse import access_steps

        named = settings.approvers.get(case.owner)
        return access_steps.approve(session, case, reason, allow_self=allow_self, approvers=named)

    take(Given(port, consumer, by, home, config, as_json), step)


@app.command()
def reject(
    port: Port,
    consumer: For,
    reason: Why,
    by: By = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Decline what was asked for, and say why.

    Example:

    medallion access reject sales_crm.customers --for user:ana --reason "customer_activity is enough"
    """

    def step(session: Session, case: Case, settings: Settings) -> Access:
        from medallion.warehouse import access_steps

        return access_steps.reject(session, case, reason)

    take(Given(port, consumer, by, home, config, as_json), step)


@app.command()
def withdraw(
    port: Port,
    consumer: For,
    reason: Reason = None,
    by: By = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Take back a request that nobody decided on yet.

    Example:

    medallion access withdraw sales_crm.customers --for user:ana
    """

    def step(session: Session, case: Case, settings: Settings) -> Access:
        from medallion.warehouse import access_steps

        return access_steps.withdraw(session, case, reason)

    take(Given(port, consumer, by, home, config, as_json), step)


@app.command()
def revoke(
    port: Port,
    consumer: For,
    reason: Why,
    by: By = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """End an access that was approved, and say why.

    Example:

    medallion access revoke marketing_360.customer_activity --for campaign_tool --reason "the tool is gone"
    """

    def step(session: Session, case: Case, settings: Settings) -> Access:
        from medallion.warehouse import access_steps

        return access_steps.revoke(session, case, reason)

    take(Given(port, consumer, by, home, config, as_json), step)


app.command("list")(access_reading.list_access)
app.command("show")(access_reading.show_access)
app.command("grants")(access_reading.grants)
