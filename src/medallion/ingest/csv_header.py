"""The header of a delivered CSV: which field holds which column of its source."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from medallion.data_product import Source
from medallion.errors import InputError
from medallion.ingest.csv_records import WholeRecords, quote_edges
from medallion.ingest.delivered_bytes import DeliveredBytes

MAX_HEADER_SIZE = 1 << 20
_SHOWN_CHARACTERS = 500
_HEADER_BLOCK_SIZE = 1 << 16
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Header:
    """The names of a file's fields in their order, and the position of each of the source's columns among them.

    `extra_columns` are the names that are no column of the source, as delivered; a field without a name is called
    `(field 3)`, counted from 1.
    """

    field_count: int
    positions: tuple[int, ...]
    extra_columns: tuple[str, ...]


def read_header(stream: BinaryIO, source: Source, file_name: str) -> Header:
    """Read a delivered CSV (or gzip of one) as far as its header.

    Raises InputError where the header does not fit `source`.
    """
    records = WholeRecords(DeliveredBytes(stream, file_name), _HEADER_BLOCK_SIZE, MAX_HEADER_SIZE)
    return parse_header(records.header(), source, file_name)


def parse_header(record: bytes, source: Source, file_name: str) -> Header:
    """Match a header record with the columns of `source`, in any order and letter case, blanks around names allowed.

    Raises InputError for a missing column, a column named twice, and a record that cannot be read.
    """
    names = _field_names(record, file_name)
    wanted = {name.casefold(): name for name in source.column_names}
    places: dict[str, list[int]] = {name: [] for name in source.column_names}
    extra = []
    for position, name in enumerate(names):
        column = wanted.get(name.casefold())
        if column:
            places[column].append(position)
        else:
            extra.append(name or f"(field {position + 1})")
    _refuse_missing([column for column, found in places.items() if not found], names, source, file_name)
    for column, found in places.items():
        if len(found) > 1:
            fields = ", ".join(str(position + 1) for position in found)
            raise InputError(f"{file_name}: column '{column}' is named {len(found)} times (fields {fields}); keep one")
    return Header(len(names), tuple(found[0] for found in places.values()), tuple(extra))


def _field_names(record: bytes, file_name: str) -> list[str]:
    if not record:
        raise InputError(
            f"{file_name}: has no header, no record at all; deliver it again (its first record names the columns)"
        )
    if record.startswith(_UTF16_MARKS) or b"\0" in record:
        raise InputError(f"{file_name}: looks like UTF-16 or binary data; save it as CSV in UTF-8")
    if len(record) > MAX_HEADER_SIZE or quote_edges(record).size % 2:
        raise InputError(
            f"{file_name}: the header opens a quote that is never closed, or is endless; correct its first record"
        )
    try:
        fields = next(csv.reader(io.StringIO(record.decode(), newline="")))
    except UnicodeDecodeError as error:
        raise InputError(f"{file_name}: the header is not UTF-8 ({error.reason}); save the file in UTF-8") from error
    except csv.Error as error:
        raise InputError(f"{file_name}: the header cannot be read ({error}); correct its first record") from error
    return [field.strip() for field in fields]


def _refuse_missing(missing: Sequence[str], names: Sequence[str], source: Source, file_name: str) -> None:
    if not missing:
        return
    columns = ", ".join(f"'{column}'" for column in missing)
    subject = f"column {columns} is" if len(missing) == 1 else f"columns {columns} are"
    # an error is one line, so what does not print is spelt out
    found = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in ", ".join(names))
    found = found if len(found) <= _SHOWN_CHARACTERS else found[:_SHOWN_CHARACTERS] + " …"
    raise InputError(f"{file_name}: {subject} missing (found: {found}); {_remedy(missing, names, source)}")


def _remedy(missing: Sequence[str], names: Sequence[str], source: Source) -> str:
    wanted = {column.casefold() for column in source.column_names}
    for delimiter, name in _OTHER_DELIMITERS.items():
        parts = {part.strip().strip('"').casefold() for field in names for part in field.split(delimiter)}
        if len(parts & wanted) > len(wanted) - len(missing):
            return f"the header looks separated by {name}: write the file with commas"
    if len(missing) == len(source.columns):
        return "the first record must be the header: add one, or rename the file if it belongs to another source"
    return "rename it or add it" if len(missing) == 1 else "rename or add them"
