"""Staging: a build's rows as Parquet in the lake, where no reader looks yet.

A staged table is complete once its manifest is there, which is written last; a resumed run uses it again if the
fingerprint is the same and every file is there with its size and hash.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from medallion import fault
from medallion.lake import LakeFile
from medallion.lineage import DISPOSITION, Disposition
from medallion.pipeline.affected import KeySet
from medallion.pipeline.footers import proven_checks

if TYPE_CHECKING:
    from medallion.data_product import DataProduct, Step
    from medallion.lake import Lake

    DataFrame = Any

_MANIFEST = "_staged.json"
_IN_TABLE = (Disposition.ACCEPTED, Disposition.GENERATED)


@dataclass(frozen=True)
class StagedTable:
    """A table as staged: its files and rows by disposition (all `accepted` where the build does not classify).

    With `keys` these are the rows of those values only, and `before` the rows that are published of them, as far as
    other keys follow from them. `duplicates` are the rows of each delivery that repeat others or were replaced,
    `deleted` those that say that a row is gone at its source, `proven` the checks that the files' footers show to hold.
    """

    step: Step
    fingerprint: str
    files: Mapping[Disposition, tuple[LakeFile, ...]]
    rows: Mapping[Disposition, int]
    seconds: float
    keys: KeySet | None = None
    before: tuple[LakeFile, ...] = ()
    duplicates: Mapping[str, int] = field(default_factory=dict)
    deleted: Mapping[str, int] = field(default_factory=dict)
    proven: frozenset[str] = frozenset()
    is_reused: bool = field(default=False, compare=False)

    @property
    def table_files(self) -> tuple[LakeFile, ...]:
        return tuple(file for disposition in _IN_TABLE for file in self.files.get(disposition, ()))

    @property
    def row_count(self) -> int:
        return sum(self.rows.get(disposition, 0) for disposition in _IN_TABLE)


def run_folder(product: DataProduct, run_id: str) -> str:
    """Where a run stages."""
    return f"staging/{product.name}/{run_id}"


def run_folders(lake: Lake, product: DataProduct) -> list[str]:
    """The folders in which runs of the product staged, and that are still there."""
    return [run_folder(product, run_id) for run_id in lake.folders(f"staging/{product.name}")]


def stage(
    lake: Lake,
    folder: str,
    step: Step,
    fingerprint: str,
    rows: DataFrame,
    *,
    keys: KeySet | None = None,
    before: Sequence[LakeFile] = (),
) -> StagedTable:
    """Write the build's rows below `folder`; what an unfinished attempt left there is replaced."""
    started = time.monotonic()
    target = f"{folder}/{step.table.name}"
    lake.delete(target)
    fault.point(f"stage.{step.table.name}.begin")
    writer = rows.write.mode("overwrite")
    if step.table.source:
        writer = writer.partitionBy(DISPOSITION)
    writer.parquet(lake.uri(target))
    fault.point(f"stage.{step.table.name}.written")
    files = _files(lake, target, is_classified=bool(step.table.source))
    footers = {disposition: lake.footers(found) for disposition, found in files.items()}
    counts = {disposition: sum(one.num_rows for one in found) for disposition, found in footers.items()}
    proven = proven_checks(step.table, [one for kind in _IN_TABLE for one in footers.get(kind, ())])
    repeated = lake.value_counts(files.get(Disposition.DUPLICATE, ()), "_batch_id")
    seconds = time.monotonic() - started
    deleted = lake.value_counts(files.get(Disposition.DELETED, ()), "_batch_id")
    staged = StagedTable(step, fingerprint, files, counts, seconds, keys, tuple(before), repeated, deleted, proven)
    lake.write_json(f"{target}/{_MANIFEST}", _to_manifest(lake, staged))
    fault.point(f"stage.{step.table.name}.done")
    return staged


def staged_before(lake: Lake, folder: str, step: Step, fingerprint: str, *, is_update: bool) -> StagedTable | None:
    """What an earlier attempt of the run staged; None where that is unfinished, damaged, or of another fingerprint."""
    target = f"{folder}/{step.table.name}"
    manifest = lake.read_json(f"{target}/{_MANIFEST}")
    if not manifest or manifest["fingerprint"] != fingerprint or (manifest["keys"] is not None) != is_update:
        return None
    files = {
        Disposition(name): tuple(LakeFile(path, size) for path, size in found)
        for name, found in manifest["files"].items()
    }
    keys = KeySet.of_manifest(manifest["keys"])
    before = tuple(LakeFile(path, size) for path, size in manifest["before"])
    if files != _files(lake, target, is_classified=bool(step.table.source)):
        return None
    if _hashes(lake, files, keys, before) != manifest["hashes"]:
        return None
    rows = {Disposition(name): count for name, count in manifest["rows"].items()}
    return StagedTable(
        step,
        fingerprint,
        files,
        rows,
        manifest["seconds"],
        keys,
        before,
        manifest["duplicates"],
        manifest.get("deleted", {}),
        frozenset(manifest.get("proven", ())),
        is_reused=True,
    )


def _files(lake: Lake, target: str, *, is_classified: bool) -> dict[Disposition, tuple[LakeFile, ...]]:
    if not is_classified:
        return {Disposition.ACCEPTED: tuple(lake.files(target))}
    found = {d: tuple(lake.files(f"{target}/{DISPOSITION}={d.value}")) for d in Disposition}
    return {disposition: files for disposition, files in found.items() if files}


def _hashes(
    lake: Lake,
    files: Mapping[Disposition, Sequence[LakeFile]],
    keys: KeySet | None,
    before: Sequence[LakeFile],
) -> list[str | None]:
    """The hash of each file that the staged table consists of, None for one that is gone."""
    parts = [*(file for found in files.values() for file in found), *(keys.files if keys else ()), *before]
    return [lake.sha256(file.path) for file in parts]


def _to_manifest(lake: Lake, staged: StagedTable) -> dict[str, Any]:
    return {
        "fingerprint": staged.fingerprint,
        "files": {d.value: [(file.path, file.size) for file in files] for d, files in staged.files.items()},
        "rows": {d.value: count for d, count in staged.rows.items()},
        "keys": staged.keys.to_manifest() if staged.keys else None,
        "before": [(file.path, file.size) for file in staged.before],
        "duplicates": dict(staged.duplicates),
        "deleted": dict(staged.deleted),
        "proven": sorted(staged.proven),
        "hashes": _hashes(lake, staged.files, staged.keys, staged.before),
        "seconds": round(staged.seconds, 3),
    }
