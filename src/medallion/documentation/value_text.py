"""Values as text for people, by the units of their contracts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

EMPTY = "–"
NUMBERS = (int, float, Decimal)


def text_of(value: object, unit: str | None, longest: int) -> str:
    """A value for people: money with cents, rates (0–1) and percents with a sign, thousands apart; long text cut."""
    if value is None:
        return EMPTY
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, bool) or not isinstance(value, NUMBERS):
        text = " ".join(str(value).split())
        return text if len(text) <= longest else text[: longest - 1] + "…"
    if unit == "currency":
        return f"{value:,.2f}"
    if unit == "rate":
        return f"{value * 100:,.1f} %"
    if unit == "percent":
        return f"{value:,.1f} %"
    if isinstance(value, int):
        return f"{value:,}" if unit else str(value)  # a number without unit may be a key or a year
    return f"{value:,.2f}" if unit else str(value)
