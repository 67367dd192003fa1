"""Writing deliveries: a pair of files each, a chunk of orders at a time, and the record of what they hold."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TypedDict

from medallion.samples.csv_writer import CsvFile
from medallion.samples.generated_files import Progress
from medallion.samples.restaurant_chunk import Chunk, World, build_chunk
from medallion.samples.restaurant_late import Redelivery
from medallion.samples.restaurant_rows import ITEM_HEADER, OPTION_HEADER

CHUNK_ORDERS = 50_000


class FileRecord(TypedDict):
    """One file in planted.json: its records (header apart) and how many of each kind of dirt are in it."""

    table: str
    rows: int
    dirt: dict[str, int]


class DeliveryWriter:
    """Writes the order files of one world into one folder; `files`, `paths` and `totals` say what was written."""

    def __init__(self, world: World, folder: Path, *, compress: bool, progress: Progress | None) -> None:
        self._world, self._folder, self._compress = world, folder, compress
        self._progress = progress or (lambda _table, _rows: None)
        self._chunks = 0
        self.files: dict[str, FileRecord] = {}
        self.paths: list[Path] = []
        self.totals = Counter[str]()

    def add(self, table: str, path: Path, rows: int, dirt: Counter[str] | None = None) -> None:
        """Record one written file."""
        self.paths.append(path)
        self.files[path.name] = FileRecord(table=table, rows=rows, dirt=dict(sorted((dirt or Counter()).items())))

    def deliver(self, suffix: str, orders: range, again: Redelivery | None) -> Chunk | None:
        """Write one pair of files with these orders, then the rows delivered again; returns the last chunk."""
        item_dirt, option_dirt = Counter[str](), Counter[str]()
        chunk: Chunk | None = None
        with (
            self._open("order_items", suffix, ITEM_HEADER) as items,
            self._open("order_item_options", suffix, OPTION_HEADER) as options,
        ):
            for start in range(orders.start, orders.stop, CHUNK_ORDERS):
                chunk = build_chunk(self._world, self._chunks, slice(start, min(start + CHUNK_ORDERS, orders.stop)))
                self._chunks += 1
                self._write(items, options, chunk)
                item_dirt.update(chunk.item_dirt)
                option_dirt.update(chunk.option_dirt)
                self.totals.update(chunk.totals)
            if again is not None:
                self._write(items, options, again)
                item_dirt.update(again.item_dirt)
                option_dirt.update(again.option_dirt)
        self.add("order_items", items.path, items.rows, item_dirt)
        self.add("order_item_options", options.path, options.rows, option_dirt)
        return chunk

    def _open(self, table: str, suffix: str, header: bytes) -> CsvFile:
        return CsvFile(self._folder / f"{table}{suffix}.csv", header, compress=self._compress)

    def _write(self, items: CsvFile, options: CsvFile, rows: Chunk | Redelivery) -> None:
        items.write(rows.items.text(self._world.words))
        self._progress("order_items", len(rows.items.head))
        options.write(rows.options.text(self._world.words))
        self._progress("order_item_options", len(rows.options.key))
