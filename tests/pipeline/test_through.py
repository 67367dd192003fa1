"""A run in parts, a layer each, as jobs of a scheduler do it: one run, one as-of date, the marts of a whole run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from command_line import CommandLine
from comparison import differences
from restaurant_input import ITEMS_HEADER, Bench, workspace_in, write_csv, write_input

from medallion.catalog import product
from medallion.cli import main
from medallion.contracts import Layer
from medallion.errors import UsageError
from medallion.pipeline.progress import Event

PARTS = (Layer.BRONZE, Layer.SILVER, Layer.GOLD)
LATER = (
    "app,r2,2024-02-01T11:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1",
    "app,r1,2024-01-01T10:00:00Z,o1,u1,XXXXXXXXXXXX1234,TRUE,USD,l1,Mains,Burger,11.00,2",  # its price was corrected
)


def compared(one: Bench, other: Bench) -> dict[str, str]:
    """The tables that differ."""
    return differences(
        product("restaurant"), Path(one.workspace.warehouse.location), Path(other.workspace.warehouse.location)
    )


def test_jobs_of_a_layer_each_make_what_one_run_makes(bench: Bench, tmp_path: Path, engine_name: str) -> None:
    whole = Bench(workspace_in(tmp_path / "whole", engine_name), bench.input)
    whole.run()

    reports = [bench.run(through=layer) for layer in PARTS]

    assert len({report.run_id for report in reports}) == 1
    assert [report.stopped_after for report in reports] == [Layer.BRONZE, Layer.SILVER, None]
    assert [report.version for report in reports] == [None, None, 1]
    assert compared(bench, whole) == {}
    assert bench.workspace.lake.folders("staging/restaurant") == []


def test_an_increment_in_parts_ends_as_one_run_does(bench: Bench, tmp_path: Path, engine_name: str) -> None:
    whole = Bench(workspace_in(tmp_path / "whole", engine_name), bench.input)
    for one in (whole, bench):
        one.run()
    write_csv(bench.input, "order_items_2.csv", ITEMS_HEADER, LATER)
    whole.run()

    for layer in PARTS:
        bench.run(through=layer)

    assert compared(bench, whole) == {}


def test_what_arrives_between_two_jobs_waits_for_the_next_run(bench: Bench) -> None:
    bench.run(through=Layer.BRONZE)
    write_csv(bench.input, "order_items_2.csv", ITEMS_HEADER, LATER)

    report = bench.run()

    assert report.as_of == date(2024, 1, 5)
    assert "order_items_2.csv: came after this run began; run again to load them" in report.notes


def test_a_layer_that_is_done_is_not_built_again_by_the_job_of_the_next(bench: Bench) -> None:
    bench.run(through=Layer.SILVER)
    events: list[Event] = []

    bench.run(listener=events.append)

    done = {(event.layer, event.stage) for event in events}
    assert ("gold", "staged") in done
    assert not {("bronze", "loaded"), ("silver", "staged")} & done


def test_readers_keep_what_they_had_until_gold_is_done(published: Bench) -> None:
    before = published.net_amount()
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, LATER)

    report = published.run(through=Layer.SILVER)

    assert (report.version, published.net_amount()) == (1, before)


def test_the_command_says_where_it_stopped_and_the_next_goes_on(tmp_path: Path, engine_name: str) -> None:
    write_input(tmp_path / "in")
    command = CommandLine(tmp_path / "home", engine_name)

    stopped = command.run("--input", str(tmp_path / "in"), "--through", "silver")
    done = command.run()

    assert (stopped["status"], stopped["stopped_after"]) == ("stopped", "silver")
    assert (done["status"], done["run_id"], done["is_resumed"]) == ("succeeded", stopped["run_id"], True)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("restaurant", "--through", "platinum"),
            "error: --through platinum: is no layer of a run; choose one of: bronze, silver, gold",
        ),
        (
            ("all", "--through", "silver"),
            "error: --through: is for one product, as others read what it publishes at its end; name only that",
        ),
    ],
)
def test_a_layer_that_a_run_cannot_stop_after_is_refused(
    arguments: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = main(["run", *arguments, "--home", str(tmp_path / "home")])

    assert (code, capsys.readouterr().err.strip()) == (UsageError.exit_code, line)
