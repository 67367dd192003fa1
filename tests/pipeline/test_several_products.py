"""Several products in one command: in the order in which they read each other, with one summary and one exit code."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from operational_systems import Systems

from medallion import catalog, cli
from medallion.samples.card_payments import CardPaymentsSample, generate

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

CUSTOMER_360 = ("sales_crm", "sales_erp", "logistics_wms", "marketing_360")


@dataclass
class Commands:
    """The command line in this process, with a home and a database."""

    home: Path
    engine: str
    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> tuple[int, Any]:
        """The exit code, and the document."""
        where = ("--home", str(self.home), "--json")
        engine = ("--engine", self.engine)
        code = cli.main([*arguments, *where, *engine])
        return code, json.loads(self.capture.readouterr().out)

    def statuses(self, *arguments: str) -> tuple[int, dict[str, str]]:
        code, document = self(*arguments)
        return code, {one["product"]: one["status"] for one in document["products"]}


@pytest.fixture
def medallion(
    tmp_path: Path,
    engine_name: str,
    systems: Systems,
    spark: SparkSession,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Commands:
    monkeypatch.setenv("MEDALLION_SOURCE_DSN", systems.dsn)
    systems.add_customers(1, 2)
    return Commands(tmp_path / "home", engine_name, capfd)


def test_products_are_run_after_those_they_read_whatever_order_they_are_named_in(medallion: Commands) -> None:
    code, statuses = medallion.statuses("run", *reversed(CUSTOMER_360))

    assert (code, list(statuses.items())) == (0, [(name, "succeeded") for name in CUSTOMER_360])


def test_all_are_all_products_of_the_catalogue_and_files_are_in_a_folder_of_each_ones_name(
    medallion: Commands, tmp_path: Path
) -> None:
    generate(CardPaymentsSample(transactions=50, stores=5), tmp_path / "in" / "card_payments")

    code, statuses = medallion.statuses("run", "all", "--input", str(tmp_path / "in"))

    assert list(statuses) == [one.name for one in catalog.PRODUCTS]
    others = {name: "succeeded" for name in statuses if name != "restaurant"}
    assert (code, statuses) == (3, {**others, "restaurant": "failed"})  # there is no folder of that name


def test_a_product_that_fails_stops_those_that_read_it_and_no_others(medallion: Commands, systems: Systems) -> None:
    systems.execute("DROP TABLE sources.erp_orders")

    code, document = medallion("run", *CUSTOMER_360)

    found = {one["product"]: one for one in document["products"]}
    assert {name: one["status"] for name, one in found.items()} == {
        "sales_crm": "succeeded",
        "sales_erp": "failed",
        "logistics_wms": "succeeded",
        "marketing_360": "not_run",
    }
    assert found["sales_erp"]["error"].startswith("table sources.erp_orders: does not exist")
    assert found["marketing_360"]["reason"] == "it reads sales_erp"
    assert (code, document["exit_code"], document["status"]) == (3, 3, "failed")


def test_the_second_time_nothing_is_to_do(medallion: Commands) -> None:
    medallion("run", *CUSTOMER_360)

    assert medallion.statuses("run", *CUSTOMER_360) == (0, dict.fromkeys(CUSTOMER_360, "nothing_to_do"))


def test_a_plan_of_several_says_what_follows_what(medallion: Commands, systems: Systems) -> None:
    medallion("run", *CUSTOMER_360)
    systems.add_customers(3)

    code, document = medallion("plan", *CUSTOMER_360)

    crm, erp, wms, marketing = document["products"]
    assert [one["is_empty"] for one in (crm, erp, wms)] == [False, True, True]
    assert (code, marketing) == (0, {"product": "marketing_360", "follows": ["sales_crm"]})


def test_a_product_that_cannot_be_planned_does_not_hide_the_plans_of_others(medallion: Commands) -> None:
    code, document = medallion("plan", "restaurant", "sales_crm")

    restaurant, crm = document["products"]
    assert (code, restaurant["exit_code"], crm["is_empty"]) == (3, 3, False)
    assert restaurant["error"].startswith("restaurant: nothing was loaded yet")


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_command_that_an_error_names_is_of_this_home(command: str, medallion: Commands) -> None:
    _, document = medallion(command, "marketing_360", "restaurant")

    [error] = [one["error"] for one in document["products"] if one["product"] == "marketing_360"]
    assert error.endswith(f"run that first: medallion run sales_crm --home {medallion.home} marketing_360")


@pytest.mark.parametrize("option", [("--select", "customers"), ("--set", "arrived_status=x")])
def test_options_that_mean_one_product_are_refused_for_several(medallion: Commands, option: tuple[str, str]) -> None:
    code, document = medallion("run", *CUSTOMER_360, *option)

    assert (code, document["error"]) == (
        2,
        f"{option[0]}: is for one product; name only that, or write rules to medallion.toml",
    )


def test_one_product_is_reported_as_ever(medallion: Commands) -> None:
    code, document = medallion("run", "sales_crm")

    assert (code, document["product"], document["status"], document["version"]) == (0, "sales_crm", "succeeded", 1)


def test_people_get_one_summary(
    medallion: Commands, systems: Systems, capfd: pytest.CaptureFixture[str], engine_name: str
) -> None:
    systems.execute("DROP TABLE sources.erp_orders")

    cli.main(["run", *CUSTOMER_360, "--home", str(medallion.home), "--engine", engine_name])

    out, err = capfd.readouterr()
    assert re.search(r"^ sales_crm +succeeded +1 ", out, re.MULTILINE)
    assert re.search(r"^ sales_erp +failed +– ", out, re.MULTILINE)
    assert re.search(r"^ marketing_360 +not run: it reads sales_erp +– ", out, re.MULTILINE)
    assert "2 of 4 products are up to date" in out
    assert "error: sales_erp: table sources.erp_orders: does not exist" in err


def test_rows_of_a_table_in_quarantine_are_corrected_in_that_table(medallion: Commands, systems: Systems) -> None:
    systems.execute("UPDATE sources.crm_customers SET signup_date = NULL WHERE id = 2")
    medallion("run", "sales_crm")
    where = ("--home", str(medallion.home))

    cli.main(["quarantine", "list", "sales_crm", *where, "--json"])
    [group] = json.loads(medallion.capture.readouterr().out)["groups"]
    code = cli.main(["quarantine", "export", "sales_crm", "--table", "crm_customers", "--output", "x", *where])

    assert group["remedy"] == "correct the row in sources.crm_customers, then run; or correct the rule, then replay"
    assert code == 2
    assert "its rows are corrected where they are kept, in sources.crm_customers" in medallion.capture.readouterr().err
