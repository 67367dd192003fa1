"""Records that cannot become rows, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from medallion.arrow_arrays import int_array
from medallion.ingest.csv_records import Positions, Records

RAGGED = "ragged"
UNDECODABLE = "undecodable"
NUL_BYTE = "nul_byte"
WITHHELD = "withheld"  # beside one of these, or beside what the contract did not expect: the text is not kept

_NUL = b"\0"


@dataclass(frozen=True)
class GateReject:
    """One record kept out: its number in the file (the header is record 0), why, and its text as delivered.

    `reason` is `ragged`, `undecodable` or `nul_byte`; `detail` says it in words. In `raw_text`, bytes that text cannot
    hold (not UTF-8, or NUL) are written `\\xNN`.
    """

    row_number: int
    reason: str
    detail: str
    raw_text: str


@dataclass(frozen=True)
class Readable:
    """A chunk without its unreadable records, and where (counted from 0 in the whole chunk) its own records stood.

    `positions` is None where no record was taken out. The row numbers of `rejects` count from 0 as well.
    """

    text: bytes
    positions: Positions | None
    rejects: tuple[GateReject, ...]


def take_out_unreadable(records: Records) -> Readable:
    """Separate the records that hold a NUL byte or bytes that are not UTF-8 from all others."""
    text = records.text
    if _NUL not in text and is_utf8(text):
        return Readable(text, None, ())
    starts, ends = records.spans()
    rejects = []
    kept = []
    for position, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        record = text[start:end]
        reason = _why_unreadable(record)
        if reason:
            rejects.append(GateReject(position, *reason, visible_text(record)))
        else:
            kept.append(position)
    positions = np.array(kept, dtype=np.int64)
    readable = b"\n".join([text[starts[i] : ends[i]] for i in kept])
    return Readable(readable, positions, tuple(rejects))


def is_utf8(text: bytes) -> bool:
    """Whether all of `text` is valid UTF-8; far quicker than decoding it."""
    if text.isascii():
        return True
    offsets = int_array([0, len(text)]).buffers()[1]
    whole = pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(text)])
    try:
        whole.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _why_unreadable(record: bytes) -> tuple[str, str] | None:
    """The reason and its detail; None for a readable record."""
    try:
        record.decode()
    except UnicodeDecodeError as error:
        byte = record[error.start]
        return UNDECODABLE, f"byte 0x{byte:02x} at position {error.start} of the record is not UTF-8"
    if _NUL in record:
        return NUL_BYTE, f"NUL byte at position {record.index(_NUL)} of the record"
    return None


def visible_text(record: bytes) -> str:
    """The record as text, with `\\xNN` for every byte that text cannot hold."""
    return record.decode(errors="backslashreplace").replace("\0", "\\x00")
