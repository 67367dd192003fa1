from __future__ import annotations

from restaurant_input import Bench

QUALITY = "SELECT table_name, severity, passed, failed_count, detail FROM control.quality WHERE check_name = ?"
CHECK = "categories_are_spelled_right"


def found(bench: Bench) -> list[tuple[object, ...]]:
    with bench.workspace.warehouse.read() as session:
        return list(session.rows(QUALITY, (CHECK,)))


def test_repaired_categories_are_reported_with_the_lines_and_published_repaired(bench: Bench) -> None:
    bench.run("category_aliases.mains=Main dishes")

    # five of the six delivered lines say Mains, the repeat and the rejected one included
    assert found(bench) == [
        ("order_items", "warn", False, 5, "rule category_aliases repairs 5 lines: 'Mains' for 'Main dishes' (5)")
    ]
    assert bench.rows("SELECT DISTINCT item_category FROM restaurant.sales_by_category ORDER BY 1") == [
        ("Drinks",),
        ("Main dishes",),
    ]


def test_without_aliases_the_check_holds(bench: Bench) -> None:
    bench.run()

    assert found(bench) == [("order_items", "warn", True, 0, "no aliases")]
