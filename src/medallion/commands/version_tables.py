"""Published versions on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medallion.commands.render import count, grid, say
from medallion.warehouse.kept_versions import numbers

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.warehouse.kept_versions import KeptVersion
    from medallion.warehouse.records import Version

_HEADS = ("version", "published (UTC)", "as of", "run", "marts built", "rows", "note")


def version_document(kept: KeptVersion, *, is_current: bool) -> dict[str, object]:
    """A version for `--json`."""
    return {
        "version": kept.number,
        "is_current": is_current,
        "rollback_to": kept.origin if kept.is_rollback else None,
        "published_at": kept.published_at,
        "as_of": kept.as_of,
        "run_id": kept.run_id,
        "marts": len(kept.tables),
        "marts_built": list(kept.rebuilt),
        "rows": kept.row_count,
    }


def print_versions(kept: Sequence[KeptVersion], product: DataProduct, location: str) -> None:
    """The kept versions, newest first, and what can be done with them."""
    if not kept:
        say(f"{product.name}: nothing is published in {location}; start with: medallion run {product.name} --input DIR")
        return
    rows = [
        (
            str(one.number),
            f"{one.published_at:%Y-%m-%d %H:%M:%S}",
            str(one.as_of or ""),
            one.run_id,
            f"{len(one.rebuilt)} of {len(one.tables)}",
            count(one.row_count),
            ", ".join(["current"] * (one is kept[0]) + [f"version {one.origin} again"] * one.is_rollback),
        )
        for one in kept
    ]
    grid(_HEADS, rows, right=(0, 4, 5))
    if len(kept) > 1:
        say(f"compare: medallion diff TABLE {kept[1].number} {kept[0].number}")
    if any(one.number < kept[0].origin for one in kept):
        say(f"go back: medallion rollback {product.name}")


def rollback_document(
    product: DataProduct,
    marts: Sequence[Version],
    target: KeptVersion,
    replaced: KeptVersion,
    seconds: float,
    left_out: Sequence[str] = (),
) -> dict[str, object]:
    """A rollback for `--json`; `marts` are as it published them anew."""
    return {
        "product": product.name,
        "version": marts[0].version,
        "shows": target.number,
        "replaces": replaced.number,
        "as_of": target.as_of,
        "run_id": marts[0].run_id,
        "marts": sorted(row.table_name for row in marts),
        "left_out": list(left_out),
        "seconds": round(seconds, 3),
    }


def say_rollback(
    product: DataProduct,
    number: int,
    target: KeptVersion,
    replaced: KeptVersion,
    seconds: float,
    left_out: Sequence[str] = (),
) -> None:
    """What readers see after a rollback, and what to do next."""
    marts = f"{len(target.tables)} {'mart' if len(target.tables) == 1 else 'marts'}"
    since = f"{target.published_at:%Y-%m-%d %H:%M:%S} UTC"
    say(f"{product.name}: readers see version {target.number} again, {marts} as of {target.as_of}", "bold")
    say(f"it was published {since} and is now version {number}, in place of {replaced.number} ({seconds:.2f} s)")
    newer = sorted(replaced.tables.keys() - target.tables.keys())
    if newer:
        say(f"left as they are, since version {target.number} did not have them: {', '.join(newer)}")
    if left_out:
        say(f"left out, since the product has no such mart any more: {', '.join(left_out)}")
    say("next: correct the cause; the next run publishes anew what delivered data, rules and code ask for")


def say_pruned(
    product: DataProduct, kept: Sequence[KeptVersion], dropped: Sequence[KeptVersion], table_count: int
) -> None:
    """Which versions went, and which are left."""
    if not dropped:
        say(f"{product.name}: nothing to drop, kept {numbers(kept)}")
        return
    versions = "version" if len(dropped) == 1 else "versions"
    tables = "table" if table_count == 1 else "tables"
    say(f"{product.name}: dropped {versions} {numbers(dropped)} ({table_count:,} {tables}), kept {numbers(kept)}")
