"""What every product of the catalogue is tried with: the one place that a new product needs for the suites over all.

A story is three small deliveries: ordinary rows among bad ones; what changes them (new rows, a correction, a late row;
in a table an update, an insert, a delete); and one row more. A product that reads others has no deliveries of its own:
theirs are delivered to them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import payment_deliveries
import pytest
from every_byte import cards_in
from restaurant_input import DATES_HEADER, ITEMS_HEADER, OPTIONS_HEADER

from medallion.catalog import PRODUCTS, product
from medallion.data_product import DataProduct
from medallion.samples import card_payments, customer_360, restaurant

CARD = "4556 5968 1547 3496"
MANY = 150  # bad rows, more than any product lets pass
EVERY_PRODUCT = pytest.mark.parametrize("known", PRODUCTS, ids=lambda known: known.name)


@dataclass(frozen=True)
class Delivery:
    """Files by name, header first, and statements for the tables of operational systems."""

    files: Mapping[str, str] = field(default_factory=dict)
    sql: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """What is delivered to a product, and a total that marts of one version agree about, as SQL by mart.

    `spoilt` has too many bad rows, `mended` is what its sender puts in its place. `reasons` are those of rows that are
    in quarantine after the second delivery, `secrets` are texts that are delivered and must be kept nowhere.
    """

    first: Delivery
    second: Delivery
    third: Delivery
    spoilt: Delivery
    mended: Delivery
    totals: Mapping[str, str]
    reasons: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()

    @property
    def deliveries(self) -> tuple[Delivery, Delivery, Delivery]:
        return self.first, self.second, self.third


def story_of(known: DataProduct) -> Story:
    """The story of a product; fails where nobody has written it."""
    if known.name not in _STORIES:
        pytest.fail(
            f"product '{known.name}' is in the catalogue without a story: write in {Path(__file__).name} what is"
            " delivered to it first, what changes that, and which total its marts agree about"
        )
    return _STORIES[known.name]()


def read_by(known: DataProduct) -> tuple[DataProduct, ...]:
    """The products that a product reads, directly or through others, each after those that it reads itself."""
    names: set[str] = set()
    for one in known.inputs:
        names |= {one.product, *(other.name for other in read_by(product(one.product)))}
    return tuple(one for one in PRODUCTS if one.name in names)


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
def _restaurant() -> Story:
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
def _card_payments() -> Story:
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


def _table_story(table: str, *, total: str, mart: str, reason: str, spoil: str, mend: str, **changes: str) -> Story:
    """Of a product that publishes a table of an operational system as it is."""
    rows = customer_360.generate(customer_360.Customer360Sample(customers=80, seed=3, dirty=1.0)).tables[table]
    values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
    return Story(
        first=Delivery(sql=f"INSERT INTO sources.{table} VALUES {values}"),
        second=Delivery(sql=changes["second"]),
        third=Delivery(sql=changes["third"]),
        spoilt=Delivery(sql=spoil),
        mended=Delivery(sql=mend),
        totals={mart: total},
        reasons=frozenset({reason}),
    )


def _literal(value: object) -> str:
    return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{value}'"


@cache
def _sales_crm() -> Story:
    return _table_story(
        "crm_customers",
        mart="customers",
        total="count(*)",
        reason="too_long_email",
        second="""UPDATE sources.crm_customers SET first_name = 'Bo' WHERE id = 2;
            INSERT INTO sources.crm_customers VALUES (901, 'Cy', 'Late', 'cy@example.org', '2022-01-01 10:00:00'),
                (902, 'Di', 'Long', rpad('é', 100, 'x'), '2024-06-01 10:00:00');
            DELETE FROM sources.crm_customers WHERE id IN (5, 6);
            UPDATE sources.crm_customers SET email = rpad('é', 100, 'x') WHERE id IN (10, 11);
            UPDATE sources.crm_customers SET signup_date = '2024-05-05' WHERE signup_date IS NULL""",
        third="INSERT INTO sources.crm_customers VALUES (903, 'Third', NULL, NULL, '2024-07-02 10:00:00')",
        spoil=f"""INSERT INTO sources.crm_customers
            SELECT 2000 + n, 'Bad', 'Row', NULL, NULL FROM generate_series(1, {MANY}) AS n""",
        mend="UPDATE sources.crm_customers SET signup_date = '2024-05-05 10:00:00' WHERE id > 2000",
    )


@cache
def _sales_erp() -> Story:
    return _table_story(
        "erp_orders",
        mart="orders",
        total="sum(total_amount)",
        reason="invalid_order_date",
        second="""UPDATE sources.erp_orders SET total_amount = 99.99 WHERE order_id IN (3, 4);
            INSERT INTO sources.erp_orders VALUES (901, 1, '2022-02-01 10:00:00', 5.00), (902, 2, NULL, 6.00),
                (903, 5, '2024-06-30 21:00:00', 7.00);
            DELETE FROM sources.erp_orders WHERE order_id = 9;
            UPDATE sources.erp_orders SET order_date = NULL WHERE order_id = 10""",
        third="INSERT INTO sources.erp_orders VALUES (904, 1, '2024-07-01 10:00:00', 8.00)",
        spoil=f"""INSERT INTO sources.erp_orders
            SELECT 2000 + n, 1, NULL, 1.00 FROM generate_series(1, {MANY}) AS n""",
        mend="UPDATE sources.erp_orders SET order_date = '2024-05-05 10:00:00' WHERE order_id > 2000",
    )


@cache
def _logistics_wms() -> Story:
    return _table_story(
        "wms_shipments",
        mart="shipments",
        total="sum(order_ref)",
        reason="unknown_status",
        second="""UPDATE sources.wms_shipments SET delivery_status = 'In Transit' WHERE shipment_id IN (1, 2);
            INSERT INTO sources.wms_shipments VALUES (901, 1, '2024-06-30 22:00:00', 'Shipped'),
                (902, 2, '2024-06-30 22:00:00', 'Left on the porch'), (903, 901, NULL, 'Shipped');
            DELETE FROM sources.wms_shipments WHERE shipment_id = 7;
            DELETE FROM sources.wms_shipments WHERE shipment_id IN
                (SELECT min(shipment_id) FROM sources.wms_shipments WHERE delivery_status = 'Left on the porch')""",
        third="INSERT INTO sources.wms_shipments VALUES (904, 904, '2024-07-01 12:00:00', 'Shipped')",
        spoil=f"""INSERT INTO sources.wms_shipments
            SELECT 2000 + n, 1, '2024-05-05 10:00:00', 'Lost' FROM generate_series(1, {MANY}) AS n""",
        mend="UPDATE sources.wms_shipments SET delivery_status = 'Delivered' WHERE shipment_id > 2000",
    )


@cache
def _marketing_360() -> Story:
    nothing = Delivery()
    return Story(
        first=nothing,
        second=nothing,
        third=nothing,
        spoilt=nothing,
        mended=nothing,
        totals={"customer_activity": "sum(order_total)"},
    )


_STORIES = {
    "restaurant": _restaurant,
    "card_payments": _card_payments,
    "sales_crm": _sales_crm,
    "sales_erp": _sales_erp,
    "logistics_wms": _logistics_wms,
    "marketing_360": _marketing_360,
}
