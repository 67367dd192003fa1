"""What a job is told: typed, checked, and refused in one line."""

from __future__ import annotations

import os
from datetime import date

import pytest

from medallion.contracts import Layer
from medallion.errors import UsageError
from medallion.jobs.arguments import BronzeArguments, JobArguments, is_run_by_glue, parse
from medallion.jobs.layer_job import main

PRODUCT = ("--product", "restaurant", "--home", "home")


def test_values_have_the_types_that_they_stand_for() -> None:
    given = parse(JobArguments, ["job.py", *PRODUCT, "--as_of=2024-02-21", "--rules", '{"churn_after_days": 60}'])
    assert (given.as_of, given.rules, given.engine) == (date(2024, 2, 21), {"churn_after_days": 60}, "spark")


@pytest.mark.parametrize("words", [[], ["--as_of", "latest"]])
def test_without_a_date_it_is_the_newest_day_of_the_data(words: list[str]) -> None:
    assert parse(JobArguments, [*PRODUCT, *words]).as_of is None


def test_what_glue_adds_is_left_alone() -> None:
    of_glue = ["--JOB_NAME", "gold", "--job-bookmark-option", "job-bookmark-disable", "--TempDir", "s3://any/temp"]
    assert parse(JobArguments, [*of_glue, *PRODUCT, "--enable-metrics", "--mode", "x"]).product == "restaurant"
    assert is_run_by_glue(["--JOB_RUN_ID", "jr_1"])
    assert not is_run_by_glue(["--JOB_NAME", "gold"])


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "argument --product: is missing; add it to the job's arguments"),
        (["--product", "x"], "argument --warehouse: is missing; name it and --lake, or --home for a folder of this"),
        (
            [*PRODUCT, "--colour", "red"],
            "argument --colour: is unknown; choose of: --product, --environment, --run_id,",
        ),
        ([*PRODUCT, "--input", "s3://b/c"], "argument --input: is unknown; choose of: "),
        ([*PRODUCT, "--as_of"], "argument --as_of: has no value; write --as_of VALUE"),
        ([*PRODUCT, "--as_of", "--lake", "s3://b/l"], "argument --as_of: has no value; write --as_of VALUE"),
        ([*PRODUCT, "--as_of", "21.2.2024"], "argument --as_of: '21.2.2024' is refused: Input should be a valid"),
        ([*PRODUCT, "--lake", "b/l"], "argument --lake: 'b/l' is refused: String should match pattern"),
        (
            [*PRODUCT, "--engine", "pandas"],
            "argument --engine: 'pandas' is refused: Input should be 'spark' or 'embedded'",
        ),
        (
            [*PRODUCT, "--rules", "churn_after_days=60"],
            "argument --rules: 'churn_after_days=60' is refused: is no JSON;",
        ),
        (
            [*PRODUCT, "--rules", "[60]"],
            "argument --rules: '[60]' is refused: is no JSON object; give: Rules as a JSON",
        ),
        ([*PRODUCT, "--run_id", "a b"], "argument --run_id: 'a b' is refused: String should match pattern"),
    ],
)
def test_what_is_wrong_is_one_line(words: list[str], line: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(JobArguments, words)
    assert str(refused.value).startswith(line)
    assert len(str(refused.value).splitlines()) == 1


def test_the_address_of_the_source_database_has_no_user_in_it() -> None:
    with pytest.raises(UsageError, match=r"^argument --source: 'postgresql://a:b@h/d' is refused: String should match"):
        parse(BronzeArguments, [*PRODUCT, "--source", "postgresql://a:b@h/d"])


def test_the_region_of_a_job_is_that_of_all_clients_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("AWS_REGION", "AWS_DEFAULT_REGION")
    for name in names:
        monkeypatch.setenv(name, "is put back")
        monkeypatch.delenv(name)
    with pytest.raises(UsageError, match="nothing_like_it"):
        main(Layer.SILVER, ["--product", "nothing_like_it", "--home", "home", "--aws_region", "eu-west-3"])
    assert [os.environ[name] for name in names] == ["eu-west-3", "eu-west-3"]
