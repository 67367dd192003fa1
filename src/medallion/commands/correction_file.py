"""A CSV of rows in quarantine that a person corrects and delivers: named so that it counts as the newer delivery."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from medallion.commands.quarantined import Quarantined, identity_columns, quarantined
from medallion.errors import StorageError, UsageError
from medallion.ingest import bronze
from medallion.ingest.delivered_files import delivery_order
from medallion.lake import storage_message
from medallion.warehouse import control, quarantine
from medallion.warehouse.quarantine import Chosen

if TYPE_CHECKING:
    from medallion.data_product import DataProduct, Source, Step
    from medallion.lake import Lake
    from medallion.warehouse.base import Session


@dataclass(frozen=True)
class Correction:
    """What a file is to hold: rejected rows, and accepted records that would be lost if they were not delivered too.

    `siblings` have the source's columns as values: the other records of sets that are replaced as a whole.
    """

    step: Step
    source: Source
    rows: Sequence[Quarantined]
    siblings: Sequence[tuple[str, ...]] = ()

    @property
    def kept_out(self) -> int:
        """How many rows are in the file as delivered, because the gate could not read them."""
        return sum(one.is_kept_out and not one.is_withheld for one in self.rows)

    @property
    def withheld(self) -> int:
        """How many rows are not in the file, because their text was not kept."""
        return sum(one.is_withheld for one in self.rows)


def correction_of(
    session: Session, lake: Lake, product: DataProduct, step: Step, rows: Sequence[Quarantined]
) -> Correction:
    """The rows to correct. Where a delivery replaces sets of records, with all that was delivered of their sets."""
    source = product.source(str(step.table.source))
    if not source.set_columns or not step.key:
        return Correction(step, source, rows)
    columns = identity_columns(product, step)

    def set_of(one: Quarantined) -> tuple[str, ...]:
        return (one.row.batch_id, *(one.record.get(name, "") for name in columns))

    sets = {set_of(one) for one in rows if one.record}
    chosen = {one.place for one in rows}
    others = quarantined(session, product, Chosen(table=step.table.name))
    whole = [one for one in others if one.place in chosen or (one.record and set_of(one) in sets)]
    siblings = [
        values
        for batch_id, values in _records(lake, product, source, _accepted(session, product, step, whole))
        if (batch_id, *(values[source.column_names.index(name)].strip() for name in columns)) in sets
    ]
    return Correction(step, source, whole, siblings)


def target_of(output: Path, product: DataProduct, correction: Correction, now: datetime) -> Path:
    """Where the file goes: `output` itself if that is a CSV's name, else a new file in that folder.

    Raises UsageError where a file of that name would not be read as a later delivery of the rows' source.
    """
    newest = max(correction.rows, key=lambda one: one.row.batch_id).row.source_file
    source = correction.source
    if source.table:
        raise UsageError(
            f"{correction.step.table.name}: its rows are corrected where they are kept, in {source.table}; the next run"
            " reads them there"
        )
    if output.suffix.lower() != ".csv":
        return output / _file_name(source, newest, now)
    if not _belongs(output.name, product, source) or delivery_order(output.name) < delivery_order(newest):
        example = _file_name(source, newest, now)
        raise UsageError(
            f"--output {output}: would not count as a later delivery of {newest}; name a folder, or for example"
            f" {example}"
        )
    return output


def write_correction(target: Path, correction: Correction) -> Path:
    """Write the file, and beside it as JSON why each row was rejected; returns that. Nothing is ever overwritten.

    Raises UsageError where one of them is there, StorageError where they cannot be written.
    """
    reasons = target.with_name(f"{target.stem}.reasons.json")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="") as file:
            _write_records(file, correction)
        with reasons.open("x", encoding="utf-8") as file:
            json.dump(_reasons(correction), file, indent=2, ensure_ascii=False)
    except FileExistsError as error:
        raise UsageError(f"{error.filename}: is there already; choose another --output") from error
    except OSError as error:
        raise StorageError(storage_message(str(target), error)) from error
    return reasons


def _write_records(file: TextIO, correction: Correction) -> None:
    writer = csv.writer(file, lineterminator="\n")
    names = correction.source.column_names
    writer.writerow(column.delivered_name for column in correction.source.kept_columns)
    for one in correction.rows:
        if one.is_withheld:
            continue
        if one.is_kept_out or not one.record:
            file.write(f"{one.row.raw_text or ''}\n")
        else:
            writer.writerow([one.record.get(name, "") for name in names])
    writer.writerows(correction.siblings)


def _reasons(correction: Correction) -> list[dict[str, object]]:
    """Why each record is in the file; `line` is where it begins (None: it is not, the header is line 1)."""
    line, found = 2, []
    for one in correction.rows:
        place = {"file": one.row.source_file, "row_number": one.row.row_number, "reasons": list(one.reasons)}
        found.append({"line": None if one.is_withheld else line, **place})
        line += _line_count(one, correction)
    return found


def _line_count(one: Quarantined, correction: Correction) -> int:
    text = io.StringIO(newline="")
    _write_records(text, Correction(correction.step, correction.source, [one]))
    return text.getvalue().count("\n") - 1


def _accepted(session: Session, product: DataProduct, step: Step, rows: Sequence[Quarantined]) -> dict[str, list[int]]:
    """Row numbers by batch of the accepted rows that have a key of the rejected ones."""
    relation = control.published_versions(session, product.name)[step.table.name].relation
    keys = sorted({one.row.row_key for one in rows if one.row.row_key is not None})
    places: dict[str, list[int]] = {}
    for batch_id, row_number in sorted(quarantine.accepted_places(session, relation, step.key, keys)):
        places.setdefault(batch_id, []).append(row_number)
    return places


def _records(
    lake: Lake, product: DataProduct, source: Source, places: dict[str, list[int]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(batch_id, values) of delivered records, as they lie in bronze."""
    import pyarrow as pa

    for batch_id, row_numbers in places.items():
        wanted = pa.array(row_numbers, pa.int64())
        for file in bronze.data_files(lake, product, source, batch_id):
            for rows in lake.rows(file, "_row_number", wanted):
                for values in zip(*(rows.column(name).to_pylist() for name in source.column_names), strict=True):
                    yield batch_id, tuple(value or "" for value in values)


def _file_name(source: Source, newest: str, now: datetime) -> str:
    """The newest of the rows' files with a word and the time before what its pattern ends with."""
    plain = newest[: -len(".gz")] if newest.lower().endswith(".gz") else newest
    ending = source.file_pattern.rpartition("*")[2]
    return f"{plain[: len(plain) - len(ending)]}_quarantine_{now:%Y%m%dT%H%M%S}{plain[len(plain) - len(ending) :]}"


def _belongs(name: str, product: DataProduct, source: Source) -> bool:
    matching = [one for one in product.file_sources if fnmatchcase(name.lower(), one.file_pattern.lower())]
    return max(matching, key=lambda one: len(one.file_pattern), default=None) is source
