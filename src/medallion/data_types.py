"""Column types as contracts write them, and their names in Spark."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAMES = "smallint|integer|bigint|double|boolean|date|timestamp|varchar|decimal"
_TYPE_PATTERN = re.compile(rf"({_NAMES})(?:\((\d+)(?:,(\d+))?\))?")

# Years that orders and calendars have: what stands for "unknown" elsewhere (0001, 9999) is no day, and engines that
# count nanoseconds could not hold it.
FIRST_YEAR, LAST_YEAR = 1900, 2199


@dataclass(frozen=True)
class DataType:
    """A parsed type: `varchar(n)` counts UTF-8 bytes; `decimal(p,s)` is exact; `timestamp` is an instant in UTC."""

    name: str
    length: int | None = None
    scale: int | None = None

    @classmethod
    def parse(cls, text: str) -> DataType:
        """Read `decimal(18,2)`, `varchar(255)`, `date` …; raises ValueError on anything else."""
        match = _TYPE_PATTERN.fullmatch(text)
        has_size = {"varchar": (True, False), "decimal": (True, True)}.get(match[1] if match else "", (False, False))
        if not match or (match[2] is not None, match[3] is not None) != has_size:
            raise ValueError(f"type {text!r} is unknown; use one of {_NAMES.replace('|', ', ')}")
        return cls(match[1], int(match[2]) if match[2] else None, int(match[3]) if match[3] else None)

    @property
    def spark(self) -> str:
        """The type in Spark's DDL."""
        if self.name == "varchar":
            return "string"
        return f"decimal({self.length},{self.scale})" if self.name == "decimal" else self.name
