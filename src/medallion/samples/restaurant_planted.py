"""The planted parameters, as `planted.json` states them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from medallion.samples import restaurant_calendar as calendar
from medallion.samples import restaurant_customers as customers
from medallion.samples import restaurant_dirt as dirt
from medallion.samples import restaurant_discounts as discounts
from medallion.samples import restaurant_locations as places
from medallion.samples import restaurant_menu as menus
from medallion.samples import restaurant_orders as orders
from medallion.samples.restaurant_chunk import World
from medallion.samples.text_columns import OBJECT_ID_CHARS, money


def planted_parameters(world: World, days: int) -> dict[str, Any]:
    """Every parameter of the sample; money as text with two digits, days as ISO dates, shares from 0 to 1."""
    return {
        "history": {"first_day": f"{calendar.first_day(days)}", "last_day": f"{calendar.LAST_DAY}", "days": days},
        "customers": _customers(world),
        "calendar": {
            "weekday_index_monday_first": calendar.WEEKDAY_INDEX,
            "annual_swing": calendar.ANNUAL_SWING,
            "holiday_uplift": calendar.HOLIDAY_UPLIFT,
            "hour_weights_utc": customers.HOUR_WEIGHTS,
        },
        "baskets": {
            "lines_an_order_mean": _mean(orders.LINES_CDF),
            "options_a_line_with_options_mean": _mean(orders.OPTIONS_CDF),
            "quantity_mean": _mean(orders.QUANTITY_CDF),
            "plain_order_share": orders.PLAIN_ORDERS,
            "option_share_of_other_lines": orders.LINES_WITH_OPTIONS,
            "refund_line_share": orders.REFUND_SHARE,
        },
        "discounts": {
            "order_share": discounts.DISCOUNT_SHARE if world.discounts else 0.0,
            "percents": discounts.DISCOUNT_PERCENTS if world.discounts else [],
            "repeat_effect": world.effects.discount_repeat,
            "added_orders": world.visits.added_by_discounts,
        },
        "locations": _locations(world, days),
        "items": _items(world),
        "dirt_treatment": {"collapsed": dirt.COLLAPSED_KINDS, "rejected": dirt.REJECTED_KINDS},
    }


def _mean(cdf: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Mean of the distribution over 1, 2, …"""
    return round(float(np.sum(np.diff(cdf, prepend=0.0) * np.arange(1, len(cdf) + 1))), 4)


def _customers(world: World) -> dict[str, Any]:
    visits = world.visits
    faulty = int(np.count_nonzero(visits.customer == customers.FAULTY))
    return {
        "model": "MBG/NBD, per day",
        "r": customers.RATE_SHAPE,
        "alpha": 1 / customers.RATE_SCALE,
        "a": customers.STOP_A,
        "b": customers.STOP_B,
        "regular_customers": len(visits.customer_start_ms) - 1,
        "one_time_customers": visits.one_timers,
        "loyalty_switchers": visits.switchers,
        "loyalty_lift": world.effects.loyalty_lift,
        "orders_added_by_joining": visits.added_by_joining,
        "loyal_orders": int(np.count_nonzero(visits.loyal)),
        "guest_orders": int(np.count_nonzero(visits.customer == customers.GUEST)),
        "faulty_account": {
            "user_id": world.words.people[customers.FAULTY].as_py()[:OBJECT_ID_CHARS],
            "orders": faulty,
        },
    }


def _locations(world: World, days: int) -> list[dict[str, Any]]:
    start, table = calendar.first_day(days), world.locations
    return [
        {
            "restaurant_id": bytes(table.ids[number]).decode(),
            "currency": "CAD" if number in places.CAD_LOCATIONS else "USD",
            "share": round(float(table.share[number]), 6),
            "opens": f"{start + timedelta(days=int(table.opens[number]))}",
            "last_day": f"{start + timedelta(days=int(table.closes[number]) - 1)}",
            "shut": [
                f"{start + timedelta(days=day)}"
                for day in range(int(table.shut_from[number]), int(table.shut_until[number]))
            ],
            "tied": number in places.TIED,
        }
        for number in range(places.LOCATIONS)
    ]


def _items(world: World) -> dict[str, Any]:
    menu = world.menu
    return {
        "price_period_days": menus.PRICE_PERIOD_DAYS,
        "menu": [
            {
                "item_name": name,
                "item_category": category,
                "elasticity": float(menu.elasticity[number]),
                "price_by_period": [money(int(cents)) for cents in menu.price[:, number]],
            }
            for number, (name, category) in enumerate(zip(menu.item, menu.category, strict=True))
        ],
    }
