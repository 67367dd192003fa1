"""Columns of text made without a loop over rows: hexadecimal ids, timestamps, and rows joined from pieces.

Every piece carries its own separator, so a row is the plain concatenation of its pieces and a file is the concatenation
of its rows. The results are Arrow string arrays, shape (rows,).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medallion.arrow_arrays import int_array, text_array
from medallion.samples.streams import I64, U8

_HEX = np.frombuffer(b"".join(b"%02x" % number for number in range(256)), dtype=np.uint8).reshape(256, 2)
_CLOCK = np.frombuffer(
    b"".join(b"%02d:%02d:%02d" % (s // 3600, s // 60 % 60, s % 60) for s in range(86_400)), dtype=np.uint8
).reshape(86_400, 8)
_THREE_DIGITS = np.frombuffer(b"".join(b"%03d" % number for number in range(1000)), dtype=np.uint8).reshape(1000, 3)
MS_PER_DAY = 86_400_000
OBJECT_ID_CHARS = 24


def csv_field(text: str) -> str:
    """One CSV field (RFC 4180): quoted where the text holds a comma, a quote or a line end."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def money(cents: int) -> str:
    """Integer cents as a decimal number with two digits: -5 is `-0.05`."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def object_ids(rng: np.random.Generator, epoch_seconds: I64) -> U8:
    """Ids of 24 hexadecimal characters, shape (rows, 24): four bytes of time, eight random ones, as real files have."""
    raw = np.empty((len(epoch_seconds), 12), dtype=np.uint8)
    raw[:, :4] = epoch_seconds.astype(">u4").view(np.uint8).reshape(-1, 4)
    raw[:, 4:] = rng.integers(0, 2**63, len(epoch_seconds), dtype=np.int64).astype(">i8").view(np.uint8).reshape(-1, 8)
    return _HEX[raw].reshape(-1, OBJECT_ID_CHARS)


def fixed_text(characters: U8) -> pa.Array:
    """A string array from a matrix of characters, shape (rows, width)."""
    rows, width = characters.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    data = np.ascontiguousarray(characters)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def with_comma(characters: U8) -> U8:
    """The matrix with a column of commas behind it."""
    return np.concatenate([characters, np.full((len(characters), 1), ord(","), dtype=np.uint8)], axis=1)


def timestamps(epoch_ms: I64, fraction_digits: I64) -> pa.Array:
    """`2023-07-14T15:43:14.394Z,` with 0 to 3 fraction digits a row (the digits beyond are cut off)."""
    day, ms = np.divmod(epoch_ms, MS_PER_DAY)
    first = int(day.min()) if len(day) else 0
    names = np.arange(first, (int(day.max()) if len(day) else 0) + 1).astype("datetime64[D]").astype("S10")
    rows = np.arange(len(epoch_ms))
    text = np.zeros((len(epoch_ms), 25), dtype=np.uint8)
    text[:, :10] = names.view(np.uint8).reshape(-1, 10)[day - first]
    text[:, 10] = ord("T")
    text[:, 11:19] = _CLOCK[ms // 1000]
    text[:, 19] = ord(".")
    text[:, 20:23] = _THREE_DIGITS[ms % 1000]
    end = np.where(fraction_digits > 0, 20 + fraction_digits, 19)
    text[rows, end] = ord("Z")
    text[rows, end + 1] = ord(",")
    kept = np.arange(25)[None, :] <= (end + 1)[:, None]
    offsets = np.concatenate([[0], np.cumsum(end + 2)]).astype(np.int32)
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(text[kept]))


def lookup(texts: Sequence[str], codes: I64) -> pa.Array:
    """`texts[code]` for every row."""
    return take(text_array(texts), codes)


def take(texts: pa.Array, rows: I64) -> pa.Array:
    """The texts at the given rows, in their order."""
    return pc.take(texts, int_array(rows), boundscheck=False)


def join_pieces(*pieces: pa.Array) -> pa.Array:
    """Row by row the concatenation of the pieces."""
    return pc.binary_join_element_wise(*pieces, text_array([""])[0])


def text_bytes(texts: pa.Array) -> memoryview:
    """All texts one after the other, without copying; the array has no offset and its offsets are 32 bits wide."""
    if not len(texts):
        return memoryview(b"")
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)
    return memoryview(texts.buffers()[2])[int(offsets[texts.offset]) : int(offsets[texts.offset + len(texts)])]
