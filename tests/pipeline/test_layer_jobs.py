"""Jobs of a layer each, with the arguments of a scheduler: one run with the id it was given, told line by line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from restaurant_input import NET_AMOUNT, write_input
from small_postgres import new_database

from medallion.contracts import Layer
from medallion.embedded.postgres import EmbeddedPostgres
from medallion.errors import InputError, UsageError
from medallion.jobs.layer_job import main

ALL = (Layer.BRONZE, Layer.SILVER, Layer.GOLD)


class Jobs:
    """Jobs of one home and one input folder."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.home, self.input, self._engine = folder / "home", folder / "input", engine

    def run(self, layer: Layer, *words: str) -> None:
        places = ["--home", str(self.home), "--engine", self._engine]
        delivered = ["--input", str(self.input)] if layer is Layer.BRONZE else []
        main(layer, ["--product", "restaurant", *places, *delivered, *words])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.home / "warehouse.duckdb", read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def jobs(tmp_path: Path, spark: Any, engine_name: str) -> Jobs:
    found = Jobs(tmp_path, engine_name)
    write_input(found.input)
    return found


def test_three_jobs_are_one_run_with_the_id_they_were_given(jobs: Jobs, capsys: pytest.CaptureFixture[str]) -> None:
    for layer in ALL:
        jobs.run(layer, "--run_id", "night-1", "--as_of", "latest")

    assert jobs.rows("SELECT run_id, status FROM control.run") == [("night-1", "succeeded")]
    assert (
        str(jobs.rows("SELECT sum(net_amount) FROM restaurant.sales_trends WHERE period = 'day'")[0][0]) == NET_AMOUNT
    )
    told = capsys.readouterr().out
    assert "gold publish: published" in told
    assert "night-1: version 1 is published as of" in told


def test_a_run_that_was_done_is_not_begun_a_second_time_under_its_id(jobs: Jobs) -> None:
    for layer in ALL:
        jobs.run(layer, "--run_id", "night-1")
    for layer in ALL:
        jobs.run(layer, "--run_id", "night-1", "--rules", json.dumps({"churn_after_days": 5}))

    first, second = jobs.rows("SELECT run_id, status FROM control.run ORDER BY number")
    assert first == ("night-1", "succeeded")
    assert (second[0] != "night-1", second[1]) == (True, "succeeded")


def test_rules_are_those_of_the_arguments(jobs: Jobs) -> None:
    for layer in ALL:
        jobs.run(layer, "--rules", json.dumps({"churn_after_days": 5}))
    [(parameters,)] = jobs.rows("SELECT parameters FROM control.run")
    assert json.loads(parameters)["rules"]["churn_after_days"] == 5


def test_only_the_bronze_job_needs_the_source_database_and_what_was_delivered(
    jobs: Jobs, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDALLION_SOURCE", "rds")
    with monkeypatch.context() as bronze:
        bronze.setenv("MEDALLION_SOURCE_DSN", new_database(postgres.dsn, "layer_jobs"))
        jobs.run(Layer.BRONZE)
    shutil.rmtree(jobs.input)

    for layer in (Layer.SILVER, Layer.GOLD):
        jobs.run(layer)

    [(net_amount,)] = jobs.rows("SELECT sum(net_amount) FROM restaurant.sales_trends WHERE period = 'day'")
    assert str(net_amount) == NET_AMOUNT
    assert not (jobs.home / "postgres").exists()  # nor a database of its own


def test_a_job_fails_with_the_line_of_what_is_wrong_and_the_log_has_it(
    jobs: Jobs, capsys: pytest.CaptureFixture[str]
) -> None:
    file = jobs.input / "date_dim.csv"
    file.write_text(file.read_text().replace("week", "weak", 1))
    with pytest.raises(InputError, match=r"^date_dim.csv: column 'week' is missing"):
        jobs.run(Layer.BRONZE)
    assert "InputError: date_dim.csv: column 'week' is missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--source_secret", "any"], "argument --source: is missing; say where the database is"),
        (["--source", "postgresql://h:5432/d"], "argument --source_secret: is missing; name the secret"),
        (
            ["--source", "postgresql://h:5432/d", "--source_secret", "any", "--source_ca", "gone.pem"],
            "argument --source_ca: gone.pem does not exist; ship it with --extra-files",
        ),
        (["--warehouse", "redshift://h:5439/d"], "--warehouse redshift://h:5439/d: loads from S3 only; add --lake"),
        (["--rules", '{"churn": 1}'], "rule 'churn' is unknown; choose one of: "),
    ],
)
def test_what_is_wrong_with_the_arguments_is_one_line(jobs: Jobs, words: list[str], line: str) -> None:
    with pytest.raises(UsageError) as refused:
        jobs.run(Layer.BRONZE, *words)
    assert str(refused.value).startswith(line)
