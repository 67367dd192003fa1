"""The bytes of a delivered file: hashed and counted as they pass, decompressed where they are gzip."""

from __future__ import annotations

import hashlib
import zlib
from typing import BinaryIO

from medallion.errors import InputError

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_MEMBER = 16 + zlib.MAX_WBITS  # zlib's code for "expect gzip's own header and trailer"
_COMPRESSED_READ = 1 << 18


class DeliveredBytes:
    """Reads the content of one delivered file; gzip is known by its first bytes.

    `sha256` and `byte_count` are of the delivered file's own (for gzip: compressed) bytes, complete once `read` has
    returned the empty string. All failures of reading are InputErrors that name the file.
    """

    def __init__(self, stream: BinaryIO, file_name: str) -> None:
        self._stream = stream
        self._file_name = file_name
        self._hash = hashlib.sha256()
        self.byte_count = 0
        self._pending = self._first_bytes()
        is_gzip = self._pending == _GZIP_MAGIC
        if self._pending and not is_gzip and file_name.lower().endswith(".gz"):
            raise InputError(f"{file_name}: is not gzip although its name ends in .gz; rename it or compress it")
        self._inflater = zlib.decompressobj(_GZIP_MEMBER) if is_gzip else None

    @property
    def sha256(self) -> str:
        """The hexadecimal digest of the bytes read so far."""
        return self._hash.hexdigest()

    def read(self, size: int) -> bytes:
        """At most `size` bytes of content; fewer are no sign of the end, none are."""
        if self._inflater is None:
            content, self._pending = self._pending[:size], self._pending[size:]
            return content or self._read_stream(size)
        return self._inflate(self._inflater, size)

    def _first_bytes(self) -> bytes:
        found = b""
        while len(found) < len(_GZIP_MAGIC) and (more := self._read_stream(len(_GZIP_MAGIC) - len(found))):
            found += more
        return found

    def _read_stream(self, size: int) -> bytes:
        try:
            found = self._stream.read(size)
        except OSError as error:
            raise InputError(f"{self._file_name}: cannot be read ({error}); deliver it again") from error
        self._hash.update(found)
        self.byte_count += len(found)
        return found

    def _inflate(self, inflater: zlib._Decompress, size: int) -> bytes:
        content = b""
        while not content:
            if inflater.eof:
                # a gzip file may be several members one after the other, and padded with zeros at the end
                self._pending = self._skip_padding(inflater.unused_data)
                if not self._pending:
                    return b""
                self._inflater = inflater = zlib.decompressobj(_GZIP_MEMBER)
            compressed = self._pending or inflater.unconsumed_tail or self._read_stream(_COMPRESSED_READ)
            self._pending = b""
            if not compressed:
                raise InputError(f"{self._file_name}: the gzip data ends too early; deliver the whole file again")
            try:
                content = inflater.decompress(compressed, size)
            except zlib.error as error:
                raise InputError(f"{self._file_name}: the gzip data is damaged ({error}); deliver it again") from error
        return content

    def _skip_padding(self, found: bytes) -> bytes:
        """What follows after zeros, beginning in `found` and read on from there; empty at the end of the file."""
        while not (rest := found.lstrip(b"\0")):
            found = self._read_stream(_COMPRESSED_READ)
            if not found:
                return b""
        return rest
