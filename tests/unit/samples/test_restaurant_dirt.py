"""A dirty restaurant sample holds exactly the dirt that planted.json counts, a clean one none."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from generated_sample import ORDERS, Sample, first_line_of_each_order

if TYPE_CHECKING:
    pass


def test_a_clean_sample_has_no_dirt(clean: Sample) -> None:
    assert all(file["dirt"] == {} for file in clean.planted["files"].values())


def test_every_clean_record_has_all_its_fields(clean: Sample) -> None:
    assert {len(record) for record in clean.records("order_items.csv")} == {13}


def test_every_clean_line_is_there_once_and_every_clean_option_belongs_to_one(clean: Sample) -> None:
    lines = Counter((row["order_id"], row["lineitem_id"]) for row in clean.items)
    assert max(lines.values()) == 1
    assert lines.keys() >= {(row["order_id"], row["lineitem_id"]) for row in clean.options}


def test_no_clean_option_is_chosen_twice(clean: Sample) -> None:
    options = Counter(tuple(record) for record in clean.records("order_item_options.csv"))
    assert max(options.values()) == 1


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("missing_lineitem_id", lambda r: r["lineitem_id"] == ""),
        ("missing_order_id", lambda r: r["order_id"] == ""),
        ("overlong_name", lambda r: len(r["item_name"].encode()) > 255),
        ("unparsable_price_word", lambda r: r["item_price"] == "abc"),
        ("unparsable_price_exponent", lambda r: r["item_price"] == "1e3"),
        ("quantity_overflow", lambda r: r.get("item_quantity") == "40000"),
        ("ragged_short", lambda r: "item_quantity" not in r),
        ("name_line_break", lambda r: "\n" in r["item_name"]),
        ("name_quotes", lambda r: r["item_name"].startswith('"House" ')),
        ("category_url", lambda r: r["item_category"].startswith("https://")),
    ],
)
def test_as_many_bad_lines_are_found_as_were_planted(dirty: Sample, kind: str, found: Any) -> None:
    alone = [row for row in {tuple(row.items()): row for row in dirty.items}.values() if found(row)]
    assert len(alone) == dirty.dirt("order_items.csv")[kind] > 0


def test_as_many_long_records_are_found_as_were_planted(dirty: Sample) -> None:
    long = sum(len(record) > 13 for record in dirty.records("order_items.csv"))
    assert long == dirty.dirt("order_items.csv")["ragged_long"] > 0


def test_as_many_impossible_times_are_found_as_were_planted(dirty: Sample) -> None:
    never = ("2023-02-30", "2023-13-01", "0000-00-00", "yesterday")
    impossible = sum(row["creation_time_utc"].startswith(never) for row in dirty.items)
    assert impossible == dirty.dirt("order_items.csv")["impossible_timestamp"] > 0


def test_repeated_and_conflicting_keys_are_found_as_planted(dirty: Sample) -> None:
    by_key: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
    for row in dirty.items:
        if row["order_id"] and row["lineitem_id"]:
            by_key[row["order_id"], row["lineitem_id"]].append(tuple(row.values()))
    several = [found for found in by_key.values() if len(found) > 1]
    exact = sum(len(set(found)) == 1 for found in several)
    planted = dirty.dirt("order_items.csv")
    assert (exact, len(several) - exact) == (planted["exact_duplicate"], planted["conflicting_key"])


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("development_app_orders", lambda r: r["app_name"].endswith(" - DEVELOPMENT")),
        ("scientific_card_orders", lambda r: r["printed_card_number"].endswith("E+11")),
        ("guest_null_orders", lambda r: r["user_id"] == "NULL"),
        ("guest_blank_orders", lambda r: r["user_id"] == "   "),
    ],
)
def test_as_many_odd_orders_are_found_as_were_planted(dirty: Sample, kind: str, found: Any) -> None:
    orders = first_line_of_each_order([row for row in dirty.items if row["order_id"]])
    assert sum(map(found, orders.values())) == dirty.dirt("order_items.csv")[kind] > 0


def test_orders_with_two_users_are_found_as_planted(dirty: Sample) -> None:
    users: dict[str, set[str]] = defaultdict(set)
    for row in dirty.items:
        users[row["order_id"]].add(row["user_id"])
    users.pop("")
    assert sum(len(found) > 1 for found in users.values()) == dirty.dirt("order_items.csv")["two_users"] > 0


def test_options_of_unknown_lines_are_found_as_planted(dirty: Sample) -> None:
    lines = {row["lineitem_id"] for row in dirty.items}
    orphans = sum(row["lineitem_id"] not in lines for row in dirty.options)
    assert orphans == dirty.dirt("order_item_options.csv")["orphan"] > 0


def test_options_chosen_twice_are_found_as_planted(dirty: Sample) -> None:
    records = Counter(tuple(record) for record in dirty.records("order_item_options.csv"))
    assert records.total() - len(records) == dirty.dirt("order_item_options.csv")["repeated"] > 0


def test_the_sound_lines_of_a_dirty_file_are_those_of_the_clean_one(clean: Sample, dirty: Sample) -> None:
    wanted = {(r["order_id"], r["lineitem_id"], r["item_price"], r["item_quantity"]) for r in clean.items}
    assert wanted <= {
        (r["order_id"], r["lineitem_id"], r["item_price"], r.get("item_quantity", "")) for r in dirty.items
    }


def test_late_files_hold_the_orders_of_the_last_days(late: Sample) -> None:
    new = [row for row in late.rows("order_items_late_1.csv") if row["creation_time_utc"].startswith("2024-02-19")]
    assert new
    assert not [row for row in late.items if row["creation_time_utc"].startswith(("2024-02-19", "2024-02-2"))]


def test_late_files_add_up_to_all_orders(late: Sample) -> None:
    names = [file for file in late.planted["files"] if file.startswith("order_items")]
    orders = {row["order_id"] for name in names for row in late.rows(name)} - {""}
    assert (len(names), len(orders)) == (4, ORDERS)


def test_a_corrected_line_costs_one_more_than_first_delivered(late: Sample) -> None:
    sound = {row["lineitem_id"]: row for row in sorted(late.items, key=lambda row: row["creation_time_utc"])}
    again = [row for row in late.rows("order_items_late_2.csv") if row["lineitem_id"] in sound]
    more = Counter(Decimal(r["item_price"]) - Decimal(sound[r["lineitem_id"]]["item_price"]) for r in again)
    planted = late.dirt("order_items_late_2.csv")
    assert more == {Decimal("0.00"): planted["replayed"], Decimal("1.00"): planted["corrected"]}
