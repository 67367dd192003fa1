"""What is wrong with a command is said in one line, before anything is created."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from outcome import Medallion

from medallion.catalog import PRODUCTS


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("run", "nope"), "error: product 'nope' is unknown; choose one of: restaurant"),
        (("status", "nope"), "error: product 'nope' is unknown; choose one of: restaurant"),
        (
            ("run", "restaurant", "--set", "churn_after_days"),
            "error: --set churn_after_days: is not name=value; write for example --set churn_after_days=60",
        ),
        (("run", "restaurant", "--set", "churn=60"), "error: rule 'churn' is unknown; choose one of: "),
        (
            ("run", "restaurant", "--set", "churn_after_days=soon"),
            "error: rule 'churn_after_days': 'soon' is refused: ",
        ),
        (
            ("plan", "restaurant", "--as-of", "2024-02-30"),
            "error: --as-of 2024-02-30: is not a date; write YYYY-MM-DD, for example 2024-02-21",
        ),
        (
            ("run", "restaurant", "--as-of", "2300-01-01"),
            "error: --as-of 2300-01-01: is too far away; write a day of the years 1900 to 2199\n",
        ),
        (("run", "restaurant", "--engine", "abacus"), "error: setting 'engine': 'abacus' is refused: "),
        (("run", "restaurant", "--inptu", "x"), "error: No such option: --inptu"),
        (("run",), "error: Missing argument 'PRODUCT...'"),
        (("runn",), "error: No such command 'runn'"),
        (("run", "restaurant", "--config", "absent.toml"), "error: absent.toml: cannot be read "),
        (("generate", "restaurant", "--dirty", "2"), "error: dirty: 2.0 is outside 0 to 1"),
        (("query", "SELECT 1", "--json", "--csv"), "error: --json and --csv exclude each other"),
    ],
)
def test_a_wrong_command_is_one_line_and_exit_code_2(
    medallion: Medallion, folder: Path, arguments: tuple[str, ...], line: str
) -> None:
    outcome = medallion(*arguments)

    said = outcome.err if "--json" not in arguments else "error: " + outcome.document["error"] + "\n"
    assert (outcome.code, said.count("\n"), said[: len(line)], list(folder.iterdir())) == (2, 1, line, [])


def test_the_data_source_name_needs_source_rds_and_is_not_repeated(medallion: Medallion) -> None:
    outcome = medallion("run", "restaurant", "--source-dsn", "postgresql://u:secret@host/db")

    assert outcome.code == 2
    assert "warning: others can see --source-dsn in the process list; set MEDALLION_SOURCE_DSN" in outcome.err
    assert "secret" not in outcome.err


def test_a_missing_input_folder_is_exit_code_3(medallion: Medallion) -> None:
    outcome = medallion("plan", "restaurant", "--input", "absent")

    assert (outcome.code, outcome.err) == (3, "error: absent: does not exist; name a folder with CSV files\n")


def test_an_error_as_json_is_one_document_with_its_exit_code(medallion: Medallion) -> None:
    outcome = medallion("run", "restaurant", "--input", "absent", "--json")

    assert outcome.document == {"error": "absent: does not exist; name a folder with CSV files", "exit_code": 3}


def test_an_error_shows_its_traceback_only_where_that_is_asked(medallion: Medallion) -> None:
    plain, verbose = medallion("status", "nope"), medallion("status", "nope", "--verbose")

    assert "Traceback" not in plain.err
    assert verbose.err.startswith("Traceback")
    assert verbose.err.endswith(
        f"error: product 'nope' is unknown; choose one of: {', '.join(one.name for one in PRODUCTS)}\n"
    )


def test_a_home_that_cannot_be_made_is_exit_code_6(medallion: Medallion, folder: Path) -> None:
    (folder / "file").write_text("")

    outcome = medallion("run", "restaurant", "--home", "file/home", "--input", ".")

    assert (outcome.code, outcome.err.count("\n"), outcome.err[:17]) == (6, 1, "error: file/home:")


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        (("contracts", "export", "restaurant", "--output", "file/contracts"), "file/contracts/restaurant.odcs.yaml"),
        (("contracts", "dictionary", "--output", "file/words.md"), "file/words.md"),
        (("generate", "restaurant", "--orders", "10", "--output", "file/sample"), "file/sample"),
    ],
)
def test_an_output_below_a_file_is_exit_code_6(
    medallion: Medallion, folder: Path, arguments: tuple[str, ...], target: str
) -> None:
    (folder / "file").write_text("mine")

    outcome = medallion(*arguments)

    assert outcome.code == 6
    assert re.fullmatch(
        rf"error: {re.escape(target)}: \[Errno \d+\] (Not a directory|File exists): 'file[^']*';"
        r" check the storage and run the same command again\n",
        outcome.err,
    )
    assert (folder / "file").read_text() == "mine"


def test_help_states_every_exit_code(medallion: Medallion) -> None:
    outcome = medallion("--help")

    text = " ".join(outcome.out.split())
    assert outcome.code == 0
    assert all(f"· {code} " in text for code in (1, 2, 3, 4, 5, 6, 7, 130, 141))
