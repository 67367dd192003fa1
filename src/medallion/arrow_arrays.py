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
