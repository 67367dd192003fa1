"""Settings that hold a secret: read to the letter, and shown nowhere."""

import traceback
from pathlib import Path

import pytest

from medallion.errors import UsageError
from medallion.settings import Settings, load_settings

SECRETS = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No medallion.toml but that of the test."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("text", ['{"username": "etl", "password": "sesame"}', '["sesame"]', "{sesame"])
def test_a_secret_that_looks_like_json_is_taken_to_the_letter(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(f"MEDALLION_{name.upper()}", text)

    assert getattr(load_settings(), name).get_secret_value() == text


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", ["20240131", '{ password = "20240131" }', "[20240131]"])
def test_a_refused_secret_is_named_without_its_value(name: str, value: str) -> None:
    Path("medallion.toml").write_text(f"[medallion]\n{name} = {value}\n", encoding="utf-8")

    with pytest.raises(UsageError) as refusal:
        load_settings()

    assert str(refusal.value) == (
        f"setting '{name}': its value is refused: Input should be a valid string; correct the value"
    )
    assert "20240131" not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.parametrize("other", ['engine = "duck"', 'colour = "red"'])
def test_a_refused_secret_is_not_in_the_cause_of_another_refusal_either(other: str) -> None:
    Path("medallion.toml").write_text(f"[medallion]\n{other}\nwarehouse_password = 20240131\n", encoding="utf-8")

    with pytest.raises(UsageError) as refusal:
        load_settings()

    assert "20240131" not in "".join(traceback.format_exception(refusal.value))
