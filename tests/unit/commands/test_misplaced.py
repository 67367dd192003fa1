"""What would be ignored is refused: whoever wrote it relies on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from outcome import Medallion


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "MEDALLION_REJECT_LIMIT",
            "{}",
            "MEDALLION_REJECT_LIMIT: is no setting; did you mean MEDALLION_REJECT_LIMITS?",
        ),
        (
            "MEDALLION_CHURN_AFTER_DAYS",
            "60",
            "MEDALLION_CHURN_AFTER_DAYS: is a rule and no setting; write MEDALLION_RULES__RESTAURANT__CHURN_AFTER_DAYS",
        ),
        (
            "MEDALLION_RULES_RESTAURANT_CHURN_AFTER_DAYS",
            "60",
            "MEDALLION_RULES_RESTAURANT_CHURN_AFTER_DAYS: is no setting; a rule is"
            " MEDALLION_RULES__PRODUCT__RULE, its parts joined by two underscores",
        ),
        (
            "MEDALLION_RULES__RESTAURNT__CHURN_AFTER_DAYS",
            "60",
            "MEDALLION_RULES__RESTAURNT__CHURN_AFTER_DAYS: product 'restaurnt' is unknown; did you mean restaurant?",
        ),
        (
            "MEDALLION_REJECT_LIMITS",
            '{"order_items": {"ratio": 0.9}}',
            "setting 'reject_limits': table 'order_items' is unknown; write restaurant.order_items",
        ),
        (
            "MEDALLION_DELETION_LIMITS",
            '{"sales_crm.crm_customer": {"ratio": null}}',
            "setting 'deletion_limits': table 'sales_crm.crm_customer' is unknown; did you mean sales_crm.crm_customer",
        ),
        (
            "MEDALLION_DELETION_LIMITS",
            '{"x": {"ratio": null}}',
            "setting 'deletion_limits': table 'x' is unknown; write PRODUCT.TABLE",
        ),
        (
            "MEDALLION_APPROVERS",
            '{"Campain team": ["ana"]}',
            "setting 'approvers': team 'Campain team' owns no product; did you mean Campaign team",
        ),
    ],
)
def test_what_the_environment_says_in_vain_is_refused(
    medallion: Medallion, monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str
) -> None:
    monkeypatch.setenv(name, value)

    outcome = medallion("status", "restaurant")

    assert (outcome.code, outcome.err[: len(line) + 7]) == (2, f"error: {line}")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "[rules]\nchurn_after_days = 60\n",
            "medallion.toml: rule 'churn_after_days' stands under [rules]; write it under [rules.PRODUCT]",
        ),
        (
            "[rules.restaurants]\nchurn_after_days = 60\n",
            "medallion.toml: section [rules.restaurants] is of no product; did you mean restaurant?",
        ),
        (
            "[rules.x]\nchurn_after_days = 60\n",
            "medallion.toml: section [rules.x] is of no product; choose one of: restaurant, ",
        ),
    ],
)
def test_what_the_file_says_in_vain_is_refused(medallion: Medallion, folder: Path, text: str, line: str) -> None:
    (folder / "medallion.toml").write_text(text, encoding="utf-8")

    outcome = medallion("run", "restaurant", "--input", "in")

    assert (outcome.code, outcome.err[: len(line) + 7]) == (2, f"error: {line}")


@pytest.mark.parametrize("name", ["MEDALLION_SERVICE_HOST", "MEDALLION_PORT_8501_TCP", "MEDALLION_SLOW_TESTS"])
def test_what_other_programs_are_told_is_left_alone(
    medallion: Medallion, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1")

    assert medallion("doctor").code == 0
