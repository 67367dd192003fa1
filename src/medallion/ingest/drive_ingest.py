"""A folder of Google Drive to landing: new and changed files of a product's sources, each once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from medallion.data_product import DataProduct
from medallion.errors import MedallionError
from medallion.ingest.drive import Drive
from medallion.ingest.drive_file import DriveFile
from medallion.ingest.drive_transfer import DriveTransfer
from medallion.ingest.invocation import MOST_TOLD, OutOfTimeError, raise_first
from medallion.ingest.s3_bucket import StoredObject


@dataclass
class FolderIngest:
    """What came of a folder in one invocation. Not `done`: another one has to go on."""

    done: bool = False
    landed: list[StoredObject] = field(default_factory=list)
    unchanged: int = 0
    skipped: list[str] = field(default_factory=list)

    @property
    def landed_bytes(self) -> int:
        return sum(found.size for found in self.landed)

    def document(self) -> dict[str, Any]:
        """For the state machine, whose documents have a limit: numbers, and the first of what there is to tell."""
        return {
            "done": self.done,
            "landed": len(self.landed),
            "landed_bytes": self.landed_bytes,
            "keys": [found.key for found in self.landed[:MOST_TOLD]],
            "unchanged": self.unchanged,
            "skipped": self.skipped[:MOST_TOLD],
        }


def ingest_folder(
    drive: Drive,
    transfer: DriveTransfer,
    product: DataProduct,
    folder_id: str,
    tell: Callable[[str], None] = lambda _: None,
) -> FolderIngest:
    """Bring what is new in the folder; `tell` gets a line for each file that is left out or written.

    A file that cannot be brought does not keep the others back: they land, then its error is raised, with the number
    of further ones. Without time left the outcome is not `done`.
    """
    outcome, failures = FolderIngest(), []
    try:
        for file in drive.files(folder_id):
            if reason := _left_out(file, product):
                outcome.skipped.append(f"{file}: {reason}")
                tell(outcome.skipped[-1])
                continue
            try:
                found = transfer.bring(file)
            except MedallionError as error:
                failures.append(error)
                tell(str(error))
                continue
            if found:
                outcome.landed.append(found)
                tell(f"{file}: landed as {found.key}, {found.size:,} bytes")
            else:
                outcome.unchanged += 1
    except OutOfTimeError:
        return outcome
    raise_first(failures)
    outcome.done = True
    return outcome


def _left_out(file: DriveFile, product: DataProduct) -> str | None:
    """Why a file is not brought: nothing that belongs to no source is, whatever it may hold."""
    if file.skipped_because:
        return file.skipped_because
    if product.source_of_file(file.delivered_name) is None:
        patterns = ", ".join(source.file_pattern for source in product.file_sources)
        return f"belongs to no source of {product.name} ({patterns}); rename it if it should"
    return None
