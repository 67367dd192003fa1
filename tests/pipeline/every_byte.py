"""Everything that lies in a folder: the bytes of each file, and the values that compression would hide in them."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq


def found_in(folder: Path, wanted: Collection[str]) -> dict[str, list[str]]:
    """Which of the texts wanted are where: by file, and for tables within one by table."""
    found: dict[str, list[str]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for part, content in _contents(path):
            hits = [text for text in wanted if text.encode() in content]
            if hits:
                found[f"{path.relative_to(folder)}{part}"] = hits
    return found


def cards_in(transactions: str) -> set[str]:
    """The card numbers of a file's whole records, as written and without what separates their digits."""
    found = {record[7] for record in csv.reader(io.StringIO(transactions, newline="")) if len(record) > 8}
    plain = {"".join(sign for sign in card if sign.isdigit()) for card in found if "E" not in card}
    return {card for card in found | plain if sum(sign.isdigit() for sign in card) >= 12 or "E" in card}


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """The file itself, then what is in it."""
    raw = path.read_bytes()
    yield "", raw
    yield " (name)", path.name.encode()
    if raw.startswith(b"PAR1") and raw.endswith(b"PAR1") and len(raw) > 4:  # else a killed run left it unfinished
        yield " (values)", str(pq.read_table(path).to_pydict()).encode()
    elif raw.startswith(b"\x1f\x8b"):
        yield " (unpacked)", gzip.decompress(raw)
    elif path.suffix == ".duckdb":
        yield from _tables(path)


def _tables(database: Path) -> Iterator[tuple[str, bytes]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        query = "SELECT schema_name || '.' || table_name FROM duckdb_tables()"
        for (name,) in connection.execute(query).fetchall():
            yield f" ({name})", str(connection.execute(f"SELECT * FROM {name}").fetchall()).encode()
