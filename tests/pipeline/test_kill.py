"""kill -9 at any place and moment, the same command again, and everything is as if nothing had happened.

`make kill` kills by the hundred.
"""

from __future__ import annotations

import re

import pytest
from kill_campaign import Campaign, campaign
from kill_plan import BEHIND_THE_END
from kill_scenario import declared_places

KILLS, SEED = 30, 1


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, engine_name: str) -> Campaign:
    """Runs that were killed at every place of the code, each in a first load or an increment, and at some moments."""
    if engine_name == "spark":
        pytest.skip("Spark takes an hour; kill_campaign.py --engine spark does it")
    return campaign(tmp_path_factory.mktemp("killed"), engine_name, KILLS, SEED)


def test_runs_killed_again_and_again_end_as_undisturbed_ones(
    killed: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{killed}")  # noqa: T201

    assert killed.violations == []
    assert len(killed.done) == KILLS
    assert len(killed.seconds) == killed.chains
    assert {target.scenario for target in killed.done} == set(killed.scenarios)


def test_every_place_of_the_code_is_one_that_runs_are_killed_at(killed: Campaign) -> None:
    declared = declared_places()

    assert declared
    assert [pattern for pattern in declared if not any(re.fullmatch(pattern, name) for name in killed.names)] == []


def test_runs_are_killed_behind_their_last_publish_too(killed: Campaign) -> None:
    assert killed.names >= set(BEHIND_THE_END)
