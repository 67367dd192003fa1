"""The calendar: the delivered days, and a generated row for every other day between the first and the last order."""

from __future__ import annotations

from functools import reduce
from operator import and_

from medallion import parsing
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.lineage import DISPOSITION, RAW_TEXT, REASONS, Disposition
from medallion.products.restaurant.sources import DATE_DIM
from medallion.spark import DataFrame, F, SparkColumn, Window

TABLE = Table(
    name="date_dim",
    layer=Layer.SILVER,
    source=DATE_DIM.name,
    grain=("date_key",),
    description="One row a day. Generated days say nothing about holidays (NULL).",
    columns=(
        Column("date_key", "date", "The day.", nullable=False),
        Column("year", "smallint", "Calendar year.", nullable=False),
        Column("quarter", "smallint", "Calendar quarter.", nullable=False, minimum=1, maximum=4),
        Column("month", "smallint", "Calendar month.", nullable=False, minimum=1, maximum=12),
        Column("week", "smallint", "ISO week number, as delivered.", nullable=False, minimum=1, maximum=53),
        Column("iso_year", "smallint", "Year the ISO week belongs to.", nullable=False),
        Column("iso_week", "smallint", "ISO week number.", nullable=False, minimum=1, maximum=53),
        Column("day_of_week", "varchar(10)", "English name of the weekday.", nullable=False),
        Column("is_weekend", "boolean", "Whether it is a Saturday or Sunday.", nullable=False),
        Column("is_holiday", "boolean", "Whether it is a holiday; NULL on generated days."),
        Column("holiday_name", "varchar(255)", "Name of the holiday."),
        Column("is_generated", "boolean", "Whether the day was added because no file delivered it.", nullable=False),
    ),
    checks=(
        Check(
            name="generated_days_say_nothing_of_holidays",
            expression="NOT is_generated OR (is_holiday IS NULL AND holiday_name IS NULL)",
            description="is_holiday and holiday_name are NULL on generated days",
        ),
    ),
    sort=("date_key",),
)


def build(bronze_date_dim: DataFrame, location_days: DataFrame) -> DataFrame:
    """Every delivered day with its disposition, and the generated days. Grain of accepted and generated: date_key."""
    classified = _classified(_typed(bronze_date_dim))
    delivered = TABLE.conform_delivered(classified.withColumn("is_generated", F.lit(False)))
    known = delivered.where(F.col(DISPOSITION) == Disposition.ACCEPTED.value).select("date_key")
    span = location_days.agg(F.min("order_date").alias("first_date"), F.max("order_date").alias("last_date"))
    days = span.where("first_date IS NOT NULL").select(
        F.explode(F.expr("sequence(first_date, last_date, interval 1 day)")).alias("date_key")
    )
    generated = _derived(days.join(known, "date_key", how="left_anti")).select(
        "*",
        F.lit(None).cast("boolean").alias("is_holiday"),
        F.lit(None).cast("string").alias("holiday_name"),
        F.lit(True).alias("is_generated"),
        F.lit(Disposition.GENERATED.value).alias(DISPOSITION),
        *(F.lit(None).cast("string").alias(name) for name in (REASONS, RAW_TEXT, "_source_file", "_batch_id")),
        F.lit(None).cast("bigint").alias("_row_number"),
    )
    return delivered.unionByName(TABLE.conform_delivered(generated))


def _typed(bronze: DataFrame) -> DataFrame:
    """The contract's columns, derived from the day where the file leaves them empty, and the reasons against a row."""
    raw = bronze.select(
        *(parsing.text(name).alias(f"raw_{name}") for name in DATE_DIM.column_names),
        *(F.col(name) for name in ("_source_file", "_row_number", "_batch_id")),
    )
    derived = _derived(raw.withColumn("date_key", parsing.calendar_day(F.col("raw_date_key"))))
    numbers = {
        name: F.coalesce(parsing.whole_number(F.col(f"raw_{name}"), "smallint"), F.col(name))
        for name in ("year", "month", "week")
    }
    typed = derived.withColumns(
        {
            **numbers,
            "day_of_week": F.coalesce(F.col("raw_day_of_week"), F.col("day_of_week")),
            "is_weekend": F.coalesce(parsing.boolean(F.col("raw_is_weekend")), F.col("is_weekend")),
            "is_holiday": parsing.boolean(F.col("raw_is_holiday")),
            "holiday_name": F.col("raw_holiday_name"),
        }
    )
    return typed.withColumn(REASONS, parsing.joined(_reasons())).withColumn(
        RAW_TEXT, F.when(F.col(REASONS) != "", parsing.raw_text(DATE_DIM.column_names))
    )


def _classified(typed: DataFrame) -> DataFrame:
    """Of several records of a day the newest delivery wins, then the later record."""
    latest_first = Window.partitionBy("date_key", F.col(REASONS) == "").orderBy(
        F.desc("_batch_id"), F.desc("_row_number")
    )
    return typed.withColumn("place", F.row_number().over(latest_first)).withColumn(
        DISPOSITION,
        F.when(F.col(REASONS) != "", F.lit(Disposition.REJECTED.value))
        .when(F.col("place") > 1, F.lit(Disposition.DUPLICATE.value))
        .otherwise(F.lit(Disposition.ACCEPTED.value)),
    )


def _derived(days: DataFrame) -> DataFrame:
    """What follows from `date_key` alone. The Thursday of a week decides the ISO year the week belongs to."""
    thursday = F.date_add(F.date_trunc("week", F.col("date_key")).cast("date"), 3)
    return days.withColumns(
        {
            "year": F.year("date_key").cast("smallint"),
            "quarter": F.quarter("date_key").cast("smallint"),
            "month": F.month("date_key").cast("smallint"),
            "week": F.weekofyear("date_key").cast("smallint"),
            "iso_year": F.year(thursday).cast("smallint"),
            "iso_week": F.weekofyear("date_key").cast("smallint"),
            "day_of_week": F.date_format("date_key", "EEEE"),
            "is_weekend": F.dayofweek("date_key").isin(1, 7),
        }
    )


def _reasons() -> list[SparkColumn]:
    return [
        F.when(F.col("date_key").isNull(), F.lit("invalid_date_key")),
        *(
            F.when(F.col(f"raw_{name}").isNotNull() & ~is_read, F.lit(f"invalid_{name}"))
            for name, is_read in (
                *((name, parsing.boolean(F.col(f"raw_{name}")).isNotNull()) for name in ("is_weekend", "is_holiday")),
                *((name, _is_in_range(name)) for name in ("year", "month", "week")),
            )
        ),
        *parsing.too_long(TABLE, "day_of_week", "holiday_name"),
    ]


def _is_in_range(name: str) -> SparkColumn:
    """Whether the delivered text is a whole number that the contract's column may hold."""
    number = parsing.whole_number(F.col(f"raw_{name}"), "smallint")
    column = TABLE.column(name)
    bounds = [number >= column.minimum] if column.minimum is not None else []
    bounds += [number <= column.maximum] if column.maximum is not None else []
    return F.coalesce(reduce(and_, bounds, number.isNotNull()), F.lit(False))
