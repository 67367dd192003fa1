"""Where delivered files are: in a folder, or in S3 below an address. The one place that knows the difference."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from medallion.errors import InputError

S3 = "s3://"
Place = str | os.PathLike[str]


@dataclass(frozen=True)
class FoundFile:
    """A delivered file as it was found, not opened. Of two with the same values the content is taken for the same.

    `location` is an absolute path or an address in S3, `size` is in bytes, `modified_ns` the time of its last change.
    """

    location: str
    name: str
    size: int
    modified_ns: int


def files_in(place: Place) -> list[FoundFile]:
    """The files in a folder itself, hidden ones left out, or all objects below an address in S3; in no order.

    Raises InputError where there is no such folder or it cannot be listed, MedallionError what AWS refuses.
    """
    if str(place).startswith(S3):
        from medallion.ingest.s3_deliveries import objects_below

        return objects_below(str(place))
    return _files_of_folder(Path(place))


def file_at(location: str) -> FoundFile | None:
    """What is there now; None for nothing."""
    if location.startswith(S3):
        from medallion.ingest.s3_deliveries import object_at

        return object_at(location)
    try:
        return _found(Path(location), Path(location).stat())
    except FileNotFoundError:
        return None


def existing_file(location: str) -> FoundFile:
    """What is there now. Raises InputError for nothing."""
    found = file_at(location)
    if found is None:
        raise InputError(f"{location}: is gone; deliver it again, then run the same command again")
    return found


def open_delivery(location: str) -> BinaryIO:
    """The file's own bytes, from the start. Raises InputError where it cannot be opened."""
    if location.startswith(S3):
        from medallion.ingest.s3_deliveries import open_object

        return open_object(location)
    try:
        return Path(location).open("rb")
    except OSError as error:
        raise InputError(
            f"{location}: cannot be opened ({error.strerror}); check that it exists and may be read"
        ) from error


def _files_of_folder(folder: Path) -> list[FoundFile]:
    try:
        if not folder.exists():
            raise InputError(f"{folder}: does not exist; name a folder with CSV files")
        if not folder.is_dir():
            raise InputError(f"{folder}: is a file; name the folder that holds it")
        with os.scandir(folder.absolute()) as entries:
            return [
                _found(Path(entry.path), entry.stat(follow_symlinks=not _leads_nowhere(entry)))
                for entry in entries
                if not entry.name.startswith(".") and (entry.is_file() or _leads_nowhere(entry))
            ]
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be listed ({error.strerror}); check the name and allow reading it"
        ) from error


def _leads_nowhere(entry: os.DirEntry[str]) -> bool:
    """Whether it is a link to nothing. That is told when it is read; left out, rows would be missing without a word."""
    return entry.is_symlink() and not Path(entry.path).exists()


def _found(path: Path, status: os.stat_result) -> FoundFile:
    return FoundFile(str(path), path.name, status.st_size, status.st_mtime_ns)
