from pathlib import Path

import pytest
from pydantic import BaseModel

from medallion.catalog import product
from medallion.errors import UsageError
from medallion.products.restaurant.rules import RestaurantRules
from medallion.settings import load_rules, load_settings

RESTAURANT = product("restaurant")


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No medallion.toml and no setting in the environment but those of the test."""
    monkeypatch.chdir(tmp_path)
    for name in ("MEDALLION_HOME", "MEDALLION_ENGINE", "MEDALLION_KEEP_VERSIONS"):
        monkeypatch.delenv(name, raising=False)


def written(text: str, name: str = "medallion.toml") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def rules(*overrides: str, file: Path | None = None) -> RestaurantRules:
    found: BaseModel = load_rules(RESTAURANT, file, overrides)
    assert isinstance(found, RestaurantRules)
    return found


def test_without_any_say_the_defaults_hold() -> None:
    settings = load_settings()

    assert (settings.home, settings.engine, settings.source) == (Path(".medallion"), "embedded", "files")
    assert rules() == RestaurantRules()


def test_the_file_of_the_folder_overrides_the_defaults() -> None:
    written('[medallion]\nengine = "spark"\n[rules.restaurant]\nchurn_after_days = 60\n')

    assert load_settings().engine == "spark"
    assert rules().churn_after_days == 60


def test_the_environment_overrides_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    written("[medallion]\nkeep_versions = 2\n[rules.restaurant]\nchurn_after_days = 60\n")
    monkeypatch.setenv("MEDALLION_KEEP_VERSIONS", "3")
    monkeypatch.setenv("MEDALLION_RULES__RESTAURANT__CHURN_AFTER_DAYS", "70")

    assert load_settings().keep_versions == 3
    assert rules().churn_after_days == 70


def test_the_command_line_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDALLION_KEEP_VERSIONS", "3")
    monkeypatch.setenv("MEDALLION_RULES__RESTAURANT__CHURN_AFTER_DAYS", "70")

    assert load_settings(keep_versions=4).keep_versions == 4
    assert rules("churn_after_days=80").churn_after_days == 80


def test_of_two_overrides_of_a_rule_the_last_counts() -> None:
    assert rules("churn_after_days=80", "churn_after_days=90").churn_after_days == 90


def test_what_the_command_line_leaves_out_is_not_given() -> None:
    written("[medallion]\nkeep_versions = 2\n")

    assert load_settings(keep_versions=None, engine=None).keep_versions == 2


def test_a_named_file_is_read_instead_of_that_of_the_folder() -> None:
    written("[medallion]\nkeep_versions = 2\n")

    assert load_settings(written("[medallion]\nkeep_versions = 9\n", "other.toml")).keep_versions == 9


def test_parts_of_a_nested_rule_are_set_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    written("[rules.restaurant.value_tiers]\nhigh = 0.1\nlow = 0.3\n")
    monkeypatch.setenv("MEDALLION_RULES__RESTAURANT__VALUE_TIERS__LOW", "0.4")

    found = rules("value_tiers.high=0.25").value_tiers

    assert (found.high, found.low) == (0.25, 0.4)


def test_a_list_and_a_mapping_are_written_as_json() -> None:
    found = rules('excluded_app_names=["Diner - DEVELOPMENT"]', 'category_aliases={"Piza": "Pizza"}')

    assert found.excluded_app_names == ("Diner - DEVELOPMENT",)
    assert found.category_aliases == {"Piza": "Pizza"}


def test_a_single_alias_is_a_part_of_its_rule() -> None:
    found = rules("category_aliases.Piza=Pizza", "category_aliases.Drink=Drinks")

    assert found.category_aliases == {"Piza": "Pizza", "Drink": "Drinks"}


def test_text_may_hold_an_equals_sign() -> None:
    assert rules("category_aliases.a=b=c").category_aliases == {"a": "b=c"}


def test_the_password_of_the_source_database_is_not_shown() -> None:
    settings = load_settings(source_dsn="postgresql://reader:sesame@db/orders")

    assert "sesame" not in repr(settings)


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("churn_after_days", "--set churn_after_days: is not name=value; write for example --set churn_after_days=60"),
        ("=3", "--set =3: is not name=value; write for example --set churn_after_days=60"),
        (
            "churn_after_days=soon",
            "rule 'churn_after_days': 'soon' is refused: Input should be a valid integer, unable to parse string as an "
            "integer; correct the value",
        ),
        (
            "churn_after_days=0",
            "rule 'churn_after_days': '0' is refused: Input should be greater than or equal to 1; correct the value",
        ),
        (
            "item_price_semantics=each",
            "rule 'item_price_semantics': 'each' is refused: Input should be 'unit' or 'line_total'; correct the value",
        ),
        (
            "value_tiers.high=1.5",
            "rule 'value_tiers.high': '1.5' is refused: Input should be less than or equal to 1; correct the value",
        ),
    ],
)
def test_a_refused_override_is_named_with_value_and_remedy(override: str, line: str) -> None:
    with pytest.raises(UsageError) as refusal:
        rules(override)

    assert str(refusal.value) == line


@pytest.mark.parametrize(
    ("override", "part"),
    [
        ("churn_days=3", "rule 'churn_days' is unknown; choose one of: item_price_semantics, option_price_applies, "),
        ("value_tiers.top=0.3", "rule 'value_tiers.top' is unknown; choose one of: "),
        ("business_timezone=Mars", "'Mars' is no IANA time zone; write one like America/New_York"),
        ("value_tiers.high=0.9", "high and low add up to more than 1; lower one of them"),
        ("excluded_app_names=Test", "rule 'excluded_app_names': 'Test' is refused: "),
        ('excluded_app_names=["Test"', "rule 'excluded_app_names': '[\"Test\"' is refused: "),
        ("churn_after_days.least=3", "rule 'churn_after_days': {'least': '3'} is refused: "),
    ],
)
def test_a_refusal_says_on_one_line_what_would_do(override: str, part: str) -> None:
    with pytest.raises(UsageError) as refusal:
        rules(override)

    assert part in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            {"engine": "duck"},
            "setting 'engine': 'duck' is refused: Input should be 'embedded' or 'spark'; correct the value",
        ),
        (
            {"lease_seconds": 1},
            "setting 'lease_seconds': 1 is refused: Input should be greater than or equal to 5; correct the value",
        ),
        (
            {"colour": "red"},
            "setting 'colour' is unknown; choose one of: home, engine, source, source_dsn, pii_key, delivery_order, "
            "spark_master, spark_memory, warehouse, warehouse_password, warehouse_secret, warehouse_role, reader_role, "
            "region, lake, warehouse_wait_seconds, lease_seconds, reject_limits, deletion_limits, "
            "approvers, keep_versions",
        ),
    ],
)
def test_a_refused_setting_is_named_with_value_and_remedy(given: dict[str, object], line: str) -> None:
    with pytest.raises(UsageError) as refusal:
        load_settings(**given)

    assert str(refusal.value) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[medalion]\n", "medallion.toml: section [medalion] is unknown; use [medallion] and [rules.<product>]"),
        ("engine = 'spark'\n", "medallion.toml: section [engine] is unknown; use [medallion] and [rules.<product>]"),
        ("medallion = 3\n", "medallion.toml: medallion is no section; write [medallion] above its lines"),
    ],
)
def test_a_file_with_a_wrong_section_is_refused(text: str, line: str) -> None:
    written(text)

    with pytest.raises(UsageError) as refusal:
        load_settings()

    assert str(refusal.value) == line


def test_a_file_whose_rules_are_no_section_is_refused() -> None:
    written("[rules]\nrestaurant = 3\n")

    with pytest.raises(UsageError, match=r"rules.restaurant is no section; write \[rules.restaurant\] above its lines"):
        rules()


def test_a_file_that_is_no_toml_is_refused() -> None:
    with pytest.raises(UsageError, match=r"medallion.toml: is not valid TOML \(.+\); correct it"):
        load_settings(written("[medallion\n"))


def test_a_named_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError) as refusal:
        load_settings(Path("absent.toml"))

    assert str(refusal.value) == (
        "absent.toml: cannot be read (No such file or directory); check the name given with --config"
    )
