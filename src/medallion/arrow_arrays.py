"""Arrow arrays of Python values, made from buffers: pyarrow's own conversion loads pandas first, for half a second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text_array(texts: Sequence[str]) -> pa.Array:
    """Strings, none of them NULL; together at most 2 GiB of UTF-8."""
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int32)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)))


def int_array(numbers: Sequence[int] | npt.NDArray[Any]) -> pa.Array:
    """Whole numbers of 64 bits, none of them NULL."""
    values = np.ascontiguousarray(numbers, dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


def instant_array(instants: Sequence[datetime]) -> pa.Array:
    """Points in time (each with its zone) as microseconds, UTC."""
    since = [instant - _EPOCH for instant in instants]
    whole = [(one.days * 86_400 + one.seconds) * 1_000_000 + one.microseconds for one in since]
    return int_array(whole).view(pa.timestamp("us", "UTC"))


def filled_array(values: Sequence[Any] | npt.NDArray[Any], kind: pa.DataType) -> pa.Array:
    """Strings, numbers or booleans of a type; NULL where there is None, in an array of numbers NaN."""
    number = str(kind).replace("double", "float64")
    if isinstance(values, np.ndarray):
        numbers = np.ascontiguousarray(values, dtype=number)
        validity = pa.py_buffer(np.packbits(values == values, bitorder="little"))
        return pa.Array.from_buffers(kind, len(numbers), [validity, pa.py_buffer(numbers)])
    validity = pa.py_buffer(
        np.packbits(np.array([value is not None for value in values], dtype=bool), bitorder="little")
    )
    if pa.types.is_string(kind):
        buffers = text_array([value or "" for value in values]).buffers()[1:]
    elif pa.types.is_boolean(kind):
        buffers = [
            pa.py_buffer(np.packbits(np.array([bool(value) for value in values], dtype=bool), bitorder="little"))
        ]
    else:
        buffers = [pa.py_buffer(np.array([value or 0 for value in values], dtype=number))]
    return pa.Array.from_buffers(kind, len(values), [validity, *buffers])


def doubles(array: pa.Array) -> npt.NDArray[np.float64]:
    """Numbers, none of them NULL, as they are in memory; pyarrow's own conversion loads pandas."""
    values = array.cast(pa.float64())
    found: npt.NDArray[np.float64] = np.frombuffer(values.buffers()[1] or b"", dtype=np.float64)
    return found[values.offset : values.offset + len(values)]
