"""Which values of a key new data touches: the orders that new files name, then the customers and days of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from medallion.contracts import Column
from medallion.lake import LakeFile

if TYPE_CHECKING:
    import pyarrow as pa

    from medallion.lake import Lake


@dataclass(frozen=True)
class KeySet:
    """Distinct values of one column, as files in the lake (none where there are no values)."""

    column: Column
    files: tuple[LakeFile, ...]
    count: int

    @classmethod
    def write(cls, lake: Lake, folder: str, column: Column, values: Iterable[pa.ChunkedArray]) -> KeySet:
        """The distinct values, without NULL, of the arrays given, in order, written below `folder`.

        A run that goes on writes the same file again, while tables that it staged with it before are read.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        chunks = [chunk for array in values for chunk in array.chunks]
        distinct = pc.unique(pa.chunked_array(chunks)) if chunks else pa.array([], pa.string())
        distinct = distinct.drop_null()
        if not len(distinct):
            return cls(column, (), 0)
        distinct = distinct.take(pc.sort_indices(distinct))
        file = lake.write_parquet(f"{folder}/{column.name}.parquet", pa.table({column.name: distinct}))
        return cls(column, (file,), len(distinct))

    def to_manifest(self) -> dict[str, Any]:
        """The set as JSON."""
        return {
            "column": asdict(self.column),
            "files": [(file.path, file.size) for file in self.files],
            "count": self.count,
        }

    @classmethod
    def of_manifest(cls, manifest: dict[str, Any] | None) -> KeySet | None:
        """The set that `to_manifest` wrote. Its column need not be one of the staged table: intermediates lack it."""
        if manifest is None:
            return None
        files = tuple(LakeFile(path, size) for path, size in manifest["files"])
        column = Column(**{**manifest["column"], "accepted": tuple(manifest["column"]["accepted"])})
        return cls(column, files, manifest["count"])
