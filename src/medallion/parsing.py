"""How delivered text becomes typed values: each function gives NULL for what it cannot read.

Engines differ on `1e3`, blanks and trailing text in casts, so a pattern decides first and the cast comes after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from medallion.contracts import Table
from medallion.delivered_text import delivered_text
from medallion.lineage import IS_DELETED, RAW_TEXT, REASONS
from medallion.spark import DataFrame, F, SparkColumn

_ORIGIN = ("_source_file", "_row_number", "_batch_id")
_PLAIN_DECIMAL = r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)$"
# FIRST_YEAR to LAST_YEAR of `medallion.data_types`.
_YEAR = "(19|20|21)[0-9]{2}"
_TIMESTAMP = (
    rf"^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{{1,6}})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?$"
)
_MONTH_FIRST = rf"^(0?[1-9]|1[0-2])/(0?[1-9]|[12][0-9]|3[01])/{_YEAR} ([01]?[0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])$"
_DAY_FIRST = r"^([0-9]{2})-([0-9]{2})-([0-9]{4})$"
_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")


def text(name: str) -> SparkColumn:
    """The column without surrounding blanks; NULL where nothing is left."""
    return delivered_text(name)


def delivered(bronze: DataFrame, names: Sequence[str], values: Mapping[str, SparkColumn] | None = None) -> DataFrame:
    """Each record's text without blanks as `raw_…`, where it came from, and each column: its value, or else the text.

    `values` are made of the `raw_…` columns.
    """
    return _delivered(bronze, names, values, _ORIGIN)


def pulled(bronze: DataFrame, names: Sequence[str], values: Mapping[str, SparkColumn] | None = None) -> DataFrame:
    """As `delivered`, of a database table: also whether a row says that the one with its key is gone."""
    return _delivered(bronze, names, values, (*_ORIGIN, IS_DELETED))


def _delivered(
    bronze: DataFrame, names: Sequence[str], values: Mapping[str, SparkColumn] | None, origin: Sequence[str]
) -> DataFrame:
    trimmed = bronze.select(*(text(name).alias(f"raw_{name}") for name in names), *origin)
    made = values or {}
    return trimmed.select("*", *(made.get(name, F.col(f"raw_{name}")).alias(name) for name in names))


def replaced(value: SparkColumn, aliases: Mapping[str, str]) -> SparkColumn:
    """The value, or what it stands for where it is an alias (in any letter case); of equal aliases the last counts."""
    chosen = value
    for spelling, name in aliases.items():
        chosen = F.when(F.lower(value) == spelling.lower(), F.lit(name)).otherwise(chosen)
    return chosen


def decimal(value: SparkColumn, precision: int, scale: int) -> SparkColumn:
    """Plain decimal notation (`-12.50`, `16`, `.5`) that fits the type exactly, else NULL: never rounded."""
    whole_digits = precision - scale
    fits = rf"^[+-]?(0*[0-9]{{1,{whole_digits}}}([.][0-9]{{0,{scale}}}0*)?|[.][0-9]{{1,{scale}}}0*)$"
    return F.when(value.rlike(fits), value.try_cast(f"decimal({precision},{scale})"))


def whole_number(value: SparkColumn, type_name: str) -> SparkColumn:
    """A number without fraction (`2`, `2.0`) that fits the integer type, else NULL."""
    without_fraction = F.regexp_replace(value, r"[.]0*$", "")
    return F.when(value.rlike(r"^[+-]?[0-9]{1,9}$"), value.try_cast(type_name)).when(
        value.rlike(r"^[+-]?[0-9]+[.]0*$"), without_fraction.try_cast(type_name)
    )


def number_reason(name: str) -> SparkColumn:
    """Why the column `name` has no number though its row should: `invalid_…` text, or one its type cannot hold."""
    raw = F.col(f"raw_{name}")
    is_number = F.coalesce(raw.rlike(_PLAIN_DECIMAL), F.lit(False))
    return F.when(
        F.col(name).isNull(), F.when(is_number, F.lit(f"overflow_{name}")).otherwise(F.lit(f"invalid_{name}"))
    )


def timestamp_utc(value: SparkColumn) -> SparkColumn:
    """ISO 8601 date and time with `T` or a blank, 0–6 fraction digits, `Z`, an offset, or neither (UTC), else NULL.

    Of the years 1900 to 2199.
    """
    return F.when(value.rlike(_TIMESTAMP), F.try_to_timestamp(value))


def timestamp_month_first(value: SparkColumn) -> SparkColumn:
    """`MM/dd/yyyy h:mm:ss` with or without leading zeros, taken as written, else NULL (also for days there are not).

    Of the years 1900 to 2199.
    """
    return F.when(value.rlike(_MONTH_FIRST), F.try_to_timestamp(value, F.lit("M/d/yyyy H:mm:ss")))


def calendar_day(value: SparkColumn) -> SparkColumn:
    """A day of the years 1900 to 2199 written `DD-MM-YYYY` or `YYYY-MM-DD`, else NULL (also for days there are not)."""
    iso = F.when(value.rlike(_DAY_FIRST), F.regexp_replace(value, _DAY_FIRST, "$3-$2-$1")).otherwise(value)
    return F.when(iso.rlike(rf"^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}$"), iso.try_cast("date"))


def boolean(value: SparkColumn) -> SparkColumn:
    """`true`/`t`/`yes`/`y`/`1` and their opposites in any letter case, else NULL."""
    word = F.lower(value)
    return F.when(word.isin(*_TRUE), F.lit(True)).when(word.isin(*_FALSE), F.lit(False))


def too_long(table: Table, *names: str) -> list[SparkColumn]:
    """A reason for each text column whose UTF-8 bytes exceed the contract's width."""
    return [
        F.when(F.octet_length(F.col(name)) > F.lit(table.column(name).data_type.length), F.lit(f"too_long_{name}"))
        for name in names
    ]


def joined(reasons: list[SparkColumn]) -> SparkColumn:
    """The reasons that apply, separated by commas; the empty string where there is none."""
    return F.concat_ws(",", *reasons)


def explained(
    typed: DataFrame, reasons: list[SparkColumn], columns: tuple[str, ...], masked: tuple[str, ...] = ()
) -> DataFrame:
    """`typed` with the reasons against each row, and of rejected rows what was delivered."""
    judged = typed.withColumn(REASONS, joined(reasons))
    return judged.withColumn(RAW_TEXT, F.when(F.col(REASONS) != "", raw_text(columns, masked)))


def raw_text(columns: tuple[str, ...], masked: tuple[str, ...] = ()) -> SparkColumn:
    """The delivered row (its `raw_…` columns) as JSON; of `masked` columns only the last four characters are kept."""
    shown = (
        F.concat(F.lit("…"), F.right(F.col(f"raw_{name}"), F.lit(4))) if name in masked else F.col(f"raw_{name}")
        for name in columns
    )
    return F.to_json(F.struct(*(value.alias(name) for value, name in zip(shown, columns, strict=True))))
