"""The restaurant sample has its size, its distributions and its money as it says."""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from generated_sample import ORDERS, Sample, first_line_of_each_order, make, net_by_order

from medallion.errors import UsageError
from medallion.samples import restaurant_delivery
from medallion.samples.restaurant import RestaurantSample, generate

if TYPE_CHECKING:
    from pathlib import Path


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_settings_give_the_same_bytes(tmp_path: Path) -> None:
    settings = {"orders": 2_000, "seed": 7, "dirty": 0.5, "days_late": 2}
    make(tmp_path / "once", **settings)
    make(tmp_path / "again", **settings)
    assert all_bytes(tmp_path / "once") == all_bytes(tmp_path / "again")


def test_another_seed_gives_other_orders(tmp_path: Path, clean: Sample) -> None:
    other = make(tmp_path, seed=2)
    assert {row["order_id"] for row in other.items}.isdisjoint(row["order_id"] for row in clean.items)


def test_gzipped_files_hold_the_same_bytes(tmp_path: Path, clean: Sample) -> None:
    make(tmp_path, gzip=True)
    packed = (tmp_path / "order_items.csv.gz").read_bytes()
    assert gzip.decompress(packed) == (clean.folder / "order_items.csv").read_bytes()


@pytest.mark.parametrize("orders", [1, 2, 37, 2_501])
def test_there_are_exactly_as_many_orders_as_asked_for(tmp_path: Path, orders: int) -> None:
    assert len({row["order_id"] for row in make(tmp_path, orders=orders).items}) == orders


def test_orders_written_in_several_chunks_are_all_there_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restaurant_delivery, "CHUNK_ORDERS", 300)
    sample = make(tmp_path, orders=1_000)
    lines = [row["lineitem_id"] for row in sample.items]
    assert (len(set(lines)), len({row["order_id"] for row in sample.items})) == (len(lines), 1_000)


def test_progress_counts_every_row_of_the_order_files(tmp_path: Path) -> None:
    seen = Counter[str]()
    files = generate(RestaurantSample(orders=500), tmp_path, lambda table, rows: seen.update({table: rows}))
    assert seen == {
        name.removesuffix(".csv"): files.rows[name] for name in ("order_items.csv", "order_item_options.csv")
    }


def test_a_smaller_sample_leaves_no_file_of_a_larger_one_behind(tmp_path: Path) -> None:
    make(tmp_path, days_late=3)
    make(tmp_path, orders=10)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"order_items.csv", "order_item_options.csv", "date_dim.csv", "planted.json"}


def test_a_planted_file_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "planted.json").write_text("[]")
    with pytest.raises(UsageError, match="not written by this generator"):
        make(tmp_path)


@pytest.mark.parametrize(
    ("setting", "value"), [("orders", 0), ("seed", -1), ("dirty", 1.5), ("days", 0), ("days_late", 1401)]
)
def test_a_setting_outside_its_range_is_named(setting: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"^{setting}: {value} "):
        RestaurantSample(**{setting: value})


def test_totals_are_those_of_the_files(clean: Sample) -> None:
    amount = sum(Decimal(row["item_price"]) * int(row["item_quantity"]) for row in clean.items)
    totals = clean.planted["totals"]
    assert (len(clean.items), amount) == (totals["lines"], Decimal(totals["item_cents"]) / 100)


def test_discounts_are_exact_shares_of_the_order_they_stand_in(clean: Sample) -> None:
    gross: dict[str, Decimal] = defaultdict(Decimal)
    for row in clean.items:
        gross[row["order_id"]] += max(Decimal(row["item_price"]) * int(row["item_quantity"]), Decimal())
    for row in clean.options:
        gross[row["order_id"]] += max(Decimal(row["option_price"]) * int(row["option_quantity"]), Decimal())
    discounts = [row for row in clean.options if row["option_group_name"] == "Discount"]
    for row in discounts:
        percent = Decimal(row["option_name"].removesuffix("% Off"))
        exact = gross[row["order_id"]] * percent / 100
        assert abs(exact + Decimal(row["option_price"])) <= Decimal("0.005")
    assert len(discounts) / ORDERS == pytest.approx(0.12, abs=0.02)


def test_no_option_is_negative_without_discounts(tmp_path: Path) -> None:
    assert not [row for row in make(tmp_path, discounts="none").options if row["option_price"].startswith("-")]


def test_line_totals_describe_the_same_sales_as_unit_prices(tmp_path: Path, clean: Sample) -> None:
    totals = {
        row["lineitem_id"]: Decimal(row["item_price"]) for row in make(tmp_path, price_semantics="line_total").items
    }
    units = {r["lineitem_id"]: Decimal(r["item_price"]) * int(r["item_quantity"]) for r in clean.items}
    assert totals == units


def test_two_locations_tie_in_revenue_to_the_cent(clean: Sample) -> None:
    tied = [place["restaurant_id"] for place in clean.planted["locations"] if place["tied"]]
    orders, net = first_line_of_each_order(clean.items), net_by_order(clean)
    revenue = [sum(net[order] for order, row in orders.items() if row["restaurant_id"] == place) for place in tied]
    assert revenue[0] == revenue[1] > 0


def test_locations_trade_only_while_they_are_open(clean: Sample) -> None:
    places = {place["restaurant_id"]: place for place in clean.planted["locations"]}
    for row in clean.items:
        place, day = places[row["restaurant_id"]], row["creation_time_utc"][:10]
        assert place["opens"] <= day <= place["last_day"]
        assert day not in place["shut"]


def test_customers_are_as_the_published_profiles_show(clean: Sample) -> None:
    orders = first_line_of_each_order(clean.items).values()
    count = Counter(row["user_id"] for row in orders)
    guests = count.pop("")
    one_time = sum(n == 1 for n in count.values()) / len(count)
    loyal = sum(row["is_loyalty"] == "TRUE" for row in orders) / ORDERS
    assert guests == ORDERS * 0.09
    # A few customers make most of so few orders, and a handful of them decide how many are loyal.
    assert (one_time, loyal) == (pytest.approx(0.52, abs=0.05), pytest.approx(0.24, abs=0.08))


def test_the_faulty_account_is_the_busiest_customer(clean: Sample) -> None:
    count = Counter(row["user_id"] for row in first_line_of_each_order(clean.items).values() if row["user_id"])
    faulty = clean.planted["customers"]["faulty_account"]
    assert count[faulty["user_id"]] == faulty["orders"] == 65


def test_baskets_and_options_have_the_planted_size(clean: Sample) -> None:
    lines = len(clean.items)
    with_options = len({row["lineitem_id"] for row in clean.options if row["option_group_name"] != "Discount"})
    assert (lines / ORDERS, with_options / lines) == (pytest.approx(2.55, abs=0.15), pytest.approx(0.5, abs=0.03))


def test_demand_answers_to_prices_with_the_planted_elasticity(tmp_path: Path) -> None:
    sample = make(tmp_path, orders=5_000)
    menu = {item["item_name"]: item for item in sample.planted["items"]["menu"] if item["item_name"] != "Water Cup"}
    first = np.datetime64(sample.planted["history"]["first_day"])
    length = sample.planted["items"]["price_period_days"]
    sold: dict[str, Counter[int]] = defaultdict(Counter)
    total = Counter[int]()
    for row in sample.items:
        period = int((np.datetime64(row["creation_time_utc"][:10]) - first).astype(int)) // length
        total[period] += 1
        sold[row["item_name"]][period] += 1
    above = below = 0.0
    for name, item in menu.items():
        weight = np.array([total[period] for period in range(len(item["price_by_period"]))], dtype=float)
        price = np.log(np.array(item["price_by_period"], dtype=float))
        price -= np.average(price, weights=weight)
        expected_share = sum(sold[name].values()) / weight.sum()
        counts = np.array([sold[name][period] for period in range(len(weight))])
        above += float(np.sum(price * counts))
        below += float(np.sum(price**2 * weight * expected_share))
    planted = np.average([i["elasticity"] for i in menu.values()], weights=[sold[n].total() for n in menu])
    assert above / below == pytest.approx(planted, abs=0.35)


def test_the_calendar_is_one_year_with_its_holidays_and_iso_weeks(clean: Sample) -> None:
    days = clean.rows("date_dim.csv")
    named = {row["date_key"]: row["holiday_name"] for row in days if row["is_holiday"] == "TRUE"}
    assert (len(days), days[0]["week"], len(named)) == (365, "52", 12)
    assert {"02-01-2023", "20-02-2023", "29-05-2023", "23-11-2023"} <= named.keys()
