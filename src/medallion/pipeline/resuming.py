"""Which run that did not end goes on with a request, what it was begun with, and the command that it goes on with."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from medallion.errors import MedallionError, UsageError
from medallion.warehouse.quarantine import Chosen
from medallion.warehouse.records import RunStatus

if TYPE_CHECKING:
    from medallion.pipeline.running import Request
    from medallion.warehouse.records import Run

LEFT = "a plain run leaves it and begins anew"
# Errors of runs that somebody stopped: these did not fail.
_STOPPED = (KeyboardInterrupt.__name__, SystemExit.__name__)


def is_resumable(run: Run, request: Request) -> bool:
    """Whether the request is for what the run was about: it asks for nothing else, or for the same.

    A run that failed on tables or a day of its own goes on with the same command alone: what it failed on may stay, and
    plain runs would end as it did for ever, and read no new file.
    """
    begun, asked = _begun(run), _options(request)
    is_same = asked == {name: begun.get(name) for name in asked}
    if failed_on_its_own(run):
        return is_same and request.as_of == _day(begun)
    if request.as_of not in (None, run.as_of):
        return False
    plain = _options(replace(request, is_full=False, select=None, backfill=None, replay=None))
    return asked == plain or is_same


def failed_on_its_own(run: Run) -> bool:
    """Whether the run failed, neither killed nor stopped by hand, and was for chosen tables or a day of its own."""
    return run.status is RunStatus.FAILED and run.failure not in _STOPPED and _is_special(run)


def as_begun(run: Run, request: Request) -> Request:
    """The request with the options that the run was begun with; as it is where these are damaged.

    Rules stay as they are now: they may be the remedy.
    """
    begun = _begun(run)
    select, span, replay = begun.get("select"), begun.get("backfill"), begun.get("replay")
    try:
        return replace(
            request,
            as_of=_day(begun),
            is_full=bool(begun.get("full_refresh")),
            select=tuple(map(str, select)) if select is not None else None,
            backfill=(date.fromisoformat(span[0]), date.fromisoformat(span[1])) if span else None,
            replay=Chosen(**replay) if replay else None,
        )
    except (ValueError, TypeError, LookupError):
        return request


def command_of(run: Run) -> str:
    """The command that goes on with a run: the same input, all else is remembered where a plain run goes on as well."""
    return _command(run, is_whole=failed_on_its_own(run))


def explain(error: BaseException, run: Run) -> None:
    """Add to the error that ends a run on tables or a day of its own what goes on with it: a plain run does not.

    Not where the command was wrong: another one is the remedy.
    """
    if _is_special(run) and isinstance(error, MedallionError) and not isinstance(error, UsageError):
        error.args = (f"{error}; this goes on with it: {_command(run, is_whole=True)}; {LEFT}",)


def note_on_left(run: Run) -> str:
    """Says that a run that failed is left, and what it was."""
    return f"run {run.run_id} failed and is left, as it was another command: {_command(run, is_whole=True)}"


def parameters_of(request: Request) -> str:
    """What a run is asked for, as it is put on record."""
    return json.dumps(
        {
            "as_of": request.as_of.isoformat() if request.as_of else None,
            "input": str(request.input) if request.input else None,
            **_options(request),
            "rules": request.rules.model_dump(mode="json"),
        }
    )


def _options(request: Request) -> dict[str, Any]:
    """The options that make a run another one, as they are put on record."""
    return {
        "full_refresh": request.is_full,
        "select": list(request.select) if request.select is not None else None,
        "backfill": [day.isoformat() for day in request.backfill] if request.backfill else None,
        "replay": asdict(request.replay) if request.replay else None,
    }


def _begun(run: Run) -> dict[str, Any]:
    """The parameters on record; none where the record is damaged, which makes it a plain run."""
    try:
        found = json.loads(run.parameters or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _day(begun: dict[str, Any]) -> date | None:
    """The day that a run was asked for; none where the record is damaged."""
    try:
        return date.fromisoformat(begun["as_of"])
    except (KeyError, ValueError, TypeError):
        return None


def _selected(begun: dict[str, Any]) -> list[str]:
    """The selectors that a run was asked for."""
    found = begun.get("select")
    return [str(one) for one in found] if isinstance(found, list) else []


def _is_special(run: Run) -> bool:
    begun = _begun(run)
    return bool(_selected(begun) or _day(begun))


def _command(run: Run, *, is_whole: bool) -> str:
    begun, words = _begun(run), ["medallion", "run", run.product]
    span, replay, day = begun.get("backfill"), begun.get("replay"), _day(begun)
    if is_whole and isinstance(span, list):
        words[1:2] = ["backfill"]
        words += [word for pair in zip(("--from", "--to"), map(str, span), strict=False) for word in pair]
    if is_whole and isinstance(replay, dict):
        words[1:2] = ["quarantine", "replay"]
        chosen = {"--table": replay.get("table"), "--reason": replay.get("reason"), "--file": replay.get("file_name")}
        words += [word for option, value in chosen.items() if value for word in (option, str(value))]
    if isinstance(begun.get("input"), str):
        words += ["--input", begun["input"]]
    if is_whole:
        words += ["--full-refresh"] * bool(begun.get("full_refresh"))
        words += [word for one in _selected(begun) for word in ("--select", one)]
        words += ["--as-of", day.isoformat()] if day else []
    return shlex.join(words)
