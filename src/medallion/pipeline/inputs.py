"""What a run reads of other products: their published versions, found once, checked, and put on record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from medallion.errors import InputError, UsageError
from medallion.warehouse import control
from medallion.warehouse.input_versions import InputVersion

if TYPE_CHECKING:
    from datetime import datetime

    from medallion.data_product import DataProduct
    from medallion.pipeline.layer import LayerTable
    from medallion.pipeline.running import Running
    from medallion.warehouse.base import Session
    from medallion.warehouse.records import Version


def published_inputs(session: Session, product: DataProduct) -> dict[str, Version]:
    """The published version of each input that has one, by the name that builds have for it."""
    found = {}
    for one in product.inputs:
        version = control.published_versions(session, one.product).get(one.table)
        if version is not None:
            found[one.name] = version
    return found


def check_inputs(product: DataProduct, versions: Mapping[str, Version]) -> None:
    """Raises UsageError where an input was never published, or not with the columns that the product relies on."""
    for one in product.inputs:
        version = versions.get(one.name)
        if version is None:
            raise UsageError(
                f"{product.name}: reads {one}, which was never published; run that first: medallion run {one.product}"
                f" {product.name}"
            )
        known = columns_of(version)
        for column in one.columns:
            if known and known.get(column.name) != column.type:
                has = known.get(column.name, "no such column")
                raise UsageError(
                    f"{product.name}: reads column '{column.name}' ({column.type}) of {one}, which has {has} in version"
                    f" {version.version}; agree with {one.product} on it"
                )


def check_is_kept(session: Session, product: DataProduct, name: str, version: Version) -> None:
    """Raises InputError where a version that this run had found to read is there no more."""
    one = next((one for one in product.versions_read if one.name == name), None)
    if one is None:
        return
    schema, _, table = version.relation.partition(".")
    found = "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?"
    if not session.rows(found, (schema, table)):
        raise InputError(
            f"{product.name}: version {version.version} of {one} was pruned while it was read; run the same command"
            " again: it reads the newest version"
        )


def input_fingerprints(versions: Mapping[str, Version]) -> dict[str, str]:
    """What the content of each input depends on; a new version of the same content is no change."""
    return {name: version.fingerprint or version.relation for name, version in versions.items()}


def named_versions(product: DataProduct, versions: Mapping[str, Version]) -> dict[str, str]:
    """The version that is read of each input, in words."""
    return {
        one.name: f"version {versions[one.name].version} of {one}" for one in product.inputs if one.name in versions
    }


def reasons_of(product: DataProduct, versions: Mapping[str, Version]) -> dict[str, str]:
    """What it means that an input changed: a database table, what another product publishes, an earlier own mart."""
    tables = {one.bronze.name: f"changes in table {one.table}" for one in product.table_sources}
    others = {name: f"reads {words}, which is new" for name, words in named_versions(product, versions).items()}
    numbers = {name: f"version {version.version}" for name, version in versions.items()}
    own = {one.name: f"compares with {numbers.get(one.name, 'no version')} of {one.table}" for one in product.earlier}
    return tables | others | own


def notes_of(product: DataProduct, versions: Mapping[str, Version]) -> list[str]:
    """A run's notes on what it read of others."""
    return [f"read {words}" for words in named_versions(product, versions).values()]


def inputs_read(running: Running, built: Sequence[LayerTable], now: datetime) -> list[InputVersion]:
    """For each table that the run built, the versions that it read of other products and of an earlier day."""
    return [
        InputVersion(
            run_id=running.run.run_id,
            product=running.product.name,
            table_name=table.name,
            input_product=one.product,
            input_table=one.table,
            version=running.inputs[one.name].version,
            relation=running.inputs[one.name].relation,
            fingerprint=running.inputs[one.name].fingerprint,
            read_at=now,
        )
        for table in built
        for one in running.product.versions_read
        if one.name in running.inputs and one.name in running.product.published_inputs(table.step)
    ]


def columns_of(version: Version) -> dict[str, str]:
    """Columns as published with their types; none where that is not on record."""
    try:
        return {name: kind for name, kind, _ in json.loads(version.contract or "{}")["columns"]}
    except (ValueError, TypeError, KeyError):
        return {}
