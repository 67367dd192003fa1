"""Whether selected tables would be built of others that hold what was known up to another day than the run's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medallion.errors import UsageError
from medallion.pipeline.decision import is_defined_as
from medallion.pipeline.fingerprint import definition_of

if TYPE_CHECKING:
    from datetime import date

    from medallion.data_product import DataProduct, Step
    from medallion.pipeline.running import Request
    from medallion.warehouse.records import Version


@dataclass(frozen=True)
class Dates:
    """The day a run looks from, and the newest one of the data."""

    as_of: date | None
    newest: date | None

    @property
    def cutoff(self) -> date | None:
        """as_of where the data goes beyond it."""
        return self.as_of if self.as_of and self.newest and self.as_of < self.newest else None


def refuse_other_dates(
    request: Request, selected: Collection[str] | None, published: Mapping[str, Version], dates: Dates
) -> None:
    """Raises UsageError where a selected table reads one that is not selected, and that the run's dates alone change.

    What is read stays as it is published, so the table would have the rows of one day under the date of another. A
    table whose code or rules changed is left to the user: to build others without it is what a selection is for.
    """
    found = _first_other(request, selected or (), published, dates)
    if found is None:
        return
    name, one, day = found
    remedy = f"select +{name}"
    if _first_other(request, selected or (), published, Dates(day, dates.newest)) is None:
        remedy += ", or leave out --as-of" if request.as_of and day == dates.newest else f", or give --as-of {day}"
    raise UsageError(f"--select {name}: its input {one} is as of {day} and the run {dates.as_of}; {remedy}")


def _first_other(
    request: Request, selected: Collection[str], published: Mapping[str, Version], dates: Dates
) -> tuple[str, str, date] | None:
    """The first selected table, what it reads, and the day of that."""
    steps = {step.table.name: step for step in request.product.steps}
    for name in (name for name in steps if name in selected):
        for one in _left_inputs(request.product, steps, name, selected):
            version = published.get(one)
            day = _other_day(request, steps[one], version, dates) if version else None
            if day:
                return name, one, day
    return None


def _left_inputs(
    product: DataProduct, steps: Mapping[str, Step], name: str, selected: Collection[str]
) -> Iterator[str]:
    """What a table reads that is not selected, the nearest first; behind it what that was built from, and so on."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        inputs = product.published_inputs(steps[waiting.pop(0)])
        more = [one for one in inputs if one in steps and one not in selected and one not in found]
        found += more
        waiting += more
    yield from found


def _other_day(request: Request, step: Step, version: Version, dates: Dates) -> date | None:
    """The day up to which a published table goes, where it is as defined now but for the dates; None otherwise."""

    def is_defined(as_of: date | None, cutoff: date | None) -> bool:
        return is_defined_as(version, definition_of(request.product, step, request.rules, as_of, cutoff))

    if is_defined(dates.as_of, dates.cutoff):
        return None
    # What takes the cutoff alone keeps its definition from day to day, and goes up to the newest one.
    for as_of, cutoff in ((dates.newest, None), (version.as_of, None), (version.as_of, version.as_of)):
        if is_defined(as_of, cutoff):
            return as_of
    return None
