"""The oracle on what needs more than a year of orders, on discount depths and on ties; computed by hand as well."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from oracle import compute

if TYPE_CHECKING:
    from pathlib import Path

ITEMS_HEADER = (
    "app_name,restaurant_id,creation_time_utc,order_id,user_id,printed_card_number,is_loyalty,currency,lineitem_id,"
    "item_category,item_name,item_price,item_quantity"
)
OPTIONS_HEADER = "order_id,lineitem_id,option_group_name,option_name,option_price,option_quantity"
DATES_HEADER = "date_key,year,month,week,day_of_week,is_weekend,is_holiday,holiday_name"
YEAR = (  # user u1 spends 10, 30 and 20
    "A,r1,2023-03-01T12:00:00Z,o1,u1,,false,USD,1,Pizza,Margherita,10.00,1",
    "A,r1,2023-12-01T12:00:00Z,o2,u1,,false,USD,1,Pizza,Margherita,30.00,1",
    "A,r1,2024-01-15T12:00:00Z,o3,u1,,false,USD,1,Pizza,Margherita,20.00,1",
    "A,r1,2024-04-01T12:00:00Z,o4,u1,,false,USD,1,Pizza,after as-of,99.00,1",
)
AS_OF = date(2024, 3, 31)


def rows(folder: Path, items: tuple[str, ...], options: tuple[str, ...], query: str, as_of: date | None = None) -> Any:
    """The query's rows on the tables computed from order items and options."""
    (folder / "order_items.csv").write_text("\n".join((ITEMS_HEADER, *items)), encoding="utf-8")
    (folder / "order_item_options.csv").write_text("\n".join((OPTIONS_HEADER, *options)), encoding="utf-8")
    (folder / "date_dim.csv").write_text(DATES_HEADER + "\n01-01-2023,2023,1,52,Sunday,TRUE,TRUE,New Year's Day\n")
    compute(folder, folder / "oracle.duckdb", as_of)
    with duckdb.connect(str(folder / "oracle.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_churn_indicators_compare_with_ninety_days_and_with_the_year_before(tmp_path: Path) -> None:
    assert rows(tmp_path, YEAR, (), "SELECT * EXCLUDE (currency, as_of) FROM restaurant.churn_indicators", AS_OF) == [
        # 15 January .. 31 March: 16 + 29 + 31 = 76 days; 1 March 2023 .. 15 January 2024: 320 days over 2 gaps
        # gaps of 275 and 45 days, whose median is their mean; 76 / 160 days of silence
        ("u1", date(2024, 1, 15), 76, 3, 160.0, 160.0, "at risk", 0.475, "active",
         # after 1 January: 20; after 3 October up to 1 January: 30
         Decimal("20.00"), Decimal("30.00"), 100 * (-10 / 30),
         # 1 January .. 31 March of both years: 20 and 10
         Decimal("20.00"), Decimal("10.00"), 100.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("period", "period_start"),
    [
        ("day", "2024-02-28"),  # 364 days after 1 March 2023
        ("week", "2024-02-26"),  # 52 weeks after the week of 1 March 2023
        ("month", "2024-03-01"),
    ],
)
def test_the_year_ago_amount_is_of_the_same_weekday_week_or_month(
    tmp_path: Path, period: str, period_start: str
) -> None:
    query = f"""SELECT net_amount, year_ago_net_amount, year_over_year_pct FROM restaurant.sales_trends
                WHERE period = '{period}' AND period_start = '{period_start}'"""
    assert rows(tmp_path, YEAR, (), query, AS_OF) == [(Decimal("0.00"), Decimal("10.00"), -100.0)]


def test_a_period_is_partial_when_it_reaches_beyond_the_first_order_or_as_of(tmp_path: Path) -> None:
    query = "SELECT period, period_start FROM restaurant.sales_trends WHERE is_partial ORDER BY ALL"
    # 1 March 2023 is a Wednesday; 30 March 2024 is a Saturday, the day before the week and the month end
    assert rows(tmp_path, YEAR, (), query, date(2024, 3, 30)) == [
        ("month", date(2024, 3, 1)),
        ("week", date(2023, 2, 27)),
        ("week", date(2024, 3, 25)),
    ]


def test_trailing_averages_start_when_their_days_are_full(tmp_path: Path) -> None:
    query = """SELECT min(period_start) FILTER (net_amount_avg_7d IS NOT NULL),
                      min(period_start) FILTER (net_amount_avg_28d IS NOT NULL) FROM restaurant.sales_trends"""
    assert rows(tmp_path, YEAR, (), query, AS_OF) == [(date(2023, 3, 7), date(2023, 3, 28))]


def test_repeat_rate_counts_a_later_day_within_thirty_days(tmp_path: Path) -> None:
    days = ("01-01", "01-01", "01-31", "03-02", "05-01")
    items = tuple(f"A,r1,2023-{day}T12:00:00Z,o{n},u1,,false,USD,1,P,M,1.00,1" for n, day in enumerate(days))
    query = """SELECT repeat_30d_rate FROM restaurant.pricing_discount_effectiveness
               WHERE order_class = 'full_price'"""
    # observed up to 1 April: both orders of 1 January (30 days to the 31st) and 31 January (30 days to 2 March), not
    # 2 March (60 days to 1 May)
    assert rows(tmp_path, items, (), query) == [(3 / 4,)]


def test_discount_depths_include_their_upper_bound(tmp_path: Path) -> None:
    discounts = ("0", "-1.00", "-1.01", "-2.00", "-3.00", "-5.00", "-5.01")
    items = tuple(f"A,r1,2023-01-01T12:00:00Z,o{n},,,false,USD,1,P,M,10.00,1" for n in range(len(discounts)))
    options = tuple(f"o{n},1,,discount,{amount},1" for n, amount in enumerate(discounts))
    free_item = "A,r1,2023-01-01T12:00:00Z,free,,,false,USD,1,P,M,0,1"
    query = "SELECT bucket, order_count, discount_amount FROM restaurant.pricing_by_discount_depth ORDER BY bucket"
    assert rows(tmp_path, (*items, free_item), (*options, "free,1,,discount,-4.00,1"), query) == [
        ("0", 2, Decimal("4.00")),  # no discount; and a discount on nothing has no depth
        ("0-10", 1, Decimal("1.00")),
        ("10-20", 2, Decimal("3.01")),
        ("20-30", 1, Decimal("3.00")),
        ("30-50", 1, Decimal("5.00")),
        ("50+", 1, Decimal("5.01")),
    ]


def test_ties_share_a_rank_and_favourites_go_by_name(tmp_path: Path) -> None:
    items = (  # u1 and u2 both spend 8; u1 equally on two categories in two restaurants; five customers in all
        "A,r2,2023-01-01T12:00:00Z,o1,u1,,false,USD,1,Pizza,M,4.00,1",
        "A,r1,2023-01-02T12:00:00Z,o2,u1,,false,USD,1,Drinks,M,4.00,1",
        "A,r2,2023-01-01T12:00:00Z,o3,u2,,false,USD,1,,M,8.00,1",
        *(f"A,r2,2023-01-01T12:00:00Z,o{n},u{n},,false,USD,1,Pizza,M,{n}.00,1" for n in (4, 5, 9)),
    )
    query = """SELECT user_id, revenue_rank, round(cumulative_revenue_share, 6), value_tier, favourite_category,
                      favourite_restaurant_id
               FROM restaurant.customer_lifetime_value JOIN restaurant.customer_segments USING (user_id, currency)
               ORDER BY revenue_rank, user_id"""
    assert rows(tmp_path, items, (), query) == [  # 9 of 34, 25 of 34 for both, 30 of 34
        ("u9", 1, round(9 / 34, 6), "High", "Pizza", "r2"),
        ("u1", 2, round(25 / 34, 6), "Medium", "Drinks", "r1"),
        ("u2", 2, round(25 / 34, 6), "Medium", None, "r2"),
        ("u5", 4, round(30 / 34, 6), "Medium", "Pizza", "r2"),
        ("u4", 5, 1.0, "Low", "Pizza", "r2"),
    ]
