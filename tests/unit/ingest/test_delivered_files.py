"""Which files of a folder are taken for which source."""

from pathlib import Path

import pytest

from medallion.data_product import DataProduct
from medallion.errors import InputError
from medallion.ingest.delivered_files import check_headers, find_deliveries
from medallion.ingest.delivered_places import open_delivery
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.sources import DATE_DIM, ORDER_ITEM_OPTIONS, ORDER_ITEMS, SOURCES

PRODUCT = DataProduct(
    name="restaurant",
    title="Restaurant orders",
    description="Sources alone.",
    sources=SOURCES,
    steps=(),
    rules=RestaurantRules,
    as_of=("orders", "order_date"),
)
ALL_SOURCES = tuple(source.name for source in SOURCES)
DATE_HEADER = b"date_key,year,month,week,day_of_week,is_weekend,is_holiday,holiday_name"


def put(folder: Path, *names: str, content: bytes = b"x") -> None:
    for name in names:
        (folder / name).write_bytes(content)


def test_files_belong_to_the_source_whose_pattern_they_match_in_any_case_also_compressed(tmp_path: Path) -> None:
    put(tmp_path, "ORDER_ITEMS_2024.CSV", "order_item_options.csv.gz", "Date_Dim.csv")

    found = find_deliveries(tmp_path, PRODUCT, required=ALL_SOURCES)

    assert [(file.source, file.name) for file in found.files] == [
        (ORDER_ITEMS, "ORDER_ITEMS_2024.CSV"),
        (ORDER_ITEM_OPTIONS, "order_item_options.csv.gz"),
        (DATE_DIM, "Date_Dim.csv"),
    ]


def test_numbered_files_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    put(tmp_path, "order_items_10.csv", "order_items_2.csv", "Order_Items_1.csv")

    found = find_deliveries(tmp_path, PRODUCT)

    assert [file.name for file in found.files] == ["Order_Items_1.csv", "order_items_2.csv", "order_items_10.csv"]


def test_a_file_is_known_with_its_size_and_time_of_change(tmp_path: Path) -> None:
    put(tmp_path, "date_dim.csv", content=b"1234")

    file = find_deliveries(tmp_path, PRODUCT).files[0]

    status = (tmp_path / "date_dim.csv").stat()
    assert (file.location, file.size, file.modified_ns) == (str(tmp_path / "date_dim.csv"), 4, status.st_mtime_ns)


def test_csv_files_of_no_source_are_returned_and_other_files_are_not_looked_at(tmp_path: Path) -> None:
    put(tmp_path, "date_dim.csv", "orders.csv", "order_items.csv.part", "README.md", "._date_dim.csv")
    (tmp_path / "order_items_old.csv").mkdir()

    found = find_deliveries(tmp_path, PRODUCT)

    assert [file.name for file in found.files] == ["date_dim.csv"]
    assert found.unrecognised == ("order_items.csv.part", "orders.csv")


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: does not exist; name a folder with CSV files"):
        find_deliveries(tmp_path / "nowhere", PRODUCT)


def test_a_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, "date_dim.csv")

    with pytest.raises(InputError, match=r"date_dim\.csv: is a file; name the folder that holds it"):
        find_deliveries(tmp_path / "date_dim.csv", PRODUCT)


@pytest.mark.parametrize(
    ("names", "listed"), [((), "no files"), (("orders.csv", "notes.txt"), "notes.txt, orders.csv")]
)
def test_a_folder_without_a_matching_file_is_an_error_that_lists_what_is_there(
    tmp_path: Path, names: tuple[str, ...], listed: str
) -> None:
    put(tmp_path, *names)

    with pytest.raises(InputError) as refused:
        find_deliveries(tmp_path, PRODUCT)

    assert str(refused.value) == (
        f"{tmp_path}: no file is called order_items*.csv[.gz] or order_item_options*.csv[.gz] or date_dim*.csv[.gz]"
        f" (found: {listed}); add the file, or rename it"
    )


def test_a_required_source_without_a_file_is_an_error_that_names_its_pattern(tmp_path: Path) -> None:
    put(tmp_path, "order_items.csv", "order_item_option.csv", "date_dim.csv")

    with pytest.raises(InputError) as refused:
        find_deliveries(tmp_path, PRODUCT, required=ALL_SOURCES)

    assert str(refused.value) == (
        f"{tmp_path}: no file is called order_item_options*.csv[.gz]"
        " (found: date_dim.csv, order_item_option.csv, order_items.csv); add the file, or rename it"
    )


def test_a_file_that_is_gone_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv: cannot be opened \(No such file or directory\)"):
        open_delivery(str(tmp_path / "gone.csv"))


def test_files_of_one_source_may_differ_in_column_order_and_extra_columns(tmp_path: Path) -> None:
    put(tmp_path, "date_dim_1.csv", content=DATE_HEADER)
    put(tmp_path, "date_dim_2.csv", content=b"season," + DATE_HEADER.upper())

    headers = check_headers(find_deliveries(tmp_path, PRODUCT).files)

    assert [header.extra_columns for header in headers.values()] == [(), ("season",)]


def test_a_column_missing_in_one_of_two_files_is_an_error_that_names_that_file(tmp_path: Path) -> None:
    put(tmp_path, "date_dim_1.csv", content=DATE_HEADER)
    put(tmp_path, "date_dim_2.csv", content=DATE_HEADER.replace(b"week,", b"", 1))

    with pytest.raises(
        InputError, match=r"^date_dim_2\.csv: column 'week' is missing \(found: date_key, year, month, day"
    ):
        check_headers(find_deliveries(tmp_path, PRODUCT).files)
