"""The files of an input folder: which source each belongs to, in the order in which they are read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from medallion.data_product import DataProduct, Source
from medallion.errors import InputError
from medallion.ingest.csv_header import Header, read_header
from medallion.ingest.delivered_bytes import open_delivery

_LISTED_NAMES = 10
_DIGITS, _NO_WORD = re.compile(r"\d+"), re.compile(r"\W")
_NUMBER_WIDTH, _LONGEST_ORDER = 12, 200  # digits; bytes


@dataclass(frozen=True)
class DeliveredFile:
    """A file that belongs to a source. `size` is in bytes, `mtime_ns` the time of its last change."""

    path: Path
    source: Source
    size: int
    mtime_ns: int

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Deliveries:
    """What an input folder holds: files in the order of the product's sources and then of their names.

    `unrecognised` are the names of CSV files that belong to no source; other files and folders are not looked at.
    """

    files: tuple[DeliveredFile, ...]
    unrecognised: tuple[str, ...]


def find_deliveries(folder: Path, product: DataProduct, *, required: Collection[str] = ()) -> Deliveries:
    """The deliveries in `folder` itself, not below it; names match in any letter case, with or without `.gz`.

    `required` names the sources that must have a file: all of them on a product's first load. Raises InputError where
    one has none, where no file belongs to any source, and where there is no such folder.
    """
    names = _file_names(folder)
    files = []
    unrecognised = []
    for name in sorted(names, key=lambda one: (delivery_order(one), one)):
        source = product.source_of_file(name)
        if source:
            status = (folder / name).stat()
            files.append(DeliveredFile(folder / name, source, status.st_size, status.st_mtime_ns))
        elif ".csv" in name.lower():
            unrecognised.append(name)
    if not files:
        raise InputError(
            f"{folder}: no file is called {_patterns(product.file_sources)} (found: {_listed(names)}); {_RENAME}"
        )
    delivered = {file.source.name for file in files}
    missing = [source for source in product.file_sources if source.name in required and source.name not in delivered]
    if missing:
        raise InputError(f"{folder}: no file is called {_patterns(missing)} (found: {_listed(names)}); {_RENAME}")
    order = [source.name for source in product.file_sources]
    return Deliveries(tuple(sorted(files, key=lambda file: order.index(file.source.name))), tuple(unrecognised))


def check_headers(files: Iterable[DeliveredFile]) -> dict[Path, Header]:
    """The header of each file; reads no further. Raises InputError that names the first file whose header does not fit.

    Files of one source may have their columns in different orders, and different extra columns.
    """
    headers = {}
    for file in files:
        with open_delivery(file.path) as stream:
            headers[file.path] = read_header(stream, file.source, file.name)
    return headers


def delivery_order(name: str) -> str:
    """Text that sorts deliveries by file name: `part_2` before `part_10`, in any letter case, without `.csv`, `.gz`."""
    stem = name.lower().removesuffix(".gz").removesuffix(".csv")
    padded = _DIGITS.sub(lambda number: number[0].zfill(_NUMBER_WIDTH), stem)
    return _NO_WORD.sub("_", padded).encode()[:_LONGEST_ORDER].decode(errors="ignore")


_RENAME = "add the file, or rename it"


def _file_names(folder: Path) -> list[str]:
    try:
        if not folder.exists():
            raise InputError(f"{folder}: does not exist; name a folder with CSV files")
        if not folder.is_dir():
            raise InputError(f"{folder}: is a file; name the folder that holds it")
        return [entry.name for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")]
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be listed ({error.strerror}); check the name and allow reading it"
        ) from error


def _patterns(sources: Iterable[Source]) -> str:
    return " or ".join(f"{source.file_pattern}[.gz]" for source in sources)


def _listed(names: Collection[str]) -> str:
    first = sorted(names, key=delivery_order)[:_LISTED_NAMES]
    more = len(names) - len(first)
    return ", ".join(first) + (f" and {more} more" if more else "") if first else "no files"
