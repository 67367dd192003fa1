"""Graphs are laid out from left to right, apart from each other, and with few crossings."""

from __future__ import annotations

from itertools import combinations

import pytest

from medallion.catalog import PRODUCTS
from medallion.documentation.site.graph import Graph, Node, product_graph, table_graph
from medallion.documentation.site.layout import NODE_WIDTH, Layout, layout

HEIGHT = 40
DIAMOND = (("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("a", "d"))


def overlapping(found: Layout) -> list[tuple[str, str]]:
    return [
        (one, other)
        for (one, (x, y)), (other, (next_x, next_y)) in combinations(found.places.items(), 2)
        if abs(x - next_x) < NODE_WIDTH and abs(y - next_y) < HEIGHT
    ]


def test_every_node_stands_to_the_right_of_what_leads_to_it() -> None:
    found = layout("abcd", DIAMOND, HEIGHT)

    assert all(found.places[start][0] + NODE_WIDTH < found.places[end][0] for start, end in DIAMOND)


def test_an_edge_leaves_its_start_and_enters_its_end_in_the_middle_of_a_side() -> None:
    found = layout("abcd", DIAMOND, HEIGHT)

    for (start, end), points in found.paths.items():
        x, y = found.places[start]
        assert points[0] == pytest.approx((x + NODE_WIDTH, y + HEIGHT / 2), abs=0.2)
        x, y = found.places[end]
        assert points[-1] == pytest.approx((x, y + HEIGHT / 2), abs=0.2)


def test_a_long_edge_passes_beside_the_nodes_between() -> None:
    found = layout("abcd", DIAMOND, HEIGHT)

    _, enters, leaves, _ = found.paths["a", "d"]
    assert enters[1] == leaves[1]
    assert all(not y < enters[1] < y + HEIGHT for name in "bc" for _, y in [found.places[name]])


def test_what_is_joined_crosswise_is_put_into_an_order_without_crossings() -> None:
    found = layout(["a", "b", "x", "y"], [("a", "y"), ("b", "x"), ("a", "x")], HEIGHT)

    assert (found.places["a"][1] < found.places["b"][1]) == (found.places["y"][1] < found.places["x"][1])


def test_unconnected_parts_stand_below_each_other() -> None:
    found = layout(["a", "b", "x"], [("a", "b")], HEIGHT)

    assert found.places["x"][1] >= found.places["a"][1] + HEIGHT
    assert found.height >= found.places["x"][1] + HEIGHT


def test_a_graph_without_nodes_has_no_size() -> None:
    assert layout([], [], HEIGHT) == Layout({}, {}, 0, 0)


@pytest.mark.parametrize("graph", [table_graph(PRODUCTS), product_graph(PRODUCTS)], ids=["tables", "products"])
def test_boxes_of_all_products_do_not_overlap_and_lie_within_the_picture(graph: Graph) -> None:
    found = layout([node.key for node in graph.nodes], graph.edges, HEIGHT)

    assert overlapping(found) == []
    assert all(0 <= x <= found.width - NODE_WIDTH and 0 <= y <= found.height - HEIGHT for x, y in found.places.values())


def test_marts_of_other_products_lead_to_those_that_read_them() -> None:
    edges = table_graph(PRODUCTS).edges

    assert ("sales_erp.orders", "marketing_360.customer_activity") in edges
    assert ("source sales_erp.erp_orders", "sales_erp.erp_orders") in edges
    assert ("sales_erp.erp_orders", "sales_erp.orders") in edges


def test_what_goes_through_intermediate_results_is_joined_to_what_these_are_built_of() -> None:
    edges = table_graph(PRODUCTS).edges

    assert ("source restaurant.order_items", "restaurant.order_items") in edges
    assert not any("repeated_order_lines" in key for edge in edges for key in edge)


def test_around_a_table_is_all_that_it_is_built_of_and_all_that_is_built_of_it() -> None:
    keys = {node.key for node in table_graph(PRODUCTS).around({"sales_erp.orders"}).nodes}

    assert keys == {
        "source sales_erp.erp_orders",
        "sales_erp.erp_orders",
        "sales_erp.orders",
        "marketing_360.activity_days",
        "marketing_360.customer_activity",
    }


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("orders", ("orders",)),
        ("pricing_discount_effectiveness", ("pricing_discount_", "effectiveness")),
        ("Marketing Customer 360", ("Marketing Customer", "360")),
        ("averyveryverylongnamewithoutanybreak", ("averyveryverylongnam", "ewithoutanybreak")),
    ],
)
def test_long_names_are_broken_where_their_words_end(label: str, lines: tuple[str, ...]) -> None:
    node = Node(key="n", label=label, caption="any", kind="mart", page="n.html")

    (box,) = Graph((node,), ()).drawn("One").boxes

    assert box.lines == lines
