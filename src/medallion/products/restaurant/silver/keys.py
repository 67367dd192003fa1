"""Hashes of keys as delivered: quick to group and to compare, but two keys may share one."""

from __future__ import annotations

from medallion import parsing
from medallion.hashing import key_hash
from medallion.spark import SparkColumn

LINE = ("order_id", "lineitem_id")
CHOICE = (*LINE, "option_group_name", "option_name")
LINE_KEY = "line_key"


def line_key() -> SparkColumn:
    """The hash of the order line that a delivered record names."""
    return key_hash(*(parsing.text(name) for name in LINE))


def choice_key() -> SparkColumn:
    """The hash of the option, of its line, that a delivered record names."""
    return key_hash(*(parsing.text(name) for name in CHOICE))
