"""What a run says at its end."""

from __future__ import annotations

import pytest

from medallion.catalog import product
from medallion.commands.run_summary import next_step


@pytest.mark.parametrize(
    ("name", "mart"),
    [("restaurant", "customer_lifetime_value"), ("card_payments", "store_ranking")],
)
def test_what_to_look_at_next_is_the_first_mart_not_the_model_it_is_made_with(name: str, mart: str) -> None:
    assert next_step(product(name)) == f"medallion show {mart}"
