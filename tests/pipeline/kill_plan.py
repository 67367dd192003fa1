"""Where runs are killed: every place at least once, those that are passed often at several passes, and any moment."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from kill_scenario import Scenario, declared_places

MOMENTS = 0.2  # share of the kills that come at random moments
BEHIND_THE_END = ("publish.gold.committed", "run.cleaned")  # after which there is nothing to do
FEWEST, MOST = 4, 6  # kills of one run before it may end


@dataclass(frozen=True)
class Target:
    """A kill: the scenario, the place by name ("": a moment about there), and its position in the undisturbed run."""

    scenario: str
    position: int
    name: str = ""


def targets(scenarios: Sequence[Scenario], kills: int, rng: random.Random) -> list[Target]:
    """So many kills. Where there are more than names, every name is hit; where there are fewer than declared places,
    places spread over the run of each scenario; else every declared place, at one of its names; in either scenario.
    The rest are further passes of places that are passed often, and random moments.
    """
    passed = [(one.name, position, name) for one in scenarios for position, name in enumerate(one.places)]
    often = [name for name, count in Counter(name for _, _, name in passed).items() if count > 2 * len(scenarios)]
    names = sorted({name for _, _, name in passed})
    is_every = kills >= len(names) / (1 - MOMENTS)
    key = {name: name if is_every or name in BEHIND_THE_END else place_of(name) for name in names}
    choices = defaultdict(list)
    for scenario, position, name in passed:
        choices[key[name]].append(Target(scenario, position, name))
    if kills < len(choices):
        return [target for one in scenarios for target in _spread(one, kills // len(scenarios), rng)]
    found = [rng.choice(choices[one]) for one in sorted(choices)]
    moments = min(kills - len(found), max(1, int(kills * MOMENTS)))
    for _ in range(moments):
        scenario = rng.choice(scenarios)
        found.append(Target(scenario.name, rng.randrange(len(scenario.places))))
    samples = [Target(*one) for one in passed if one[2] in often]
    return found + rng.sample(samples, kills - len(found))


def _spread(scenario: Scenario, kills: int, rng: random.Random) -> list[Target]:
    """One place in each of so many equal parts of the scenario's run, where it is passed first."""
    names = list(dict.fromkeys(scenario.places))
    chosen = (names[int(len(names) / kills * (number + rng.random()))] for number in range(kills))
    return [Target(scenario.name, scenario.places.index(name), name) for name in chosen]


def next_chain(waiting: list[Target], rng: random.Random) -> list[Target]:
    """A few of the kills that wait, of one scenario, in the order in which a run comes to them; they wait no more."""
    scenario = Counter(target.scenario for target in waiting).most_common(1)[0][0]
    own = [target for target in waiting if target.scenario == scenario]
    chosen = rng.sample(own, min(len(own), rng.randint(FEWEST, MOST)))
    for target in chosen:
        waiting.remove(target)
    return sorted(chosen, key=lambda target: target.position)


def place_of(name: str) -> str:
    """The place in the code, as a pattern, that a name stands for."""
    return next(pattern for pattern in declared_places() if re.fullmatch(pattern, name))
