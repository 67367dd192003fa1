"""CSV files written from Arrow text whose rows are already complete lines."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pyarrow as pa

from medallion.samples.text_columns import text_bytes

GZIP_LEVEL = 3


class CsvFile:
    """One CSV file being written; `.gz` is appended to the name when it is compressed. Same rows, same bytes."""

    def __init__(self, path: Path, header: bytes, *, compress: bool) -> None:
        self.path = path.with_name(path.name + ".gz") if compress else path
        self.rows = 0
        self._raw: IO[bytes] = self.path.open("wb")
        # Neither a file name nor a time in the gzip header: they would differ from run to run.
        self._file: IO[bytes] | gzip.GzipFile = (
            gzip.GzipFile(filename="", mode="wb", compresslevel=GZIP_LEVEL, fileobj=self._raw, mtime=0)
            if compress
            else self._raw
        )
        self._file.write(header)

    def write(self, lines: pa.Array) -> None:
        """Append rows: an Arrow string array of lines with their line ends, shape (rows,)."""
        self._file.write(text_bytes(lines))
        self.rows += len(lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._raw.close()
