"""Access on the terminal, as JSON and as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from medallion.commands.render import EMPTY, cell, grid, say
from medallion.warehouse.access import Access, AccessState, reads_by_code
from medallion.warehouse.base import DUCKDB

if TYPE_CHECKING:
    from medallion.commands.ports import FoundPort
    from medallion.data_product import DataProduct
    from medallion.warehouse.access import AccessEvent
    from medallion.warehouse.access_steps import Case
    from medallion.warehouse.agreement import Agreement
    from medallion.warehouse.grants import ProductGrants

_LIST_HEADS = ("port", "consumer", "state", "purpose", "until", "asked, decided by", "personal data")
_EVENT_HEADS = ("when (UTC)", "request", "consumer", "what", "by", "at", "until", "note")
NO_USERS = "DuckDB has no users: access is recorded and shown here, and whoever can open the file reads all of it"


def access_document(one: Access) -> dict[str, Any]:
    """An access for `--json`; `personal_data` is what the approver gives away."""
    request = one.request
    return {
        "request": request.number,
        "port": one.port,
        "product": request.product,
        "consumer": request.consumer,
        "kind": one.consumer.kind.value,
        "state": one.state.value,
        "is_granted": one.is_granted,
        "changes": list(one.changes),
        "purpose": request.purpose,
        "until": request.until,
        "requested_by": request.requested_by,
        "requested_at": request.requested_at,
        "decided_by": request.decided_by,
        "decided_at": request.decided_at,
        "reason": request.reason,
        "agreement": request.agreement_hash,
        **_gives(request.product, one.gives),
    }


def code_documents(products: Sequence[DataProduct]) -> list[dict[str, Any]]:
    """What products read of others, as declared in their code and reviewed there; it needs no request and no grant."""
    found = []
    for reader, port, table in reads_by_code(products):
        inputs = next(one.inputs for one in products if one.name == reader)
        product = port.partition(".")[0]
        read = next(one for one in inputs if (one.product, one.table) == (product, table))
        personal = [{"column": f"{table}.{c.name}", "kind": c.pii} for c in read.columns if c.pii]
        columns = [column.name for column in read.columns]
        found.append(
            {
                "product": product,
                "port": port,
                "consumer": reader,
                "table": table,
                "columns": columns,
                "personal_data": personal,
            }
        )
    return found


def list_document(found: Sequence[Access], by_code: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The list for `--json`."""
    return {"access": [access_document(one) for one in found], "by_code": list(by_code)}


def print_list(found: Sequence[Access], by_code: Sequence[dict[str, Any]]) -> None:
    """Accesses and requests, what products read by code, and what is to be done."""
    rows = [_row(one) for one in found]
    rows += [
        (one["port"], one["consumer"], "by code", f"reads {one['table']}", EMPTY, EMPTY, _personal(one))
        for one in by_code
    ]
    if not rows:
        say("nobody asked for access")
        return
    grid(_LIST_HEADS, rows)
    for one in found:
        if todo := _todo(one):
            say(todo)


def say_step(found: Access, case: Case) -> None:
    """What came of a step: for whoever asked and whoever approves, what the port gives and on which terms."""
    request = found.request
    until = f", until {request.until}" if request.until else ""
    say(f"{case}: {_word(found)} (request {request.number}, {request.purpose}{until})", "bold")
    if found.is_granted or found.is_open:
        for line in _gives_lines(request.product, found.gives):
            say(line)
    if found.is_open:
        owner = case.owner or "its owner"
        say(f"next: {owner} approves or rejects it: medallion access approve {case.target}")
    elif found.is_granted or found.state is AccessState.REVOKED:
        say(f"as SQL: medallion access grants --product {request.product} (DuckDB has no users: on record only)")


def show_document(port: FoundPort, found: Sequence[Access], log: Sequence[AccessEvent]) -> dict[str, Any]:
    """A port, who has it, and what happened, for `--json`."""
    names = [name for name in (log[0].table.column_names if log else ()) if name not in ("product", "port")]
    return {
        "port": f"{port.product}.{port.port}",
        "description": port.description or None,
        "owner": port.owner or None,
        "is_offered": port.offered is not None,
        **(_gives(port.product, port.offered) if port.offered else {}),
        "access": [access_document(one) for one in found],
        "events": [{name: getattr(event, name) for name in names} for event in log],
    }


def print_port(port: FoundPort, found: Sequence[Access], log: Sequence[AccessEvent]) -> None:
    """A port with its terms, who has it, and the log."""
    say(f"{port.product}.{port.port}: {port.description or 'in the catalogue no more'}", "bold")
    say(f"owner: {port.owner or 'nobody'}")
    for line in _gives_lines(port.product, port.offered) if port.offered else ["not offered to anybody"]:
        say(line)
    if not log:
        say("nobody asked for it")
        return
    grid(_LIST_HEADS, [_row(one) for one in found])
    grid(_EVENT_HEADS, [_event_row(event) for event in log], right=(1,))


def grants_document(found: Sequence[ProductGrants], dialect: str) -> dict[str, Any]:
    """The statements for `--json`."""
    return {
        "dialect": dialect,
        "note": NO_USERS if dialect == DUCKDB else None,
        "products": [
            {
                "product": one.product,
                "statements": [{"consumer": str(grant.consumer), "sql": grant.sql} for grant in one.grants],
                "not_published": [f"{one.product}.{table}" for table in one.waiting],
            }
            for one in found
        ],
    }


def print_grants(found: Sequence[ProductGrants], dialect: str) -> None:
    """The statements as one transaction, ready to be applied; what is to be known of them as comments."""
    typer.echo(f"-- {NO_USERS}.")
    if dialect == DUCKDB:
        return
    principals = {grant.consumer.principal: None for one in found for grant in one.grants}
    if principals:
        typer.echo("-- For the owner of the views, or a superuser. Roles and users have to exist; roles are made with")
        typer.echo("-- CREATE ROLE. Applying this twice changes nothing.")
        typer.echo("BEGIN;")
    for one in found:
        for grant in one.grants:
            typer.echo(grant.sql)
    if principals:
        typer.echo("COMMIT;")
    else:
        typer.echo("-- Nothing is to be granted or revoked.")
    for one in found:
        for table in one.waiting:
            typer.echo(f"-- {one.product}.{table} is approved, and not published yet: grant it when it is.")


def _gives(product: str, given: Agreement) -> dict[str, Any]:
    return {
        "tables": [f"{product}.{table}" for table in given.tables],
        "personal_data": [{"column": column, "kind": kind} for column, kind in given.personal],
        "terms_of_use": given.terms,
    }


def _gives_lines(product: str, given: Agreement) -> list[str]:
    personal = ", ".join(f"{column} ({kind})" for column, kind in given.personal)
    return [
        f"gives: {', '.join(f'{product}.{table}' for table in given.tables)}",
        f"personal data: {personal or 'none'}",
        f"terms of use: {given.terms}",
    ]


def _row(one: Access) -> tuple[str, ...]:
    request = one.request
    return (
        one.port,
        request.consumer,
        _word(one),
        cell(request.purpose),
        cell(request.until),
        ", ".join(name for name in (request.requested_by, request.decided_by) if name),
        _personal(_gives(request.product, one.gives)),
    )


def _personal(document: dict[str, Any]) -> str:
    number = len(document["personal_data"])
    return f"{number} {'column' if number == 1 else 'columns'}" if number else EMPTY


def _word(one: Access) -> str:
    return one.state.value.replace("_", " ")


def _todo(one: Access) -> str | None:
    """What has to happen for a consumer to read on, or at all."""
    target = f"{one.port} --for {one.consumer}"
    if one.changes:
        why = "; ".join(one.changes)
        return f"{one.port} for {one.consumer}: {why}; to agree to that: medallion access request {target}"
    if one.is_open:
        return f"{one.port} for {one.consumer}: to be decided: medallion access approve {target}"
    return None


def _event_row(event: AccessEvent) -> tuple[str, ...]:
    return (
        f"{event.happened_at:%Y-%m-%d %H:%M:%S}",
        str(event.request_number),
        event.consumer,
        event.action,
        event.actor,
        event.account,
        cell(event.until),
        cell(event.note),
    )
