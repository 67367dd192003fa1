from datetime import date
from decimal import Decimal

import pytest
from pydantic import BaseModel
from pyspark.sql import DataFrame, SparkSession

from medallion.checks import Check, ForeignKey, Probe, Severity
from medallion.contracts import TEXT, Column, Layer, Table
from medallion.data_product import DataProduct, Source, Step

SALES = Table(
    name="sales",
    layer=Layer.GOLD,
    grain=("day",),
    description="Sales a day.",
    columns=(
        Column("day", "date", "The day.", nullable=False),
        Column("amount", "decimal(8,2)", "What was sold.", "currency"),
        Column("share", "double", "Of all.", minimum=0, maximum=1),
        Column("mood", "varchar(20)", "How it went.", accepted=("fine", "Can't Lose", "back\\slash")),
    ),
    checks=(Check(name="no_sundays", expression="dayofweek(day) > 1", description="closed on Sundays"),),
)
TICKETS = Source(
    name="tickets",
    file_pattern="tickets*.csv",
    description="One record a ticket.",
    columns=(Column("ticket_id", TEXT, "Ticket."), Column("price", TEXT, "Price.")),
)


def test_what_a_column_promises_are_checks() -> None:
    found = {check.name: check.expression for check in SALES.row_checks}

    assert found == {
        "day.not_null": "day IS NOT NULL",
        "share.minimum": "share >= 0",
        "share.maximum": "share <= 1",
        "mood.accepted": "mood IN ('fine', 'Can\\'t Lose', 'back\\\\slash')",
        "no_sundays": "dayofweek(day) > 1",
    }


def test_accepted_values_are_found_whatever_characters_they_have(spark: SparkSession) -> None:
    check = next(check for check in SALES.row_checks if check.name == "mood.accepted")
    moods = spark.createDataFrame([("fine",), ("Can't Lose",), ("back\\slash",), ("fin",)], "mood string")

    assert [row["mood"] for row in moods.where(f"NOT ({check.expression})").collect()] == ["fin"]


@pytest.mark.parametrize(
    ("grain", "names", "named"),
    [(("week",), ("day",), "week"), (("day",), ("day", "day"), "day")],
)
def test_a_table_names_its_columns_once_and_its_grain_among_them(
    grain: tuple[str, ...], names: tuple[str, ...], named: str
) -> None:
    columns = tuple(Column(name, "date", "A day.") for name in names)

    with pytest.raises(ValueError, match=f"table t: columns unknown or repeated: {named}"):
        Table(name="t", layer=Layer.GOLD, grain=grain, description="A table.", columns=columns)


def test_a_column_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="type 'money' is unknown"):
        Column("amount", "money", "What was sold.")


def test_a_column_is_found_by_name() -> None:
    assert SALES.column("amount").unit == "currency"
    with pytest.raises(KeyError, match="sales has no column week"):
        SALES.column("week")


def test_rows_are_given_the_columns_order_and_types_of_the_contract(spark: SparkSession) -> None:
    built = spark.sql("SELECT 'fine' AS mood, 1 AS extra, '2024-05-01' AS day, 12.5 AS amount, 1 AS share")

    found = SALES.conform(built)

    assert dict(found.dtypes) == {"day": "date", "amount": "decimal(8,2)", "share": "double", "mood": "string"}
    assert tuple(found.collect()[0]) == (date(2024, 5, 1), Decimal("12.50"), 1.0, "fine")


@pytest.mark.parametrize(
    "columns",
    [
        "DATE'2024-05-01' AS day, 1 AS amount, 1 AS share",  # no mood
        "DATE'2024-05-01' AS day, 1000000 AS amount, 1 AS share, '' AS mood",
        "'yesterday' AS day, 1 AS amount, 1 AS share, '' AS mood",
    ],
)
def test_rows_that_do_not_fit_the_contract_raise(spark: SparkSession, columns: str) -> None:
    with pytest.raises(Exception, match=r"(?i)mood|amount|1000000|yesterday|cast|overflow|parse"):
        SALES.conform(spark.sql(f"SELECT {columns}")).collect()


def test_of_accepted_rows_file_and_record_are_kept_and_not_the_text(spark: SparkSession) -> None:
    origin = "'' AS _reasons, '{}' AS _raw_text, 'a.csv' AS _source_file, 1L AS _row_number, '1' AS _batch_id"
    row = f"SELECT DATE'2024-05-01' AS day, 1 AS amount, 1 AS share, 'fine' AS mood, {origin}"
    built = spark.sql(f"{row}, 'accepted' AS _disposition UNION ALL {row}, 'rejected' AS _disposition")

    found = SALES.conform_delivered(built).select("_disposition", "_source_file", "_row_number", "_raw_text").collect()

    assert sorted(map(tuple, found)) == [("accepted", None, 1, None), ("rejected", "a.csv", 1, "{}")]


def test_bronze_is_the_source_and_where_each_row_came_from() -> None:
    bronze = TICKETS.bronze

    assert bronze.column_names == (
        "ticket_id", "price", "_source_file", "_row_number", "_batch_id", "_ingested_at",
    )  # fmt: skip
    assert (bronze.name, bronze.layer, bronze.grain) == ("bronze_tickets", "bronze", ("_batch_id", "_row_number"))


class Rules(BaseModel):
    """No rules."""


def build_tickets(bronze_tickets: DataFrame, repeats: DataFrame, *, rules: Rules) -> DataFrame:
    raise NotImplementedError


def build_repeats(bronze_tickets: DataFrame, bronze_prices: DataFrame) -> DataFrame:
    raise NotImplementedError


def build_sales(tickets: DataFrame, *, as_of: date) -> DataFrame:
    raise NotImplementedError


def a_table(name: str, layer: Layer) -> Table:
    return Table(name=name, layer=layer, grain=(), description="A table.", columns=())


PRODUCT = DataProduct(
    name="theatre",
    title="Theatre",
    description="Tickets.",
    sources=(TICKETS,),
    steps=(
        Step(table=a_table("tickets", Layer.SILVER), build=build_tickets),
        Step(table=a_table("sales", Layer.GOLD), build=build_sales),
    ),
    intermediates=(Step(table=a_table("repeats", Layer.INTERMEDIATE), build=build_repeats),),
    rules=Rules,
    as_of=("tickets", "day"),
)


def test_a_step_reads_the_tables_its_build_names_and_takes_what_comes_by_keyword() -> None:
    step = PRODUCT.step("tickets")

    assert (step.inputs, step.parameters) == (("bronze_tickets", "repeats"), ("rules",))


def test_what_a_step_reads_through_intermediates_counts_once() -> None:
    assert PRODUCT.published_inputs(PRODUCT.step("tickets")) == ("bronze_tickets", "bronze_prices")


def test_steps_are_found_by_table_and_by_layer() -> None:
    assert PRODUCT.step("repeats").inputs == ("bronze_tickets", "bronze_prices")
    assert [step.table.name for step in PRODUCT.layer(Layer.GOLD)] == ["sales"]
    assert PRODUCT.source("tickets") is TICKETS


def test_marts_are_in_the_schema_of_the_product_and_silver_beside_it() -> None:
    assert (PRODUCT.schema(Layer.GOLD), PRODUCT.schema(Layer.SILVER)) == ("theatre", "theatre_silver")


def test_a_foreign_key_points_to_the_same_names_unless_told() -> None:
    key = ForeignKey(columns=("a", "b"), references="t")

    assert (key.target, ForeignKey(columns=("a",), references="t", to=("z",)).target) == (("a", "b"), ("z",))


def test_a_probe_reads_the_tables_its_measure_names_and_warns_unless_told() -> None:
    probe = Probe(name="p", description="Fits.", measure=build_tickets)

    assert (probe.inputs, probe.severity) == (("bronze_tickets", "repeats"), Severity.WARN)
