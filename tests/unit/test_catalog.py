"""What every product must be made of."""

from __future__ import annotations

import pytest

from medallion.catalog import PRODUCTS, product
from medallion.contracts import Layer
from medallion.data_product import DataProduct, Step
from medallion.domains import CONCEPTS, DOMAINS
from medallion.errors import UsageError
from medallion.governance import Lifecycle

EVERY_PRODUCT = pytest.mark.parametrize("known", PRODUCTS, ids=lambda known: known.name)


def tables_offered(known: DataProduct) -> list[str]:
    """The tables of all ports, as often as ports have them."""
    return [table for port in known.governance.output_ports for table in port.tables]


def test_a_product_is_found_by_name() -> None:
    assert product("restaurant").name == "restaurant"


def test_an_unknown_product_is_refused_and_the_known_ones_are_listed() -> None:
    with pytest.raises(UsageError) as refusal:
        product("bakery")

    names = ", ".join(known.name for known in PRODUCTS)
    assert str(refusal.value) == f"product 'bakery' is unknown; choose one of: {names}"


@EVERY_PRODUCT
def test_every_input_of_a_step_exists_and_is_built_before_it(known: DataProduct) -> None:
    intermediates = {one.table.name: one for one in known.intermediates}
    there = {source.bronze.name for source in known.sources} | {one.name for one in known.versions_read}

    def missing(step: Step) -> list[str]:
        return [
            name
            for name in step.inputs
            if (missing(intermediates[name]) if name in intermediates else name not in there)
        ]  # fmt: skip

    for step in known.steps:
        assert missing(step) == [], f"inputs of {step.table.name}"
        there.add(step.table.name)


@EVERY_PRODUCT
def test_every_intermediate_is_asked_for_and_is_none_of_the_tables(known: DataProduct) -> None:
    asked = {name for step in (*known.steps, *known.intermediates) for name in step.inputs}

    names = {one.table.name for one in known.intermediates}
    assert names <= asked
    assert names.isdisjoint(step.table.name for step in known.steps)
    assert {one.table.layer for one in known.intermediates} <= {Layer.INTERMEDIATE}


@EVERY_PRODUCT
def test_silver_is_made_before_gold_and_needs_none_of_it(known: DataProduct) -> None:
    layers = [step.table.layer for step in known.steps]

    assert layers == sorted(layers, key=[Layer.SILVER, Layer.GOLD].index)


@EVERY_PRODUCT
def test_tables_have_names_of_their_own(known: DataProduct) -> None:
    names = [step.table.name for step in (*known.steps, *known.intermediates)]

    assert len(names) == len(set(names))


@EVERY_PRODUCT
def test_builds_take_by_keyword_only_the_rules_and_the_dates(known: DataProduct) -> None:
    taken = {name for step in (*known.steps, *known.intermediates) for name in step.parameters}

    assert taken <= {"rules", "as_of", "cutoff"}


@EVERY_PRODUCT
def test_every_source_is_accounted_for_by_one_table(known: DataProduct) -> None:
    accounted = [step.table.source for step in known.steps if step.table.source]

    assert sorted(accounted) == sorted(source.name for source in known.sources)


@EVERY_PRODUCT
def test_checks_between_tables_name_tables_and_columns_that_exist(known: DataProduct) -> None:
    columns = {step.table.name: set(step.table.column_names) for step in known.steps}
    for total in (total for rule in known.reconciliations for total in (rule.left, rule.right)):
        assert {total.column, *total.by} - {"*"} <= columns[total.table]
    for table, key in ((step.table, key) for step in known.steps for key in step.table.foreign_keys):
        assert set(key.columns) <= set(table.column_names)
        assert set(key.target) <= columns[key.references]
    bronze = {source.bronze.name for source in known.sources}
    read = {one.name for one in known.inputs}
    assert {name for probe in known.probes for name in probe.inputs} <= columns.keys() | bronze | read


@EVERY_PRODUCT
def test_inputs_are_marts_of_products_named_before_with_the_columns_that_are_read(known: DataProduct) -> None:
    before = {one.name: one for one in PRODUCTS[: PRODUCTS.index(known)]}
    own = {step.table.name for step in (*known.steps, *known.intermediates)}
    for one in known.inputs:
        published = before[one.product].step(one.table).table
        assert published.layer is Layer.GOLD
        assert one.name not in own
        assert {column.name: column.type for column in one.columns}.items() <= {
            column.name: column.type for column in published.columns
        }.items()


@EVERY_PRODUCT
def test_every_product_is_ready_and_offers_each_mart_at_one_port(known: DataProduct) -> None:
    agreed = known.governance

    assert agreed.lifecycle is Lifecycle.READY
    assert agreed.domain in DOMAINS
    assert set(agreed.concepts) <= set(CONCEPTS)
    assert sorted(tables_offered(known)) == sorted(step.table.name for step in known.layer(Layer.GOLD))
    assert all(tag == tag.lower() for tag in agreed.tags)


def test_what_a_product_reads_of_another_one_is_offered_there() -> None:
    for one in (one for known in PRODUCTS for one in known.inputs):
        assert one.table in tables_offered(product(one.product))


@EVERY_PRODUCT
def test_the_date_of_a_run_comes_from_a_date_of_silver(known: DataProduct) -> None:
    table, column = known.as_of

    assert known.step(table).table.layer is Layer.SILVER
    assert known.step(table).table.column(column).type == "date"


@EVERY_PRODUCT
def test_the_checks_of_a_table_have_names_of_their_own(known: DataProduct) -> None:
    for step in known.steps:
        names = [check.name for check in step.table.row_checks]
        assert len(names) == len(set(names)), step.table.name
