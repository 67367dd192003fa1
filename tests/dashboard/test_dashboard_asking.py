"""How often pages ask a warehouse that is no file, and is paid for while it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from odd_marts import published_rows
from streamlit.testing.v1 import AppTest

from medallion.dashboard.reading import Source
from medallion.products.restaurant.product import PRODUCT
from medallion.warehouse.base import Session
from medallion.warehouse.duckdb import DuckDbWarehouse


class Counted(DuckDbWarehouse):
    """A warehouse that counts how often it is asked."""

    asked = 0

    @contextmanager
    def read(self) -> Iterator[Session]:
        self.asked += 1
        with super().read() as session:
            yield session


@dataclass
class Bench:
    """A source that tells of no file, beside a clock that stands where it is put."""

    home: Path
    now: float = 0.0
    warehouse: Counted = field(init=False)
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        self.warehouse = Counted(self.home / "warehouse.duckdb")
        self.source = Source(self.warehouse, clock=lambda: self.now)

    def version(self) -> int:
        pinned = self.source.pinned(PRODUCT)
        assert pinned
        return pinned.number

    def asked(self) -> int:
        """How often since the last time."""
        found, self.warehouse.asked = self.warehouse.asked, 0
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    published_rows(tmp_path, PRODUCT, {"loyalty_program_impact": []})
    return Bench(tmp_path)


def _watched(source: object, touched_at: float) -> None:
    import streamlit as st

    from medallion.dashboard import frame
    from medallion.dashboard.pages import PAGES

    page = next(one for one in PAGES if one.name == "loyalty")
    st.session_state[frame._TOUCHED] = touched_at
    frame._watch(source, page, source._pointers["restaurant"].pinned, is_waiting=False)


def watched(bench: Bench, touched_at: float) -> AppTest:
    """What watches a page, as it comes round while somebody last did something at that time."""
    return AppTest.from_function(_watched, args=(bench.source, touched_at), default_timeout=60).run()


def test_the_published_version_is_looked_up_once_a_minute(bench: Bench) -> None:
    assert bench.version() == 1
    bench.asked()
    found = []
    for bench.now in (2.0, 30.0, 59.0, 61.0, 62.0):
        bench.version()
        found.append(bench.asked())
    assert found == [0, 0, 0, 1, 0]


def test_a_publish_shows_within_a_minute(bench: Bench) -> None:
    bench.version()
    published_rows(bench.home, PRODUCT, {"loyalty_program_impact": []})
    bench.now = 59.0
    assert bench.version() == 1
    bench.now = 61.0
    assert bench.version() == 2


def test_a_file_is_looked_at_whatever_the_clock_says(bench: Bench) -> None:
    bench.source.files = (str(bench.home / "warehouse.duckdb"),)
    bench.version()
    published_rows(bench.home, PRODUCT, {"loyalty_program_impact": []})
    assert bench.version() == 2
    bench.asked()
    bench.now = 3600.0
    bench.version()
    assert bench.asked() == 0


def test_how_things_stand_is_read_once_a_minute(bench: Bench) -> None:
    numbers = iter(range(9))
    found = []
    for bench.now in (0.0, 59.0, 61.0, 119.0, 122.0):
        found.append(bench.source.live(("key",), lambda: next(numbers)))
    assert found == [0, 0, 1, 1, 2]


def test_an_open_page_asks_for_ten_minutes_after_it_was_used(bench: Bench) -> None:
    bench.version()
    bench.asked()
    bench.now = 599.0
    page = watched(bench, 0.0)
    assert bench.asked() == 1
    assert "Nobody has used this page" not in str(page.caption)


def test_a_page_that_is_left_alone_asks_nothing_and_says_so(bench: Bench) -> None:
    bench.version()
    bench.asked()
    bench.now = 3600.0
    page = watched(bench, 0.0)
    assert bench.asked() == 0
    assert "looks for newer data again as soon as somebody does" in page.caption[0].value
    assert "Version 1" in page.caption[1].value
    watched(bench, 3599.0)
    assert bench.asked() == 1


def test_a_page_on_a_file_is_never_left_alone(bench: Bench) -> None:
    bench.source.files = (str(bench.home / "warehouse.duckdb"),)
    bench.now = 1e6
    assert not bench.source.is_left_alone(0.0)
