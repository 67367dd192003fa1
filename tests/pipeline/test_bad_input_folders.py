"""Folders, names and headers that do not fit: refused before anything is read, with what was published kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from bad_input import refusal, refused
from restaurant_input import (
    DATES,
    DATES_HEADER,
    ITEMS,
    ITEMS_HEADER,
    NET_AMOUNT,
    OPTIONS_HEADER,
    write_csv,
    write_input,
)

from medallion.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from restaurant_input import Bench

LATER = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"
WITHOUT_PRICE = ITEMS_HEADER.replace(",ITEM_PRICE", "")


def recorded(bench: Bench) -> list[tuple[str, str]]:
    """What the control tables know of runs and their files."""
    return bench.rows("SELECT 'run', status FROM control.run UNION ALL SELECT file_name, status FROM control.batch")


def skip_where_all_may_be_read(path: Path, right: int) -> None:
    if os.access(path, right):
        pytest.skip("this user may read everything")


def test_a_missing_column_is_named_with_those_that_were_found(published: Bench) -> None:
    write_csv(published.input, "order_items_2.csv", WITHOUT_PRICE, [])
    line = refused(published, InputError)
    assert line.startswith("order_items_2.csv: column 'item_price' is missing (found: APP_NAME, RESTAURANT_ID, ")
    assert line.endswith("); rename it or add it")


def test_a_file_that_is_refused_for_its_header_leaves_no_trace_and_is_read_once_it_fits(published: Bench) -> None:
    before = recorded(published)
    write_csv(published.input, "order_items_2.csv", WITHOUT_PRICE, [])
    refused(published, InputError)
    assert recorded(published) == before
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [LATER])
    published.run()
    assert published.net_amount() == "49.50"


def test_of_two_files_of_a_table_the_one_that_lacks_a_column_is_named_and_neither_is_read(published: Bench) -> None:
    before = recorded(published)
    write_csv(published.input, "order_items_a.csv", ITEMS_HEADER, [LATER])
    write_csv(published.input, "order_items_b.csv", WITHOUT_PRICE, [])
    assert refused(published, InputError).startswith("order_items_b.csv: column 'item_price' is missing")
    assert recorded(published) == before


def test_of_two_files_of_a_table_one_may_have_a_further_column_which_is_noted(published: Bench) -> None:
    write_csv(published.input, "order_items_a.csv", ITEMS_HEADER, [LATER])
    write_csv(published.input, "order_items_b.csv", f"TIP,{ITEMS_HEADER}", [f"1.50,{LATER.replace('o7', 'o8')}"])
    report = published.run()
    assert report.notes == ("order_items_b.csv: columns not in the contract were left out: TIP",)
    assert published.net_amount() == "59.50"


def test_a_file_of_another_table_under_a_tables_name_is_refused_as_what_it_is(published: Bench) -> None:
    write_csv(published.input, "order_items_2.csv", DATES_HEADER, DATES)
    line = refused(published, InputError)
    assert line.startswith("order_items_2.csv: columns 'app_name', 'restaurant_id', ")
    assert "rename the file if it belongs to another source" in line


def test_a_name_that_fits_no_table_is_refused_with_the_names_that_would(published: Bench) -> None:
    write_csv(published.input, "orders.csv", ITEMS_HEADER, ITEMS)
    line = refused(published, InputError)
    assert "no file is called order_items*.csv[.gz] or order_item_options*.csv[.gz] or date_dim*.csv[.gz]" in line
    assert "(found: orders.csv); add the file, or rename it" in line


def test_beside_files_that_fit_a_wrong_name_is_noted_and_left_alone(published: Bench) -> None:
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [LATER])
    write_csv(published.input, "orders.csv", ITEMS_HEADER, ITEMS)
    assert published.run().notes == ("orders.csv: matches no source and was left alone",)


@pytest.mark.parametrize("name", ["order_items.csv", "order_item_options.csv", "date_dim.csv"])
def test_the_first_load_needs_a_file_of_each_table(bench: Bench, name: str) -> None:
    (bench.input / name).unlink()
    with refusal(InputError) as said:
        bench.run()
    assert f"no file is called {name.replace('.csv', '*.csv')}[.gz] (found: " in said[0]
    assert not bench.workspace.warehouse.exists()


def test_a_folder_without_files_is_refused(published: Bench) -> None:
    assert "(found: no files); add the file, or rename it" in refused(published, InputError)


def test_a_folder_that_does_not_exist_is_refused(published: Bench) -> None:
    published.input.rmdir()
    assert refused(published, InputError) == f"{published.input}: does not exist; name a folder with CSV files"


def test_a_file_in_place_of_the_folder_is_refused(published: Bench) -> None:
    published.input = write_csv(published.input, "order_items.csv", ITEMS_HEADER, ITEMS)
    assert refused(published, InputError) == f"{published.input}: is a file; name the folder that holds it"


def test_a_folder_name_longer_than_the_system_allows_is_refused(published: Bench) -> None:
    published.input = published.input / ("x" * 300)
    assert refused(published, InputError).startswith(f"{published.input}: cannot be ")


def test_no_folder_at_all_is_refused_where_nothing_was_loaded_yet(bench: Bench) -> None:
    bench.input = None  # type: ignore[assignment]
    with refusal(InputError) as said:
        bench.run()
    assert said[0].startswith("restaurant: nothing was loaded yet; name the folder of its files with --input")


def test_a_file_that_may_not_be_read_is_refused(published: Bench) -> None:
    path = write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [LATER])
    path.chmod(0)
    skip_where_all_may_be_read(path, os.R_OK)
    line = refused(published, InputError)
    assert line.endswith(
        "order_items_2.csv: cannot be opened (Permission denied); check that it exists and may be read"
    )


@pytest.mark.parametrize("mode", [0o000, 0o300, 0o600])
def test_a_folder_that_may_not_be_read_is_refused(published: Bench, tmp_path: Path, mode: int) -> None:
    published.input = tmp_path / "closed" / "input"
    write_input(published.input)
    published.input.chmod(mode)
    skip_where_all_may_be_read(published.input, os.R_OK | os.X_OK)
    try:
        assert refused(published, InputError).startswith(f"{published.input}")
    finally:
        published.input.chmod(0o700)


def test_a_header_written_with_semicolons_is_refused_with_the_cause(published: Bench) -> None:
    write_csv(published.input, "order_item_options_2.csv", OPTIONS_HEADER.replace(",", ";"), [])
    assert refused(published, InputError).endswith(
        "the header looks separated by semicolons: write the file with commas"
    )


def test_marts_of_the_first_load_are_those_that_the_other_tests_find_kept(published: Bench) -> None:
    assert published.net_amount() == NET_AMOUNT


def test_a_link_to_nothing_is_no_delivery_that_is_left_out_without_a_word(published: Bench) -> None:
    (published.input / "order_items_9.csv").symlink_to(published.input / "gone.csv")
    (published.input / "notes").symlink_to(published.input / "gone")
    assert "order_items_9.csv: cannot be opened (No such file or directory)" in refused(published, InputError)
    (published.input / "order_items_9.csv").unlink()
    write_csv(published.input, "order_items_9.csv", ITEMS_HEADER, [LATER])
    published.run()
    assert published.net_amount() == "49.50"
