"""A run that is killed goes on with what it had pulled, and ends as one that was not; what the database refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from command_line import CommandLine
from operational_systems import Systems
from warehouse_contents import rows

if TYPE_CHECKING:
    from pathlib import Path

NAMES = "SELECT first_name FROM sales_crm.customers"
SECRET = "not-to-be-seen"
UNREACHABLE = f"postgresql://ann:{SECRET}@127.0.0.1:1/shop"


@pytest.fixture
def command(tmp_path: Path, engine_name: str, systems: Systems) -> CommandLine:
    return CommandLine(tmp_path / "home", engine_name, product="sales_crm", dsn=systems.dsn)


def names(command: CommandLine) -> list[Any]:
    return sorted(name for (name,) in rows(command.home / "warehouse.duckdb", NAMES))


@pytest.mark.parametrize(
    ("place", "is_frozen"),
    [
        ("run.registered", False),
        ("intake.crm_customers.reading", False),
        ("intake.crm_customers.done", True),
        ("stage.crm_customers.done", True),
        ("publish.silver.committed", True),
    ],
)
def test_a_killed_run_goes_on_with_what_it_had_pulled(
    command: CommandLine, systems: Systems, place: str, is_frozen: bool
) -> None:
    systems.add_customers(1)
    command.killed_at(place)
    systems.execute("UPDATE sources.crm_customers SET first_name = 'Bo'")

    # What was pulled is enough: the database need not even be there.
    resumed = (replace(command, dsn=UNREACHABLE) if is_frozen else command).run()

    assert resumed["is_resumed"]
    assert names(command) == (["Ada"] if is_frozen else ["Bo"])
    if is_frozen:
        command.run()
    assert names(command) == ["Bo"]
    assert command.run()["status"] == "nothing_to_do"


def refusal(command: CommandLine, dsn: str) -> str:
    child = CommandLine(command.home, command.engine, product="sales_crm", dsn=dsn).start()
    output, errors = child.communicate(timeout=120)
    assert SECRET not in output + errors
    assert child.returncode == 3, output + errors
    return str(json.loads(output)["error"])


def test_a_database_that_cannot_be_reached_is_named_without_its_password(command: CommandLine) -> None:
    found = refusal(command, UNREACHABLE)

    assert found.startswith("database 127.0.0.1:1/shop: ")
    assert found.endswith("check that it runs and is reachable, and the user and password in the connection string")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "DROP TABLE sources.crm_customers",
            "table sources.crm_customers: does not exist in database {server}; create it, or name the database that has"
            " it with --source-dsn",
        ),
        (
            "ALTER TABLE sources.crm_customers RENAME email TO mail",
            "table sources.crm_customers: column 'email' is missing (found: id, first_name, last_name, mail,"
            " signup_date); add it to the table, or take it out of the contract",
        ),
        (
            "ALTER TABLE sources.crm_customers ALTER signup_date TYPE text",
            "table sources.crm_customers: column 'signup_date' is of type text, not timestamp; change the column, or"
            " the contract",
        ),
    ],
)
def test_a_table_that_does_not_fit_its_contract_is_refused_in_one_line(
    command: CommandLine, systems: Systems, change: str, message: str
) -> None:
    systems.execute(change)
    server = systems.dsn.partition("@")[2].partition("?")[0]

    assert refusal(command, systems.dsn) == message.format(server=server)


def test_without_a_database_the_first_run_says_how_to_name_one(tmp_path: Path, engine_name: str) -> None:
    child = CommandLine(tmp_path / "home", engine_name, product="sales_crm").start()
    output, _ = child.communicate(timeout=120)

    assert child.returncode == 3
    assert json.loads(output)["error"] == (
        "sales_crm: nothing was loaded yet; name the PostgreSQL that has sources.crm_customers in MEDALLION_SOURCE_DSN"
        " or with --source-dsn, or make a sample of it: medallion generate"
    )
    assert not (tmp_path / "home" / "postgres").exists()
