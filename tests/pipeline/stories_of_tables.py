"""The stories of products that publish tables of operational systems."""

from __future__ import annotations

from functools import cache

from story import MANY, Delivery, Story

from medallion.samples import customer_360


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
def sales_crm_story() -> Story:
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
def sales_erp_story() -> Story:
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
def logistics_wms_story() -> Story:
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
