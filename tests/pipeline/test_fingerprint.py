"""What of a product's code, dates and inputs counts for the fingerprint of a table."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from datetime import date

import pytest
from kiosk import PRODUCT, Rules
from stall import AS_OF, TABLE, Code, of

from medallion.data_product import Step
from medallion.pipeline import fingerprint
from medallion.pipeline.fingerprint import definition_of, deliveries_fingerprint, table_fingerprint

PLAIN = """
def build(tickets):
    return tickets.where("price > 3")
"""


@pytest.mark.parametrize(
    "source",
    [
        PLAIN + "\n\n# a remark\n",
        '"""What the module is for."""\n' + PLAIN,
        'def build(tickets):\n    """What it builds."""\n    return tickets.where("price > 3")\n',
        'def build(\n    tickets,\n):\n    # why\n    return tickets.where(\n        "price > 3"\n    )\n',
    ],
)
def test_comments_docstrings_and_layout_change_nothing(code: Code, source: str) -> None:
    before = of(code(PLAIN))

    assert of(code(source)) == before


@pytest.mark.parametrize(
    "source",
    [
        'def build(tickets):\n    return tickets.where("price > 4")\n',
        'def build(tickets):\n    return tickets.where("price > 3").limit(9)\n',
        PLAIN + "\n\nLIMIT = 9\n",
    ],
)
def test_changed_code_is_a_change(code: Code, source: str) -> None:
    before = of(code(PLAIN))

    assert of(code(source)) != before


USING_AMOUNTS = """
from medallion.products.stall.amounts import DEAREST

def build(tickets):
    return tickets.where(f"price < {DEAREST}")
"""


def test_changed_code_that_the_module_imports_of_its_product_is_a_change(code: Code) -> None:
    code("DEAREST = 3", "amounts")
    before = of(code(USING_AMOUNTS))

    code("DEAREST = 4", "amounts")

    assert of(code(USING_AMOUNTS)) != before


@pytest.mark.parametrize(
    ("line", "shared"),
    [
        ("from medallion import parsing", "medallion.parsing"),
        ("from medallion.arithmetic import MONEY", "medallion.arithmetic"),
        ("from medallion.dispositions import newest_accepted", "medallion.dispositions"),
        ("from medallion import hashing as numbers, parsing as texts", "medallion.parsing"),
        ("from medallion.dispositions import (\n    newest_accepted,\n)", "medallion.dispositions"),
        ("def later():\n    from medallion.effects import welch", "medallion.effects"),
    ],
)
def test_code_that_several_products_build_with_counts_for_each(code: Code, line: str, shared: str) -> None:
    assert shared in fingerprint._modules(code(f"{line}\n{PLAIN}").__name__)


def test_an_import_of_an_import_counts_too(code: Code) -> None:
    code("DEAREST = 3", "prices")
    code("from medallion.products.stall.prices import DEAREST", "amounts")
    before = of(code(USING_AMOUNTS))

    code("DEAREST = 4", "prices")

    assert of(code(USING_AMOUNTS)) != before


def test_code_that_the_module_does_not_import_is_none_of_its_concern(code: Code) -> None:
    code("DEAREST = 3", "others")
    before = of(code(PLAIN))

    code("DEAREST = 4", "others")

    assert of(code(PLAIN)) == before


def test_the_date_counts_where_the_build_takes_it(code: Code) -> None:
    module = code("def build(tickets, *, as_of):\n    return tickets.where(f\"day <= '{as_of}'\")")

    assert of(module, as_of=date(2024, 6, 1)) != of(module, as_of=AS_OF)


def test_the_date_does_not_count_where_the_build_does_not_take_it(code: Code) -> None:
    module = code(PLAIN)

    assert of(module, as_of=None) == of(module, as_of=date(2024, 6, 1)) == of(module, as_of=AS_OF)


def test_a_cutoff_counts_where_the_build_takes_it(code: Code) -> None:
    module = code("def build(tickets, *, cutoff):\n    return tickets.where(f\"day <= '{cutoff}'\")")

    assert of(module, cutoff=AS_OF) != of(module)
    assert of(module, as_of=date(2024, 6, 1)) == of(module)


def test_an_input_of_other_content_is_another_content() -> None:
    assert table_fingerprint("d1", {"tickets": "f2"}) != table_fingerprint("d1", {"tickets": "f1"})


def test_the_same_inputs_built_otherwise_are_another_content() -> None:
    assert table_fingerprint("d2", {"tickets": "f1"}) != table_fingerprint("d1", {"tickets": "f1"})


def test_the_order_of_inputs_does_not_count() -> None:
    assert table_fingerprint("d", {"a": "1", "b": "2"}) == table_fingerprint("d", {"b": "2", "a": "1"})


def test_the_code_of_an_intermediate_counts(code: Code) -> None:
    step = Step(table=TABLE, build=code("def build(repeats):\n    return repeats").build)

    def made_by(source: str) -> str:
        repeats = Step(table=PRODUCT.step("repeats").table, build=code(source, "repeats").build)
        return definition_of(replace(PRODUCT, intermediates=(repeats,)), step, Rules(), None)

    assert made_by("def build(tickets):\n    return tickets.distinct()") != made_by("def build(tickets):\n    return 1")


def test_deliveries_are_a_set_of_numbered_contents() -> None:
    first, second = ("00000001", "aa"), ("00000002", "bb")

    assert deliveries_fingerprint([first, second]) == deliveries_fingerprint([second, first])
    assert deliveries_fingerprint([first]) != deliveries_fingerprint([first, second])
    assert deliveries_fingerprint([first]) != deliveries_fingerprint([("00000001", "cc")])


FITTED = """
def build(sales):
    from medallion.models import fit_bg_nbd
    return fit_bg_nbd, sales
"""


def test_models_that_a_build_loads_later_are_part_of_it_loaded_or_not(
    code: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith("medallion.models")]:
        monkeypatch.delitem(sys.modules, name)
    module = code(FITTED)
    before, known = of(module), fingerprint._modules(module.__name__)

    importlib.import_module("medallion.models")

    assert {"medallion.models.bg_nbd", "medallion.models.maximum_likelihood"} <= {*known}
    assert of(code(FITTED)) == before
