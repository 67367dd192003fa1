"""What a generator leaves in a folder: CSV files, and beside them as JSON what was planted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from medallion.errors import UsageError

PLANTED = "planted.json"
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class GeneratedFiles:
    """What was written: `paths` of the CSV files, in order of delivery; `rows` (records) by file name; `planted`."""

    folder: Path
    paths: tuple[Path, ...]
    rows: dict[str, int]
    planted: Path


def remove_earlier(folder: Path) -> None:
    """Late files of an earlier, larger sample would otherwise be taken for this one's."""
    planted = folder / PLANTED
    if not planted.exists():
        return
    try:
        names = list(json.loads(planted.read_text(encoding="utf-8"))["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{planted}: not written by this generator; choose another folder or remove it") from error
    for name in names:
        (folder / Path(name).name).unlink(missing_ok=True)
    planted.unlink()
