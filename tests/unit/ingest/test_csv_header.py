"""Which headers are accepted, and what is said about the others."""

import io

import pytest
from gate_runs import ABC

from medallion.contracts import TEXT, Column
from medallion.data_product import Source
from medallion.errors import InputError
from medallion.ingest.csv_header import Header, read_header


def test_a_header_says_where_each_column_is_and_which_are_extra() -> None:
    header = read_header(io.BytesIO(b"c,Note,A,b\n1,2,3,4\n"), ABC, "abc.csv")

    assert header == Header(field_count=4, positions=(2, 3, 0), extra_columns=("Note",))


def test_a_quoted_name_may_hold_commas_and_newlines() -> None:
    header = read_header(io.BytesIO(b'a,b,c,"x,\ny"\r\n'), ABC, "abc.csv")

    assert header.extra_columns == ("x,\ny",)


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        (b"a,c,d", "column 'b' is missing (found: a, c, d); rename it or add it"),
        (b"a", "columns 'b', 'c' are missing (found: a); rename or add them"),
        (b'a,b,"c\nd"', "column 'c' is missing (found: a, b, c\\nd); rename it or add it"),
        (b"a,b,c,B", "column 'b' is named 2 times (fields 2, 4); keep one"),
        (
            b"a;b;c",
            "columns 'a', 'b', 'c' are missing (found: a;b;c);"
            " the header looks separated by semicolons: write the file with commas",
        ),
        (
            b"a\tb\tc",
            "columns 'a', 'b', 'c' are missing (found: a\\tb\\tc);"
            " the header looks separated by tabs: write the file with commas",
        ),
        (
            b"1,2,3",
            "columns 'a', 'b', 'c' are missing (found: 1, 2, 3); the first record must be the header:"
            " add one, or rename the file if it belongs to another source",
        ),
    ],
)
def test_a_header_that_does_not_fit_is_refused_with_what_is_wrong_and_the_remedy(record: bytes, fault: str) -> None:
    with pytest.raises(InputError) as refused:
        read_header(io.BytesIO(record + b"\n1,2,3\n"), ABC, "abc.csv")

    assert str(refused.value) == f"abc.csv: {fault}"


def test_an_extra_column_may_be_named_twice() -> None:
    header = read_header(io.BytesIO(b"a,b,c,x,x"), ABC, "abc.csv")

    assert header.extra_columns == ("x", "x")


def test_an_endless_header_is_refused_without_reading_the_whole_file() -> None:
    stream = io.BytesIO(b"a" * (8 << 20))

    with pytest.raises(InputError, match=r"abc\.csv: the header .* is endless"):
        read_header(stream, ABC, "abc.csv")

    assert stream.tell() < 2 << 20


TWICE = Source(
    name="sales",
    file_pattern="sales*.csv",
    description="A header that repeats a name.",
    columns=(
        Column("sale_id", TEXT, "Key.", header="id"),
        Column("name", TEXT, "First name of the product."),
        Column("name_2", TEXT, "Second name of the product.", header="name"),
    ),
)


def test_a_repeated_name_stands_for_columns_in_their_order() -> None:
    header = read_header(io.BytesIO(b"NAME,id,Name\n"), TWICE, "sales.csv")

    assert header.positions == (1, 0, 2)


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        (b"id,name", "column 'name' is named once (field 2); name it 2 times, for name, name_2 in this order"),
        (b"name,id,name,name", "column 'name' is named 3 times (fields 1, 3, 4); name it 2 times, for name, name_2"),
        (b"id,id,name,name", "column 'id' is named 2 times (fields 1, 2); keep one"),
        (b"id,label", "column 'name' is missing (found: id, label); rename it or add it"),
        (b"sale_id,name,name", "column 'id' is missing (found: sale_id, name, name); rename it or add it"),
    ],
)
def test_a_name_repeated_more_or_less_often_than_agreed_is_refused(record: bytes, fault: str) -> None:
    with pytest.raises(InputError) as refused:
        read_header(io.BytesIO(record + b"\n"), TWICE, "sales.csv")

    assert str(refused.value).startswith(f"sales.csv: {fault}")
