"""Kills runs of the real command line at places and moments by the hundred, and checks that each chain of kills
recovers: `python tests/pipeline/kill_campaign.py --kills 200`. Prints one line; the exit code is 1 where anything is
not as an undisturbed run leaves it, and the home in which it is not is kept.
"""

from __future__ import annotations

import argparse
import random
import secrets
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

# What warehouses are compared with lies with the product's tests.
sys.path.append(str(Path(__file__).parents[1] / "products" / "restaurant"))

from disturbed_home import DisturbedHome, Violation, watched
from kill_plan import Target, next_chain, targets
from kill_scenario import scenarios

FOLLOWED = 0.2  # share of the chains after which the later file is loaded too


@dataclass
class Campaign:
    """What was killed, and what came of it."""

    seed: int
    places: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    kills: int = 0
    random_kills: int = 0
    chains: int = 0
    seconds: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    @property
    def recovered(self) -> int:
        return len(self.seconds)

    def __str__(self) -> str:
        mean = sum(self.seconds) / max(len(self.seconds), 1)
        return (
            f"{self.kills} kills ({self.random_kills} at random moments) at {len(self.places)} fault points with"
            f" {len(self.names)} names; {self.recovered} of {self.chains} chains recovered, in {mean:.1f} s on average"
            f" and {max(self.seconds, default=0):.1f} s at most; {len(self.violations)} violations (seed {self.seed})"
        )


def campaign(folder: Path, engine: str, kills: int, seed: int) -> Campaign:
    """Kill runs until there were so many kills, and every place chosen was hit."""
    rng, found = random.Random(seed), Campaign(seed)
    known = {one.name: one for one in scenarios(folder, engine)}
    waiting = targets(list(known.values()), kills, rng)
    tries = 2 * kills
    while waiting and found.chains < tries:
        chain = next_chain(waiting, rng)
        home = DisturbedHome(folder / f"chain_{found.chains}", known[chain[0].scenario])
        is_followed = found.chains < len(known) or rng.random() < FOLLOWED
        found.chains += 1
        waiting += _carried_out(home, chain, found, rng, is_followed=is_followed)
    found.violations += [f"{target} was never reached" for target in waiting]
    return found


def _carried_out(
    home: DisturbedHome, chain: list[Target], found: Campaign, rng: random.Random, *, is_followed: bool
) -> list[Target]:
    """Kill a run at the targets and let it end; returns the targets that it did not come to."""
    missed: list[Target] = []
    try:
        with watched(home):
            for target in chain:
                if not home.kill(target, rng):
                    missed.append(target)
                    continue
                found.kills += 1
                found.random_kills += not target.name
                if target.name:
                    found.places.add(f"{target.scenario} {target.name}@{target.position}")
                    found.names.add(target.name)
            found.seconds.append(home.finish(is_followed=is_followed))
    except (Violation, AssertionError) as error:
        found.violations.append(f"{home.folder}, {home.scenario.name}, killed at {home.kills}: {error}")
        return [target for target in chain if target in missed]
    shutil.rmtree(home.folder)
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31))
    parser.add_argument("--engine", choices=("embedded", "spark"), default="embedded")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="medallion-kill-"))
    found = campaign(folder, arguments.engine, arguments.kills, arguments.seed)
    for violation in found.violations:
        sys.stderr.write(f"{violation}\n")
    if not found.violations:
        shutil.rmtree(folder)
    sys.stdout.write(f"{found}\n")
    return bool(found.violations)


if __name__ == "__main__":
    sys.exit(main())
