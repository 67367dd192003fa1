"""Rules, settings, dates and names of products that are wrong: refused before anything is looked at."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from bad_input import marts, refusal, refused

from medallion.catalog import product
from medallion.errors import UsageError
from medallion.settings import load_rules, load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from restaurant_input import Bench

BAD_RULES = [
    ("churn_after_days", "--set churn_after_days: is not name=value; write for example --set churn_after_days=60"),
    ("=60", "--set =60: is not name=value; "),
    ("", "--set : is not name=value; "),
    ("churn_days=60", "rule 'churn_days' is unknown; choose one of: item_price_semantics, "),
    ("value_tiers.top=0.1", "rule 'value_tiers.top' is unknown; "),
    ("churn_after_days=soon", "rule 'churn_after_days': 'soon' is refused: "),
    ("churn_after_days=1.5", "rule 'churn_after_days': '1.5' is refused: "),
    ("churn_after_days=", "rule 'churn_after_days': '' is refused: "),
    ("churn_after_days=0", "rule 'churn_after_days': '0' is refused: Input should be greater than or equal to 1; "),
    ("value_tiers.high=2", "rule 'value_tiers.high': '2' is refused: Input should be less than or equal to 1; "),
    ("value_tiers.high=-0.1", "rule 'value_tiers.high': '-0.1' is refused: "),
    ("value_tiers.high=nan", "rule 'value_tiers.high': 'nan' is refused: "),
    ("value_tiers.high=0.9", "rule 'value_tiers': {'high': '0.9'} is refused: high and low add up to more than 1; "),
    ("value_tiers=0.2", "rule 'value_tiers': '0.2' is refused: "),
    ("churn_after_days.days=60", "rule 'churn_after_days': {'days': '60'} is refused: "),
    (
        "business_timezone=Mars/Olympus",
        "rule 'business_timezone': 'Mars/Olympus' is refused: 'Mars/Olympus' is no IANA time zone; ",
    ),
    ("item_price_semantics=each", "rule 'item_price_semantics': 'each' is refused: "),
    ("excluded_app_names=Test", "rule 'excluded_app_names': 'Test' is refused: "),
    ("excluded_app_names=[1,", "rule 'excluded_app_names': '[1,' is refused: "),
    ("churn_after_days=6\n0", "rule 'churn_after_days': '6\\n0' is refused: "),
]


@pytest.mark.parametrize(("override", "line"), BAD_RULES)
def test_a_bad_rule_is_refused_with_what_is_wrong_about_it(published: Bench, override: str, line: str) -> None:
    assert refused(published, UsageError, override).startswith(line)


@pytest.mark.parametrize(
    ("name", "value"), [("engine", "abacus"), ("source", "ftp"), ("keep_versions", "0"), ("lease_seconds", "soon")]
)
def test_a_bad_setting_is_refused_from_the_command_line_and_the_environment_alike(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with refusal(UsageError) as given:
        load_settings(**{name: value})
    monkeypatch.setenv(f"MEDALLION_{name.upper()}", value)
    with refusal(UsageError) as set_in_environment:
        load_settings()
    assert given == set_in_environment
    assert given[0].startswith(f"setting '{name}': '{value}' is refused: ")


def test_a_bad_rule_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDALLION_RULES__RESTAURANT__VALUE_TIERS__HIGH", "2")
    with refusal(UsageError) as said:
        load_rules(product("restaurant"))
    assert said[0].startswith("rule 'value_tiers.high': '2' is refused: ")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b"[medallion\n", "is not valid TOML (", id="no TOML"),
        pytest.param(b"[rules.restaurant]\nchurn_after_days = soon\n", "is not valid TOML (", id="text without quotes"),
        pytest.param(b'home = "caf\xe9"\n', "is not valid TOML (", id="no UTF-8"),
        pytest.param(
            b"[medalion]\n", "section [medalion] is unknown; use [medallion] and [rules.<product>]", id="typo"
        ),
        pytest.param(b"churn_after_days = 60\n", "section [churn_after_days] is unknown; ", id="no section"),
        pytest.param(b"[rules]\nrestaurant = 60\n", "rules.restaurant is no section; ", id="rules of another kind"),
        pytest.param(b"rules = 60\n", "rules is no section; ", id="all rules of another kind"),
    ],
)
def test_a_file_of_settings_that_cannot_be_understood_is_named(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "medallion.toml"
    path.write_bytes(content)
    with refusal(UsageError) as said:
        load_rules(product("restaurant"), path)
    assert said[0].startswith(f"{path}: {line}")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"medallion = 60\n", "medallion is no section; "),
        (b'[medallion]\nengin = "spark"\n', "setting 'engin' is unknown; choose one of: home, engine, "),
        (b"[medallion]\nkeep_versions = 0\n", "setting 'keep_versions': 0 is refused: "),
    ],
)
def test_bad_settings_in_a_file_are_refused(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "medallion.toml"
    path.write_bytes(content)
    with refusal(UsageError) as said:
        load_settings(path)
    assert line in said[0]


@pytest.mark.parametrize(("name", "reason"), [("absent.toml", "No such file or directory"), (".", "Is a directory")])
def test_a_file_of_settings_that_is_not_there_is_named(tmp_path: Path, name: str, reason: str) -> None:
    with refusal(UsageError) as said:
        load_settings(tmp_path / name)
    assert said[0] == f"{tmp_path / name}: cannot be read ({reason}); check the name given with --config"


@pytest.mark.parametrize("name", ["pizzeria", "", "Restaurant", "restaurant "])
def test_an_unknown_product_is_refused_with_the_known_ones(name: str) -> None:
    with refusal(UsageError) as said:
        product(name)
    assert said[0].startswith(f"product '{name}' is unknown; choose one of: restaurant, card_payments, ")


def test_a_date_before_the_first_order_is_marts_without_rows_and_the_next_run_has_them_again(published: Bench) -> None:
    before = marts(published)
    published.input = None  # type: ignore[assignment]
    published.run(as_of=date(1999, 12, 31))
    assert not any(marts(published).values())
    published.run()
    assert marts(published) == before
