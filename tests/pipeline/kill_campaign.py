"""Kills runs of the real command line at places and moments by the hundred, and checks that each chain of kills
recovers: `python tests/pipeline/kill_campaign.py --kills 200`, spread over the products of the catalogue. Prints a line
a product; the exit code is 1 where anything is not as an undisturbed run leaves it, and the home in which it is not is
kept.
"""

from __future__ import annotations

import argparse
import random
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

# What warehouses are compared with lies with the product's tests, and PostgreSQL with the emulators.
sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("products", "emulators")]

from disturbed_home import DisturbedHome, watched
from kill_plan import Target, next_chain, targets
from kill_scenario import Scenario, scenarios
from small_postgres import small_postgres

from medallion.catalog import PRODUCTS, product
from medallion.data_product import DataProduct

AT_ONCE = 2  # homes; one run does not keep two cores busy
FOLLOWED = 0.2  # share of the chains after which the later delivery is loaded too
FEW = 12  # kills, below which none is


@dataclass
class Campaign:
    """What was killed, and what came of it. `waiting` are the kills still to be done."""

    seed: int
    scenarios: Mapping[str, Scenario]
    waiting: list[Target]
    most_chains: int
    done: list[Target] = field(default_factory=list)
    chains: int = 0
    seconds: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    @property
    def names(self) -> set[str]:
        """The places, by name, that runs were killed at."""
        return {target.name for target in self.done if target.name}

    def __str__(self) -> str:
        points = {(target.scenario, target.position) for target in self.done if target.name}
        moments = sum(not target.name for target in self.done)
        mean = sum(self.seconds) / max(len(self.seconds), 1)
        return (
            f"{len(self.done)} kills ({moments} at random moments) at {len(points)} fault points of {len(self.names)}"
            f" names; {len(self.seconds)} of {self.chains} chains recovered, in {mean:.1f} s on average and"
            f" {max(self.seconds, default=0):.1f} s at most; {len(self.violations)} violations (seed {self.seed})"
        )

    def work(self, folder: Path, rng: random.Random) -> None:
        """Carry out chains of kills until none waits."""
        while True:
            with self.lock:
                if not self.waiting or self.chains == self.most_chains:
                    return
                chain, number = next_chain(self.waiting, rng), self.chains
                self.chains += 1
            home = DisturbedHome(folder / f"chain_{number}", self.scenarios[chain[0].scenario])
            self._carry_out(home, chain, rng, is_followed=number < AT_ONCE or rng.random() < FOLLOWED)

    def _carry_out(self, home: DisturbedHome, chain: list[Target], rng: random.Random, *, is_followed: bool) -> None:
        """Kill a run at the targets and let it end; those that it does not come to wait again."""
        try:
            with watched(home):
                for target in chain:
                    was_killed = home.kill(target, rng)
                    with self.lock:
                        (self.done if was_killed else self.waiting).append(target)
                seconds = home.finish(is_followed=is_followed and home.scenario.later is not None)
        except Exception as error:  # one chain's failure is reported with the others'
            with self.lock:
                self.violations.append(
                    f"{home.folder}, {home.scenario.name}, killed at {home.kills}: {type(error).__name__}: {error}"
                )
            return
        with self.lock:
            self.seconds.append(seconds)
        shutil.rmtree(home.folder)


def campaign(known: DataProduct, folder: Path, engine: str, server_dsn: str, kills: int, seed: int) -> Campaign:
    """Kill runs of a product until there were so many kills, and every place chosen was hit."""
    rng = random.Random(seed)
    chosen = scenarios(known, folder, engine, server_dsn, is_followed=kills >= FEW)
    found = Campaign(seed, {one.name: one for one in chosen}, targets(chosen, kills, rng), most_chains=2 * kills)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for worker in [pool.submit(found.work, folder, random.Random(rng.random())) for _ in range(AT_ONCE)]:
            worker.result()
    if len(found.done) < kills:
        found.violations.append(f"only {len(found.done)} of {kills} kills; never reached: {found.waiting}")
    return found


def shares(kills: int) -> dict[str, int]:
    """The kills of each product: alike by the number of their tables."""
    tables = {one.name: len(one.steps) for one in PRODUCTS}
    return {name: max(FEW, round(kills * count / sum(tables.values()))) for name, count in tables.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--product", choices=[one.name for one in PRODUCTS])
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31))
    parser.add_argument("--engine", choices=("embedded", "spark"), default="embedded")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="medallion-kill-"))
    violations: list[str] = []
    chosen = {arguments.product: arguments.kills} if arguments.product else shares(arguments.kills)
    with small_postgres(folder / "postgres") as server:
        for name, kills in chosen.items():
            where = folder / name
            where.mkdir()
            found = campaign(product(name), where, arguments.engine, server.dsn, kills, arguments.seed)
            violations += found.violations
            for violation in found.violations:
                sys.stderr.write(f"{violation}\n")
            sys.stdout.write(f"{name}: {found}\n")
            sys.stdout.flush()
    if not violations:
        shutil.rmtree(folder)
    return bool(violations)


if __name__ == "__main__":
    sys.exit(main())
