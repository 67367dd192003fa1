"""Hashes of keys, the same on every engine: quick to group, join and count by; two keys may share one, rarely."""

from __future__ import annotations

from medallion.spark import F, SparkColumn


def key_hash(*parts: SparkColumn | str) -> SparkColumn:
    """64 bits from the parts (bigint). NULL parts are passed over, so that (NULL, 'a') and ('a', NULL) hash alike.

    Two 32-bit hashes with different seeds. `xxhash64`, the obvious choice, makes Sail 0.7.2 panic where every part has
    one value throughout a Parquet file, as the batch id of a delivery has.
    """
    high, low = F.hash(*parts).cast("bigint"), F.hash(F.lit(1), *parts).cast("bigint")
    return F.shiftleft(high, 32).bitwiseXOR(low)
