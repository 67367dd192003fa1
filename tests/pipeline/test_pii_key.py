"""A product that keeps an address as a keyed hash only: the key comes from the settings, and is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from every_byte import found_in
from pydantic import BaseModel, SecretStr

from medallion.contracts import TEXT, Column, Layer, PiiAction, Table
from medallion.data_product import DataProduct, Source, Step
from medallion.errors import UsageError
from medallion.pipeline.run import execute
from medallion.pipeline.running import Request
from medallion.spark import F

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

    from medallion.pipeline.running import Workspace


class Rules(BaseModel):
    """None."""


LETTERS = Source(
    name="letters",
    file_pattern="letters*.csv",
    description="Letters sent.",
    columns=(
        Column("letter_id", TEXT, "Key."),
        Column("email", TEXT, "To whom.", pii="e-mail", pii_action=PiiAction.HMAC),
        Column("sent_on", TEXT, "Day."),
    ),
)
TABLE = Table(
    name="letters",
    layer=Layer.SILVER,
    grain=("letter_id",),
    description="One row a letter.",
    columns=(
        Column("letter_id", "varchar(9)", "Key."),
        Column("email", "varchar(64)", "Keyed hash of the address."),
        Column("sent_on", "date", "Day."),
    ),
    source="letters",
)


def build(bronze_letters: DataFrame) -> DataFrame:
    missing = {"_reasons": F.lit(""), "_raw_text": F.lit(None).cast("string"), "_disposition": F.lit("accepted")}
    return TABLE.conform_delivered(bronze_letters.withColumns(missing))


PRODUCT = DataProduct(
    name="post",
    title="Post",
    description="Letters.",
    sources=(LETTERS,),
    steps=(Step(table=TABLE, build=build),),
    rules=Rules,
    as_of=("letters", "sent_on"),
)


@pytest.fixture
def request_of_letters(tmp_path: Path) -> Request:
    folder = tmp_path / "input"
    folder.mkdir()
    (folder / "letters.csv").write_text(
        "letter_id,email,sent_on\n1,ann@x.org,2024-01-01\n2,ann@x.org,2024-01-02\n3,bea@x.org,2024-01-03\n"
    )
    return Request(product=PRODUCT, rules=Rules(), input=folder)


def test_without_the_key_nothing_is_read_and_one_line_says_what_is_missing(
    workspace: Workspace, request_of_letters: Request, spark: SparkSession
) -> None:
    with pytest.raises(
        UsageError, match=r"^setting 'pii_key' is missing: letters\.email is kept as a keyed hash only;"
    ):
        execute(workspace, request_of_letters)

    assert found_in(workspace.home, ["ann@x.org"]) == {}


def test_with_the_key_equal_addresses_can_be_told_and_none_is_known(
    workspace: Workspace, request_of_letters: Request, spark: SparkSession
) -> None:
    settings = workspace.settings.model_copy(update={"pii_key": SecretStr("a key of the tests")})

    execute(replace(workspace, settings=settings), request_of_letters)

    with workspace.warehouse.read() as session:
        hashes = [row[0] for row in session.rows("SELECT email FROM post_silver.letters ORDER BY letter_id")]
    assert hashes[0] == hashes[1] != hashes[2]
    assert {len(one) for one in hashes} == {64}
    assert found_in(workspace.home, ["ann@x.org", "bea@x.org", "a key of the tests"]) == {}
