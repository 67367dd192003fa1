"""A command that a message names is of the home that the message is about, so that it can be typed as it is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import typer

from medallion.cli import app
from medallion.commands import hints

if TYPE_CHECKING:
    from pathlib import Path

    from outcome import Medallion


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("MEDALLION_HOME", raising=False)
    yield
    hints.remember(())


@pytest.mark.parametrize(
    ("said", "completed"),
    [
        ("start with: medallion run restaurant --input DIR", "start with: medallion run restaurant {} --input DIR"),
        ("see: medallion quarantine list restaurant", "see: medallion quarantine list restaurant {}"),
        (
            "ask: medallion access request sales_erp.orders --for ana",
            "ask: medallion access request sales_erp.orders {} --for ana",
        ),
        ("compare: medallion diff TABLE 1 2", "compare: medallion diff TABLE {} 1 2"),
        ("medallion plan restaurant; then medallion doctor", "medallion plan restaurant {}; then medallion doctor {}"),
        (
            "next: medallion show sales_trends --home there",
            "next: medallion show sales_trends --config other.toml --home there",
        ),
        ("see medallion status, then go on", "see medallion status {}, then go on"),
        (
            "the medallion runs at night; medallion contracts metrics",
            "the medallion runs at night; medallion contracts metrics",
        ),
    ],
)
def test_options_that_say_where_are_repeated_in_every_command_that_does_not_have_them(
    said: str, completed: str
) -> None:
    hints.remember(["run", "restaurant", "--home", "my exports/home", "--config=other.toml", "--input", "in"])
    assert hints.completed(said) == completed.replace("{}", "--home 'my exports/home' --config other.toml")


def test_of_the_default_home_nothing_is_repeated() -> None:
    hints.remember(["run", "restaurant", "--input", "in"])
    assert hints.completed("see: medallion status restaurant") == "see: medallion status restaurant"


@pytest.mark.parametrize(
    ("home", "arguments", "repeated"),
    [
        ("my data #1", [], " --home 'my data #1'"),
        ("my data #1", ["--config", "other.toml"], " --home 'my data #1' --config other.toml"),
        ("my data #1", ["--home", "there"], " --home there"),
        (".medallion", [], ""),
        ("", [], ""),
    ],
)
def test_a_home_that_the_environment_names_is_repeated_unless_it_is_the_default_or_another_is_given(
    home: str, arguments: list[str], repeated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDALLION_HOME", home)
    hints.remember(["run", "restaurant", *arguments])
    assert hints.completed("next: medallion show sales_trends") == f"next: medallion show sales_trends{repeated}"


def commands_with(option: str, command: Any, name: str = "medallion") -> set[str]:
    below = getattr(command, "commands", None)
    if below is None:
        return {name} if any(option in one.opts for one in command.params) else set()
    return {found for own, one in below.items() for found in commands_with(option, one, f"{name} {own}")}


@pytest.mark.parametrize("option", ["--home", "--config"])
def test_all_commands_that_have_a_home_are_completed_and_take_what_they_are_completed_with(option: str) -> None:
    taking = {name for name in commands_with(option, typer.main.get_command(app)) if " generate " not in name}
    hints.remember([option, "x"])
    assert {name for name in taking if hints.completed(name) == f"{name} {option} x"} == taking
    assert len(taking) == 28


def test_the_command_that_an_error_names_can_be_typed_as_it_is(medallion: Medallion, folder: Path) -> None:
    refused = medallion("rollback", "restaurant", "--home", "else where")
    named = re.search(r"start with: medallion (.*) --input DIR\n", refused.err)
    assert named is not None
    assert shlex.split(named[1]) == ["run", "restaurant", "--home", "else where"]


def test_what_a_listing_names_can_be_typed_as_it_is(medallion: Medallion, folder: Path) -> None:
    (folder / "there").mkdir()
    assert medallion("history", "restaurant", "--home", "there").out.endswith(
        "start one: medallion run restaurant --home there --input DIR\n"
    )
    assert "start with: medallion run restaurant --home there --input DIR\n" in (
        medallion("status", "restaurant", "--home", "there").out
    )


def test_which_commands_say_it_in_json_is_what_the_readme_says() -> None:
    every = commands_with("--verbose", typer.main.get_command(app))
    without = every - commands_with("--json", typer.main.get_command(app))
    assert {name.split()[1] for name in without} == {"dashboard", "contracts"}
