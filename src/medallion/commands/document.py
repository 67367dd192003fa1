"""JSON for machines: one document on standard output and nothing else there."""

from __future__ import annotations

import json
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
    """Print a document. Decimals become numbers with all their digits, dates and times ISO text."""
    # json writes floats only, which do not hold 18 digits: decimals pass as marked text, then lose mark and quotes.
    mark = secrets.token_hex(8)

    def plain(value: object) -> str:
        if isinstance(value, Decimal) and value.is_finite():
            return f"{mark}{value:f}"
        return value.isoformat() if isinstance(value, date) else str(value)

    text = json.dumps(document, default=plain, indent=2, ensure_ascii=False)
    typer.echo(re.sub(f'"{mark}([^"]*)"', r"\1", text))


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
