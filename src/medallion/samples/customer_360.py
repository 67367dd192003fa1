"""A realistic sample of three operational systems' tables, as seed 001 describes them: customers, orders, shipments.

Nothing of the seed's own rows is used. What was planted is counted. The same settings give the same rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from medallion.errors import UsageError
from medallion.samples.history_length import check_days
from medallion.samples.streams import stream

Row = tuple[object, ...]
SCHEMA = "sources"
NEWEST = datetime(2024, 6, 30, 20, 0, 0)  # noqa: DTZ001 (the tables' timestamps have no zone)
# Columns as each system declares them. None refers to another system's table: a customer may go, orders stay.
COLUMNS = {
    "crm_customers": (
        "id integer PRIMARY KEY, first_name varchar(50), last_name varchar(50), email varchar(100),"
        " signup_date timestamp"
    ),
    "erp_orders": (
        "order_id integer PRIMARY KEY, customer_id integer, order_date timestamp, total_amount decimal(10,2)"
    ),
    "wms_shipments": (
        "shipment_id integer PRIMARY KEY, order_ref integer, shipped_date timestamp, delivery_status varchar(20)"
    ),
}
# Share of rows that are spoilt in each way, at dirty = 1; a dirty sample has each at least once.
EACH_KIND = 0.02
_FIRST = ("Ada", "Björn", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hanna", "Inês", "Jun", "Kofi", "Lena")
_LAST = ("Archer", "Baptiste", "Çelik", "Dubois", "Eriksen", "Fontaine", "García", "Hughes", "Ito", "Jansen")
_LOYAL, _ONCE, _NEVER = 6.0, 1.2, 0.0  # mean orders of three kinds of customer
_SHIPPED_AFTER_DAYS, _DELIVERED_AFTER_DAYS = 4.0, 6.0
_ORDERS_SHIPPED = 0.92


@dataclass(frozen=True)
class Customer360Sample:
    """Settings of a sample. `dirty` (0 to 1) scales every planted fault; `days` is the length of the history."""

    customers: int = 400
    seed: int = 1
    dirty: float = 0.0
    days: int = 540

    def __post_init__(self) -> None:
        """Raise `UsageError` where a setting is outside its range."""
        for name, least in (("customers", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise UsageError(f"{name}: {getattr(self, name)} is less than {least}; give {least} or more")
        check_days(self.days)
        if not 0.0 <= self.dirty <= 1.0:
            raise UsageError(f"dirty: {self.dirty} is outside 0 to 1; 0.1 is a lot")


@dataclass(frozen=True)
class GeneratedTables:
    """Rows by table, in the order of `COLUMNS`, and how many faults of each kind are among them."""

    tables: dict[str, list[Row]]
    planted: dict[str, int]


def generate(sample: Customer360Sample) -> GeneratedTables:
    """The three tables' rows."""
    customers = _customers(sample)
    orders = _orders(sample, customers)
    shipments = _shipments(sample, orders)
    planted = Counter[str]()
    if sample.dirty:
        _spoil_customers(sample, customers, planted)
        _spoil_orders(sample, customers, orders, planted)
        _spoil_shipments(sample, shipments, planted)
    tables = {"crm_customers": customers, "erp_orders": orders, "wms_shipments": shipments}
    return GeneratedTables(tables, dict(planted))


def _customers(sample: Customer360Sample) -> list[Row]:
    draw = stream(sample.seed, "customers")
    rows: list[Row] = []
    for number in range(1, sample.customers + 1):
        first, last = _FIRST[draw.integers(len(_FIRST))], _LAST[draw.integers(len(_LAST))]
        email = f"{first}.{last}.{number}@example.org".lower()
        rows.append((number, first, last, email, _before_newest(draw.random() * sample.days)))
    return rows


def _orders(sample: Customer360Sample, customers: list[Row]) -> list[Row]:
    draw = stream(sample.seed, "orders")
    found: list[tuple[datetime, int, Decimal]] = []
    for customer_id, *_, signup in customers:
        mean = (_LOYAL, _ONCE, _NEVER)[draw.integers(3)]
        since = (NEWEST - _moment(signup)).total_seconds()
        for share in sorted(draw.random(int(draw.poisson(mean)))):
            placed = _moment(signup) + timedelta(seconds=int(share * since))
            found.append((placed, int(str(customer_id)), Decimal(int(draw.lognormal(8.6, 0.8))) / 100))
    return [(number, customer, placed, total) for number, (placed, customer, total) in enumerate(sorted(found), 1)]


def _shipments(sample: Customer360Sample, orders: list[Row]) -> list[Row]:
    draw = stream(sample.seed, "shipments")
    rows: list[Row] = []
    for order_id, _, placed, _ in orders:
        shipped = _moment(placed) + timedelta(hours=float(draw.exponential(_SHIPPED_AFTER_DAYS * 24)))
        if shipped > NEWEST or draw.random() > _ORDERS_SHIPPED:
            continue
        age = (NEWEST - shipped) / timedelta(days=1)
        status = "Delivered" if age > _DELIVERED_AFTER_DAYS else "In Transit" if age > 1 else "Shipped"
        rows.append((len(rows) + 1, order_id, shipped.replace(microsecond=0), status))
    return rows


def _spoil_customers(sample: Customer360Sample, customers: list[Row], planted: Counter[str]) -> None:
    for place in _chosen(sample, "email_of_101_bytes", customers, planted):
        number, first, last, _, signup = customers[place]
        email = f"é{number}.".ljust(100 - len("@example.org"), "x") + "@example.org"  # 100 characters
        customers[place] = (number, first, last, email, signup)
    for place in _chosen(sample, "missing_signup_date", customers, planted):
        customers[place] = (*customers[place][:4], None)


def _spoil_orders(sample: Customer360Sample, customers: list[Row], orders: list[Row], planted: Counter[str]) -> None:
    for place in _chosen(sample, "order_of_deleted_customer", orders, planted):
        order_id, _, placed, total = orders[place]
        orders[place] = (order_id, len(customers) + 1 + place, placed, total)
    for place in _chosen(sample, "order_without_customer", orders, planted):
        orders[place] = (orders[place][0], None, *orders[place][2:])


def _spoil_shipments(sample: Customer360Sample, shipments: list[Row], planted: Counter[str]) -> None:
    for place in _chosen(sample, "two_current_shipments", shipments, planted):
        shipment_id, order_ref, shipped, _ = shipments[place]
        shipments[place] = (shipment_id, order_ref, shipped, "In Transit")
        shipments.append((len(shipments) + 1, order_ref, shipped, "In Transit"))
    for place in _chosen(sample, "unknown_status", shipments, planted):
        shipments[place] = (*shipments[place][:3], "Left on the porch")


def _chosen(sample: Customer360Sample, kind: str, rows: list[Row], planted: Counter[str]) -> list[int]:
    """The places of the rows that are to be spoilt; none in a table without rows."""
    draw = stream(sample.seed, kind)
    count = min(len(rows), max(1, round(len(rows) * EACH_KIND * sample.dirty)))
    places = sorted(int(place) for place in draw.choice(len(rows), count, replace=False)) if rows else []
    planted[kind] += len(places)
    return places


def _before_newest(days: float) -> datetime:
    return (NEWEST - timedelta(days=float(np.round(days, 5)))).replace(microsecond=0)


def _moment(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value
