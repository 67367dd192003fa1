"""Values as people read them, ranges of days, and where things are defined."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

import medallion
from medallion.catalog import PRODUCTS
from medallion.contracts import Layer
from medallion.dashboard import wording
from medallion.dashboard.filters import Filters, range_of
from medallion.dashboard.flow import graph_around, picture
from medallion.dashboard.measures import values
from medallion.dashboard.queries.customer_lifetime_value import step_width
from medallion.dashboard.tables import csv_text
from medallion.documentation.definitions import definition_of

SOURCE = Path(medallion.__file__).parents[1]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Decimal("1234567.89"), "currency", "€1.23 M"),
        (Decimal("-1234.56"), "currency", "−€1,235"),
        (Decimal("0.5"), "currency", "€0.50"),
        (0.1234, "rate", "12.3 %"),
        (-3.14, "percent", "−3.1 %"),
        (12345, "count", "12,345"),
        (2.5, "days", "2.5 days"),
        (date(2024, 2, 1), None, "1 Feb 2024"),
        (None, "currency", "–"),
    ],
)
def test_a_value_is_written_by_its_unit(value: object, unit: str | None, text: str) -> None:
    assert wording.number(value, unit, "EUR") == text


def test_an_unknown_currency_stands_by_its_code() -> None:
    assert wording.money(5, "XYZ") == "XYZ 5.00"


def test_text_of_the_data_is_no_markdown() -> None:
    shown = wording.plain("**a** [b](http://c) <d> $e$ `f`\n# g")
    assert shown == r"\*\*a\*\* \[b\]\(http\:\/\/c\) \<d\> \$e\$ \`f\` \# g".replace(r"\/", "/")


def test_a_file_for_spreadsheets_holds_no_formula_and_exact_amounts() -> None:
    text = csv_text([{"item": "=1+1", "net": Decimal("-0.10")}, {"item": 'say "a, b"', "net": Decimal("5.00")}])
    assert list(csv.reader(StringIO(text))) == [["item", "net"], ["'=1+1", "-0.10"], ['say "a, b"', "5.00"]]


def test_days_of_charts_are_midnights_where_the_browser_is() -> None:
    assert values([{"day": date(2024, 2, 1), "net": Decimal("1.5")}]).values == [
        {"day": "2024-02-01T00:00:00", "net": 1.5}
    ]


@pytest.mark.parametrize(
    ("name", "days"),
    [("28d", 28), ("90d", 90), ("12m", 365), ("ytd", 91), ("all", 456)],  # 31 + 29 + 31 days of 2024, 365 of 2023
)
def test_a_range_ends_with_the_data(name: str, days: int) -> None:
    start, end = range_of(name, date(2023, 1, 1), date(2024, 3, 31))
    assert (Filters(start=start, end=end).days, end) == (days, date(2024, 3, 31))


def test_a_range_does_not_begin_before_the_data() -> None:
    assert range_of("12m", date(2024, 3, 1), date(2024, 3, 31)) == (date(2024, 3, 1), date(2024, 3, 31))


def test_ranges_are_held_against_as_many_days_and_the_same_weekdays() -> None:
    march = Filters(start=date(2024, 3, 1), end=date(2024, 3, 31))
    assert march.before == (date(2024, 1, 30), date(2024, 2, 29))
    assert march.year_before == (date(2023, 3, 3), date(2023, 4, 2))  # Friday to Sunday, as in 2024


@pytest.mark.parametrize(("span", "width"), [(240.0, 10.0), (1000.0, 50.0), (0.0, 1.0), (4.0, 0.2)])
def test_steps_have_round_widths(span: float, width: float) -> None:
    assert step_width(span, 24) == pytest.approx(width)


def test_every_column_of_a_mart_has_a_place_that_names_it() -> None:
    strays = []
    for product in PRODUCTS:
        for step in product.layer(Layer.GOLD):
            for column in step.table.column_names:
                place = definition_of(step, column)
                text = (SOURCE / place.path).read_text().splitlines()[place.line - 1]
                if f'"{column}"' not in text and "Table(" not in text:
                    strays.append((step.table.name, column, text))
    assert strays == []


def test_the_graph_around_a_mart_shows_where_it_comes_from() -> None:
    product = PRODUCTS[0]
    graph, here = graph_around(PRODUCTS, product, "churn_indicators")
    drawn = picture(graph, here)
    assert 'class="mart here"' in drawn
    assert "order_items*.csv" in " ".join(node.label for node in graph.nodes)
    assert "pricing_by_item" not in drawn
