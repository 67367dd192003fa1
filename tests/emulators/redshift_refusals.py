"""SQL that PostgreSQL takes and Redshift does not, found in the text of a statement as far as its words tell."""

from __future__ import annotations

import re

_TEXT = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
# What a statement must have, all of it; patterns that begin anywhere would be slow on statements of many rows.
_LACKING = {
    "FILTER": (r"\)\s*FILTER\s*\(",),
    "LATERAL": (r"\bLATERAL\b",),
    "DISTINCT ON": (r"\bDISTINCT\s+ON\b",),
    "ON CONFLICT": (r"\bON\s+CONFLICT\b",),
    "RETURNING": (r"\bRETURNING\b",),
    "a function that Redshift lacks": (r"\b(string_agg|array_agg|json_agg|unnest|mode|make_date|regexp_matches)\s*\(",),
    "a sort-based aggregate with DISTINCT": (
        r"\b(median|percentile_cont|listagg)\s*\(",
        r"\b(count|sum|avg)\s*\(\s*DISTINCT\b",
    ),
    "several orders of sort-based aggregates": (r"\bmedian\s*\(.*\b(median|percentile_cont|listagg)\s*\(",),
}
_PATTERNS = {
    what: [re.compile(pattern, re.IGNORECASE | re.DOTALL) for pattern in patterns]
    for what, patterns in _LACKING.items()
}


def redshift_refused(sql: str) -> str | None:
    """What of a statement Redshift does not support; quoted text and names count for nothing."""
    bare = _TEXT.sub("", sql)
    found = (what for what, patterns in _PATTERNS.items() if all(pattern.search(bare) for pattern in patterns))
    return next((f"{what} is not supported" for what in found), None)
