"""JSON for machines: one document on standard output and nothing else there."""

from __future__ import annotations

import json
import math
import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import typer


def emit(document: Mapping[str, Any]) -> None:
    """Print a document. Decimals become numbers with all their digits, dates and times ISO text.

    JSON has neither NaN nor infinity: both are null.
    """
    # json writes floats only, which do not hold 18 digits: decimals pass as marked text, then lose mark and quotes.
    mark = secrets.token_hex(8)

    def plain(value: object) -> str:
        if isinstance(value, Decimal):
            return f"{mark}{value:f}"
        return value.isoformat() if isinstance(value, date) else str(value)

    text = json.dumps(_finite(document), default=plain, indent=2, ensure_ascii=False, allow_nan=False)
    typer.echo(re.sub(f'"{mark}([^"]*)"', r"\1", text))


def _finite(value: Any) -> Any:
    """The value with None for each number in it that is none."""
    if isinstance(value, Mapping):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, float | Decimal):
        return value if math.isfinite(value) else None
    return value


@contextmanager
def standard_output_kept() -> Iterator[None]:
    """What engines and drivers print to standard output in the block goes to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
