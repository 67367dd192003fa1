"""The header of a delivered CSV: which field holds which column of its source."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from medallion.contracts import Column
from medallion.data_product import Source
from medallion.errors import InputError
from medallion.ingest.csv_records import WholeRecords, quote_edges
from medallion.ingest.delivered_bytes import DeliveredBytes

MAX_HEADER_SIZE = 1 << 20
_SHOWN_CHARACTERS = 500
_HEADER_BLOCK_SIZE = 1 << 16
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_WITHHELD = "(withheld)"
_DATA = re.compile("[0-9]{3}")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Header:
    """The names of a file's fields in their order, and the position of each of the source's columns among them.

    A position is None where the header leaves out a column that is dropped anyway. `extra_columns` are the names that
    are no column of the source, as delivered; a field without a name is called `(field 3)`, counted from 1, and one
    whose name looks like data `(withheld)`.
    """

    field_count: int
    positions: tuple[int | None, ...]
    extra_columns: tuple[str, ...]


def read_header(stream: BinaryIO, source: Source, file_name: str) -> Header:
    """Read a delivered CSV (or gzip of one) as far as its header.

    Raises InputError where the header does not fit `source`.
    """
    records = WholeRecords(DeliveredBytes(stream, file_name), _HEADER_BLOCK_SIZE, MAX_HEADER_SIZE)
    return parse_header(records.header(), source, file_name)


def parse_header(record: bytes, source: Source, file_name: str) -> Header:
    """Match a header record with the columns of `source`, in any order and letter case, blanks around names allowed.

    Raises InputError for a missing column, one named more or less often than the source has it, and a record that
    cannot be read.
    """
    names = _field_names(record, file_name)
    wanted: dict[str, list[Column]] = {}
    for column in source.columns:
        wanted.setdefault(column.delivered_name.casefold(), []).append(column)
    places: dict[str, list[int]] = {name: [] for name in wanted}
    extra = []
    for position, name in enumerate(names):
        if name.casefold() in places:
            places[name.casefold()].append(position)
        else:
            extra.append(name or f"(field {position + 1})")
    needed = dict.fromkeys(column.delivered_name for column in source.kept_columns)
    _refuse_missing([name for name in needed if not places[name.casefold()]], names, source, file_name)
    found: dict[str, int] = {}
    for name, columns in wanted.items():
        if places[name]:
            _refuse_miscounted(columns, places[name], file_name)
            found |= {column.name: position for column, position in zip(columns, places[name], strict=True)}
    return Header(len(names), tuple(found.get(column.name) for column in source.columns), tuple(_shown(extra, source)))


def _refuse_miscounted(columns: Sequence[Column], places: Sequence[int], file_name: str) -> None:
    if len(places) == len(columns):
        return
    fields = ", ".join(str(position + 1) for position in places)
    times = f"{len(places)} times (fields {fields})" if len(places) > 1 else f"once (field {fields})"
    expected = ", ".join(column.name for column in columns)
    remedy = "keep one" if len(columns) == 1 else f"name it {len(columns)} times, for {expected} in this order"
    raise InputError(f"{file_name}: column '{columns[0].delivered_name}' is named {times}; {remedy}")


def _shown(names: Sequence[str], source: Source) -> list[str]:
    """Names in a message. Where one looks like data (a file without a header) all that are unknown may be personal."""
    if not any(_DATA.search(name) for name in names):
        return list(names)
    known = {column.delivered_name.casefold() for column in source.columns}
    return [name if name.casefold() in known else _WITHHELD for name in names]


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
    found = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in ", ".join(_shown(names, source)))
    found = found if len(found) <= _SHOWN_CHARACTERS else found[:_SHOWN_CHARACTERS] + " …"
    raise InputError(f"{file_name}: {subject} missing (found: {found}); {_remedy(missing, names, source)}")


def _remedy(missing: Sequence[str], names: Sequence[str], source: Source) -> str:
    wanted = {column.delivered_name.casefold() for column in source.columns}
    for delimiter, name in _OTHER_DELIMITERS.items():
        parts = {part.strip().strip('"').casefold() for field in names for part in field.split(delimiter)}
        if len(parts & wanted) > len(wanted) - len(missing):
            return f"the header looks separated by {name}: write the file with commas"
    if len(missing) == len({column.delivered_name for column in source.kept_columns}):
        return "the first record must be the header: add one, or rename the file if it belongs to another source"
    return "rename it or add it" if len(missing) == 1 else "rename or add them"
