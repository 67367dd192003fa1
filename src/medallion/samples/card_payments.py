"""A realistic sample of card payments, as the files of seed 004 look. All card numbers in it are invented.

What was planted is written beside the files in `planted.json`. The same settings give the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

from medallion.errors import UsageError
from medallion.samples.card_payments_dirt import AMOUNT, BAD_DEVICES, STATUS, TransactionDirt, line
from medallion.samples.card_payments_places import (
    DEVICES_HEADER,
    STORES_HEADER,
    Places,
    Record,
    build_places,
)
from medallion.samples.card_payments_rows import HEADER, Transaction, transactions
from medallion.samples.csv_writer import CsvFile
from medallion.samples.generated_files import PLANTED, GeneratedFiles, Progress, remove_earlier
from medallion.samples.history_length import check_days
from medallion.samples.streams import stream

_CHANGED_LATER = 50  # of so many transactions in time, one changes its status in each late file
_REMEMBERED = 5_000  # transactions that late files may say something else of
_LINES_AT_ONCE = 10_000


@dataclass(frozen=True)
class CardPaymentsSample:
    """Settings of a sample.

    `dirty` (0 to 1) scales every kind of dirt; a dirty sample has each kind at least once. Transactions that were
    recorded in the last `days_late` days come in files of their own, a file a day, whenever they happened.
    """

    transactions: int = 1500
    stores: int = 100
    seed: int = 1
    dirty: float = 0.0
    days: int = 515
    days_late: int = 0
    gzip: bool = False

    def __post_init__(self) -> None:
        """Raise `UsageError` where a setting is outside its range."""
        for name, least in (("transactions", 1), ("stores", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise UsageError(f"{name}: {getattr(self, name)} is less than {least}; give {least} or more")
        check_days(self.days)
        if not 0.0 <= self.dirty <= 1.0:
            raise UsageError(f"dirty: {self.dirty} is outside 0 to 1; 0.1 is a lot")
        if not 0 <= self.days_late < self.days:
            raise UsageError(
                f"days_late: {self.days_late} is outside 0 to {self.days - 1}; give fewer days than the history has"
            )


def generate(sample: CardPaymentsSample, folder: Path, progress: Progress | None = None) -> GeneratedFiles:
    """Write stores.csv, devices.csv, transactions.csv (late ones too) and planted.json into `folder`.

    Files of an earlier sample in the folder, as its planted.json lists them, are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    remove_earlier(folder)
    files = _Files(sample, folder, progress or (lambda _table, _rows: None))
    places = build_places(sample.seed, sample.stores)
    files.write_places(places)
    files.write_transactions(len(places.devices))
    content = {"sample": asdict(sample), "totals": files.totals, "files": files.planted}
    planted = folder / PLANTED
    planted.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return GeneratedFiles(folder, tuple(files.paths), files.rows, planted)


class _Files:
    """Writes the files one after the other, and notes what is in them."""

    def __init__(self, sample: CardPaymentsSample, folder: Path, progress: Progress) -> None:
        self._sample, self._folder, self._progress = sample, folder, progress
        self.paths: list[Path] = []
        self.rows: dict[str, int] = {}
        self.planted: dict[str, dict[str, object]] = {}
        self.totals: Counter[str] = Counter()

    def write_places(self, places: Places) -> None:
        devices = list(places.devices)
        bad: dict[str, int] = {}
        if self._sample.dirty:
            bad = dict.fromkeys(BAD_DEVICES, 1)
            devices += [(f"x{kind}", "1", store) for kind, store in BAD_DEVICES.items()]
        self._write_whole("stores", STORES_HEADER, places.stores, {})
        self._write_whole("devices", DEVICES_HEADER, devices, bad)

    def write_transactions(self, device_count: int) -> None:
        sample = self._sample
        last_in_time = sample.days - sample.days_late - 1
        late: dict[int, list[Record]] = {}
        remembered: list[Record] = []

        def in_time(found: Iterable[Transaction]) -> Iterable[Record]:
            for one in found:
                if one.recorded_day > last_in_time:
                    late.setdefault(one.recorded_day, []).append(one.record)
                    continue
                if len(remembered) < _REMEMBERED:
                    remembered.append(one.record)
                yield one.record

        drawn = transactions(sample.seed, sample.transactions, sample.days, device_count)
        self._write("transactions.csv", in_time(drawn), (), 0)
        for number, day in enumerate(sorted(late), start=1):
            changed = remembered[number - 1 :: _CHANGED_LATER] if sample.dirty else []
            self._write(f"transactions_late_{number}.csv", late[day], changed, number)

    def _write_whole(self, table: str, header: Record, records: Sequence[Record], dirt: dict[str, int]) -> None:
        with CsvFile(self._folder / f"{table}.csv", line(header).encode(), compress=self._sample.gzip) as file:
            file.write(pa.array([line(record) for record in records], pa.string()))
        self._note(file, dirt)

    def _write(self, name: str, records: Iterable[Record], changed: Sequence[Record], number: int) -> None:
        """A file of transactions with what is wrong beside them, and later versions of earlier ones."""
        dirt = TransactionDirt(stream(self._sample.seed, "dirt", number), self._sample.dirty, number)
        with ExitStack() as stack:
            file = stack.enter_context(CsvFile(self._folder / name, line(HEADER).encode(), compress=self._sample.gzip))
            waiting: list[str] = []
            for record in records:
                self.totals[f"{record[STATUS]}_count"] += 1
                self.totals[f"{record[STATUS]}_amount"] += int(record[AMOUNT])
                waiting += [line(record), *dirt.beside(record).splitlines(keepends=True)]
                if len(waiting) >= _LINES_AT_ONCE:
                    self._flush(file, waiting)
            waiting += [dirt.changed(record) for record in changed]
            self._flush(file, waiting)
        self._note(file, dict(dirt.counts))

    def _flush(self, file: CsvFile, waiting: list[str]) -> None:
        file.write(pa.array(waiting, pa.string()))
        self._progress("transactions", len(waiting))
        waiting.clear()

    def _note(self, file: CsvFile, dirt: dict[str, int]) -> None:
        self.paths.append(file.path)
        self.rows[file.path.name] = file.rows
        self.planted[file.path.name] = {"rows": file.rows, "dirt": dirt}
