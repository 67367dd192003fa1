import pytest

from medallion.data_types import DataType


@pytest.mark.parametrize(
    ("text", "name", "length", "scale"),
    [
        ("smallint", "smallint", None, None),
        ("integer", "integer", None, None),
        ("bigint", "bigint", None, None),
        ("double", "double", None, None),
        ("boolean", "boolean", None, None),
        ("date", "date", None, None),
        ("timestamp", "timestamp", None, None),
        ("varchar(255)", "varchar", 255, None),
        ("decimal(18,2)", "decimal", 18, 2),
    ],
)
def test_a_type_is_read_with_its_size(text: str, name: str, length: int | None, scale: int | None) -> None:
    assert DataType.parse(text) == DataType(name, length, scale)


@pytest.mark.parametrize(
    "text",
    ["", "text", "int", "VARCHAR(5)", "varchar", "varchar()", "varchar(5,2)", "decimal", "decimal(18)", "date(3)",
     "bigint(20)", "decimal(18, 2)", "varchar(5) ", "decimal(-1,2)"],
)  # fmt: skip
def test_any_other_text_is_no_type_and_the_known_ones_are_listed(text: str) -> None:
    with pytest.raises(ValueError, match="is unknown; use one of smallint, integer, bigint, double") as refusal:
        DataType.parse(text)

    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "in_spark"),
    [("varchar(255)", "string"), ("decimal(8,2)", "decimal(8,2)"), ("smallint", "smallint"), ("date", "date")],
)
def test_spark_has_a_name_for_every_type(text: str, in_spark: str) -> None:
    assert DataType.parse(text).spark == in_spark
