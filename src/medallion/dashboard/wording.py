"""Values and names as text for people, and safe to show: nothing in the data may act as Markdown, markup or formula."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

EMPTY = "–"
_SYMBOLS = {"USD": "$", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_ABBREVIATIONS = {"id": "ID", "yoy": "YoY", "sku": "SKU", "clv": "CLV", "rfm": "RFM"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_THOUSAND, _MILLION = 1_000, 1_000_000
Number = int | float | Decimal


def size_of(value: Number) -> Number:
    """The value without its sign."""
    return -value if value < 0 else value


def plain(text: object) -> str:
    """Text as Markdown that shows just that text."""
    return _MARKDOWN.sub(r"\\\1", re.sub(r"\s+", " ", str(text)))


def number(value: object, unit: str | None, currency: str = "") -> str:
    """A value by the unit of its contract: money with its currency, rates and percents with a sign, thousands apart."""
    if value is None:
        return EMPTY
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(value)
    if unit == "currency":
        return money(value, currency)
    if unit == "rate":
        return f"{value * 100:,.1f} %"
    if unit == "percent":
        return f"{value:+,.1f} %".replace("-", "−")
    if unit == "days":
        return f"{value:,.0f} days" if size_of(value) >= 10 or value == int(value) else f"{value:,.1f} days"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def money(value: Number, currency: str) -> str:
    """An amount with its currency; cents are left out where there are thousands, exact figures stand in tables."""
    sign, symbol = ("−" if value < 0 else ""), symbol_of(currency)
    size = size_of(value)
    if size >= _MILLION:
        return f"{sign}{symbol}{float(size) / _MILLION:,.2f} M"
    return f"{sign}{symbol}{size:,.0f}" if size >= _THOUSAND else f"{sign}{symbol}{size:,.2f}"


def short_money(value: Number, currency: str) -> str:
    """An amount for a label: `$40`, `$0.50`."""
    return f"{'−' if value < 0 else ''}{symbol_of(currency)}{size_of(value):,.12g}"


def change(percent: float) -> str:
    """`up 12 %`, `down 3 %`, `unchanged`."""
    if abs(percent) < 0.5:
        return "unchanged"
    return f"{'up' if percent > 0 else 'down'} {abs(percent):,.0f} %"


def rate(value: Number | None) -> str:
    """A rate (0–1) for a sentence: `83 %`, and tenths where it is small."""
    if value is None:
        return EMPTY
    return f"{value * 100:,.0f} %" if size_of(value) >= 0.095 or value == 0 else f"{value * 100:,.1f} %"


def exact_money(value: Number, currency: str) -> str:
    """An amount to the cent."""
    return f"{'−' if value < 0 else ''}{symbol_of(currency)}{size_of(value):,.2f}"


def symbol_of(currency: str) -> str:
    """What stands before an amount."""
    return _SYMBOLS.get(currency, f"{currency} " if currency else "")


def count_of(value: int, one: str, many: str = "") -> str:
    """`1 customer`, `3,162 customers`."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def day(value: date) -> str:
    """`21 Feb 2024`."""
    return f"{value.day} {value:%b %Y}"


def ago(seconds: float) -> str:
    """How long ago, in the largest unit that fits."""
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{count_of(int(seconds // size), name)} ago"
    return "just now"


def location(name: object) -> str:
    """A location for axes and lists: long ids by their end, which tells them apart."""
    if name is None:
        return "(no location)"
    text = str(name)
    return f"…{text[-6:]}" if len(text) > 16 and " " not in text else text


def title_of(column: str) -> str:
    """A column's name as a heading: `average_order_value` as `Average order value`."""
    words = column.replace("_pct", " %").replace("_", " ")
    shown = " ".join(_ABBREVIATIONS.get(word, word) for word in words.split(" "))
    return f"{shown[:1].upper()}{shown[1:]}"


def csv_cell(value: object) -> object:
    """A value for a CSV file: text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
