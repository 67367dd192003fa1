"""Schedules as EventBridge Scheduler reads them, checked before anything is deployed."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from medallion.errors import UsageError

_RATE = re.compile(r"rate\(([1-9]\d*) (minute|minutes|hour|hours|day|days)\)")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# Fields of cron(…) in their order: the least and the greatest value, and the names of values from the least on.
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minutes", 0, 59, ()),
    ("hours", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 1, 7, _DAYS),
    ("year", 1970, 2199, ()),
)
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4


def checked_schedule(product: str, expression: str) -> str:
    """A `cron(…)` or `rate(…)` expression; raises UsageError that says what is wrong with it."""
    if _RATE.fullmatch(expression):
        return expression
    subject = f"context products.{product}.schedule '{expression}'"
    remedy = "write for example cron(0 3 * * ? *) or rate(12 hours)"
    if not (expression.startswith("cron(") and expression.endswith(")")):
        raise UsageError(f"{subject}: is neither cron(…) nor rate(…); {remedy}")
    fields = expression.removeprefix("cron(").removesuffix(")").split()
    if len(fields) != len(_FIELDS):
        raise UsageError(f"{subject}: has {len(fields)} fields and not {len(_FIELDS)}; {remedy}")
    if [fields[_DAY_OF_MONTH], fields[_DAY_OF_WEEK]].count("?") != 1:
        raise UsageError(f"{subject}: one of day of month and day of week has to be '?'; {remedy}")
    for text, (name, least, most, names) in zip(fields, _FIELDS, strict=True):
        if not _is_field(text, name, least, most, names):
            raise UsageError(f"{subject}: {name} '{text}' is not within {least}-{most}; {remedy}")
    return expression


def checked_timezone(product: str, name: str) -> str:
    """A time zone of the IANA database; raises UsageError on any other name."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise UsageError(
            f"context products.{product}.timezone '{name}': is unknown; write for example Europe/Berlin"
        ) from None
    return name


def _is_field(text: str, name: str, least: int, most: int, names: tuple[str, ...]) -> bool:
    """Whether a field is a list of values, ranges and steps within its bounds, or what is special to days."""
    if text == "?":
        return name.startswith("day")
    if text in ("L", "LW"):
        return name == "day of month" or (name == "day of week" and text == "L")
    return all(_is_part(part, name, least, most, names) for part in text.split(","))


def _is_part(part: str, name: str, least: int, most: int, names: tuple[str, ...]) -> bool:
    if name == "day of week" and (match := re.fullmatch(r"(\w+)(?:#[1-5]|L)", part)):
        return _value(match[1], least, most, names) is not None
    if name == "day of month" and part.endswith("W"):
        return _value(part[:-1], least, most, names) is not None
    span, slash, step = part.partition("/")
    if slash and not re.fullmatch(r"[1-9]\d*", step):
        return False
    if span == "*":
        return True
    bounds = [_value(one, least, most, names) for one in span.split("-")]
    return len(bounds) <= 2 and None not in bounds


def _value(text: str, least: int, most: int, names: tuple[str, ...]) -> int | None:
    number = names.index(text.upper()) + least if text.upper() in names else int(text) if text.isdecimal() else None
    return number if number is not None and least <= number <= most else None
