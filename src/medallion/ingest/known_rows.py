"""What is known of a database table's rows: their keys, and a hash of each row's content, as a pull left them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from medallion.errors import InputError, StorageError
from medallion.ingest import bronze

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.data_source import Source
    from medallion.lake import Lake

DIGEST = "_digest"
DIGEST_BYTES = 16
STATE = "_state"
KEYS_FILE = f"{STATE}/_keys.parquet"  # no data file: engines and `Lake.files` leave out names that begin so


@dataclass(frozen=True)
class KnownRows:
    """The rows that a table had: their key columns as text and a hash of their content."""

    source: Source
    table: pa.Table

    @classmethod
    def of(cls, lake: Lake, product: DataProduct, source: Source, before: Sequence[str]) -> KnownRows:
        """As the last of the pulls named left them; no rows where there was none."""
        if not before:
            return cls(source, key_schema(source).empty_table())
        path = f"{bronze.folder(product, source, before[-1])}/{KEYS_FILE}"
        if lake.sha256(path) is None:
            raise StorageError(
                f"{lake.uri(path)}: is gone, by which deleted rows are noticed; restore it, or load all sources into a"
                " new --home"
            )
        names = key_schema(source).names
        columns = [next(iter(lake.columns([path], name))) for name in names]
        return cls(source, pa.table(columns, schema=key_schema(source)))

    @property
    def identities(self) -> pa.ChunkedArray:
        return identities_of(self.table, self.source)

    def without(self, identities: pa.Array | pa.ChunkedArray) -> KnownRows:
        """The rows whose key is none of those."""
        return KnownRows(self.source, self.table.filter(pc.invert(pc.is_in(self.identities, identities))))

    def within(self, identities: pa.Array | pa.ChunkedArray) -> KnownRows:
        """The rows whose key is one of those."""
        return KnownRows(self.source, self.table.filter(pc.is_in(self.identities, identities)))

    def checked(self) -> KnownRows:
        """The same; raises InputError where two rows share a key."""
        if len(pc.unique(self.identities)) < self.table.num_rows:
            raise InputError(
                f"table {self.source.table}: {self.table.num_rows - len(pc.unique(self.identities)):,} rows share a"
                f" key ({', '.join(self.source.table.key if self.source.table else ())}) with others; make it unique"
                " there, or correct the contract's key"
            )
        return self


def key_schema(source: Source) -> pa.Schema:
    """The key columns as text, then the hash."""
    assert source.table is not None
    return pa.schema([*((name, pa.string()) for name in source.table.key), (DIGEST, pa.binary(DIGEST_BYTES))])


def identities_of(keys: pa.Table, source: Source) -> pa.ChunkedArray:
    """One text a key, another one for each."""
    assert source.table is not None
    columns = [keys.column(name) for name in source.table.key]
    return columns[0] if len(columns) == 1 else _one_text(columns)


def digests_of(columns: Sequence[pa.Array]) -> pa.Array:
    """A hash of each row's texts."""
    texts = _one_text(columns).to_pylist()
    hashes = [hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).digest() for text in texts]
    return pa.array(hashes, pa.binary(DIGEST_BYTES))


def _one_text(columns: Sequence[Any]) -> Any:
    """The texts of each row as one, each after its length, so that no two rows look alike."""
    parts = [part for values in columns for part in (pc.utf8_length(values).cast(pa.string()), values)]
    return pc.binary_join_element_wise(*parts, ":")
