"""The calendar of the sample: US holidays by rule, the `date_dim` rows, and how busy each day is."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import numpy as np

from medallion.samples.streams import F64

LAST_DAY = date(2024, 2, 21)
DATE_DIM_YEAR = 2023
# Monday .. Sunday; the mean is 1.
WEEKDAY_INDEX = (0.85, 0.90, 0.95, 1.00, 1.20, 1.15, 0.95)
ANNUAL_SWING = 0.15
HOLIDAY_UPLIFT = {
    "New Year's Day": 0.7, "Martin Luther King Jr.": 1.1, "Washington's Birthday": 1.1, "Memorial Day": 1.3,
    "Juneteenth": 1.1, "Indep. Day": 1.3, "Labor Day": 1.3, "Columbus Day": 1.1, "Veterans Day": 1.1,
    "Thanksgiving Day": 0.7, "Christmas": 0.7,
}  # fmt: skip
# month, weekday (0 = Monday), which one of the month (-1: the last)
FLOATING = {
    "Martin Luther King Jr.": (1, 0, 3), "Washington's Birthday": (2, 0, 3), "Memorial Day": (5, 0, -1),
    "Labor Day": (9, 0, 1), "Columbus Day": (10, 0, 2), "Thanksgiving Day": (11, 3, 4),
}  # fmt: skip
FIXED = {
    "New Year's Day": (1, 1),
    "Juneteenth": (6, 19),
    "Indep. Day": (7, 4),
    "Veterans Day": (11, 11),
    "Christmas": (12, 25),
}


def holidays(year: int) -> dict[date, str]:
    """US federal holidays of one year; one that falls on a Sunday is observed on the Monday as well."""
    named = {}
    for name, (month, weekday, which) in FLOATING.items():
        matching = [d for d in _days_of_month(year, month) if d.weekday() == weekday]
        named[matching[which - 1 if which > 0 else which]] = name
    for name, (month, day) in FIXED.items():
        holiday = date(year, month, day)
        named[holiday] = name
        if holiday.weekday() == calendar.SUNDAY:
            named.setdefault(holiday + timedelta(days=1), f"{name} Observed")
    return named


def _days_of_month(year: int, month: int) -> list[date]:
    return [date(year, month, day + 1) for day in range(calendar.monthrange(year, month)[1])]


def first_day(days: int) -> date:
    """The first day of a history of `days` days that ends on `LAST_DAY`."""
    return LAST_DAY - timedelta(days=days - 1)


def day_weights(days: int) -> F64:
    """Relative number of orders a day, mean 1, shape (days,): weekday index, annual season, holidays."""
    start = first_day(days)
    named: dict[date, str] = {}
    for year in range(start.year, LAST_DAY.year + 1):
        named |= holidays(year)
    dates = [start + timedelta(days=number) for number in range(days)]
    weekday = np.array([WEEKDAY_INDEX[day.weekday()] for day in dates])
    # The season peaks at the end of June and is lowest around New Year.
    year_part = np.array([day.timetuple().tm_yday / 365.25 for day in dates])
    season = 1.0 - ANNUAL_SWING * np.cos(2 * np.pi * year_part)
    uplift = np.array([HOLIDAY_UPLIFT.get(named.get(day, "").removesuffix(" Observed"), 1.0) for day in dates])
    weights = weekday * season * uplift
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def date_dim_csv(year: int = DATE_DIM_YEAR) -> bytes:
    """The `date_dim` file of one year: `DD-MM-YYYY` keys and ISO week numbers, as the published file has them."""
    named = holidays(year)
    lines = ["date_key,year,month,week,day_of_week,is_weekend,is_holiday,holiday_name"]
    for month in range(1, 13):
        for day in _days_of_month(year, month):
            weekend = "TRUE" if day.weekday() >= calendar.SATURDAY else "FALSE"
            holiday = "TRUE" if day in named else "FALSE"
            key = f"{day:%d-%m-%Y},{year},{month},{day.isocalendar().week},{calendar.day_name[day.weekday()]}"
            lines.append(f"{key},{weekend},{holiday},{named.get(day, '')}")
    return ("\r\n".join(lines) + "\r\n").encode()
