"""The stories of products whose sources are files."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import payment_deliveries
from every_byte import cards_in
from restaurant_input import DATES_HEADER, ITEMS_HEADER, OPTIONS_HEADER
from story import MANY, Delivery, Story

from medallion.samples import card_payments, restaurant

CARD = "4556 5968 1547 3496"


def _csv(header: str, *rows: str) -> str:
    return "\n".join((header, *rows)) + "\n"


def _generated(name: str) -> dict[str, str]:
    """The files of a small sample full of dirt."""
    with tempfile.TemporaryDirectory() as folder:
        if name == "restaurant":
            sample = restaurant.RestaurantSample(orders=300, seed=11, dirty=1.0)
            paths = restaurant.generate(sample, Path(folder)).paths
        else:
            cards = card_payments.CardPaymentsSample(transactions=400, stores=20, seed=11, dirty=1.0)
            paths = card_payments.generate(cards, Path(folder)).paths
        return {path.name: path.read_bytes().decode("utf-8", "surrogateescape") for path in paths}


def _every(rows: list[str], count: int, commas: int) -> list[str]:
    """So many of the well-formed rows, spread over all."""
    return [row for row in rows[:: len(rows) // count] if row.count(",") == commas]


@cache
def restaurant_story() -> Story:
    files = _generated("restaurant")
    lines = files["order_items.csv"].splitlines()[1:]
    # As delivered once more, with two of the item.
    corrected = [line.rpartition(",")[0] + ",2" for line in _every(lines, 12, 12)]
    bad = [f"app,r1,2024-03-01T12:00:00Z,bad{n},u1,,FALSE,USD,l1,Mains,Burger,abc,1" for n in range(MANY)]
    return Story(
        first=Delivery(
            # The option's line comes with the second delivery.
            files | {"order_item_options.csv": files["order_item_options.csv"] + "waiting,l1,Extras,Cheese,1.00,1\n"}
        ),
        second=Delivery(
            {
                "order_items_2.csv": _csv(
                    ITEMS_HEADER,
                    *corrected,
                    "app,r1,2024-02-10T10:00:00Z,waiting,u1,,TRUE,USD,l1,Mains,Burger,10.00,1",
                    "app,r1,2024-03-01T12:00:00Z,new,u2,,FALSE,USD,l1,Mains,Salad,8.00,1",
                    "app,r1,2024-03-01T12:00:00Z,new,u2,,FALSE,USD,l2,Mains,Salad,abc,1",
                    "app,r1,2024-01-03T12:00:00Z,late,u3,,FALSE,USD,l1,Mains,Salad,8.00,1",
                ),
                "order_item_options_2.csv": _csv(
                    OPTIONS_HEADER, "new,l1,Extras,Cheese,1.00,2", "nowhere,l1,Extras,Cheese,1.00,1"
                ),
            }
        ),
        third=Delivery(
            {
                "order_items_3.csv": _csv(
                    ITEMS_HEADER, "app,r1,2024-03-20T09:00:00Z,third,u1,,FALSE,USD,l1,Mains,Burger,10.00,1"
                ),
                "date_dim_3.csv": _csv(DATES_HEADER, "2024-03-20,2024,3,12,Wednesday,FALSE,TRUE,Spring"),
            }
        ),
        spoilt=Delivery({"order_items_4.csv": _csv(ITEMS_HEADER, *bad)}),
        mended=Delivery({"order_items_4.csv": _csv(ITEMS_HEADER, *bad).replace("abc", "5.00")}),
        totals={
            "sales_trends": "sum(net_amount) FILTER (WHERE period = 'day')",
            "location_performance": "sum(net_amount)",
            "loyalty_program_impact": "sum(net_amount)",
            "pricing_discount_effectiveness": "sum(net_amount)",
        },
        reasons=frozenset({"orphan", "invalid_item_price"}),
    )


def _sold(one: str, happened: str, *, device: str = "1", amount: str = "10", status: str = "accepted") -> str:
    paid = f"{CARD},714,02/28/2023 1:00:00,{happened}"
    return f"{one},{device},Name,3770009015048,More,{amount},{status},{paid}"


@cache
def card_payments_story() -> Story:
    files = _generated("card_payments")
    sold = [row for row in files["transactions.csv"].splitlines()[1:] if ",accepted," in row and '"' not in row]
    refused = [row.replace(",accepted,", ",refused,") for row in _every(sold, 12, 10)]
    headers = payment_deliveries.HEADERS
    bad = [_sold(f"bad{n}", "02/27/2023 2:00:00", amount='"1,234"') for n in range(MANY)]
    return Story(
        first=Delivery(files),
        second=Delivery(
            {
                "transactions_2.csv": _csv(
                    headers["transactions"],
                    *refused,
                    _sold("new", "02/28/2023 2:00:00"),
                    _sold("late", "01/03/2021 2:00:00"),
                    _sold("unknown", "02/27/2023 2:00:00", status="pending"),
                    _sold("elsewhere", "02/27/2023 2:00:00", device="d900"),
                ),
                "devices_2.csv": _csv(headers["devices"], "d900,1,s900"),
            }
        ),
        third=Delivery(
            {
                "stores_3.csv": _csv(headers["stores"], "s900,Nine,Street,City,Peru,02/28/2023 1:00:00,Press,c9"),
                "transactions_3.csv": _csv(headers["transactions"], _sold("third", "03/01/2023 2:00:00")),
            }
        ),
        spoilt=Delivery({"transactions_4.csv": _csv(headers["transactions"], *bad)}),
        mended=Delivery({"transactions_4.csv": _csv(headers["transactions"], *bad).replace('"1,234"', "1234")}),
        totals={"store_ranking": "sum(transacted_amount)", "amount_by_typology_country": "sum(transacted_amount)"},
        reasons=frozenset({"unknown_status", "unknown_store", "invalid_amount"}),
        secrets=frozenset(cards_in(files["transactions.csv"]) | {CARD}),
    )
