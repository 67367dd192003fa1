"""The folder of a site: a build replaces it at once, and touches nothing that is no catalogue."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from medallion.errors import StorageError, UsageError

# Lies in each site, with the files that are the site's; other files in the folder are somebody else's.
_LIST = ".medallion-catalog"


def check_replaceable(folder: Path) -> None:
    """Raises UsageError where the folder holds something else than a catalogue."""
    with _told(folder):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder}: is a file; give --output another folder")
        if folder.is_dir() and any(folder.iterdir()) and not (folder / _LIST).is_file():
            raise UsageError(f"{folder}: is not empty and holds no catalogue; give --output an empty or new folder")


def write_site(folder: Path, files: Mapping[str, str]) -> None:
    """Put the files into a folder beside it, and that in its place; files that are not the site's move over with it.

    Raises UsageError where the folder holds something else, StorageError where it cannot be written.
    """
    check_replaceable(folder)
    with _told(folder):
        place = folder.resolve()  # a link stays one
        place.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
        try:
            _fill(staging, files)
            _swap(staging, place, files)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _fill(staging: Path, files: Mapping[str, str]) -> None:
    for path, text in {**files, _LIST: "".join(f"{path}\n" for path in sorted(files))}.items():
        target = staging / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    staging.chmod(0o777 & ~_umask())  # temporary folders are for their maker alone


def _swap(staging: Path, place: Path, files: Mapping[str, str]) -> None:
    """Between the two renames the folder is missing for a moment: what a reader sees is one site or the other."""
    if not place.exists():
        staging.rename(place)
        return
    _keep_others(place, staging, files)
    old = Path(tempfile.mkdtemp(prefix=f".{place.name}-old-", dir=place.parent)) / place.name
    place.rename(old)
    try:
        staging.rename(place)
    except OSError:
        old.rename(place)
        raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)


def _keep_others(place: Path, staging: Path, files: Mapping[str, str]) -> None:
    """Copy what lies in the old folder and was not put there by a build; new pages win over files of their names."""
    listed = place / _LIST
    own = {*listed.read_text(encoding="utf-8").splitlines(), *files, _LIST} if listed.is_file() else {*files}
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if (path.is_dir() and not path.is_symlink()) or name in own:
            continue
        target = staging / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target, follow_symlinks=False)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Failures of the disk as one line."""
    from medallion.lake import storage_message

    try:
        yield
    except OSError as error:
        raise StorageError(storage_message(str(folder), error)) from error
