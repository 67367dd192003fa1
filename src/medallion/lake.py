"""Files in the lake: the only place where the core reads and writes them. Paths are relative to the lake's root."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medallion import fault
from medallion.errors import StorageError
from medallion.object_storage import cause_of

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyspark.sql import DataFrame, SparkSession

    from medallion.contracts import Table

_HASHED_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class LakeFile:
    """A file: its path relative to the lake's root, and its size in bytes."""

    path: str
    size: int


class Lake:
    """A folder, local or in an object store (`s3://bucket/prefix`), that holds bronze, staging and quarantine files.

    `region` is the bucket's; by default the environment's, or else us-east-1, which is Arrow's. Every failure of the
    storage is a StorageError that names the path and what to do.
    """

    def __init__(self, root: str, region: str | None = None) -> None:
        from pyarrow import fs as pa_fs

        self.root = root if "://" in root else str(Path(root).absolute())
        self._base: str = self.root
        self._files: pa_fs.FileSystem = pa_fs.LocalFileSystem()
        if "://" in root:
            self._files, self._base = pa_fs.FileSystem.from_uri(f"{root}?region={region}" if region else root)

    def uri(self, path: str) -> str:
        """The address of a path for engines and warehouses."""
        return f"{self.root}/{path}"

    def files(self, folder: str, suffix: str = ".parquet") -> list[LakeFile]:
        """The files below a folder, by path; none where there is no such folder. `_x` and `.x` are left out."""
        from pyarrow import fs as pa_fs

        selector = pa_fs.FileSelector(f"{self._base}/{folder}", allow_not_found=True, recursive=True)
        with self._failures(folder):
            found = self._files.get_file_info(selector)
        start = len(self._base) + 1
        return sorted(
            (
                LakeFile(info.path[start:], info.size)
                for info in found
                if info.is_file and info.base_name.endswith(suffix) and info.base_name[0] not in "_."
            ),
            key=lambda file: file.path,
        )

    def folders(self, folder: str) -> list[str]:
        """The names of the folders directly in `folder`."""
        from pyarrow import fs as pa_fs

        selector = pa_fs.FileSelector(f"{self._base}/{folder}", allow_not_found=True)
        with self._failures(folder):
            found = self._files.get_file_info(selector)
        return sorted(info.base_name for info in found if info.type == pa_fs.FileType.Directory)

    def footers(self, files: Sequence[LakeFile]) -> list[pq.FileMetaData]:
        """What Parquet files say of themselves."""
        import pyarrow.parquet as pq

        found = []
        for file in files:
            with self._failures(file.path), self._files.open_input_file(f"{self._base}/{file.path}") as stream:
                found.append(pq.read_metadata(stream))
        return found

    def value_counts(self, files: Sequence[LakeFile], column: str) -> dict[str, int]:
        """How often each value of a text column occurs in Parquet files."""
        counts: Counter[str] = Counter()
        for array in self.columns([file.path for file in files], column):
            counts.update({one["values"]: one["counts"] for one in array.value_counts().to_pylist()})
        return dict(counts)

    def columns(self, paths: Sequence[str], column: str) -> Iterator[pa.ChunkedArray]:
        """One column of each of some Parquet files."""
        import pyarrow.parquet as pq

        for path in paths:
            with self._failures(path), self._files.open_input_file(f"{self._base}/{path}") as stream:
                yield pq.ParquetFile(stream).read([column]).column(column)

    def rows(self, file: LakeFile, column: str, wanted: pa.Array) -> Iterator[pa.Table]:
        """The rows of a Parquet file whose `column` (a number) is one of `wanted`; reads no row group without any."""
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        from medallion.arrow_arrays import int_array

        with self._failures(file.path), self._files.open_input_file(f"{self._base}/{file.path}") as stream:
            parquet = pq.ParquetFile(stream)
            place = parquet.schema_arrow.get_field_index(column)
            for number in range(parquet.num_row_groups):
                span = parquet.metadata.row_group(number).column(place).statistics
                near = wanted
                if span is not None and span.has_min_max:
                    least, most = int_array([span.min, span.max])
                    near = wanted.filter(pc.and_(pc.greater_equal(wanted, least), pc.less_equal(wanted, most)))
                if len(near):
                    group = parquet.read_row_group(number)
                    yield group.filter(pc.is_in(group.column(column), near))

    def write_parquet(self, path: str, rows: pa.Table) -> LakeFile:
        """Write a small table as one Parquet file; readers of an earlier one of that name see either, whole."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        stream = pa.BufferOutputStream()
        pq.write_table(rows, stream, compression="snappy")
        content = stream.getvalue()
        fault.point("lake.parquet.begin")
        with self._failures(path):
            self._write_whole(f"{self._base}/{path}", content)
        fault.point("lake.parquet.written")
        return LakeFile(path, content.size)

    def sha256(self, path: str) -> str | None:
        """The hash of a file's content; None where there is no such file."""
        digest = hashlib.sha256()
        with self._failures(path):
            try:
                with self._files.open_input_file(f"{self._base}/{path}") as stream:
                    while chunk := stream.read(_HASHED_AT_ONCE):
                        digest.update(chunk)
            except FileNotFoundError:
                return None
        return digest.hexdigest()

    def read_json(self, path: str) -> dict[str, Any] | None:
        """A JSON document; None where there is none, or one that was not written to its end."""
        with self._failures(path):
            try:
                with self._files.open_input_stream(f"{self._base}/{path}") as stream:
                    found = json.loads(stream.read())
            except (FileNotFoundError, ValueError):
                return None
        return found if isinstance(found, dict) else None

    def write_json(self, path: str, document: dict[str, Any]) -> None:
        """Write a document so that readers see it whole or not at all."""
        text = json.dumps(document, default=str).encode()
        fault.point("lake.json.begin")
        with self._failures(path):
            self._write_whole(f"{self._base}/{path}", text)
        fault.point("lake.json.written")

    def _write_whole(self, target: str, content: bytes | pa.Buffer) -> None:
        from pyarrow import fs as pa_fs

        if not isinstance(self._files, pa_fs.LocalFileSystem):  # object stores show an object when it is complete
            with self._files.open_output_stream(target) as stream:
                stream.write(content)
            return
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(f"{target}.{os.getpid()}")
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)

    def delete(self, folder: str) -> None:
        """Remove a folder and all it holds; nothing happens where there is none."""
        fault.point("lake.delete.begin")
        with self._failures(folder):
            try:
                self._files.delete_dir(f"{self._base}/{folder}")
            except FileNotFoundError:
                return

    @contextmanager
    def parquet_writer(self, path: str, schema: pa.Schema) -> Iterator[Any]:
        """A `pyarrow.parquet.ParquetWriter` on a new file; what the block leaves unfinished is no valid file."""
        import pyarrow.parquet as pq

        fault.point("lake.parquet.begin")
        with self._failures(path):
            self._files.create_dir(f"{self._base}/{path.rpartition('/')[0]}", recursive=True)
            # Bronze is read once or twice, soon and nearby: light compression costs the least time in all.
            with (
                self._files.open_output_stream(f"{self._base}/{path}") as stream,
                pq.ParquetWriter(stream, schema, compression="snappy") as writer,
            ):
                yield writer
        fault.point("lake.parquet.written")

    def read_table(self, spark: SparkSession, table: Table, files: Sequence[LakeFile]) -> DataFrame:
        """Parquet files as the table's columns and types; no files are a table without rows."""
        if not files:
            schema = ", ".join(f"`{column.name}` {column.data_type.spark}" for column in table.columns)
            return spark.createDataFrame([], schema)
        return spark.read.parquet(*(self.uri(file.path) for file in files)).select(*table.column_names)

    @contextmanager
    def _failures(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(storage_message(self.uri(path), error)) from error
        except ValueError as error:  # pyarrow's own word for damaged files
            reason = str(error).partition("\n")[0]
            remedy = "run again to build it, or restore it where it is below bronze"
            raise StorageError(f"{self.uri(path)}: is damaged ({reason}); {remedy}") from error


def is_out_of_space(error: BaseException) -> bool:
    """Whether a write failed for want of space: a full disk, a used-up quota, a limit on the size of files."""
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return True
    return any(os.strerror(number) in str(error) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def storage_message(subject: str, error: BaseException) -> str:
    """One line for a failure of storage: what, why, and the remedy where the cause is known."""
    reason = str(error).strip().partition("\n")[0]
    number = getattr(error, "errno", None)
    if is_out_of_space(error):
        return f"{subject}: no space left on the device; free some and run the same command again, it goes on"
    if number in (errno.EACCES, errno.EPERM) or "Permission denied" in reason:
        return f"{subject}: permission denied; allow this user to write there, or choose another --home"
    cause = cause_of(reason)
    if cause:
        return f"{subject}: {cause}"
    return f"{subject}: {reason}; check the storage and run the same command again"
