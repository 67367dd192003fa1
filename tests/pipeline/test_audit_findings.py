from __future__ import annotations

from pydantic import BaseModel
from pyspark.sql import DataFrame, SparkSession

from medallion.checks import Probe, Severity
from medallion.pipeline import audit
from medallion.pipeline.audit import CheckResult


class Rules(BaseModel):
    """What the probe is told."""

    least: int = 3


def probed(probe: Probe, inputs: list[DataFrame], rules: Rules) -> CheckResult:
    (result,) = audit.answered([audit.probe_question(probe, inputs, rules)])
    return result


def too_small(bronze_sales: DataFrame, shops: DataFrame, *, rules: Rules) -> DataFrame:
    small = bronze_sales.where(f"amount < {rules.least}").join(shops, "shop")
    return small.selectExpr("count(*) AS failed_count", "'too small' AS detail")


def test_a_probe_is_given_its_tables_and_the_rules_and_is_filed_under_the_first(spark: SparkSession) -> None:
    probe = Probe(name="too_small", description="no small sale", measure=too_small)
    bronze_sales = spark.createDataFrame([("a", 1), ("a", 2), ("a", 3), ("b", 1)], "shop string, amount int")
    shops = spark.createDataFrame([("a",)], "shop string")

    result = probed(probe, [bronze_sales, shops], Rules())

    assert result == CheckResult("sales", "too_small", Severity.WARN, "no small sale", 2, "too small")


def nothing_found(sales: DataFrame, *, rules: Rules) -> DataFrame:
    return sales.selectExpr("CAST(sum(amount) AS bigint) AS failed_count", "CAST(NULL AS string) AS detail")


def test_a_probe_that_finds_nothing_passes(spark: SparkSession) -> None:
    probe = Probe(name="nothing", description="nothing", measure=nothing_found, severity=Severity.FAIL)

    result = probed(probe, [spark.createDataFrame([], "amount int")], Rules())

    assert (result.passed, result.failed_count, result.detail) == (True, 0, "")


def finding(name: str, failed_count: int, severity: Severity = Severity.FAIL) -> CheckResult:
    return CheckResult("sales", name, severity, "shops are known", failed_count, "keys (a, 1)")


def test_only_checks_that_fail_and_are_severe_block() -> None:
    results = [finding("good", 0), finding("odd", 3, Severity.WARN), finding("bad", 2)]

    assert audit.failures(results) == [finding("bad", 2)]


def test_a_failure_is_told_on_one_line_with_keys_and_remedy() -> None:
    message = audit.failure_message([finding("good", 0), finding("bad", 1200)])

    assert message == (
        "sales: check 'bad' fails for 1,200 rows (shops are known; keys (a, 1)); nothing was published: "
        "correct the rule or the data and run the same command again"
    )


def test_further_failures_are_named_after_the_first() -> None:
    message = audit.failure_message([finding("bad", 1), finding("worse", 2), finding("worst", 3)])

    assert "; 2 more checks failed: sales.worse, sales.worst; nothing was published: " in message
    assert "\n" not in message
