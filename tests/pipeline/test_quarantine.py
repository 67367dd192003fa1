"""What becomes of rejected rows: accepted by themselves, replayed under other rules, or corrected and delivered."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from comparison import differences
from restaurant_input import ITEMS, ITEMS_HEADER, NET_AMOUNT, OPTIONS, OPTIONS_HEADER, write_csv

from medallion import cli
from medallion.catalog import product
from medallion.warehouse.quarantine import Chosen

if TYPE_CHECKING:
    from pathlib import Path

    from restaurant_input import Bench

    from medallion.pipeline.progress import Report, TableReport

TEST_APP = "test,r1,2024-01-03T10:00:00Z,o{0},u1,,FALSE,USD,l1,Mains,Burger,10.00,1"
RULE = 'excluded_app_names=["test"]'
REJECTED = "SELECT table_name, source_file, row_number, reasons FROM quarantine.rejected_row ORDER BY ALL"


def report_of(report: Report, table: str) -> TableReport:
    return next(one for one in report.tables if one.name == table)


class Cli:
    """`medallion quarantine` on the bench's home, with its JSON."""

    def __init__(self, bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
        self._home, self._capfd = str(bench.workspace.home), capfd

    def __call__(self, name: str, *options: str, code: int = 0) -> Any:
        self._capfd.readouterr()
        found = cli.main(["quarantine", name, "restaurant", "--home", self._home, "--json", *options])
        out, err = self._capfd.readouterr()
        assert found == code, out + err
        return json.loads(out)


@pytest.fixture
def quarantine(bench: Bench, capfd: pytest.CaptureFixture[str]) -> Cli:
    return Cli(bench, capfd)


def test_options_delivered_before_their_lines_are_accepted_in_the_run_that_brings_these(bench: Bench) -> None:
    lines = [TEST_APP.format(number) for number in range(10, 40)]
    write_csv(bench.input, "order_items.csv", ITEMS_HEADER, [*ITEMS, *lines])
    bench.run()
    assert ("order_item_options", "order_item_options.csv", 4, "orphan") in bench.rows(REJECTED)
    late = "app,r1,2024-01-03T12:00:00Z,o9,u1,,FALSE,USD,l1,Mains,Salad,8.00,1"
    write_csv(bench.input, "order_items_late.csv", ITEMS_HEADER, [late])

    report = bench.run()

    options = report_of(report, "order_item_options")
    assert (options.action, options.rows_in, options.rows_rejected) == ("updated", 0, 0)
    assert bench.value("SELECT net_amount FROM restaurant_silver.orders WHERE order_id = 'o9'") == 9
    assert bench.rows(REJECTED) == [("order_items", "order_items.csv", 6, "invalid_item_price")]


def test_a_replay_reads_just_the_rows_that_a_rule_had_excluded(bench: Bench, tmp_path: Path) -> None:
    write_csv(bench.input, "order_items.csv", ITEMS_HEADER, [*ITEMS, *map(TEST_APP.format, (7, 8))])
    bench.run()
    warehouse = bench.workspace.home / "warehouse.duckdb"
    never_excluded, rejected = shutil.copy(warehouse, tmp_path / "never_excluded.duckdb"), bench.rows(REJECTED)
    bench.run(RULE)
    assert len(bench.rows(REJECTED)) == len(rejected) + 2

    replayed = report_of(bench.run(replay=Chosen(reason="excluded_app")), "order_items")

    assert (replayed.action, replayed.reason, replayed.rows_in, replayed.rows_rejected) == (
        "updated",
        "replay of quarantine",
        0,
        0,
    )
    assert (bench.rows(REJECTED), differences(product("restaurant"), warehouse, never_excluded)) == (rejected, {})

    # Rows of two sets of rules were mixed: the next run does not trust that, and finds the same.
    assert report_of(bench.run(), "order_items").action == "built"
    assert (bench.rows(REJECTED), differences(product("restaurant"), warehouse, never_excluded)) == (rejected, {})
    assert bench.run().run_id is None


def test_a_replay_says_what_was_accepted_and_what_was_not(bench: Bench, quarantine: Cli) -> None:
    nameless = "app,r1,2024-01-05T12:30:00Z,,u1,,FALSE,USD,l1,Mains,Salad,8.00,1"
    lines = [*ITEMS, *map(TEST_APP.format, (7, 8)), nameless, "too,few,fields"]
    # Of o3 there is a good record that counts, so that this one is not needed when it is good.
    replaced = "test,r1,2024-01-05T11:00:00Z,o3,,,FALSE,USD,l1,Mains,Salad,7.00,1"
    write_csv(bench.input, "order_items.csv", ITEMS_HEADER, [replaced, *lines])
    bench.run(RULE)

    found = quarantine("replay", "--table", "order_items")

    assert found["replay"] == {
        "accepted": 2,
        "replaced": 1,
        "rejected": 1,
        "rejected_for": {"invalid_item_price": 1},
        "kept_out": 1,
        "without_key": 1,
    }
    assert found["status"] == "succeeded"


def test_rows_that_cannot_be_read_again_are_not_replayed(bench: Bench, quarantine: Cli) -> None:
    write_csv(bench.input, "order_items.csv", ITEMS_HEADER, [*ITEMS, "too,few,fields"])
    bench.run()

    assert quarantine("replay", "--reason", "ragged", code=2)["error"].startswith(
        "restaurant: none of 1 rows can be read again"
    )
    assert quarantine("replay", "--reason", "nonsense", code=2)["error"].startswith("restaurant: no row in quarantine")
    assert bench.value("SELECT count(*) FROM control.run") == 1


def test_a_rejected_row_is_exported_corrected_and_delivered(bench: Bench, quarantine: Cli, tmp_path: Path) -> None:
    bench.run()

    exported = quarantine("export", "--table", "order_items", "--output", str(tmp_path / "corrections"))
    (corrections,) = (tmp_path / "corrections").glob("*.csv")
    assert (exported["file"], exported["rows"]) == (str(corrections), 1)
    text = corrections.read_text(encoding="utf-8")
    assert text.splitlines() == [
        ITEMS_HEADER.lower(),
        "app,r1,2024-01-05T12:30:00Z,o4,u1,,FALSE,USD,l1,Mains,Salad,abc,1",
    ]
    (bench.input / corrections.name).write_text(text.replace(",abc,", ",8.00,"), encoding="utf-8")
    bench.run()

    assert bench.net_amount() == "47.50"
    # The old record stays on record as rejected, since every record of a file is accounted for.
    (old,) = quarantine("show", "--table", "order_items")["rows"]
    assert (old["file"], old["is_superseded"]) == ("order_items.csv", True)
    groups = {group["reason"]: group for group in quarantine("list")["groups"]}
    assert groups["invalid_item_price"]["remedy"] == "none needed: later deliveries of these rows were accepted"
    again = quarantine("export", "--table", "order_items", "--output", str(tmp_path), code=2)
    assert again["error"].startswith("restaurant: there is nothing to correct (1 were replaced by later deliveries)")


def test_a_row_delivered_uncorrected_is_rejected_again_and_nothing_else_changes(bench: Bench, quarantine: Cli) -> None:
    bench.run()
    quarantine("export", "--table", "order_items", "--output", str(bench.input))

    report = bench.run()

    assert len([row for row in bench.rows(REJECTED) if row[3] == "invalid_item_price"]) == 2
    assert (bench.net_amount(), report.notes) == (NET_AMOUNT, ())


def test_options_are_exported_with_all_options_of_their_line_because_these_are_replaced_together(
    bench: Bench, quarantine: Cli, tmp_path: Path
) -> None:
    write_csv(bench.input, "order_item_options.csv", OPTIONS_HEADER, [*OPTIONS, "o1,l1,Extras,Bacon,abc,1"])
    bench.run()
    option = ("--table", "order_item_options", "--reason", "invalid_option_price")

    exported = quarantine("export", *option, "--output", str(tmp_path))

    (corrections,) = tmp_path.glob("order_item_options_quarantine_*.csv")
    assert (exported["rows"], exported["siblings"]) == (1, 2)
    text = corrections.read_text(encoding="utf-8")
    (bench.input / corrections.name).write_text(text.replace(",abc,", ",1.50,"), encoding="utf-8")
    bench.run()
    assert bench.net_amount() == "41.00"  # 39.50 and a bacon; the two cheeses stay


def test_records_the_gate_kept_out_are_exported_as_delivered(bench: Bench, quarantine: Cli, tmp_path: Path) -> None:
    ragged = 'app,r1,2024-01-05T12:00:00Z,o5,,,FALSE,USD,l1,Mains,"Salad, large",8.00'
    write_csv(bench.input, "order_items.csv", ITEMS_HEADER, [*ITEMS, ragged])
    bench.run()

    exported = quarantine("export", "--table", "order_items", "--reason", "ragged", "--output", str(tmp_path))

    (corrections,) = tmp_path.glob("order_items_quarantine_*.csv")
    assert (exported["kept_out"], corrections.read_text().splitlines()[1:]) == (1, [ragged])
    (bench.input / corrections.name).write_text(corrections.read_text().rstrip() + ",1\n", encoding="utf-8")
    bench.run()
    assert bench.net_amount() == "47.50"


def test_reasons_and_places_lie_beside_the_file_where_no_run_reads_them(
    bench: Bench, quarantine: Cli, tmp_path: Path
) -> None:
    bench.run()

    exported = quarantine("export", "--table", "order_items", "--output", str(tmp_path / "order_items_z.csv"))

    assert exported["reasons_file"] == str(tmp_path / "order_items_z.reasons.json")
    assert json.loads((tmp_path / "order_items_z.reasons.json").read_text()) == [
        {"line": 2, "file": "order_items.csv", "row_number": 6, "reasons": ["invalid_item_price"]}
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("order_items_z.csv", "is there already; choose another --output"),
        (
            "fixes.csv",
            "would not count as a later delivery of order_items.csv; name a folder, or for example order_items_",
        ),
        ("order_item_options_z.csv", "would not count as a later delivery of order_items.csv"),
    ],
)
def test_a_file_is_neither_overwritten_nor_named_so_that_it_would_not_count(
    bench: Bench, quarantine: Cli, tmp_path: Path, name: str, message: str
) -> None:
    bench.run()
    (tmp_path / "order_items_z.csv").write_text("mine")

    refused = quarantine("export", "--table", "order_items", "--output", str(tmp_path / name), code=2)

    assert message in refused["error"]
    assert (tmp_path / "order_items_z.csv").read_text() == "mine"


def test_a_correction_below_a_file_cannot_be_written(bench: Bench, quarantine: Cli, tmp_path: Path) -> None:
    bench.run()
    (tmp_path / "file").write_text("mine")
    target = tmp_path / "file" / "corrections" / "order_items_z.csv"

    refused = quarantine("export", "--table", "order_items", "--output", str(target), code=6)

    assert refused["error"].startswith(f"{target}: [Errno ")
    assert refused["error"].endswith("; check the storage and run the same command again")
    assert (tmp_path / "file").read_text() == "mine"
