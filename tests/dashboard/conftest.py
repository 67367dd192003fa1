"""One published run for all tests: each odd state of the marts is a currency of its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from odd_marts import AS_OF, order_rows, publish_others, published_rows

from medallion import cli
from medallion.contracts import Layer
from medallion.products.card_payments.product import PRODUCT as CARD_PAYMENTS
from medallion.products.marketing_360.product import PRODUCT as MARKETING_360
from medallion.products.restaurant.product import PRODUCT as RESTAURANT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

sys.path.append(str(Path(__file__).parents[1] / "pipeline"))


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession, engine_name: str) -> Path:
    """A home with a version of each product that has pages; not to be changed."""
    from restaurant_input import DATES_HEADER, ITEMS_HEADER, OPTIONS_HEADER, write_csv

    folder = tmp_path_factory.mktemp("dashboard")
    items, options = zip(*order_rows(), strict=True)
    write_csv(
        folder / "input", "order_items.csv", ITEMS_HEADER, [*items, "app,p,never,bad,,,FALSE,USD,l1,M,Item,1.00,1"]
    )
    write_csv(folder / "input", "order_item_options.csv", OPTIONS_HEADER, [one for one in options if one])
    write_csv(folder / "input", "date_dim.csv", DATES_HEADER, ["29-03-2024,2024,3,13,Friday,FALSE,TRUE,Good Friday"])
    home = folder / "home"
    run = ["run", "restaurant", "--input", str(folder / "input"), "--home", str(home), "--engine", engine_name]
    assert cli.main([*run, "--as-of", AS_OF.isoformat(), "--quiet"]) == 0
    publish_others(home)
    return home


@pytest.fixture
def home(published_home: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    shutil.copytree(published_home, tmp_path / "home", ignore=shutil.ignore_patterns("lake", "staged", "logs"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose products were published without a row."""
    home = tmp_path_factory.mktemp("empty")
    for product in (RESTAURANT, CARD_PAYMENTS, MARKETING_360):
        published_rows(home, product, {step.table.name: [] for step in product.layer(Layer.GOLD)})
    return home
