"""A step of an access on the command line: where it is recorded, by whom, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.settings import Settings
    from medallion.warehouse.access import Access
    from medallion.warehouse.access_steps import Case
    from medallion.warehouse.base import Session, Warehouse

    Step = Callable[[Session, Case, Settings], Access]


@dataclass(frozen=True)
class Given:
    """What all commands that change something are given."""

    port: str
    consumer: str
    by: str | None
    home: Path | None
    config: Path | None
    as_json: bool


def take(given: Given, step: Step, *, is_new: bool = False) -> None:
    """Take a step in a transaction of its own, and say what came of it."""
    from medallion.commands.wiring import settings_of
    from medallion.warehouse.control_tables import create_control_tables

    settings = settings_of(given.config, home=given.home)
    warehouse, case = _case(settings, given, is_new=is_new)
    warehouse.transact(create_control_tables)  # first of all: what is locked next has to be there
    found = warehouse.transact(lambda session: step(session, case, settings), lambda session: _is_taken(session, case))
    if given.as_json:
        from medallion.commands.access_tables import access_document
        from medallion.commands.document import emit

        emit(access_document(found))
    else:
        from medallion.commands.access_tables import say_step

        say_step(found, case)


def _case(settings: Settings, given: Given, *, is_new: bool) -> tuple[Warehouse, Case]:
    """Where it is recorded, and who acts on what. Raises UsageError where there is nothing of what is named."""
    from datetime import UTC, datetime

    from medallion.commands.actor import actor_of
    from medallion.commands.ports import found_port
    from medallion.commands.wiring import open_warehouse
    from medallion.errors import UsageError
    from medallion.warehouse.access_steps import Case
    from medallion.warehouse.consumer import Consumer

    warehouse = open_warehouse(settings)
    consumer, actor = Consumer.parse(given.consumer), actor_of(given.by)
    found = found_port(given.port, None if is_new else warehouse)
    if not warehouse.exists():
        raise UsageError(
            f"{given.port}: there is no warehouse in {settings.home} to record access in; check --home, or start with:"
            f" medallion run {found.product}"
        )
    return warehouse, Case(
        product=found.product,
        port=found.port,
        consumer=consumer,
        offered=found.offered,
        owner=found.owner,
        actor=actor,
        now=datetime.now(UTC),
    )


def _is_taken(session: Session, case: Case) -> bool:
    """Whether the step is on record, once whoever writes there has ended: asked where a commit's answer was lost."""
    from medallion.warehouse.access import events

    session.lock("control.access_request")
    found = events(session, case.product, case.port, str(case.consumer))
    return any((event.actor, event.happened_at) == (case.actor.name, case.now) for event in found)
