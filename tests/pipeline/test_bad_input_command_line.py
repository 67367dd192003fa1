"""What a person at the terminal sees of bad input: one line on standard error and the documented exit code."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest
from bad_input import marts, process
from command_line import PROGRAM
from restaurant_input import ITEMS_HEADER, write_csv, write_input
from test_bad_input_busy import HOLD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from restaurant_input import Bench

LATER = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"


def run(bench: Bench, *arguments: str | Path, limit: Callable[[], None] | None = None) -> tuple[int, str]:
    """The exit code and the one line of `medallion run …` in a process of its own, with the product's marts kept."""
    before = marts(bench)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MEDALLION_")}
    environment |= {"MEDALLION_HOME": str(bench.workspace.home), "MEDALLION_WAREHOUSE_WAIT_SECONDS": "0.1"}
    command = [str(PROGRAM), "run", *(str(argument) for argument in arguments)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120, preexec_fn=limit
    )
    assert marts(bench) == before
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.returncode, done.stderr.removeprefix("error: ").removesuffix("\n")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("pizzeria",), "product 'pizzeria' is unknown; choose one of: restaurant"),
        (("restaurant", "--set", "churn_after_days"), "--set churn_after_days: is not name=value; "),
        (("restaurant", "--set", "value_tiers.high=2"), "rule 'value_tiers.high': '2' is refused: "),
        (("restaurant", "--as-of", "2024-02-30"), "--as-of 2024-02-30: is not a date; write YYYY-MM-DD, "),
        (("restaurant", "--as-of", "tomorrow"), "--as-of tomorrow: is not a date; write YYYY-MM-DD, "),
        (("restaurant", "--config", "absent.toml"), "absent.toml: cannot be read (No such file or directory); "),
    ],
)
def test_a_wrong_command_ends_with_2(published: Bench, arguments: tuple[str, ...], line: str) -> None:
    code, said = run(published, *arguments, "--input", published.input)
    assert (code, said[: len(line)]) == (2, line)


def test_a_file_without_a_column_ends_with_3(published: Bench) -> None:
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER.replace(",ITEM_PRICE", ""), [])
    code, said = run(published, "restaurant", "--input", published.input)
    assert (code, said[:53]) == (3, "order_items_2.csv: column 'item_price' is missing (fo")


def test_a_folder_without_files_ends_with_3(published: Bench) -> None:
    code, said = run(published, "restaurant", "--input", published.input)
    assert (code, said.endswith("(found: no files); add the file, or rename it")) == (3, True)


def test_a_file_with_an_unclosed_quote_ends_with_3(published: Bench) -> None:
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [LATER.replace("r1", '"r1')])
    code, said = run(published, "restaurant", "--input", published.input)
    assert (code, said[:40]) == (3, "order_items_2.csv: record 1 opens a quot")


def test_a_file_of_the_first_load_of_all_that_is_damaged_after_its_beginning_ends_with_3(published: Bench) -> None:
    write_input(published.input)
    (published.input / "order_items.csv").unlink()
    rows = (LATER.replace("o7", f"o{n}") for n in range(5000))
    packed = gzip.compress("\n".join([ITEMS_HEADER, *rows]).encode())
    (published.input / "order_items.csv.gz").write_bytes(packed[:-8] + bytes(8))
    code, said = run(published, "restaurant", "--home", published.workspace.home / "new", "--input", published.input)
    assert (code, said.partition(" (")[0]) == (3, "order_items.csv.gz: the gzip data is damaged")


def test_a_warehouse_that_another_process_reads_ends_with_5(published: Bench) -> None:
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [LATER])
    file = published.workspace.home / "warehouse.duckdb"
    with process(HOLD, file, "reading") as holder:
        code, said = run(published, "restaurant", "--input", published.input)
    assert (code, said.startswith(f"{file}: in use by process {holder.pid} (python")) == (5, True)


def test_no_space_ends_with_6(published: Bench) -> None:
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [LATER])

    def no_big_files() -> None:  # writing beyond it fails as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))

    code, said = run(published, "restaurant", "--input", published.input, "--quiet", limit=no_big_files)
    assert (code, ": no space left on the d" in said) == (6, True)


def test_a_warehouse_file_of_another_kind_ends_with_6(published: Bench) -> None:
    other = published.workspace.home / "other"
    other.mkdir()
    (other / "warehouse.duckdb").write_text("not a database " * 1000)
    code, said = run(published, "restaurant", "--home", other, "--input", published.input)
    assert (code, said.startswith(f"{other / 'warehouse.duckdb'}: not a DuckDB file, or a damaged one; ")) == (6, True)
