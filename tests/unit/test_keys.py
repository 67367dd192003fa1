"""The keys by which the tables of every product are kept up to date."""

from __future__ import annotations

import pytest

from medallion.catalog import PRODUCTS
from medallion.data_product import DataProduct

EVERY_PRODUCT = pytest.mark.parametrize("known", PRODUCTS, ids=lambda known: known.name)


@EVERY_PRODUCT
def test_a_table_kept_up_to_date_by_key_has_its_column_as_have_its_inputs(known: DataProduct) -> None:
    columns = {step.table.name: step.table.column_names for step in (*known.steps, *known.intermediates)}
    columns |= {source.bronze.name: source.bronze.column_names for source in known.sources}
    lines_of_keys = ("repeated_order_lines", "repeated_options")  # hashes of lines, within their orders' new records
    for step in known.steps:
        if step.key:
            named = [step.table.name, *(name for name in step.inputs if name not in lines_of_keys)]
            assert [name for name in named if step.key not in columns[name]] == []


@EVERY_PRODUCT
def test_keys_follow_from_tables_that_are_built_before(known: DataProduct) -> None:
    names = [step.table.name for step in known.steps]
    for key in known.keys:
        users = [names.index(step.table.name) for step in known.steps if step.key == key.column]
        sources = [name for name in key.of if name in names]
        assert users
        assert all(names.index(name) < min(users) for name in sources)
