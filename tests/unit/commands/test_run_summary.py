"""What a run says at its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from medallion.catalog import product
from medallion.commands.run_summary import next_step
from medallion.settings import Settings


@pytest.mark.parametrize(
    ("name", "mart"),
    [("restaurant", "customer_lifetime_value"), ("card_payments", "store_ranking")],
)
def test_what_to_look_at_next_is_the_first_mart_not_the_model_it_is_made_with(name: str, mart: str) -> None:
    assert next_step(product(name), Settings()) == f"medallion show {mart}"


@pytest.mark.parametrize(("home", "named"), [("elsewhere", "elsewhere"), ("my data #1", "'my data #1'")])
def test_a_home_folder_of_ones_own_is_named_as_a_shell_takes_it(home: str, named: str) -> None:
    said = next_step(product("restaurant"), Settings(home=Path(home)))
    assert said == f"medallion show customer_lifetime_value --home {named}"
