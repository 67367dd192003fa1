"""What is deployed and what the jobs' scripts understand are one."""

from __future__ import annotations

import pytest
from infra.constructs.lake_buckets import INCOMING_PREFIX, LANDING_PREFIX
from synthesised import Synthesised, text

from medallion.catalog import PRODUCTS, product
from medallion.contracts import Layer
from medallion.ingest.landing import Landing, landing_prefix
from medallion.ingest.s3_bucket import Bucket
from medallion.jobs.arguments import JobArguments, parse
from medallion.jobs.layer_job import ARGUMENTS
from medallion.settings import load_rules

JOBS = [
    (known.name, layer)
    for known in PRODUCTS
    for layer in (Layer.BRONZE, Layer.SILVER, Layer.GOLD)
    if layer is not Layer.BRONZE or known.sources
]


def given(templates: Synthesised, name: str, layer: Layer) -> JobArguments:
    """What the script makes of the job's arguments with those that Glue and the state machine add."""
    job = templates.of("AWS::Glue::Job", f"{name.replace('_', '')}Jobs{layer.capitalize()}")
    words = [part for one, value in job["DefaultArguments"].items() for part in (one, text(value))]
    of_glue = ["--JOB_NAME", "any", "--JOB_ID", "j_1", "--JOB_RUN_ID", "jr_1", "--TempDir", "s3://any/temp"]
    of_machine = ["--run_id", "4f2e", "--as_of", "2024-02-21"]
    return parse(ARGUMENTS.get(layer, JobArguments), ["script.py", *of_glue, *words, *of_machine])


@pytest.mark.parametrize(("name", "layer"), JOBS)
def test_every_job_understands_what_it_is_given(prod: Synthesised, name: str, layer: Layer) -> None:
    found = given(prod, name, layer)
    assert (found.product, found.environment, found.run_id, str(found.as_of)) == (name, "prod", "4f2e", "2024-02-21")
    assert (found.engine, found.home, found.metrics_namespace) == ("spark", None, "Medallion")
    assert found.copy_role is not None
    assert found.aws_region is not None


def test_rules_of_the_context_are_those_of_every_layer(prod: Synthesised) -> None:
    rules = [given(prod, "restaurant", layer).rules for layer in (Layer.BRONZE, Layer.SILVER, Layer.GOLD)]
    assert rules == [{"churn_after_days": 60}] * 3
    assert load_rules(product("restaurant"), given=rules[0]).model_dump()["churn_after_days"] == 60


def test_only_the_job_that_publishes_the_marts_is_told_who_reads_them(dev: Synthesised) -> None:
    readers = {layer: given(dev, "restaurant", layer).reader_role for layer in (Layer.SILVER, Layer.GOLD)}
    assert readers == {Layer.SILVER: None, Layer.GOLD: "dashboards"}


def test_bronze_reads_where_the_function_puts_a_products_files(prod: Synthesised) -> None:
    assert f"{LANDING_PREFIX}card_payments/" == landing_prefix("card_payments")
    assert Landing.of(Bucket(None, "any"), "card_payments").incoming.startswith(INCOMING_PREFIX)  # type: ignore[arg-type]
    job = prod.of("AWS::Glue::Job", "cardpaymentsJobsBronze")["DefaultArguments"]
    assert text(job["--input"]).endswith("/landing/card_payments/")


def test_products_that_read_no_files_are_given_none(prod: Synthesised) -> None:
    assert "--input" not in prod.of("AWS::Glue::Job", "salescrmJobsBronze")["DefaultArguments"]
