"""A realistic sample of restaurant orders, as the files that a customer of this product delivers.

Distributions are those fitted to published profiles of such files; every parameter that was planted is written beside
the files in `planted.json`, for tests and demonstrations to recover. The same settings give the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from medallion.errors import UsageError
from medallion.samples.generated_files import PLANTED, GeneratedFiles, Progress, remove_earlier
from medallion.samples.history_length import check_days
from medallion.samples.restaurant_calendar import date_dim_csv, first_day
from medallion.samples.restaurant_chunk import Chunk, World
from medallion.samples.restaurant_customers import simulate_visits
from medallion.samples.restaurant_delivery import DeliveryWriter
from medallion.samples.restaurant_effects import Effects
from medallion.samples.restaurant_late import redeliver
from medallion.samples.restaurant_locations import build_locations, visit_locations
from medallion.samples.restaurant_menu import build_menu
from medallion.samples.restaurant_planted import planted_parameters
from medallion.samples.restaurant_rows import build_vocabulary
from medallion.samples.streams import stream

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class RestaurantSample:
    """Settings of a sample.

    `dirty` (0 to 1) scales every kind of dirt; 0.1 is about what published files show, 1 gives small files all of it.
    `days` is the length of the history, which ends on 2024-02-21; the orders of the last `days_late` days come in files
    of their own, one pair a day that has orders, and with `dirty` > 0 these bring rows of earlier orders again.
    `price_semantics` says what the column item_price holds; amounts are the same either way.
    `loyalty_lift` and `discount_repeat` (0 to 1) are effects that are planted, see `restaurant_effects.Effects`.
    """

    orders: int = 20_000
    seed: int = 1
    dirty: float = 0.0
    discounts: Literal["none", "some"] = "some"
    days: int = 1401
    days_late: int = 0
    gzip: bool = False
    price_semantics: Literal["unit", "line_total"] = "unit"
    loyalty_lift: float = 0.0
    discount_repeat: float = 0.0

    def __post_init__(self) -> None:
        """Raise `UsageError` where a setting is outside its range."""
        if self.orders < 1:
            raise UsageError(f"orders: {self.orders} is less than 1; ask for at least one order")
        if self.seed < 0:
            raise UsageError(f"seed: {self.seed} is negative; give 0 or more")
        if not 0.0 <= self.dirty <= 1.0:
            raise UsageError(f"dirty: {self.dirty} is outside 0 to 1; 0.1 is about what real files show")
        check_days(self.days)
        if not 0 <= self.days_late < self.days:
            raise UsageError(
                f"days_late: {self.days_late} is outside 0 to {self.days - 1}; give fewer days than the history has"
            )
        if self.effects.discount_repeat and self.discounts == "none":
            raise UsageError("discount_repeat: there are no discounts to bring orders; leave it at 0")

    @property
    def effects(self) -> Effects:
        """What is planted; raises `UsageError` for what is no share."""
        return Effects(self.loyalty_lift, self.discount_repeat)


def generate(sample: RestaurantSample, folder: Path, progress: Progress | None = None) -> GeneratedFiles:
    """Write order_items.csv, order_item_options.csv (late ones too), date_dim.csv and planted.json into `folder`.

    Files of an earlier sample in the folder, as its planted.json lists them, are removed. `progress` is told, a chunk
    of orders at a time, the table and how many rows were just written. Memory: about 100 bytes an order, and one chunk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    remove_earlier(folder)
    world = _build_world(sample)
    written = DeliveryWriter(world, folder, compress=sample.gzip, progress=progress)
    kept: Chunk | None = None
    for number, orders in enumerate(_deliveries(sample, world)):
        if number == 0:
            kept = written.deliver("", orders, None)
            free = np.zeros(0, dtype=np.bool_) if kept is None else kept.quiet.copy()
            continue
        again = None
        if kept is not None and sample.dirty > 0:
            again = redeliver(stream(sample.seed, "late", number), kept, free, sample.dirty)
        written.deliver(f"_late_{number}", orders, again)
    calendar = folder / "date_dim.csv"
    calendar.write_bytes(date_dim_csv())
    written.add("date_dim", calendar, calendar.read_bytes().count(b"\n") - 1)
    planted = folder / PLANTED
    content = {"sample": asdict(sample)} | planted_parameters(world, sample.days)
    content |= {"totals": dict(written.totals), "files": written.files}
    planted.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    rows = {name: file["rows"] for name, file in written.files.items()}
    return GeneratedFiles(folder, tuple(written.paths), rows, planted)


def _build_world(sample: RestaurantSample) -> World:
    start = (first_day(sample.days) - date(1970, 1, 1)).days * SECONDS_PER_DAY
    menu = build_menu(sample.seed, sample.days)
    visits = simulate_visits(sample.seed, sample.orders, sample.days, sample.effects)
    locations = build_locations(sample.seed, sample.days)
    return World(
        seed=sample.seed,
        dirty=sample.dirty,
        discounts=sample.discounts == "some",
        line_totals=sample.price_semantics == "line_total",
        menu=menu,
        visits=visits,
        effects=sample.effects,
        locations=locations,
        location=visit_locations(sample.seed, visits, locations),
        words=build_vocabulary(sample.seed, menu, locations, visits, start),
        epoch_seconds=start,
    )


def _deliveries(sample: RestaurantSample, world: World) -> list[range]:
    """The orders that come in time, then those of each late day that has any."""
    days = np.arange(sample.days - sample.days_late, sample.days + 1)
    bounds = [0, *np.searchsorted(world.visits.day, days).tolist()]
    in_time, *late = [range(start, stop) for start, stop in pairwise(bounds)]
    return [in_time, *(orders for orders in late if orders)]
