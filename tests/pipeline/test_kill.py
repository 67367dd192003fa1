"""kill -9 at any place and moment, the same command again, and everything is as if nothing had happened: for every
product of the catalogue.

Most places are those of the core: all of them are hit in the product with the most tables, a few in each other one.
MEDALLION_SLOW_TESTS=1 hits all in every product; `make kill` kills by the hundred.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from every_product import EVERY_PRODUCT
from kill_campaign import Campaign, campaign
from kill_plan import BEHIND_THE_END
from kill_scenario import declared_places

from medallion.catalog import PRODUCTS, product

if TYPE_CHECKING:
    from collections.abc import Callable

    from medallion.data_product import DataProduct
    from medallion.embedded.postgres import EmbeddedPostgres

LARGEST = max(PRODUCTS, key=lambda known: len(known.steps))
IS_SLOW, ALL, FEW, SEED = os.environ.get("MEDALLION_SLOW_TESTS") == "1", 30, 4, 1


def kills_of(known: DataProduct) -> int:
    return ALL if IS_SLOW or known.name == LARGEST.name else FEW


@pytest.fixture(scope="module")
def killed(
    tmp_path_factory: pytest.TempPathFactory, engine_name: str, postgres: EmbeddedPostgres
) -> Callable[[DataProduct], Campaign]:
    """Runs of a product that were killed, in a first load or an increment, at places and at some moments."""
    if engine_name == "spark":
        pytest.skip("Spark takes an hour; kill_campaign.py --engine spark does it")

    @cache
    def of(name: str) -> Campaign:
        known = product(name)
        folder = tmp_path_factory.mktemp("killed")
        return campaign(known, folder, engine_name, postgres.dsn, kills_of(known), SEED)

    return lambda known: of(known.name)


@EVERY_PRODUCT
def test_runs_killed_again_and_again_end_as_undisturbed_ones(
    killed: Callable[[DataProduct], Campaign], known: DataProduct, capsys: pytest.CaptureFixture[str]
) -> None:
    found = killed(known)
    with capsys.disabled():
        print(f"\n{known.name}: {found}")  # noqa: T201

    assert found.violations == []
    assert len(found.done) == kills_of(known)
    assert len(found.seconds) == found.chains
    assert {target.scenario for target in found.done} == set(found.scenarios)


@pytest.mark.parametrize("known", PRODUCTS if IS_SLOW else [LARGEST], ids=lambda known: known.name)
def test_every_place_that_runs_pass_is_one_that_they_are_killed_at(
    killed: Callable[[DataProduct], Campaign], known: DataProduct
) -> None:
    declared = declared_places()
    passed = {name for one in killed(known).scenarios.values() for name in one.places}
    passable = [pattern for pattern in declared if any(re.fullmatch(pattern, name) for name in passed)]

    assert passable == [one for one in declared if known.sources or not one.startswith(("intake", "lake.json"))]
    assert [one for one in passable if not any(re.fullmatch(one, name) for name in killed(known).names)] == []


def test_runs_are_killed_behind_their_last_publish_too(killed: Callable[[DataProduct], Campaign]) -> None:
    assert killed(LARGEST).names >= set(BEHIND_THE_END)
