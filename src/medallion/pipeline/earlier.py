"""Which earlier version of its own marts a run compares with: found when it is prepared, settled with its date."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medallion.pipeline.inputs import columns_of, input_fingerprints
from medallion.warehouse import control

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from medallion.contracts import Column
    from medallion.data_product import DataProduct
    from medallion.pipeline.running import Running
    from medallion.warehouse.base import Session
    from medallion.warehouse.records import Version

    Candidates = Mapping[str, tuple[Version, ...]]

# Stands for the fingerprint of a version that there is none of, which is known as well.
NO_EARLIER = "no earlier version"


def kept_versions_of(session: Session, product: DataProduct) -> Candidates:
    """The versions that are there of each mart that the product compares with, by the name that builds have for it.

    The one that was published last comes first; those without a column that builds rely on are left out.
    """
    if not product.earlier:
        return {}
    there, versions = control.relations(session), control.versions(session, product.name)
    return {
        one.name: tuple(
            version
            for version in _dated(session, product, versions)
            if version.table_name == one.table and version.relation in there and _has(version, one.contract.columns)
        )
        for one in product.earlier
    }


def _dated(session: Session, product: DataProduct, versions: Sequence[Version]) -> Sequence[Version]:
    """The versions, each with its date: where the record of one has lost it, that of the run that made it."""
    if all(version.as_of for version in versions):
        return versions
    days = {run.run_id: run.as_of for run in control.runs(session, product.name, limit=100_000)}
    return [version if version.as_of else replace(version, as_of=days.get(version.run_id)) for version in versions]


def earlier_versions(candidates: Candidates, as_of: date | None) -> dict[str, Version]:
    """Of each mart the version that was published last for a day before `as_of`; none where there is no such version.

    Not the one of the greatest date: after a rollback it is the one that readers were shown again.
    """
    found = {}
    for name, versions in candidates.items():
        before = (one for one in versions if as_of and one.as_of and one.as_of < as_of)
        version = next(before, None)
        if version is not None:
            found[name] = version
    return found


def fingerprints_read(product: DataProduct, versions: Mapping[str, Version]) -> dict[str, str]:
    """What the content of each version read depends on; of an earlier mart also that there is none."""
    return dict.fromkeys((one.name for one in product.earlier), NO_EARLIER) | input_fingerprints(versions)


def settle_earlier(running: Running) -> None:
    """Settle which versions the run compares with, once its as-of date is known."""
    found = earlier_versions(running.earlier, running.as_of)
    running.inputs = {**running.inputs, **found}
    running.tables.know(found)
    running.fingerprints.update(fingerprints_read(running.product, found))


def _has(version: Version, columns: tuple[Column, ...]) -> bool:
    known = columns_of(version)
    return not known or all(known.get(column.name) == column.type for column in columns)
