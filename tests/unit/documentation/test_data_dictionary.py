"""The data dictionary tells a reader everything that the contracts say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from shop_contracts import PRODUCT

from medallion.catalog import PRODUCTS
from medallion.documentation.data_dictionary import render
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.sources import SOURCES


@pytest.fixture(scope="module")
def text():
    return render([PRODUCT])


@pytest.mark.parametrize(
    "line",
    [
        "## A shop (`shop`)",
        "### Silver: cleaned, schema `shop_silver`",
        "### Gold: marts, schema `shop`",
        "Grain: `user_id`, `currency`.",
        "Refers to: `user_id` → `orders` (`user_id`).",
        "| `net_amount` | decimal(18,2) | currency | yes |  |  | Paid. |",
        "| `user_id` | varchar(32) |  | no | customer id |  | Customer. |",
        "| `value_tier` | varchar(6) |  | yes |  | `High`, `Low` | Tier. |",
        "| `share` | double | rate | yes |  | ≥ 0; ≤ 1 | Share of revenue. |",
        "| `is_rich` | warn | `share > 0.5` | Rich. |",
        "| `net_amounts_agree` | fail | Customers add up to orders. |",
        "| `prices_look_right` | warn | Prices scale with quantity. |",
        "| `churn_after_days` | `45` | Silent for longer is at risk. |",
        "| `excluded_app_names` | `[]` | Apps left out. |",
    ],
)
def test_the_dictionary_has_the_line(text, line):
    assert line in text.splitlines()


def test_a_bar_in_a_description_does_not_break_the_table(text):
    assert r"Customer; empty \| blank for guests. |" in text


def test_every_column_of_every_source_is_listed_with_its_description(text):
    rows = {tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in text.splitlines() if "|" in line}
    assert rows >= {(f"`{c.name}`", c.pii or "", c.description) for source in SOURCES for c in source.columns}


def test_nested_rules_show_their_defaults():
    text = render([replace(PRODUCT, rules=RestaurantRules)])
    assert '| `value_tiers` | `{"high": 0.2, "low": 0.2}` |' in text


def test_every_markdown_table_has_as_many_cells_as_its_head(text):
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert {len({line.replace("\\|", "").count("|") for line in lines}) for lines in tables} == {1}


def test_the_dictionary_in_the_repository_is_what_the_contracts_say() -> None:
    written = (Path(__file__).parents[3] / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert written == render(PRODUCTS), "it is stale: run `medallion contracts dictionary`"
