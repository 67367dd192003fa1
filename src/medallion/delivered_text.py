"""Delivered text as a key: what a source's column says, without the blanks around it."""

from __future__ import annotations

from medallion.spark import F, SparkColumn

BLANKS = " \t\r\n\f\u000b"


def delivered_text(name: str) -> SparkColumn:
    """The column without surrounding blanks; NULL where nothing is left."""
    return F.nullif(F.trim(F.col(name), F.lit(BLANKS)), F.lit(""))
