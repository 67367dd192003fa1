from datetime import UTC, date, datetime
from decimal import Decimal

from frames import values
from marts import built
from pyspark.sql import SparkSession
from rows import line, order

from medallion.products.restaurant.rules import RestaurantRules

DAY, NEXT_DAY = date(2024, 1, 1), date(2024, 1, 2)


def test_orders_are_summed_by_location_also_those_that_name_none(spark: SparkSession) -> None:
    orders = [
        order("1", DAY, "5.00", restaurant_id="north", item_quantity=2),
        order("2", DAY, "6.00", restaurant_id="north", user_id=None),
        order("3", DAY, "7.00", restaurant_id=None),
        order("4", NEXT_DAY, "9.00"),
    ]

    sales = built(spark, "sales_by_location", orders, as_of=DAY)

    assert values(sales, "order_date", "restaurant_id", "as_of", "order_count", "item_quantity", "net_amount") == [
        (DAY, "north", DAY, 2, 3, Decimal("11.00")),
        (DAY, None, DAY, 1, 1, Decimal("7.00")),
    ]


def test_an_apps_day_is_summed_by_location(spark: SparkSession) -> None:
    orders = [
        order("1", DAY, "5.00", restaurant_id="north", app_name="web"),
        order("2", DAY, "6.00", restaurant_id="north", app_name="web", user_id=None),
        order("3", DAY, "7.00", restaurant_id="south", app_name="web"),
        order("4", DAY, "8.00", restaurant_id="north", app_name=None),
        order("5", NEXT_DAY, "9.00", restaurant_id="north", app_name="web"),
    ]

    sales = built(spark, "sales_by_app", orders, as_of=DAY)

    assert values(sales, "order_date", "app_name", "restaurant_id", "order_count", "net_amount") == [
        (DAY, "web", "north", 2, Decimal("11.00")),
        (DAY, "web", "south", 1, Decimal("7.00")),
        (DAY, None, "north", 1, Decimal("8.00")),
    ]


def test_an_order_counts_once_in_each_of_its_categories(spark: SparkSession) -> None:
    orders = [order("1", DAY, "10.00"), order("2", DAY, "4.00"), order("3", NEXT_DAY, "9.00")]
    lines = [
        line("1", "3.00", lineitem_id="1"),
        line("1", "5.00", lineitem_id="2", item_quantity=3),
        line("1", "2.00", lineitem_id="3", item_category=None),
        line("2", "4.00"),
        line("3", "9.00"),
    ]

    sales = built(spark, "sales_by_category", orders, lines, as_of=DAY)

    # Pizza: 3 + 5 of order 1 and 4 of order 2; 1 + 3 + 1 units
    assert values(sales, "order_date", "item_category", "order_count", "item_quantity", "net_amount") == [
        (DAY, "(unknown)", 1, 1, Decimal("2.00")),
        (DAY, "Pizza", 2, 5, Decimal("12.00")),
    ]


def test_hours_are_those_of_the_business_timezone(spark: SparkSession) -> None:
    rules = RestaurantRules(business_timezone="America/New_York")
    half_past_two_utc = datetime(2024, 1, 2, 2, 30, tzinfo=UTC)
    orders = [order("1", DAY, ordered_at=half_past_two_utc), order("2", DAY, user_id=None)]

    sales = built(spark, "sales_by_hour", orders, as_of=DAY, rules=rules)

    # New York is 5 hours behind in January: 02:30 is 21:30 of the day before, 12:00 is 7:00
    assert values(sales, "order_date", "hour", "order_count", "net_amount") == [
        (DAY, 7, 1, Decimal("10.00")),
        (DAY, 21, 1, Decimal("10.00")),
    ]
