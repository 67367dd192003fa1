"""A run's log file: events, tracebacks, and no secrets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from medallion.commands.run_log import run_log
from medallion.errors import InputError, StorageError
from medallion.pipeline.progress import Event
from medallion.settings import Settings


def logged(home: Path) -> str:
    (file,) = (home / "logs").iterdir()
    return file.read_text(encoding="utf-8")


def test_events_are_noted_with_rows_and_seconds(tmp_path: Path) -> None:
    with run_log(Settings(home=tmp_path), "run restaurant") as log:
        log.listener(Event("silver", "orders", "staged", 20_000, 0.5))

    assert "INFO run restaurant\n" in logged(tmp_path)
    assert "INFO silver orders: staged, 20,000 rows, 0.50 s\n" in logged(tmp_path)


@pytest.mark.parametrize(
    "message",
    ["cannot reach postgresql://anna:s3cret@db/shop", "bad option in host=db password=s3cret", "password = 's3cret' x"],
)
def test_an_error_is_noted_with_its_traceback_and_without_passwords(tmp_path: Path, message: str) -> None:
    settings = Settings(home=tmp_path, source_dsn=SecretStr("host=db password=s3cret"))

    with pytest.raises(InputError), run_log(settings, "run restaurant"):
        raise InputError(message)

    text = logged(tmp_path)
    assert "Traceback" in text
    assert "InputError" in text
    assert "s3cret" not in text


def test_a_log_that_cannot_be_made_is_named_and_nothing_is_run(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")

    with pytest.raises(StorageError) as refused, run_log(Settings(home=tmp_path), "run restaurant"):
        pytest.fail("the block ran without a log")

    assert re.fullmatch(
        rf"{tmp_path}/logs/\d{{8}}T\d{{6}}_\d{{6}}\.log: \[Errno 17\] File exists: '{tmp_path}/logs';"
        " check the storage and run the same command again",
        str(refused.value),
    )
