"""What is written where nobody reads it: misspelt variables, rules without their product, limits of unknown tables."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from medallion.errors import UsageError
from medallion.settings import PREFIX, RULES_PREFIX, Settings, file_section

if TYPE_CHECKING:
    from pathlib import Path

_CLOSE = 0.8  # so alike a name is a slip; others may be another program's, as those that Kubernetes gives its services


def refuse_misplaced(settings: Settings, config: Path | None) -> None:
    """Raises UsageError for what would be ignored of the environment, the file and the settings that name tables."""
    for line in (*_in_environment(), *_in_file(config), *_in_limits(settings), *_in_approvers(settings)):
        raise UsageError(line)


def _in_environment() -> Iterator[str]:
    from medallion.catalog import PRODUCTS

    for name in sorted(one for one in os.environ if one.startswith(PREFIX)):
        said = name.removeprefix(PREFIX).lower()
        if said in Settings.model_fields:
            continue
        if name.startswith(RULES_PREFIX):
            product = name.removeprefix(RULES_PREFIX).lower().partition("__")[0]
            if product not in _products():
                yield f"{name}: product '{product}' is unknown; {_remedy(product, _products())}"
        elif said.startswith("rules_"):
            yield f"{name}: is no setting; a rule is {RULES_PREFIX}PRODUCT__RULE, its parts joined by two underscores"
        elif owners := [one.name for one in PRODUCTS if said in one.rules.model_fields]:
            written = " or ".join(f"{RULES_PREFIX}{owner}__{said}".upper() for owner in owners)
            yield f"{name}: is a rule and no setting; write {written}"
        elif similar := get_close_matches(said, Settings.model_fields, n=1, cutoff=_CLOSE):
            yield f"{name}: is no setting; did you mean {PREFIX}{similar[0].upper()}?"


def _in_file(config: Path | None) -> Iterator[str]:
    for name, value in file_section(config, "rules").items():
        where = f"{config or 'medallion.toml'}: "
        if not isinstance(value, dict):
            yield f"{where}rule '{name}' stands under [rules]; write it under [rules.PRODUCT]"
        elif name not in _products():
            yield f"{where}section [rules.{name}] is of no product; {_remedy(name, _products())}"


def _in_limits(settings: Settings) -> Iterator[str]:
    from medallion.catalog import PRODUCTS

    known = [f"{one.name}.{step.table.name}" for one in PRODUCTS for step in (*one.intermediates, *one.steps)]
    for setting, limits in (("reject_limits", settings.reject_limits), ("deletion_limits", settings.deletion_limits)):
        for name in limits:
            if name not in known:
                meant = [one for one in known if one.partition(".")[2] == name]
                remedy = f"write {' or '.join(meant)}" if meant else _remedy(name, known, "PRODUCT.TABLE")
                yield f"setting '{setting}': table '{name}' is unknown; {remedy}"


def _in_approvers(settings: Settings) -> Iterator[str]:
    from medallion.catalog import PRODUCTS

    teams = sorted({one.governance.owner for one in PRODUCTS})
    for team in settings.approvers:
        if team not in teams:  # anybody could approve for the team that was meant
            yield f"setting 'approvers': team '{team}' owns no product; {_remedy(team, teams)}"


def _products() -> list[str]:
    from medallion.catalog import PRODUCTS

    return [one.name for one in PRODUCTS]


def _remedy(name: str, known: Collection[str], form: str = "") -> str:
    similar = get_close_matches(name, known, n=3)
    if similar:
        return f"did you mean {' or '.join(similar)}?"
    return f"write {form}" if form else f"choose one of: {', '.join(known)}"
