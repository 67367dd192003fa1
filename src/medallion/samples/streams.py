"""Independent random streams: one a purpose and chunk, so that a change of one part leaves the others' draws alone."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
U8 = NDArray[np.uint8]


def stream(seed: int, purpose: str, number: int = 0) -> np.random.Generator:
    """The generator of one purpose: PCG64 is specified bit by bit, so it gives the same draws on every machine."""
    words = np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), number])
    return np.random.Generator(np.random.PCG64(words))


def draw_from(cdf: F64, uniform: F64) -> I64:
    """Index of the class each uniform number falls into, for a cumulative distribution of shape (classes,)."""
    return np.minimum(np.searchsorted(cdf, uniform, side="right"), len(cdf) - 1).astype(np.int64)
