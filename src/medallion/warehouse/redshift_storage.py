"""The files in S3 that the warehouse loads and unloads, as this process sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from medallion.errors import StorageError
from medallion.object_storage import cause_of

if TYPE_CHECKING:
    from pyarrow import fs as pa_fs

_S3 = "s3://"


class ObjectStore:
    """Objects by their address `s3://bucket/key`. Every failure is a StorageError that names it."""

    def __init__(self, region: str | None = None) -> None:
        self._region = region
        self._systems: dict[str, pa_fs.FileSystem] = {}

    @contextmanager
    def reading(self, address: str) -> Iterator[Any]:
        """An object opened for reading at any place."""
        with failures(address):
            try:
                stream = self._open(address).open_input_file(_path(address))
            except FileNotFoundError as error:
                raise self._missing(address) from error
            with stream:
                yield stream

    @contextmanager
    def writing(self, address: str) -> Iterator[Any]:
        """A new object, seen when it is complete."""
        with failures(address), self._open(address).open_output_stream(_path(address)) as stream:
            yield stream

    def files(self, folder: str, suffix: str = ".parquet") -> list[str]:
        """The objects below a folder, by address; none where there is no such folder."""
        from pyarrow import fs as pa_fs

        with failures(folder):
            selector = pa_fs.FileSelector(_path(folder), allow_not_found=True, recursive=True)
            found = self._open(folder).get_file_info(selector)
        return sorted(f"{_S3}{info.path}" for info in found if info.is_file and info.path.endswith(suffix))

    def write_json(self, address: str, document: dict[str, Any]) -> None:
        with self.writing(address) as stream:
            stream.write(json.dumps(document).encode())

    def delete(self, addresses: Sequence[str]) -> None:
        """Remove objects where that is possible; what stays is left to the bucket's lifecycle rules."""
        for address in addresses:
            with suppress(OSError):
                self._open(address).delete_file(_path(address))

    def _missing(self, address: str) -> StorageError:
        """The error for an object that is not there, because its bucket is not there or by itself."""
        bucket = self._open(address).get_file_info(_path(address).partition("/")[0])
        what = "file; run again to write it anew" if bucket.type else "bucket; check --lake and the region"
        return StorageError(f"{address}: there is no such {what}")

    def _open(self, address: str) -> pa_fs.FileSystem:
        from pyarrow import fs as pa_fs

        bucket = _path(address).partition("/")[0]
        if bucket not in self._systems:
            # By address, as this heeds AWS_ENDPOINT_URL; without a region S3 is asked for the bucket's.
            region = f"&region={self._region}" if self._region else ""
            # Small objects, like manifests, are then written by one request instead of three.
            uri = f"{_S3}{bucket}?allow_delayed_open=true{region}"
            self._systems[bucket] = pa_fs.FileSystem.from_uri(uri)[0]
        return self._systems[bucket]


@contextmanager
def failures(address: str) -> Iterator[None]:
    """Storage's own failures as StorageError that names what could not be read or written."""
    try:
        yield
    except OSError as error:
        reason = " ".join(str(error).split())[:200]
        cause = cause_of(reason) or f"{reason}; check the storage and run again"
        raise StorageError(f"{address}: {cause}") from error


def _path(address: str) -> str:
    if not address.startswith(_S3):
        raise StorageError(f"{address}: Redshift loads from S3 only; set --lake s3://BUCKET/FOLDER")
    return address.removeprefix(_S3)
