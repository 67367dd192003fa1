"""The address of a page: it carries the filters, and whatever else stands there is inert."""

from __future__ import annotations

import hashlib
from datetime import date
from itertools import cycle
from pathlib import Path

import pytest
from shown import errors, figure, opened

from medallion.dashboard.address import days_of
from medallion.dashboard.pages import PAGES

ATTACKS = (
    "USD' OR 1=1; DROP TABLE control.version; --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "{churn_indicators}",
    "\x00%00\u202e",
    "x" * 5000,
)
KEYS = (
    "currency",
    "range",
    "dates",
    "location",
    "app",
    "period",
    "tier",
    "segment",
    "size",
    "by",
    "status",
    "product",
    "part",
)


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_hostile_values_are_inert(published_home: Path, name: str) -> None:
    file = published_home / "warehouse.duckdb"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    plain = [(one.label, one.value) for one in opened(name, published_home).metric]
    page = opened(name, published_home, **dict(zip(KEYS, cycle(ATTACKS), strict=False)))
    assert errors(page) == []
    assert [(one.label, one.value) for one in page.metric] == plain
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_passes_by_any_key(published_home: Path, attack: str) -> None:
    page = opened("churn", published_home, **dict.fromkeys(KEYS, attack))
    assert errors(page) == []
    assert figure(page, "At risk") == figure(opened("churn", published_home), "At risk")


def test_what_is_chosen_stands_in_the_address(published_home: Path) -> None:
    page = opened("sales-trends", published_home)
    page.selectbox(key="choice currency").select("EUR").run()
    assert page.query_params["currency"] == "EUR"
    assert figure(page, "Net sales").startswith("€")


def test_the_default_is_left_out_of_the_address(published_home: Path) -> None:
    page = opened("sales-trends", published_home, currency="USD", range="12m")
    assert page.query_params == {}


def test_an_unknown_value_leaves_the_address(published_home: Path) -> None:
    assert opened("churn", published_home, currency="XXX").query_params == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024-01-02..2024-01-05", (date(2024, 1, 2), date(2024, 1, 5))),
        ("2024-01-05..2024-01-02", None),  # the wrong way round
        ("2023-12-31..2024-01-02", None),  # before the first day
        ("2024-01-02", None),
        ("2024-01-02..", None),
        ("a..b..c", None),
        ("", None),
    ],
)
def test_days_are_taken_whole_or_not_at_all(text: str, found: tuple[date, date] | None) -> None:
    assert days_of(text, date(2024, 1, 1), date(2024, 1, 31)) == found
