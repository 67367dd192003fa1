"""A home in which every product ran once on a small sample, a dashboard on it, and a browser; made once for all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext
from viewer import Viewer, chromium, dashboard, medallion, window_of

ORDERS = 3000
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nothing here runs unless it is asked for."""
    if "MEDALLION_TEST_BROWSER" not in os.environ:
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(pytest.mark.skip(reason="needs Chromium: make test-browser"))


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of each product that reads some; those of the restaurant's last days lie in `late` beside them."""
    folder = tmp_path_factory.mktemp("samples")
    files = folder / "files"
    restaurant = files / "restaurant"
    medallion("generate", "restaurant", "--orders", ORDERS, "--dirty", 0.02, "--days-late", 3, "--output", restaurant)
    medallion("generate", "card_payments", "--dirty", 0.1, "--output", files / "card_payments")
    late = folder / "late"
    late.mkdir()
    for file in restaurant.glob("*_late_*.csv"):
        file.rename(late / file.name)
    return folder


@pytest.fixture(scope="session")
def home(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All products as first published; nobody changes it."""
    folder = tmp_path_factory.mktemp("home") / "home"
    medallion("generate", "customer_360", "--dirty", 0.1, "--home", folder)
    medallion("run", "all", "--input", samples / "files", "--home", folder)
    return folder


@pytest.fixture(scope="session")
def address(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard on that home."""
    with dashboard(home, tmp_path_factory.mktemp("dashboard") / "log") as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def desk(browser: Browser) -> BrowserContext:
    """A window on a desk, in which each viewer opens a tab: what the application is made of is loaded once."""
    return window_of(browser)


@pytest.fixture
def viewer(desk: BrowserContext, address: str) -> Iterator[Viewer]:
    """Somebody who opens the dashboard in a session of his own."""
    found = Viewer.within(desk, address)
    yield found
    found.leave()


@pytest.fixture(scope="module")
def changing_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of that home, in which more is published."""
    folder = tmp_path_factory.mktemp("changing") / "home"
    shutil.copytree(home, folder, ignore=shutil.ignore_patterns("postgres"))
    return folder


@pytest.fixture(scope="module")
def changing_address(changing_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard on the copy."""
    with dashboard(changing_home, tmp_path_factory.mktemp("dashboard") / "log") as found:
        yield found
