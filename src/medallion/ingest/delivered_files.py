"""The delivered files of a product: which source each belongs to, in the order in which they are read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from medallion.data_product import DataProduct, Source
from medallion.errors import InputError
from medallion.ingest.csv_header import Header, read_header
from medallion.ingest.delivered_places import FoundFile, Place, files_in, open_delivery

_LISTED_NAMES = 10
_DIGITS, _NO_WORD = re.compile(r"\d+"), re.compile(r"\W")
_NUMBER_WIDTH, _LONGEST_ORDER = 12, 200  # digits; bytes


@dataclass(frozen=True)
class DeliveredFile(FoundFile):
    """A file that belongs to a source."""

    source: Source


@dataclass(frozen=True)
class Deliveries:
    """What an input folder holds: files in the order of the product's sources and then of their names.

    `unrecognised` are the names of CSV files that belong to no source; other files and folders are not looked at.
    """

    files: tuple[DeliveredFile, ...]
    unrecognised: tuple[str, ...]


def find_deliveries(folder: Place, product: DataProduct, *, required: Collection[str] = ()) -> Deliveries:
    """The deliveries in `folder` itself, not below it, or below an address in S3.

    Names match in any letter case, with or without `.gz`.

    `required` names the sources that must have a file: all of them on a product's first load. Raises InputError where
    one has none, where no file belongs to any source, and where there is no such folder.
    """
    found = sorted(files_in(folder), key=lambda one: (delivery_order(one.name), one.name, one.location))
    names = [one.name for one in found]
    files = []
    unrecognised = []
    for one in found:
        source = product.source_of_file(one.name)
        if source:
            files.append(DeliveredFile(**vars(one), source=source))
        elif ".csv" in one.name.lower():
            unrecognised.append(one.name)
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


def check_headers(files: Iterable[DeliveredFile]) -> dict[str, Header]:
    """The header of each file, by location; reads no further.

    Raises InputError that names the first file whose header does not fit. Files of one source may have their columns in
    different orders, and different extra columns.
    """
    headers = {}
    for file in files:
        with open_delivery(file.location) as stream:
            headers[file.location] = read_header(stream, file.source, file.name)
    return headers


def delivery_order(name: str) -> str:
    """Text that sorts deliveries by file name: `part_2` before `part_10`, in any letter case, without `.csv`, `.gz`."""
    stem = name.lower().removesuffix(".gz").removesuffix(".csv")
    padded = _DIGITS.sub(lambda number: number[0].zfill(_NUMBER_WIDTH), stem)
    return _NO_WORD.sub("_", padded).encode()[:_LONGEST_ORDER].decode(errors="ignore")


_RENAME = "add the file, or rename it"


def _patterns(sources: Iterable[Source]) -> str:
    return " or ".join(f"{source.file_pattern}[.gz]" for source in sources)


def _listed(names: Collection[str]) -> str:
    first = sorted(names, key=delivery_order)[:_LISTED_NAMES]
    more = len(names) - len(first)
    return ", ".join(first) + (f" and {more} more" if more else "") if first else "no files"
